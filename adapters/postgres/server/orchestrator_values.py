"""What the orchestrator of a home has stored, read from its database: it need not run for that.

One thing is also written there: that the kill-switch is OFF, for a stop waits for no server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_first, read_value
from adapters.postgres.connection.session import administrator
from adapters.postgres.connection.statements import statement
from adapters.postgres.server.embedded import EmbeddedServer
from adapters.postgres.server.orchestrator_store import STORE
from domain.errors import OrchestratorUnavailable
from domain.ports import Credentials, Endpoint

_BLOCK_TYPE: Final = "secret"


class OrchestratorValues:
    """Variables and Secret blocks in the store of a home's own server.

    Fulfils `blocks.stored.StoredValues`. `value_of` makes of a Secret block's text what it means.
    """

    def __init__(self, server: EmbeddedServer, value_of: Callable[[Any], Any]) -> None:
        """Opens nothing; every reading has a connection of its own."""
        self._server = server
        self._value_of = value_of

    def variable(self, name: str) -> object:
        """What a variable holds; None if there is none.

        Raises `DatabaseUnavailable` or `OrchestratorUnavailable`.
        """
        with self._reading() as store:
            return read_first(store, "orchestrator_variable", {"name": name})

    def change(self, name: str, value: Mapping[str, str]) -> None:
        """Let a variable that is there hold this; one that is not there stays so.

        Raises `DatabaseUnavailable` or `OrchestratorUnavailable`.
        """
        with self._reading() as store:
            store.execute(
                statement("orchestrator_variable_set"), {"name": name, "value": json.dumps(value)}
            )

    def secret(self, block: str) -> object:
        """What a Secret block holds; None if there is none.

        Raises `DatabaseUnavailable` or `OrchestratorUnavailable`.
        """
        with self._reading() as store:
            names = {"name": block, "slug": _BLOCK_TYPE}
            sealed = read_first(store, "orchestrator_block", names)
            key = read_value(store, str, "orchestrator_key")
        if sealed is None:
            return None
        if not isinstance(sealed, str) or key is None:
            raise _unreadable(block)
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415  # slow, for a few

        try:
            data = json.loads(Fernet(key.encode()).decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            raise _unreadable(block) from None
        return self._value_of(data.get("value"))

    def pool(self, name: str) -> object:
        """The template of a work pool's jobs; None if there is no such pool.

        Raises `DatabaseUnavailable` or `OrchestratorUnavailable`.
        """
        with self._reading() as store:
            return read_first(store, "orchestrator_pool", {"name": name})

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        endpoint = Endpoint(self._server.host, self._server.port, STORE, "disable")
        login = Credentials(self._server.superuser, self._server.password)
        with administrator(
            endpoint, login, "Reading the orchestrator's store", OrchestratorUnavailable
        ) as store:
            yield store


def _unreadable(block: str) -> OrchestratorUnavailable:
    return OrchestratorUnavailable(
        f"The Secret block {block} can not be read from the store of this home's Prefect server; "
        f"register it again."
    )
