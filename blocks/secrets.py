"""Secrets from Prefect Secret blocks, loaded in the process that connects, as late as possible.

No error, log line or representation here holds a value, and no exception of a library is chained:
its text could.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import SecretBytes, SecretStr

from blocks.sealing import Seal, is_sealed, opened
from blocks.settings import DEFAULT_PREFIX, CutterSettings
from domain.errors import ConfigMismatch, ConfigMissing, OrchestratorUnavailable
from domain.ledger.privileges import REHEARSE
from domain.phases import Principal
from domain.ports import Credentials

_ROLE_OF: Final[dict[Principal, str]] = {Principal.EXEC: "exec", Principal.VERIFY: "verify"}
BLOCK_TYPE: Final = "secret"

Load = Callable[[str], Any]
"""How the value of a Secret block is read: None if there is no such block."""
_UNREACHABLE: Final = (
    "The Prefect API does not answer; check PREFECT_API_URL and that the server runs."
)


class SecretCredentials:
    """Loads a principal's login from its Secret block.

    Fulfils `domain.ports.CredentialsSource`; keeps nothing.
    """

    def __init__(self, settings: CutterSettings, load: Load | None = None) -> None:
        """`load` None asks the Prefect API."""
        self._settings = settings
        self._load = load or _load

    def __call__(self, principal: Principal) -> Credentials:
        """The login of a principal.

        Raises `ConfigMissing` (no block), `ConfigMismatch` (not a login, or another user's) or
        `OrchestratorUnavailable`.
        """
        expected = self._settings.user_of(principal)
        block = login_block(principal, self._settings.block_prefix)
        found = opened(block, self._load(block), self._settings.sealing_key(_ROLE_OF[principal]))
        if found is None:
            raise ConfigMissing(
                f"The Secret block {block}",
                f"Store the login with `cutter secrets set {_ROLE_OF[principal]}`.",
            )
        credentials = _as_login(found)
        if credentials is None:
            raise ConfigMismatch(
                f"The Secret block {block} is not an object with a user and a password; "
                f"register it again."
            )
        if credentials.user != expected:
            raise ConfigMismatch(
                f"The Secret block {block} is not for the configured user {expected}; register "
                f"it again."
            )
        return credentials


def rehearsal_login(settings: CutterSettings) -> Credentials:
    """The login that rehearses.

    Raises `ConfigMissing`, `ConfigMismatch` or `OrchestratorUnavailable`.
    """
    block = rehearsal_block(settings.block_prefix)
    found = opened(block, _load(block), settings.sealing_key("rehearse"))
    if found is None:
        raise ConfigMissing(
            f"The Secret block {block}",
            f"Store the login of {REHEARSE} with `cutter secrets set rehearse`, then rehearse "
            f"again.",
        )
    credentials = _as_login(found)
    if credentials is None or credentials.user != REHEARSE:
        raise ConfigMismatch(
            f"The Secret block {block} holds no login of {REHEARSE}; register it again."
        )
    return credentials


def register_rehearsal_login(
    credentials: Credentials, prefix: str = DEFAULT_PREFIX, seal: Seal | None = None
) -> None:
    """Store the login that rehearses, sealed if there is a seal, replacing what was there.

    Raises `OrchestratorUnavailable`.
    """
    _save(
        rehearsal_block(prefix),
        {"user": credentials.user, "password": credentials.password.get_secret_value()},
        seal,
    )


def register_secret(
    principal: Principal,
    credentials: Credentials,
    prefix: str = DEFAULT_PREFIX,
    seal: Seal | None = None,
) -> None:
    """Store a principal's login in its Secret block, sealed if there is a seal, replacing what was
    there.

    Raises `OrchestratorUnavailable`.
    """
    _save(
        login_block(principal, prefix),
        {"user": credentials.user, "password": credentials.password.get_secret_value()},
        seal,
    )


def register_signing_key(
    principal: Principal,
    pem: SecretBytes,
    prefix: str = DEFAULT_PREFIX,
    seal: Seal | None = None,
) -> None:
    """Store a principal's signing key in its Secret block, sealed if there is a seal, replacing
    what was there.

    Raises `OrchestratorUnavailable`.
    """
    _save(signing_block(principal, prefix), {"pem": pem.get_secret_value().decode("ascii")}, seal)


def load_signing_key(
    principal: Principal, settings: CutterSettings, load: Load | None = None
) -> SecretBytes | None:
    """A principal's Ed25519 key in PEM: from the file `state/keys/<principal>.pem`, else from its
    Secret block, else None.

    Raises `ConfigMismatch` if the file can be read by others or the block holds no key, or
    `OrchestratorUnavailable`.
    """
    path = settings.state / "keys" / f"{principal.value}.pem"
    if path.exists():
        return _private_file(path)
    block = signing_block(principal, settings.block_prefix)
    found = opened(block, (load or _load)(block), settings.sealing_key(_ROLE_OF[principal]))
    if found is None:
        return None
    pem = found.get("pem") if isinstance(found, dict) else found
    if not isinstance(pem, str) or "PRIVATE KEY" not in pem:
        raise ConfigMismatch(
            f"The Secret block {block} holds no private key in PEM; register it again."
        )
    return SecretBytes(pem.encode())


def login_block(principal: Principal, prefix: str = DEFAULT_PREFIX) -> str:
    """The name of the Secret block with a principal's login, in a home of this prefix.

    >>> login_block(Principal.EXEC), login_block(Principal.VERIFY, "cutter-1f")
    ('cutter-exec', 'cutter-1f-verify')
    """
    return f"{prefix}-{_ROLE_OF[principal]}"


def rehearsal_block(prefix: str = DEFAULT_PREFIX) -> str:
    """The name of the Secret block with the login that rehearses."""
    return f"{prefix}-rehearse"


def signing_block(principal: Principal, prefix: str = DEFAULT_PREFIX) -> str:
    """The name of the Secret block with a principal's signing key.

    >>> signing_block(Principal.EXEC)
    'cutter-exec-signing-key'
    """
    return f"{login_block(principal, prefix)}-signing-key"


def _private_file(path: Path) -> SecretBytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o177:
        raise ConfigMismatch(
            f"The signing key {path} has the mode {mode:04o}; others could read it. Run: chmod "
            f"600 {path}"
        )
    try:
        return SecretBytes(path.read_bytes())
    except OSError as error:
        raise ConfigMismatch(f"The signing key {path} can not be read: {error.strerror}.") from None


def _as_login(found: Any) -> Credentials | None:
    if not isinstance(found, dict):
        return None
    user, password = found.get("user"), found.get("password")
    if not isinstance(user, str) or not isinstance(password, str) or not user or not password:
        return None
    return Credentials(user, SecretStr(password))


def _load(block: str) -> Any:
    """What a Secret block holds, or None if there is no such block.

    Raises `OrchestratorUnavailable`.
    """
    import httpx
    from prefect.exceptions import ObjectNotFound, PrefectException

    from blocks.api import bounded_client

    try:
        with bounded_client() as client:
            stored = client.read_block_document_by_name(
                block, BLOCK_TYPE, include_secrets=True
            ).data.get("value")
    except ObjectNotFound:
        return None
    except (httpx.HTTPError, PrefectException, ValueError):
        raise OrchestratorUnavailable(_UNREACHABLE) from None
    return secret_value(stored)


def secret_value(stored: Any) -> Any:
    """The value of a Secret block, as it is kept: what a person typed into its form is text.

    >>> secret_value('{"user": "ann"}'), secret_value("a word")
    ({'user': 'ann'}, 'a word')
    """
    if not isinstance(stored, str):
        return stored
    try:
        return json.loads(stored)
    except ValueError:
        return stored


def blocks_of(role: str, prefix: str) -> tuple[str, ...]:
    """The names of the Secret blocks of exec, verify or rehearse.

    >>> blocks_of("exec", "cutter"), blocks_of("rehearse", "cutter")
    (('cutter-exec', 'cutter-exec-signing-key'), ('cutter-rehearse',))
    """
    login = f"{prefix}-{role}"
    return (login,) if role == "rehearse" else (login, f"{login}-signing-key")


def plain_blocks(prefix: str, load: Load | None = None) -> list[str]:
    """The Secret blocks of a home that hold plain text. `load` None asks the Prefect API.

    Raises `OrchestratorUnavailable`.
    """
    names = [name for role in (*_ROLE_OF.values(), "rehearse") for name in blocks_of(role, prefix)]
    held = {name: (load or _load)(name) for name in names}
    return [name for name, found in held.items() if found is not None and not is_sealed(found)]


def seal_block(block: str, seal: Seal) -> bool:
    """Seal what a block holds in plain text; False if there is nothing to seal.

    Raises `OrchestratorUnavailable`.
    """
    found = _load(block)
    if found is None or is_sealed(found):
        return False
    _save(block, found if isinstance(found, dict) else {"pem": str(found)}, seal)
    return True


def _save(block: str, value: dict[str, str], seal: Seal | None) -> None:
    import httpx
    from prefect.blocks.system import Secret
    from prefect.exceptions import PrefectException

    from blocks.api import bounded_settings

    try:
        with bounded_settings():
            # As text: of an object the API would show every field, for it hides text only. `get`
            # reads JSON back.
            kept = seal.seal(block, value) if seal else value
            Secret(value=SecretStr(json.dumps(kept))).save(block, overwrite=True, _sync=True)  # type: ignore[call-arg]
    except (httpx.HTTPError, PrefectException, ValueError):
        raise OrchestratorUnavailable(_UNREACHABLE) from None
