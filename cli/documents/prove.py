"""`cutter prove`: the checks with their evidence."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.json_output import as_json_line
from cli.services import services
from domain.counted import counted
from domain.reports.proof import ProofReport
from domain.reports.rehearsal import CAN_NOT_PROVE

FAILED = 1


def prove_command(
    console: Console, document: str | None, *, code: str | None, new_baseline: bool, as_json: bool
) -> int:
    """Make the proof and print it; 1 if a check fails, else 0."""
    with services():
        from blocks.deployed import PROJECT
        from flows.prove import DOCUMENT, run_proof  # Prefect is imported here

        shipped = str(PROJECT / DOCUMENT)
        report = run_proof(document or shipped, code=code, new_baseline=new_baseline)
    if as_json:
        print(proof_json(report))
    else:
        show_proof(console, report)
    return 0 if report.passed else FAILED


def proof_json(report: ProofReport) -> str:
    """A proof as one JSON object."""
    limits = {"passed": report.passed, "can_not_prove": CAN_NOT_PROVE}
    return as_json_line(asdict(report) | limits)


def show_proof(console: Console, report: ProofReport) -> None:
    """A table of the checks, and what the rehearsal among them can not prove."""
    table = Table(title=f"Proof of {report.target}", title_justify="left", title_style="bold")
    table.add_column("no", justify="right", overflow="fold")
    table.add_column("check", overflow="fold")
    table.add_column("result", overflow="fold")
    table.add_column("evidence", overflow="fold")
    for check in report.checks:
        result = "[green]passed[/green]" if check.passed else "[red]FAILED[/red]"
        table.add_row(str(check.number), check.title, result, escape(check.evidence))
    console.print(table)
    failed = sum(not check.passed for check in report.checks)
    console.print(
        f"{counted(failed, 'check')} failed."
        if failed
        else "Every check passed, and nothing was written."
    )
    console.print("What the rehearsal of check 10 can not prove:")
    for sentence in CAN_NOT_PROVE:
        console.print(f"  - {sentence}", highlight=False, markup=False)
