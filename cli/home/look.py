"""`cutter status` and `cutter doctor`: look at the knowledge base without changing it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from rich.console import Console

from cli.services import services, the_app
from domain.change_set import change_set_from
from domain.errors import BadInput, Refused
from domain.ledger.drift import Severity
from domain.reports.standing import ChangeSetStatus

TORN: Final = 4


def status_command(console: Console, change_set: str | None, *, as_json: bool) -> int:
    """Print them; 4 if one is torn, else 0.

    Raises `BadInput` for a change set that is not on record.
    """
    wanted = change_set_from(change_set) if change_set else None
    with services():
        from tasks.records.knowledge_base import status  # Prefect is imported here

        found = status(the_app(), wanted)
    if wanted is not None and not found:
        raise BadInput(f"Change set {wanted} is not on record in this knowledge base.")
    if as_json:
        objects = [
            {**asdict(item), "torn": item.torn, "next_step": item.next_step} for item in found
        ]
        print(json.dumps(objects, default=str))
    else:
        _show(console, found)
    return TORN if any(item.torn for item in found) else 0


def doctor_command(console: Console, *, register: bool, as_json: bool) -> int:
    """Print what was found; 3 if a cut would be impossible or unsafe, else 0."""
    with services():
        from tasks.records.knowledge_base import diagnose

        target, findings = diagnose(the_app(), register=register)
    fails = [finding for finding in findings if finding.severity is Severity.FAILS]
    if as_json:
        print(
            json.dumps(
                {"target": str(target), "findings": [asdict(finding) for finding in findings]},
                default=str,
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
        units = "" if item.units is None else f", {item.units:,} units"
        what = "revert, " if item.reverts else ""
        console.print(f"[bold]{item.document_code}[/bold]  {what}{state}{units}", highlight=False)
        opened = f"opened {item.opened_at:%Y-%m-%d %H:%M} UTC by {item.opened_by}"
        console.print(
            f"  change set {item.change_set_id}, attempt {item.attempt}, {opened}", highlight=False
        )
        console.print(f"  {item.next_step}", highlight=False)
