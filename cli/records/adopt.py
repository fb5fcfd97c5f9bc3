"""`cutter db adopt`: cutter let into a knowledge base that it did not make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from adapters.postgres.adopting.apply import ADOPT, FOUND, MAPPING, REVERT, adopt, plan_adoption
from adapters.postgres.connection.session import administrator
from cli.records.database import read_password
from cli.services import home_settings
from domain.errors import BadInput, DatabaseUnavailable
from domain.ports import Credentials


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was given: where the folder is, and for --apply which file and whose
    backup.
    """

    folder: Path
    apply: bool
    digest: str | None
    backup: Path | None


def adopt_command(
    console: Console, asked: Asked, *, admin: str, password_file: Path | None
) -> None:
    """Write the folder, or run exactly what stands in it. Raises what these raise, and `BadInput`
    for --apply without a digest or a backup.
    """
    digest = _require_both(asked) if asked.apply else ""
    endpoint = home_settings().endpoint()
    login = Credentials(admin, read_password(admin, password_file))
    with administrator(endpoint, login, "Adopting the database", DatabaseUnavailable) as conn:
        if asked.apply:
            units = adopt(conn, asked.folder, digest)
            console.print(
                f"Cutter is in {endpoint.database}; {units:,} units are adopted as they are. Next: "
                f"`cutter db init --adopt-roles` gives its logins passwords and keys, then "
                f"`cutter conform` and `cutter doctor --register`.",
                highlight=False,
            )
            return
        planned = plan_adoption(conn, asked.folder)
    console.print(
        f"{planned.units:,} units were found, and nothing was changed. Read {asked.folder}: "
        f"{FOUND}, {MAPPING} (correct it and plan again), {ADOPT} and {REVERT}.",
        highlight=False,
    )
    console.print(
        f"Then make a backup, and run it: cutter db adopt {asked.folder} --apply --backup FILE "
        f"--digest {planned.digest}",
        highlight=False,
        soft_wrap=True,
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
