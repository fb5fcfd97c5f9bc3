"""`cutter restore accept`: say, signed by SG_3, that the database has gone back on purpose."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cli.approvals.signing import Unlocking
from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.errors import BadInput, Refused


def accept_command(
    console: Console, reason: str, key: Path, unlocking: Unlocking, *, as_json: bool = False
) -> None:
    """Show what was lost, ask, sign, and let runs begin again.

    Raises `BadInput`, `Refused` or a connection's refusal.
    """
    with without_prefect():
        from tasks.records.restores import accept_restore, gone_back

        for fault in gone_back(the_app()):
            console.print(f"  {words(fault.message)}", highlight=False)
        if not unlocking.yes and not _agreed(console):
            raise Refused("Not accepted. Live runs stay refused.")
        kept = accept_restore(the_app(), unlocking.signer(key), reason)
    if as_json:
        print(as_json_line({"kept": kept}))
        return
    console.print(
        f"Accepted, and kept in {words(kept)}. Live runs may begin again; what was lost has to be "
        "cut anew.",
        highlight=False,
    )


def _agreed(console: Console) -> bool:
    try:
        return console.input("Accept that this is lost? Type yes: ").strip() == "yes"
    except EOFError:
        raise BadInput("Nobody can be asked here; say --yes.") from None
