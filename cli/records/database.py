"""`cutter db init`: a knowledge base of one's own."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from rich.console import Console

from adapters.postgres.schema.script import schema_script
from adapters.postgres.server.embedded import EmbeddedServer
from cli.json_output import as_json_line
from cli.services import home_settings, services
from domain.errors import BadInput
from domain.ports import Credentials, Endpoint

if TYPE_CHECKING:
    from service.prepare import Prepared


def init_command(
    console: Console,
    *,
    admin: str,
    password_file: Path | None,
    embedded: bool,
    adopt_roles: bool,
    as_json: bool = False,
) -> None:
    """Prepare the home and say what was done. Raises what the parts raise."""
    login = None if embedded else Credentials(admin, read_password(admin, password_file))
    with services(console.print, with_database=embedded) as database:
        done = prepare(console, database, login, adopt_roles=adopt_roles)
    if as_json:
        print(as_json_line(asdict(done)))


def print_script() -> None:
    """Print the script that makes the knowledge base that the settings name; nothing is opened."""
    print(schema_script(home_settings().endpoint().database), end="")


def prepare(
    console: Console,
    database: EmbeddedServer | None,
    login: Credentials | None,
    *,
    adopt_roles: bool = False,
) -> Prepared:
    """Prepare the home's knowledge base: the embedded one unless a login for another is given.

    What was done is said, and given back.
    """
    from service.prepare import KNOWLEDGE_BASE, prepare_home

    if login is None and database is not None:
        endpoint = Endpoint(database.host, database.port, KNOWLEDGE_BASE)
        login = Credentials(database.superuser, database.password)
    elif login is not None:
        endpoint = home_settings().endpoint()
    else:
        raise BadInput(
            "This home has no embedded PostgreSQL; make one with --embedded, or name an "
            "administrator."
        )
    done = prepare_home(home_settings(), endpoint, login, adopt_roles=adopt_roles)
    made = "made" if done.schema_created else "was there already"
    console.print(
        f"Cutter's schema {made} in database {endpoint.database} on "
        f"{endpoint.host}:{endpoint.port}.",
        highlight=False,
    )
    console.print(
        f"Registered target: {done.target}. Backups are encrypted to {done.backup_key}.",
        highlight=False,
    )
    console.print(
        "Passwords and signing keys are in Prefect Secret blocks, sealed for keys in this home.",
        highlight=False,
    )
    return done


def read_password(admin: str, password_file: Path | None) -> SecretStr:
    """An administrator's password, from a file or asked for. Raises `BadInput`."""
    if password_file is None:
        return SecretStr(getpass.getpass(f"Password of {admin}: "))
    try:
        return SecretStr(password_file.read_text(encoding="utf-8").rstrip("\n"))
    except OSError as error:
        raise BadInput(
            f"The password file {password_file} can not be read: {error.strerror}."
        ) from None
