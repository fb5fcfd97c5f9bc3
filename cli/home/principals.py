"""`cutter secrets` and `cutter key`: what the principals log in and sign with.

A secret is asked for or read from a file, never an argument: others see those.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import SecretBytes
from rich.console import Console
from rich.table import Table

from adapters.files import READABLE, keep_bytes
from adapters.keys.filed import FiledSecrets
from adapters.keys.public_file import load_public_key
from adapters.keys.signing import Ed25519Signer, new_private_key, openssh_public_key
from adapters.postgres.schema.install import register_key, retire_other_keys
from adapters.postgres.schema.keys import RegisteredKey, registered_keys, retire_key
from cli.home.whose import Login, Signer
from cli.json_output import as_json_line
from cli.records.administrator import administrator
from cli.records.database import read_password
from cli.services import home_settings, services, the_app, without_prefect
from domain.errors import BadInput
from domain.ledger.privileges import READER, REHEARSE
from domain.phases import Principal
from domain.ports import Credentials

PRINCIPAL_OF: Final = {"exec": Principal.EXEC, "verify": Principal.VERIFY}
USER_OF: Final = {Login.REHEARSE: REHEARSE, Login.READER: READER}
"""Logins whose names no setting changes."""


def set_command(
    console: Console,
    whose: Login,
    password_file: Path | None,
    *,
    to_file: bool = False,
    as_json: bool = False,
) -> None:
    """Store a login's password in this home's Secret block or in a file of the home, replacing what
    was there.

    Raises `BadInput` for an empty one, and what storing it raises.
    """
    settings = home_settings()
    user = USER_OF.get(whose) or settings.user_of(PRINCIPAL_OF[whose])
    login = Credentials(user, read_password(user, password_file))
    if not login.password.get_secret_value():
        raise BadInput("An empty password is no password.")
    if to_file or whose is Login.READER:
        path = _keep_password(whose, login)
        _say_stored(console, user, str(path), as_json=as_json)
        return
    with services(from_nothing=True):
        from blocks.secrets import (  # Prefect is imported here
            login_block,
            register_rehearsal_login,
            register_secret,
            rehearsal_block,
        )
        from tasks.credentials import seal_of

        prefix = settings.block_prefix
        if whose is Login.REHEARSE:
            register_rehearsal_login(login, prefix, seal_of(settings, whose))
            block = rehearsal_block(prefix)
        else:
            register_secret(PRINCIPAL_OF[whose], login, prefix, seal_of(settings, whose))
            block = login_block(PRINCIPAL_OF[whose], prefix)
    _say_stored(console, user, f"the Secret block {block}", as_json=as_json)


def _say_stored(console: Console, user: str, where: str, *, as_json: bool) -> None:
    if as_json:
        print(as_json_line({"user": user, "kept_in": where}))
        return
    console.print(f"The password of {user} is in {where}.", highlight=False)


def _keep_password(whose: Login, login: Credentials) -> Path:
    if whose is Login.REHEARSE:
        raise BadInput("The rehearsal's password is kept in a Secret block; leave --to-file out.")
    filed = _filed()
    reader = whose is Login.READER
    path = filed.reader_file() if reader else filed.password_file(PRINCIPAL_OF[whose])
    keep_bytes(path, login.password.get_secret_value().encode())
    return path


def _filed() -> FiledSecrets:
    """The home's own folder of secrets. Raises `BadInput` for systemd's: that is not written to."""
    settings = home_settings()
    if settings.credentials_directory is not None:
        raise BadInput("CREDENTIALS_DIRECTORY is systemd's; unset it, or write the file yourself.")
    return FiledSecrets(settings.credentials)


def seal_command(console: Console, *, as_json: bool = False) -> None:
    """Seal what this home's Secret blocks hold in plain text."""
    settings = home_settings()
    with services(from_nothing=True):
        from blocks.secrets import blocks_of, seal_block
        from tasks.credentials import seal_of

        sealed = [
            block
            for role in Login
            if role is not Login.READER  # whose password is in a file
            for block in blocks_of(role, settings.block_prefix)
            if seal_block(block, seal_of(settings, role))
        ]
    if as_json:
        print(as_json_line({"sealed": sealed, "keys": settings.credentials}))
        return
    said = ", ".join(sealed) if sealed else "nothing: no block holds plain text"
    console.print(f"Sealed: {said}.", highlight=False)
    console.print(
        f"The keys are in {settings.credentials}; keep a copy where this machine is not. Whoever "
        f"has read a block before has what it held: give new passwords and keys.",
        highlight=False,
    )


def make_command(
    console: Console,
    whose: Signer,
    public: Path | None,
    *,
    replace: bool,
    to_file: bool = False,
    as_json: bool = False,
) -> None:
    """Make a signing key and store its private half in this home's Secret block, or in a file of
    the home.

    Raises `BadInput` if there is one and it is not to be replaced.
    """
    principal, settings = PRINCIPAL_OF[whose], home_settings()
    if to_file:
        filed = _filed()
        if not replace and filed.key(principal) is not None:
            raise _there_already(whose)
        pem = SecretBytes(new_private_key())
        keep_bytes(filed.key_file(principal), pem.get_secret_value())
        _say_made(console, whose, pem, public, as_json=as_json)
        return
    with services(from_nothing=True):
        from blocks.secrets import load_signing_key, register_signing_key
        from tasks.credentials import seal_of

        if not replace and load_signing_key(principal, settings) is not None:
            raise _there_already(whose)
        pem = SecretBytes(new_private_key())
        register_signing_key(principal, pem, settings.block_prefix, seal_of(settings, whose))
    _say_made(console, whose, pem, public, as_json=as_json)


def _there_already(whose: Signer) -> BadInput:
    return BadInput(
        f"There is a signing key of {PRINCIPAL_OF[whose]} already; --replace puts a new one in its "
        f"place, and `cutter key register {whose}` then makes it count."
    )


def _say_made(
    console: Console, whose: Signer, pem: SecretBytes, public: Path | None, *, as_json: bool
) -> None:
    principal, made = PRINCIPAL_OF[whose], Ed25519Signer(pem.get_secret_value())
    if public is not None:
        keep_bytes(public, openssh_public_key(made.public_key, principal.value), READABLE)
    if as_json:
        print(as_json_line({"key_id": made.key_id, "principal": principal}))
        return
    console.print(f"The key {made.key_id} of {principal} is made.", highlight=False)
    console.print(
        f"It counts once an administrator has registered it: cutter key register {whose}",
        highlight=False,
    )


def register_command(
    console: Console,
    whose: Signer,
    public: Path | None,
    *,
    admin: str,
    password_file: Path | None,
    as_json: bool = False,
) -> None:
    """Register a principal's public key, from a file or from what this home has stored, and retire
    those that it replaces. Raises a connection's refusal, or `ConfigMissing` without a key.
    """
    principal = PRINCIPAL_OF[whose]
    with without_prefect() as embedded:
        raw = load_public_key(public) if public else the_app().signer(principal).public_key
        with administrator(embedded, admin, password_file) as conn, conn.transaction():
            key_id = register_key(conn, principal.value, raw)
            retired = retire_other_keys(conn, principal.value, key_id)
    if as_json:
        print(as_json_line({"key_id": key_id, "principal": principal, "retired": retired}))
        return
    gone = f" {retired} that it replaces do not count any more." if retired else ""
    console.print(f"The key {key_id} of {principal} counts now.{gone}", highlight=False)


def retire_command(
    console: Console,
    key_id: str,
    *,
    admin: str,
    password_file: Path | None,
    as_json: bool = False,
) -> None:
    """Retire one key, named by the beginning of its id. Raises `BadInput` if there is none."""
    with without_prefect() as embedded, administrator(embedded, admin, password_file) as conn:
        named = [key.key_id for key in registered_keys(conn) if key.key_id.startswith(key_id)]
        if len(named) != 1 or not retire_key(conn, named[0]):
            raise BadInput(f"{key_id} names no key that counts; `cutter key list` shows them.")
    if as_json:
        print(as_json_line({"key_id": named[0], "retired": True}))
        return
    console.print(f"The key {named[0]} does not count any more.", highlight=False)


def list_command(console: Console, *, as_json: bool) -> None:
    """Print every key of the principals that was ever registered."""
    with without_prefect():
        from tasks.reading import verifier_connection

        with verifier_connection(the_app()) as conn:
            keys = registered_keys(conn)
    if as_json:
        print(as_json_line([_object(key) for key in keys]))
        return
    table = Table(title="Signing keys", title_justify="left")
    for name in ("principal", "key", "registered", "retired"):
        table.add_column(name, overflow="fold")
    for key in keys:
        retired = f"{key.retired_at:%Y-%m-%d}" if key.retired_at else ""
        table.add_row(key.principal, key.key_id[:12], f"{key.registered_at:%Y-%m-%d}", retired)
    console.print(table if keys else "No key is registered: cutter key make exec")


def _object(key: RegisteredKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "principal": key.principal,
        "registered_at": key.registered_at,
        "retired_at": key.retired_at,
    }
