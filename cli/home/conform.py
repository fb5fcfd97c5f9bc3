"""`cutter conform`: whether the functions behind the port keep the contract."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import services, the_app
from cli.terminal import words
from domain.errors import Refused
from domain.ledger.contract import ConformReport


def conform_command(console: Console, *, as_json: bool) -> int:
    """Try every clause and print what was seen; 3 if one that is needed is not kept, else 0."""
    with services():
        from tasks.records.knowledge_base import conforms  # Prefect is imported here

        report = conforms(the_app())
    if as_json:
        print(as_json_line({**asdict(report), "conforms": report.conforms}))
    else:
        show(console, report)
    return 0 if report.conforms else Refused.exit_status


def show(console: Console, report: ConformReport) -> None:
    """A line for each clause, and below one that is not kept the call that shows so."""
    for one in report.found:
        how = "kept" if one.kept else ("BROKEN" if one.clause.needed else "note")
        line = f"  {how:6} {one.clause.sentence}: {words(one.seen)}"
        console.print(line, highlight=False, markup=False)
        if one.call:
            console.print(f"         {words(one.call)}", highlight=False, markup=False)
    broken = sum(not one.kept and one.clause.needed for one in report.found)
    console.print(
        f"{report.target}: {broken} clauses of the contract are broken; nothing was written."
        if broken
        else f"{report.target} keeps the contract; nothing was written.",
        highlight=False,
    )
