"""`cutter halt` and `cutter lift`: stop everything, and allow it again."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import CutterError, Refused


def halt_command(console: Console, reason: str, by: str | None, *, as_json: bool = False) -> None:
    """Halt and say what that means; no server is started for it.

    Raises `HaltIncomplete` or `BadInput`.
    """
    with without_prefect():
        from tasks.records.halt import halt_everything

        report = halt_everything(the_app(), reason, by or getpass.getuser())
    if as_json:
        print(as_json_line(asdict(report)))
        return
    console.print(
        f"Halted. The kill-switch is OFF, and {counted(report.revoked, 'open permit')} taken "
        f"back: no phase commits any more."
    )
    console.print(
        'When it is safe again: cutter lift --reason "..."; then each run needs new approvals.',
        highlight=False,
    )


def lift_command(
    console: Console,
    reason: str,
    by: str,
    *,
    admin: str,
    password_file: Path | None,
    as_json: bool = False,
) -> None:
    """Lift every halt and say so. Raises `BadInput` or a connection's refusal."""
    with without_prefect() as embedded:
        from adapters.postgres.permits.permit import lift_halt
        from cli.records.administrator import administrator

        with administrator(embedded, admin, password_file) as conn:
            lifted = lift_halt(conn, by, reason)
    if as_json:
        print(as_json_line({"lifted": lifted}))
        return
    console.print(
        f"{counted(lifted, 'halt')} lifted. The kill-switch stays OFF and revoked permits stay "
        f"revoked."
        if lifted
        else "No halt."
    )


def unnamed_halts(refusal: Refused) -> list[str]:
    """The halts in force that a refusal does not name itself, in sentences.

    None where settings are missing or the knowledge base does not answer at once.
    """
    with contextlib.suppress(CutterError), without_prefect():
        from tasks.records.halt import unnamed_halts as unnamed

        return unnamed(the_app(), refusal)
    return []


def print_halts(console: Console, in_force: Iterable[object]) -> None:
    """Say which halts are in force, if any: before anything else that is said."""
    for halt in in_force:
        console.print(f"[bold red]HALTED[/bold red]. {words(halt)}.", highlight=False)
