"""`cutter adopted accept`: units that others have changed, accepted as they stand."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cli.approvals.signing import Unlocking, require_yes
from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.counted import counted

SHOWN = 50


def accept_command(
    console: Console, reason: str, key: Path, unlocking: Unlocking, *, as_json: bool = False
) -> None:
    """Show what was changed, ask, sign, and keep it.

    Raises `BadInput`, `Refused` or a connection's refusal.
    """
    with without_prefect():
        from tasks.adopted import accept_changes, changed_outside

        found = changed_outside(the_app())
        for unit in found[:SHOWN]:
            said = f"  {words(unit.canonical_address)} {words(unit.fault or '')}"
            console.print(said, highlight=False, markup=False)
        if len(found) > SHOWN:
            console.print(f"  and {counted(len(found) - SHOWN, 'more unit')}", highlight=False)
        if found:
            require_yes(
                console,
                unlocking,
                "Accept these units as they stand?",
                "Not accepted. `cutter audit` goes on naming these units.",
            )
        done = accept_changes(the_app(), unlocking.signer(key), reason, found)
    if as_json:
        units = {unit.canonical_address: unit.fault for unit in done.units}
        print(as_json_line({"kept": done.kept, "units": units}))
        return
    console.print(
        f"{counted(len(done.units), 'unit')} accepted as they stand, and kept in "
        f"{words(done.kept)}. A later change is noticed again.",
        highlight=False,
    )
