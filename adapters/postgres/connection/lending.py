"""Sessions that several users have one after another: over a slow network to begin one takes longer
than most of what is asked over it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg.pq import TransactionStatus

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import ConnectionProvider
from domain.change_set import TargetFingerprint
from domain.phases import Principal

KEPT_SECONDS: Final = 60.0
"""For how long an idle session is trusted. The server ends it after 300 s (`session_begin`), and
what lies on the way there may do so sooner.
"""


class LendingConnections:
    """One session of each principal, lent to one user at a time; what `connect` opens is the
    caller's own.

    What is kept ends by `close`.
    """

    def __init__(self, connections: ConnectionProvider) -> None:
        self._connections = connections
        self._kept: dict[Principal, tuple[Connection, float]] = {}

    def connect(self, principal: Principal) -> Connection:
        """See `ConnectionProvider.connect`."""
        return self._connections.connect(principal)

    @contextmanager
    def session(self, principal: Principal) -> Iterator[Connection]:
        """A session while the block runs, in autocommit: the one that others have used before, else
        a fresh one. It is kept if the block ends well and outside any transaction.

        Raises what `ConnectionProvider.connect` raises.
        """
        conn = self._taken(principal) or self._connections.connect(principal)
        try:
            yield conn
        except BaseException:
            conn.close()
            raise
        if conn.info.transaction_status is not TransactionStatus.IDLE or principal in self._kept:
            conn.close()
            return
        conn.isolation_level = None
        self._kept[principal] = (conn, time.monotonic())

    def close(self) -> None:
        """End every session that is kept."""
        while self._kept:
            self._kept.popitem()[1][0].close()

    def _taken(self, principal: Principal) -> Connection | None:
        conn, since = self._kept.pop(principal, (None, 0.0))
        if conn is not None and time.monotonic() - since > KEPT_SECONDS:
            conn.close()
            return None
        return conn


@contextmanager
def session(connections: ConnectionProvider, principal: Principal) -> Iterator[Connection]:
    """A session as a principal while the block runs: one that is lent, or its own.

    Raises what `ConnectionProvider.connect` raises.
    """
    if isinstance(connections, LendingConnections):
        with connections.session(principal) as conn:
            yield conn
        return
    with closing(connections.connect(principal)) as conn:
        yield conn


@dataclass(frozen=True, slots=True)
class _Later:
    """Connections that are made once somebody connects: what a setting lacks is said then."""

    make: Callable[[TargetFingerprint], ConnectionProvider]
    target: TargetFingerprint

    def connect(self, principal: Principal) -> Connection:
        return self.make(self.target).connect(principal)


class SharedSessions:
    """The sessions of runs: gates, phases and keepers of one run share them, and the runs that one
    worker carries out one after another.
    """

    def __init__(self, connect: Callable[[TargetFingerprint], ConnectionProvider]) -> None:
        self._connect = connect
        self._shared: dict[TargetFingerprint, LendingConnections] = {}

    @contextmanager
    def of(self, target: TargetFingerprint) -> Iterator[None]:
        """Keep sessions of this target while the block runs; within another such block, its."""
        if target in self._shared:
            yield
            return
        lending = self._shared[target] = LendingConnections(_Later(self._connect, target))
        try:
            yield
        finally:
            del self._shared[target]
            lending.close()

    def connections(self, target: TargetFingerprint) -> ConnectionProvider:
        """Those that are shared here, else some of the caller's own."""
        return self._shared.get(target) or self._connect(target)
