"""Connections of a home whose verifier is a service elsewhere: it has only the executor's login."""

from __future__ import annotations

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import ConnectionProvider
from domain.phases import Principal


class VerifierElsewhere:
    """Fulfils `ConnectionProvider`. Who looks at the database looks as the executor, in
    transactions that the server lets write nothing.
    """

    def __init__(self, connections: ConnectionProvider) -> None:
        self._connections = connections

    def connect(self, principal: Principal) -> Connection:
        """See `ConnectionProvider.connect`: the executor's, or for the verifier one that reads."""
        conn = self._connections.connect(Principal.EXEC)
        conn.read_only = True if principal is Principal.VERIFY else None
        return conn
