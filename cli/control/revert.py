"""`cutter revert`: what a revert would do, did in a rehearsal, or has done."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from cli.documents.runs import amount
from cli.json_output import as_json_line
from cli.services import services, the_app
from domain.approval.approvals import GATES_OF, SignedApproval
from domain.counted import counted
from domain.errors import BadInput, Refused
from domain.phases import Kind, Mode, Phase
from domain.reports.revert import SHOWN, RevertOutcome
from domain.reports.run import PhaseReport

if TYPE_CHECKING:
    from domain.plan.revert import RevertPlan
    from tasks.change_sets import ChangeSet

ARMED_MINUTES: Final = 30


def revert_command(
    console: Console,
    change_set: str,
    *,
    live: bool,
    rehearse: bool,
    armed: bool = False,
    approvals: Sequence[Path],
    as_json: bool,
    attempt: int,
    actor: str | None,
) -> None:
    """Run and print it; `armed` arms the switch for it before, and turns it off at the end.

    Raises `BadInput` for two modes at once, and what arming and the flow raise.
    """
    if live and rehearse:
        raise BadInput("Say --live or --rehearse, not both.")
    if armed and not (live or rehearse):
        raise BadInput("A dry run needs no switch: --arm goes with --live or --rehearse.")
    mode = Mode.LIVE if live else Mode.REHEARSE if rehearse else Mode.DRYRUN
    with services():
        from blocks.approval_form import RevertApproval
        from cli.approvals.given import approval_from
        from flows.revert import run_revert  # Prefect is imported here
        from tasks.change_sets import revert_of
        from tasks.records.proposals import change_set_named

        def progress(_phase: str, report: PhaseReport | None) -> None:
            if report is not None:
                console.print(_line(report), highlight=False)

        reverts = change_set_named(the_app(), change_set)
        approval = approval_from(approvals, RevertApproval)
        with contextlib.ExitStack() as stack:
            if armed:
                who = actor or getpass.getuser()
                given = approval.signed() if approval else ()
                planned = revert_of(the_app(), reverts, mode, who, attempt)
                stack.enter_context(_armed(planned, change_set, given, who))
            outcome = run_revert(
                str(reverts),
                mode,
                progress=progress,
                approval=approval,
                attempt=attempt,
                actor=actor,
            )
    if as_json:
        print(as_json_line({**asdict(outcome), "replayed": outcome.replayed}))
    else:
        show_revert(console, outcome, change_set)


@contextlib.contextmanager
def _armed(
    planned: ChangeSet[RevertPlan], called: str, given: Sequence[SignedApproval], who: str
) -> Iterator[None]:
    """The kill-switch armed for the revert's own change set while the block runs.

    Raises `Refused` before anything is armed where a live run lacks an approval.
    """
    from domain.switch import SwitchState
    from tasks.change_sets import approvals_for
    from tasks.records.halt import armed

    app = the_app()
    own, state = planned.ctx.change_set_id, SwitchState.REHEARSE
    if planned.ctx.mode is Mode.LIVE:
        state = SwitchState.LIVE
        gates = {one.statement.gate for one in approvals_for(app, planned.ctx, given)}
        if not planned.begun and (missing := sorted(GATES_OF[Kind.REVERT] - gates)):
            raise Refused(
                f"The revert of {called} waits for {' and '.join(missing)}: `cutter approve "
                f"--revert {called} --key KEY`. Nothing was written."
            )
    what = f"the revert of {planned.plan.document_code}"
    with armed(app, state, own, ARMED_MINUTES, who, what, what):
        yield


def _line(report: PhaseReport) -> str:
    how = "already done" if report.replayed else f"{report.seconds:6.2f} s"
    return f"  {report.phase:17} {how:>12}   {_did(report)}"


def _did(report: PhaseReport) -> str:
    if report.phase is Phase.MARK:
        return f"{counted(report.count, 'unit')} to withdraw"
    return amount(report)


def show_revert(console: Console, outcome: RevertOutcome, called: str) -> None:
    """What is withdrawn, under which ids and digests, and what comes next, by the name that what is
    reverted was called by.
    """
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
    for sentence in _meaning(outcome, called):
        console.print(sentence, highlight=False, markup=False)


def _meaning(outcome: RevertOutcome, called: str) -> list[str]:
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
            return _next_steps(outcome, called)


def _next_steps(outcome: RevertOutcome, called: str) -> list[str]:
    first = (
        "It has begun: its units are withdrawn already, and a live run finishes it."
        if outcome.begun
        else "Nothing was written."
    )
    return [
        f"This was a dry run. {first} To go on:",
        f"    cutter revert {called} --rehearse --arm",
        f"    cutter approve --revert {called} --key KEY, for SG_3, and another person for SG_2",
        f"    cutter revert {called} --live --arm",
    ]
