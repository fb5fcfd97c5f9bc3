"""`cutter revert`: what a revert would do, did in a rehearsal, or has done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from cli.counted import counted
from cli.documents.runs import amount
from cli.json_output import as_json_line
from cli.services import services, the_app
from domain.errors import BadInput
from domain.phases import Mode, Phase
from domain.reports.revert import SHOWN, RevertOutcome
from domain.reports.run import PhaseReport


def revert_command(
    console: Console,
    change_set: str,
    *,
    live: bool,
    rehearse: bool,
    approvals: Sequence[Path],
    as_json: bool,
    attempt: int,
    actor: str | None,
) -> None:
    """Run and print it. Raises `BadInput` for two modes at once, and what the flow raises."""
    if live and rehearse:
        raise BadInput("Say --live or --rehearse, not both.")
    mode = Mode.LIVE if live else Mode.REHEARSE if rehearse else Mode.DRYRUN
    with services():
        from blocks.approval_form import RevertApproval
        from cli.approvals.given import approval_from
        from flows.revert import run_revert  # Prefect is imported here
        from tasks.records.proposals import change_set_named

        def progress(_phase: str, report: PhaseReport | None) -> None:
            if report is not None:
                console.print(_line(report), highlight=False)

        outcome = run_revert(
            str(change_set_named(the_app(), change_set)),
            mode,
            progress=progress,
            approval=approval_from(approvals, RevertApproval),
            attempt=attempt,
            actor=actor,
        )
    if as_json:
        print(as_json_line({**asdict(outcome), "replayed": outcome.replayed}))
    else:
        show_revert(console, outcome)


def _line(report: PhaseReport) -> str:
    how = "already done" if report.replayed else f"{report.seconds:6.2f} s"
    return f"  {report.phase:17} {how:>12}   {_did(report)}"


def _did(report: PhaseReport) -> str:
    if report.phase is Phase.MARK:
        return f"{counted(report.count, 'unit')} to withdraw"
    return amount(report)


def show_revert(console: Console, outcome: RevertOutcome) -> None:
    """What is withdrawn, under which ids and digests, and what comes next."""
    for name, value in (
        ("reverts", f"{outcome.reverts}, which stood at {outcome.stood}"),
        ("document", f"{outcome.document_code}  {outcome.title}"),
        ("change set", str(outcome.change_set_id)),
        ("plan", outcome.plan_digest),
        ("effect", outcome.effect_digest),
        ("units", f"{outcome.units:,}, withdrawn children first, and none deleted"),
    ):
        console.print(f"{name:12} {value}", highlight=False, markup=False)
    if outcome.mode is Mode.DRYRUN:
        for address in outcome.addresses:
            console.print(f"    withdraw {address}", highlight=False, markup=False)
        if (more := outcome.units - SHOWN) > 0:
            console.print(f"    and {more:,} more", highlight=False)
    for sentence in _meaning(outcome):
        console.print(sentence, highlight=False, markup=False)


def _meaning(outcome: RevertOutcome) -> list[str]:
    recut = f"Its document can be cut again with --attempt {outcome.recut_attempt}."
    if outcome.replayed:
        return [
            (
                f"This revert is already done: every phase answered from the journal, and nothing "
                f"was changed. {recut}"
            )
        ]
    match outcome.mode:
        case Mode.LIVE:
            return [
                (
                    f"Done: {counted(outcome.units, 'unit')} withdrawn, verified by the second "
                    f"principal, and on record. {recut}"
                )
            ]
        case Mode.REHEARSE:
            return ["It would succeed, and nothing of it was committed."]
        case Mode.DRYRUN:
            return _next_steps(outcome)


def _next_steps(outcome: RevertOutcome) -> list[str]:
    reverts, own = outcome.reverts, outcome.change_set_id
    first = (
        "It has begun: its units are withdrawn already, and a live run finishes it."
        if outcome.begun
        else "Nothing was written."
    )
    return [
        f"This was a dry run. {first} To go on:",
        f"    cutter switch arm {own} --rehearse --reason WHY; cutter revert {reverts} --rehearse",
        (
            f"    cutter approve --revert {reverts} --gate SG_3 --key KEY, and another person: "
            f"--gate SG_2 --key KEY"
        ),
        f"    cutter switch arm {own} --reason WHY; cutter revert {reverts} --live",
    ]
