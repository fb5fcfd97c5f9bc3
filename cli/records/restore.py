"""`cutter backup restore`: a backup brought back onto a server where nothing of it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from adapters.postgres.backups.bring_back import BroughtBack, bring_back
from blocks.settings import CutterSettings
from cli.json_output import as_json_line
from cli.records.database import read_password
from cli.services import home_settings, services
from domain.counted import counted
from domain.errors import ConfigMissing
from domain.phases import Principal
from domain.ports import Credentials


def restore_command(
    console: Console,
    backup: Path,
    *,
    admin: str,
    password_file: Path | None,
    as_json: bool = False,
) -> None:
    """Bring the backup back into the database that the settings name, and say what comes next.

    Raises what `bring_back` raises.
    """
    settings = home_settings()
    endpoint, keyring = settings.endpoint(), settings.drill_keyring()
    path = backup if backup.exists() else settings.backups / backup.name
    login = Credentials(admin, read_password(admin, password_file))
    with services(from_nothing=True):
        # inside, since the server that it is brought back into may be the home's own
        passwords = _stored(settings)
        done = bring_back(path, endpoint, login, gnupg_home=keyring, passwords=passwords)
    if as_json:
        print(as_json_line(asdict(done)))
    else:
        _say(console, done)


def _stored(settings: CutterSettings) -> dict[str, SecretStr]:
    """The passwords that this home still has, by login."""
    from blocks.secrets import SecretCredentials, rehearsal_login

    load = SecretCredentials(settings)
    loads: list[Callable[[], Credentials]] = [partial(load, principal) for principal in Principal]
    loads.append(partial(rehearsal_login, settings))
    found = {}
    for one in loads:
        with suppress(ConfigMissing):
            login = one()
            found[login.user] = login.password
    return found


def _say(console: Console, done: BroughtBack) -> None:
    console.print(
        f"{counted(done.tables, 'table')} with {counted(done.rows, 'row')} came back as they were, "
        f"into {done.target}.",
        highlight=False,
    )
    if done.made:
        console.print(f"Roles that were made: {', '.join(done.made)}.", highlight=False)
    if done.silent:
        console.print(
            f"Without a password: {', '.join(done.silent)}. `cutter db init` gives new passwords "
            f"and keys, and registers the database.",
            highlight=False,
        )
        console.print("Next: cutter db init", highlight=False)
        return
    console.print("Next: cutter doctor --register", highlight=False)
