"""Bringing a backup back into an empty database: the only proof that it is one."""

from __future__ import annotations

import contextlib
import hashlib
import re
import subprocess
from pathlib import Path
from typing import IO, Final

import zstandard
from psycopg import sql

from adapters.keys.gpg import decrypt_command, gpg_environment, stop_agents
from adapters.pipes import CHUNK, Program, Pump, write_all
from adapters.postgres.backups.pgpass import child_login
from adapters.postgres.connection.session import administrator, uses_tls
from adapters.postgres.server.binaries import PostgresBinaries, client_binaries
from domain.errors import RestoreFailed
from domain.ledger.privileges import SCHEMAS
from domain.ports import Credentials, Endpoint

_MISSING: Final = re.compile(
    r"(type|schema|server|extension|function|operator class|access method|collation|language|"
    r'foreign-data wrapper|relation|text search configuration|tablespace) "?'
    r'([\w.]+)"?(?:\([^)\n]*\))? does not exist'
)
"""What a restore needs and has not, in the words of PostgreSQL's messages in English."""
_STOPPED_AT: Final = re.compile(
    r'COPY failed for table "(?P<table>\w+)"|from TOC entry \d+; \d+ \d+ (?P<what>[A-Z][A-Z ]*) '
    r"(?P<schema>[\w-]+) (?P<name>\w+)"
)
"""Which entry of the archive pg_restore could not bring back."""
_REASONS: Final = (
    (
        re.compile(r"No space left|could not extend file|File too large"),
        "a disk is full; make room",
    ),
    (re.compile(r"permission denied|must be owner"), "its login lacks a right"),
    (re.compile(r"already exists"), "something of that name is there already"),
    (re.compile(r"duplicate key value|violates"), "a row breaks a rule of its table"),
    (re.compile(r"out of memory"), "the server has no memory left"),
    (re.compile(r"terminating connection|server closed the connection"), "the server went away"),
)
"""What PostgreSQL's messages mean; the first that is found counts."""
BROKE_OFF: Final = "it broke off on its way to pg_restore"
NOTHING_USABLE: Final = "what is in the database now is not usable, drop it"


def restore_backup(
    backup: Path,
    endpoint: Endpoint,
    login: Credentials,
    *,
    gnupg_home: Path | None = None,
    sha256: str | None = None,
    binaries: PostgresBinaries | None = None,
) -> None:
    """Decrypt, decompress and restore a backup into an empty database, as an administrator.

    The roles that own and use the objects must exist. `sha256` is what the file's bytes have to
    hash to. Raises `RestoreFailed` for a database that is not empty, a damaged or foreign file or a
    missing key; `PrincipalCapabilityError` for a login that may not; `DatabaseUnavailable`,
    `ToolMissing`.
    """
    major, tls = _take_empty_schemas_away(endpoint, login)
    programs = binaries or client_binaries(major, tls=tls)
    try:
        with backup.open("rb", buffering=0) as file, contextlib.ExitStack() as stack:
            child = stack.enter_context(child_login(endpoint, login))
            gpg = stack.enter_context(
                Program(
                    "gpg", decrypt_command(), env=gpg_environment(gnupg_home), stdin=subprocess.PIPE
                )
            )
            command = [
                str(programs.tool("pg_restore")),
                "--format=custom",
                "--exit-on-error",
                "--no-tablespaces",  # where a table lay is nothing of it
                "--no-password",
            ]
            restore = stack.enter_context(
                Program(
                    "pg_restore",
                    [*command, f"--dbname={endpoint.database}"],
                    env=child.env,
                    pass_fds=child.pass_fds,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                )
            )
            _run(file, gpg, restore, sha256)
    except OSError as error:
        raise RestoreFailed(f"The backup {backup} can not be read ({error.strerror}).") from None
    finally:
        if gnupg_home is not None:
            stop_agents(gnupg_home)


def _take_empty_schemas_away(endpoint: Endpoint, login: Credentials) -> tuple[int, bool]:
    """The server's major version, and whether it is spoken to over TLS.

    The archive brings its schemas along; a schema with anything in it does not go away.
    """
    not_empty = (
        f"the database {endpoint.database} is not empty, or {login.user} may not change it; name "
        f"an empty database of its own and its administrator"
    )
    with administrator(
        endpoint, login, "Emptying the database", RestoreFailed, hint=not_empty
    ) as conn:
        for schema in SCHEMAS:
            conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(schema)))
        return conn.info.server_version // 10_000, uses_tls(conn)


def _run(file: IO[bytes], gpg: Program, restore: Program, sha256: str | None) -> None:
    digest = hashlib.sha256()
    corrupt: list[str] = []

    def feed() -> None:
        with gpg.stdin as sink:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                write_all(sink, chunk)

    def unpack() -> None:
        try:
            _decompress(gpg.stdout, restore.stdin)
        except zstandard.ZstdError:
            corrupt.append("the data inside are not whole")
        finally:
            gpg.stdout.close()  # or gpg would wait for a reader

    pumps = [Pump(feed, "backup to gpg"), Pump(unpack, "gpg to pg_restore")]
    for pump in pumps:
        pump.start()
    broken = [pump.result() for pump in pumps]
    if any(broken):
        corrupt.append(BROKE_OFF)
    if sha256 is not None and digest.hexdigest() != sha256:
        corrupt.insert(0, "the file is not the one that was recorded")
    _require_success(gpg, restore, corrupt)


def _decompress(packed: IO[bytes], sink: IO[bytes]) -> None:
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    with sink:
        while chunk := packed.read(CHUNK):
            write_all(sink, decompressor.decompress(chunk))
    if not decompressor.eof:
        raise zstandard.ZstdError("ended early")


def _require_success(gpg: Program, restore: Program, corrupt: list[str]) -> None:
    decrypted, restored = gpg.status(), restore.status()
    if decrypted != 0 and "secret key" in gpg.words.lower():
        why = "the secret key that it is encrypted to is not in the keyring"
    elif decrypted != 0:
        why = f"gpg could not decrypt it whole (status {decrypted})"
    elif restored != 0 and corrupt in ([], [BROKE_OFF]):
        why = f"pg_restore ended with status {restored}{_reason(restore.words)}"
    elif corrupt:
        why = corrupt[0]
    else:
        return
    raise RestoreFailed(f"The backup was not restored: {why}; {NOTHING_USABLE}.")


def _reason(words: str) -> str:
    """Where pg_restore stopped and why; its own text is only searched, for it can quote what is in
    the backup.

    >>> _reason('ERROR:  type "public.vector" does not exist')
    ': the backup rests on the type public.vector, which is not part of it'
    >>> _reason('error: COPY failed for table "unit": ERROR:  duplicate key value "secret"')
    ' at table unit: a row breaks a rule of its table'
    >>> _reason('from TOC entry 9; 1259 16642 VIEW public unit x\\nERROR:  permission denied for x')
    ' at VIEW public.unit: its login lacks a right'
    >>> _reason('ERROR:  something else "secret"')
    ''
    """
    if found := _MISSING.search(words):
        return f": the backup rests on the {found[1]} {found[2]}, which is not part of it"
    at = _STOPPED_AT.search(words)
    where = ""
    if at is not None:
        table, what, schema, name = at.group("table", "what", "schema", "name")
        where = f" at table {table}" if table else f" at {what} {schema}.{name}"
    why = next((f": {said}" for pattern, said in _REASONS if pattern.search(words)), "")
    return where + why
