"""`cutter db adopt`: cutter let into a knowledge base that it did not make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from adapters.postgres.adopting.apply import (
    ADOPT,
    FOUND,
    MAPPING,
    REVERT,
    Planned,
    adopt,
    plan_adoption,
)
from adapters.postgres.connection.session import administrator
from cli.json_output import as_json_line
from cli.records.database import read_password
from cli.services import home_settings
from domain.errors import BadInput, DatabaseUnavailable
from domain.ports import Credentials

FOLDER: Final = "adopt"
"""Below the home, where no other folder is named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was given: where the folder is, and for --apply which file and whose
    backup.
    """

    folder: Path | None
    apply: bool
    digest: str | None
    backup: Path | None


def adopt_command(
    console: Console, asked: Asked, *, admin: str, password_file: Path | None, as_json: bool = False
) -> None:
    """Write the folder, or run exactly what stands in it. Raises what these raise, and `BadInput`
    for --apply without a digest or a backup.
    """
    digest = _require_both(asked) if asked.apply else ""
    settings = home_settings()
    endpoint, folder = settings.endpoint(), asked.folder or settings.home / FOLDER
    login = Credentials(admin, read_password(admin, password_file))
    with administrator(endpoint, login, "Adopting the database", DatabaseUnavailable) as conn:
        planned = None if asked.apply else plan_adoption(conn, folder)
        units = planned.units if planned else adopt(conn, folder, digest)
    if as_json:
        done = {"applied": asked.apply, "units": units, "folder": folder}
        print(as_json_line(done | {"digest": planned.digest if planned else digest}))
    elif planned is None:
        _say_applied(console, endpoint.database, units)
    else:
        _say_planned(console, planned, asked.folder)


def _say_planned(console: Console, planned: Planned, named: Path | None) -> None:
    console.print(
        f"{planned.units:,} units were found, and nothing was changed. Read {planned.folder}: "
        f"{FOUND}, {MAPPING} (correct it and plan again), {ADOPT} and {REVERT}.",
        highlight=False,
        markup=False,
    )
    command = f"cutter db adopt {named} --apply" if named else "cutter db adopt --apply"
    console.print(
        f"Then make a backup by the means that the database has, and run it: {command} --backup "
        f"FILE --digest {planned.digest}",
        highlight=False,
        markup=False,
    )


def _say_applied(console: Console, database: str, units: int) -> None:
    console.print(
        f"Cutter is in {database}; {units:,} units are adopted as they are. Next, passwords and "
        f"keys of its logins: `cutter db init --adopt-roles` makes new ones, also for a "
        f"cutter_exec and a cutter_verify that were there before; where these keep the passwords "
        f"that they have, `cutter secrets set` and `cutter key make` take them one by one. Then "
        f"`cutter conform`, and `cutter doctor`.",
        highlight=False,
        markup=False,
    )


def _require_both(asked: Asked) -> str:
    if not asked.digest:
        raise BadInput(
            "Name the SHA-256 of the adopt.sql that you have read with --digest; --plan says it."
        )
    try:
        if asked.backup is not None and asked.backup.stat().st_size > 0:
            return asked.digest
    except OSError:
        pass
    raise BadInput(
        "Make a backup of the database first, by the means that it has, and name its file with "
        "--backup."
    )
