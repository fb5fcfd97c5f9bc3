"""`cutter rehearse`: what a rehearsal showed, what it can not prove, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from adapters.sources import require_source
from cli.documents.runs import Progress, amount
from cli.json_output import as_json_line
from cli.services import services
from domain.phases import Mode, Phase
from domain.reading.options import ReadingOptions
from domain.reports.rehearsal import RehearsalReport
from domain.reports.run import PhaseReport


def rehearse_command(
    console: Console,
    document: str,
    reading: ReadingOptions,
    *,
    attempt: int,
    actor: str | None,
    accepted: Sequence[str],
    as_json: bool,
) -> int:
    """Rehearse and print; 0. A rehearsal that does not go through raises what stopped it."""
    require_source(document)
    with services():
        from flows.rehearse import run_rehearsal  # Prefect is imported here

        with Progress(console, Mode.REHEARSE) as progress:
            report = run_rehearsal(
                document,
                reading,
                attempt=attempt,
                actor=actor,
                accepted=accepted,
                progress=progress,
            )
    if as_json:
        print(
            as_json_line(
                asdict(report) | {"seconds": round(report.seconds, 3)},
            )
        )
    else:
        show_rehearsal(console, report)
    return 0


def show_rehearsal(console: Console, report: RehearsalReport) -> None:
    """The phases as a table, the effect, and the limits of all this."""
    table = Table(
        title=f"Rehearsal of {report.document_code}", title_justify="left", title_style="bold"
    )
    table.add_column("phase", overflow="fold")
    table.add_column("what it did", overflow="fold")
    table.add_column("seconds", justify="right", overflow="fold")
    for phase in report.phases:
        table.add_row(phase.phase.value, _did(phase), f"{phase.seconds:.2f}")
    console.print(table)
    cost = report.cost
    left = (
        f"no row; {cost.wal_bytes:,} bytes of WAL, {cost.dead_tuples:,} dead tuples, "
        f"{cost.transaction_ids} transaction ids"
    )
    for name, value in (
        ("change set", str(report.change_set_id)),
        ("plan", report.plan_digest),
        ("effect", report.effect_digest),
        ("left behind", left),
    ):
        console.print(f"{name:12} {value}", highlight=False)
    console.print(
        "It would succeed, and nothing of it was committed. What a rehearsal can not prove:"
    )
    for sentence in report.can_not_prove:
        console.print(f"  - {sentence}", highlight=False, markup=False)


def _did(report: PhaseReport) -> str:
    if report.replayed:
        return "already done by a live run: read, not rehearsed"
    return (
        "no backup is made by a rehearsal"
        if report.phase is Phase.PRE_WRITE_BACKUP
        else amount(report)
    )
