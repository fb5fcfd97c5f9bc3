"""How a password reaches the PostgreSQL programs: neither on a command line nor in an environment,
and not by a disk.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from adapters.pipes import child_environment
from adapters.postgres.connection.tls import tls_environment
from domain.errors import ConfigMismatch
from domain.ports import Credentials, Endpoint


@dataclass(frozen=True, slots=True)
class ChildLogin:
    """What a child needs to log in: environment without secrets, and open files to pass on."""

    env: dict[str, str]
    pass_fds: tuple[int, ...]


@contextlib.contextmanager
def child_login(endpoint: Endpoint, login: Credentials) -> Iterator[ChildLogin]:
    """Let programs started in the block log in through libpq.

    Raises `ConfigMismatch` for a password that libpq can not read.

    Linux: the password file is in memory, reachable only through a descriptor that the child gets.
    Elsewhere: a file of mode 0600, removed at the end of the block.
    """
    place = _in_memory(login.password) if hasattr(os, "memfd_create") else _on_disk(login.password)
    with place as (path, pass_fds):
        env = child_environment(
            PGHOST=endpoint.host,
            PGPORT=str(endpoint.port),
            PGDATABASE=endpoint.database,
            PGUSER=login.user,
            **tls_environment(endpoint, login.user),
            PGCONNECT_TIMEOUT=str(endpoint.connect_timeout),
            PGAPPNAME="iu-cutter backup",
            PGPASSFILE=path,
        )
        yield ChildLogin(env, pass_fds)


def passfile_line(password: SecretStr) -> bytes:
    r"""One line of libpq's password file, for any server, since the environment names the one.

    >>> passfile_line(SecretStr(r"a:b\c"))
    b'*:*:*:*:a\\:b\\\\c\n'
    """
    text = password.get_secret_value()
    if not text or any(sign in text for sign in "\r\n\0"):
        raise ConfigMismatch(
            "The password of a database login is empty or holds a line break. Set another one."
        )
    escaped = text.replace("\\", "\\\\").replace(":", "\\:")
    return f"*:*:*:*:{escaped}\n".encode()


@contextlib.contextmanager
def _in_memory(password: SecretStr) -> Iterator[tuple[str, tuple[int, ...]]]:
    line = passfile_line(password)
    descriptor = os.memfd_create("pgpass", os.MFD_CLOEXEC)
    try:
        os.fchmod(descriptor, 0o600)  # libpq ignores a file that others may read
        os.write(descriptor, line)
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _on_disk(password: SecretStr) -> Iterator[tuple[str, tuple[int, ...]]]:
    line = passfile_line(password)
    descriptor, name = tempfile.mkstemp(prefix="cutter-")  # mode 0600
    try:
        with open(descriptor, "wb") as file:
            file.write(line)
        yield name, ()
    finally:
        Path(name).unlink(missing_ok=True)
