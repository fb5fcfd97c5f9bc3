"""What a principal logs in and signs with: out of files where there are some, else out of Prefect's
Secret blocks, as late as possible.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from adapters.files import keep_bytes
from adapters.keys.filed import FiledSecrets
from blocks.sealing import Seal, kept_seal, new_key
from blocks.secrets import Load, SecretCredentials, load_signing_key, signing_block
from blocks.settings import CutterSettings
from domain.errors import BadInput, ConfigMissing
from domain.phases import Principal
from domain.ports import Credentials

if TYPE_CHECKING:
    from adapters.keys.signing import Ed25519Signer


def filed_secrets(settings: CutterSettings) -> FiledSecrets:
    """The folder of secrets of these settings."""
    return FiledSecrets(settings.credentials, settings.credentials_directory is not None)


def seal_of(settings: CutterSettings, role: str) -> Seal:
    """The seal of exec's, verify's or rehearse's Secret blocks; its key is made if there is none.

    Raises `ConfigMismatch` for a key file that can not be used, and `BadInput` if none can be made.
    """
    path = settings.sealing_key(role)
    if (seal := kept_seal(path)) is not None:
        return seal
    if settings.credentials_directory is not None:
        raise BadInput(f"{path} is systemd's to make, and is not there; add it to the unit.")
    keep_bytes(path, new_key())
    made = kept_seal(path)
    if made is None:
        raise BadInput(f"{path} was taken away while it was made; look who else writes there.")
    return made


class HomeCredentials:
    """A principal's login, from its file or its block. Fulfils `domain.ports.CredentialsSource`."""

    def __init__(self, settings: CutterSettings, load: Load | None = None) -> None:
        """`load` None asks the Prefect API for what no file holds."""
        self._settings = settings
        self._stored = SecretCredentials(settings, load)

    def __call__(self, principal: Principal) -> Credentials:
        """The login of a principal.

        Raises `ConfigMissing` or `ConfigMismatch` naming what is not there or not right, or
        `OrchestratorUnavailable`.
        """
        password = filed_secrets(self._settings).password(principal)
        if password is not None:
            return Credentials(self._settings.user_of(principal), password)
        return self._stored(principal)


class LateSigner:
    """A principal's key, loaded when it signs for the first time. Fulfils `domain.ports.Signer`."""

    def __init__(
        self, principal: Principal, settings: CutterSettings, load: Load | None = None
    ) -> None:
        """`load` None asks the Prefect API for what no file holds."""
        self._principal = principal
        self._settings = settings
        self._load = load

    @property
    def key_id(self) -> str:
        """See `Signer.key_id`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.key_id

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes, for what is sealed. Raises `ConfigMissing` if the principal has no
        key.
        """
        return self._signer.public_key

    def sign(self, payload: bytes) -> bytes:
        """See `Signer.sign`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.sign(payload)

    @cached_property
    def _signer(self) -> Ed25519Signer:
        from adapters.keys.signing import Ed25519Signer  # noqa: PLC0415  # `cryptography` is slow

        filed = filed_secrets(self._settings).key(self._principal)
        pem = filed or load_signing_key(self._principal, self._settings, self._load)
        if pem is None:
            raise ConfigMissing(
                f"The signing key of {self._principal}",
                f"Make one with `cutter key make`, or store it in "
                f"{signing_block(self._principal, self._settings.block_prefix)}.",
            )
        return Ed25519Signer(pem.get_secret_value())
