"""`cutter status` and `cutter doctor`: look at the knowledge base without changing it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from rich.console import Console

from cli.control.halt import print_halts
from cli.counted import counted
from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.change_set import change_set_from
from domain.errors import BadInput, Refused
from domain.ledger.drift import Severity
from domain.reports.standing import ChangeSetStatus

TORN: Final = 4


def status_command(console: Console, change_set: str | None, *, as_json: bool) -> int:
    """Print what is halted, then the change sets; 4 if one is torn, else 0.

    Raises `BadInput` for a change set that is not on record.
    """
    wanted = change_set_from(change_set) if change_set else None
    with without_prefect():
        from tasks.records.halt import halts
        from tasks.records.knowledge_base import status

        in_force = halts(the_app())
        found = status(the_app(), wanted)
    if wanted is not None and not found:
        raise BadInput(f"Change set {wanted} is not on record in this knowledge base.")
    if as_json:
        objects = [
            {**asdict(item), "torn": item.torn, "next_step": item.next_step} for item in found
        ]
        standing = [asdict(halt) for halt in in_force]
        print(as_json_line({"halts": standing, "change_sets": objects}))
    else:
        print_halts(console, in_force)
        _show(console, found)
    return TORN if any(item.torn for item in found) else 0


def doctor_command(console: Console, *, register: bool, as_json: bool) -> int:
    """Print what was found; 3 if a cut would be impossible or unsafe, else 0."""
    with without_prefect():
        from tasks.records.knowledge_base import diagnose

        target, findings = diagnose(the_app(), register=register)
    fails = [finding for finding in findings if finding.severity is Severity.FAILS]
    if as_json:
        print(
            as_json_line(
                {"target": str(target), "findings": [asdict(finding) for finding in findings]},
            )
        )
        return Refused.exit_status if fails else 0
    for finding in findings:
        console.print(
            f"  {finding.severity.value:6} {finding.message}", highlight=False, markup=False
        )
    notes = len(findings) - len(fails)
    console.print(
        f"{target}: {len(fails)} findings forbid a cut, {notes} are worth knowing.", highlight=False
    )
    if register:
        console.print(
            "Not registered: mend what forbids a cut first."
            if fails
            else "Registered as the target of live runs."
        )
    return Refused.exit_status if fails else 0


def _show(console: Console, found: list[ChangeSetStatus]) -> None:
    if not found:
        console.print("No change set is on record in this knowledge base.")
        return
    for item in found:
        state = f"[red]{item.status}, torn[/red]" if item.torn else f"[green]{item.status}[/green]"
        units = "" if item.units is None else f", {counted(item.units, 'unit')}"
        what = "revert, " if item.reverts else ""
        console.print(
            f"[bold]{words(item.document_code)}[/bold]  {what}{state}{units}", highlight=False
        )
        opened = f"opened {item.opened_at:%Y-%m-%d %H:%M} UTC by {words(item.opened_by)}"
        console.print(
            f"  change set {item.change_set_id}, attempt {item.attempt}, {opened}", highlight=False
        )
        console.print(f"  {words(item.next_step)}", highlight=False)
