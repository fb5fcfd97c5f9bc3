"""A rehearsal where the verifier is elsewhere, and so is its key."""

from __future__ import annotations

from contextlib import closing
from functools import cached_property

from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.schema.keys import registered_keys
from adapters.postgres.verify.steps import UNSIGNED
from domain.errors import ConfigMissing
from domain.phases import Principal


class AbsentVerifier:
    """Fulfils `domain.ports.Signer` for rehearsals: the verifier's registered key by name, and no
    signature.
    """

    def __init__(self, connections: ConnectionProvider) -> None:
        self._connections = connections

    @cached_property
    def key_id(self) -> str:
        """The key that the verifier signs with. Raises `ConfigMissing` if none is registered."""
        with closing(self._connections.connect(Principal.VERIFY)) as conn:
            for key in registered_keys(conn):
                if key.principal == Principal.VERIFY.value and key.retired_at is None:
                    return key.key_id
        raise ConfigMissing(
            "The verifier's signing key", "Have one registered with `cutter key register verify`."
        )

    def sign(self, payload: bytes) -> bytes:
        """No signature."""
        return UNSIGNED
