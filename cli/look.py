"""`cutter status`: where change sets stand."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table

from adapters.postgres.status import ChangeSetStatus
from cli.services import services
from domain.errors import BadInput

TORN: Final = 4


def status_command(console: Console, change_set: str | None, *, as_json: bool) -> int:
    """Print them; 4 if one is torn, else 0. Raises `BadInput` for a change set that is not on record."""
    wanted = _as_uuid(change_set) if change_set else None
    with services():
        from flows.knowledge_base import status  # Prefect is imported when the services are known

        found = status(wanted)
    if wanted is not None and not found:
        raise BadInput(f"Change set {wanted} is not on record in this knowledge base.")
    if as_json:
        objects = [{**asdict(item), "torn": item.torn, "next_step": item.next_step} for item in found]
        print(json.dumps(objects, default=str))
    else:
        _show(console, found)
    return TORN if any(item.torn for item in found) else 0


def _as_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a change set's id; `cutter status` lists them.") from None


def _show(console: Console, found: list[ChangeSetStatus]) -> None:
    if not found:
        console.print("No change set is on record in this knowledge base.")
        return
    table = Table("document", "change set", "status", "units", "opened", "what to do next")
    for item in found:
        opened = f"{item.opened_at:%Y-%m-%d %H:%M} {item.opened_by}"
        state = f"[red]{item.status}, torn[/red]" if item.torn else item.status
        units = "" if item.units is None else f"{item.units:,}"
        table.add_row(item.document_code, str(item.change_set_id), state, units, opened, item.next_step)
    console.print(table)
