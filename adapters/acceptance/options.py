"""What an operator typed, turned into options. The registered target is always forbidden."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from pydantic import SecretStr

from adapters.home.target import registered_target
from domain.errors import BadInput, ConfigMismatch
from domain.ports import Credentials, Endpoint
from domain.reports.acceptance import AcceptanceOptions, NamedServer, ServerKind, parse_fingerprint


def acceptance_options(
    state: Path,
    *,
    major: int = 16,
    container: bool = False,
    named: NamedServer | None = None,
    backup: Path | None = None,
    gnupg_home: Path | None = None,
    forbid: Iterable[str] = (),
    keep: bool = False,
    bystanders: Iterable[tuple[str, int]] = (),
) -> AcceptanceOptions:
    """The options of a run.

    `state` is where the registered target is on record. Raises `BadInput` or `ConfigMismatch`.
    """
    if container and named:
        raise BadInput("A container and a named server were both asked for; choose one.")
    if backup is not None and not backup.is_file():
        raise BadInput(f"{backup} is not a file; name the backup to restore.")
    forbidden = {parse_fingerprint(text) for text in forbid}
    if registered := registered_target(state):
        forbidden.add(registered)
    return AcceptanceOptions(
        kind=ServerKind.NAMED
        if named
        else ServerKind.CONTAINER
        if container
        else ServerKind.EMBEDDED,
        major=major,
        named=named,
        backup=backup,
        gnupg_home=gnupg_home,
        forbidden=frozenset(forbidden),
        keep=keep,
        bystanders=frozenset(bystanders),
    )


def named_server(address: str, user: str, password_file: Path, allow: str) -> NamedServer:
    """A server by its address HOST:PORT[/DATABASE]; the administrator's password comes from a file
    of mode 0600.

    Raises `BadInput` for an address that is none, `ConfigMismatch` for a file that is not there or
    that others can read.
    """
    where, _, database = address.partition("/")
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal():
        raise BadInput(f"{address!r} is not an address; write HOST:PORT or HOST:PORT/DATABASE.")
    endpoint = Endpoint(host.strip("[]"), int(port), database or "postgres")
    return NamedServer(
        endpoint, Credentials(user, _password(password_file)), parse_fingerprint(allow)
    )


def _password(path: Path) -> SecretStr:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise ConfigMismatch(
                f"The password file {path} has the mode {mode:04o}; others could read it. Run: "
                f"chmod 600 {path}"
            )
        return SecretStr(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise ConfigMismatch(
            f"The password file {path} can not be read: {error.strerror}."
        ) from None
