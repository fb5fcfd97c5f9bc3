"""One transaction a phase, all or nothing, under the document's writers lock, with bounded retries
of the whole.

Every transaction begins and ends at the fence: without an open permit it does not commit
(docs/architecture.md, Safety rules).

A lost connection is not a failure: connect again, take the lock (which waits for whatever is left
of the old session), and the work's first statement asks the journal whether the COMMIT happened. So
in doubt and retry take the same road.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeVar

import psycopg
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import driver_error, error_for
from adapters.postgres.connection.session import Backend, ConnectionProvider, backend_of
from adapters.postgres.connection.sqlstate import Action, classify
from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.permit import fence
from domain.change_set import CutContext
from domain.errors import (
    CutterError,
    DatabaseUnavailable,
    Lock,
    PhaseInDoubt,
    PhaseStop,
    ProductionExecutionNotAuthorized,
)
from domain.phases import PRINCIPAL_OF, Mode, Phase

T = TypeVar("T")

ATTEMPTS: Final = 8
FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 4.0


class PhaseTransactions(Protocol):
    """How a phase's work is run: for real, or inside a rehearsal."""

    def run(
        self,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
        work: Callable[[Connection], T],
    ) -> T:
        """Run `work` in one transaction as the phase's principal and commit.

        Raises `PhaseStop` or a connection's refusal.
        """
        ...


class _Again(Exception):
    """The transaction left no effect, or one that the journal will show: do the whole again."""

    def __init__(self, stop: CutterError) -> None:
        self.stop = stop
        super().__init__(str(stop))


class LiveTransactions:
    """Real transactions over a connection provider."""

    def __init__(
        self,
        connections: ConnectionProvider,
        *,
        attempts: int = ATTEMPTS,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._connections = connections
        self._attempts = attempts
        self._longest_wait = longest_wait

    def run(
        self,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
        work: Callable[[Connection], T],
    ) -> T:
        """See `PhaseTransactions.run`.

        Raises `ProductionExecutionNotAuthorized` for anything but a live run: this commits.
        """
        if ctx.mode is not Mode.LIVE:
            raise ProductionExecutionNotAuthorized(
                Lock.ADAPTER, f"these transactions commit, so {ctx.mode} may not use them"
            )
        attempt = _Attempt(self._connections, ctx, phase, isolation)
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=self._longest_wait),
            retry=retry_if_exception_type(_Again),
            reraise=True,
        )
        try:
            result: T = retrying(attempt.run, work)
        except _Again as given_up:
            raise given_up.stop from None
        return result


class _Attempt:
    """The tries of one phase; remembers the backends that it may have lost, to end what still holds
    the lock.
    """

    def __init__(
        self,
        connections: ConnectionProvider,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
    ) -> None:
        self._connections = connections
        self._ctx = ctx
        self._phase = phase
        self._isolation = isolation
        self._lost: list[Backend] = []
        self._commit_sent = False
        self._unsettled = False  # a COMMIT was lost and the journal has not been asked since

    def run(self, work: Callable[[Connection], T]) -> T:
        conn = self._connect()
        try:
            return self._transaction(conn, work)
        except psycopg.Error as error:
            raise self._judged(error, conn) from None
        except CutterError as error:
            if (cause := driver_error(error)) is None:
                raise
            raise self._judged(cause, conn) from None
        finally:
            conn.close()

    def _connect(self) -> Connection:
        try:
            return self._connections.connect(PRINCIPAL_OF[self._phase])
        except DatabaseUnavailable:
            if not self._lost:
                raise  # never connected: the operator is told at once
            raise _Again(self._not_back()) from None

    def _transaction(self, conn: Connection, work: Callable[[Connection], T]) -> T:
        self._take_writers_lock(conn)
        self._commit_sent = False
        conn.isolation_level = self._isolation
        with conn.transaction():
            open_permit = fence(conn, self._ctx, self._phase)
            result = work(conn)
            self._unsettled = False  # the work begins with the journal's answer
            if conn.info.transaction_status is not TransactionStatus.INTRANS:
                # COMMIT of a failed transaction would raise nothing and write nothing.
                raise PhaseStop(
                    f"{self._phase} left its transaction in a failed state; nothing was written.",
                    phase=self._phase,
                )
            if open_permit:
                fence(conn, self._ctx, self._phase, closing=True)
            self._commit_sent = True
        return result

    def _take_writers_lock(self, conn: Connection) -> None:
        """A statement of its own before BEGIN: a snapshot taken before the lock would miss what the
        last holder wrote.
        """
        backend = backend_of(conn)
        for lost in self._lost:
            conn.execute(
                statement("session_end_backend"),
                {"pid": lost.pid, "backend_start": lost.backend_start},
            )
        self._lost.append(
            backend
        )  # from here on it may hold the lock, whether or not its answer arrives
        conn.execute(statement("writers_lock"), {"document_code": self._ctx.document_code})
        self._lost = [backend]

    def _judged(self, error: psycopg.Error, conn: Connection) -> Exception:
        broken = conn.broken or conn.closed
        action = classify(error, connection_broken=broken)
        # Whatever code a server sends with its last breath: after COMMIT was sent it does not tell
        # whether that happened.
        self._unsettled = self._unsettled or (
            self._commit_sent and (broken or action is Action.LOST)
        )
        self._commit_sent = False
        again = action in (Action.RETRY, Action.LOST, Action.RESUME)
        stop = (
            self._in_doubt("the connection was lost at COMMIT", error.sqlstate)
            if self._unsettled
            else error_for(
                error,
                f"{self._phase} of change set {self._ctx.change_set_id}",
                partial(PhaseStop, phase=self._phase),
            )
        )
        return _Again(stop) if again else stop

    def _not_back(self) -> PhaseStop:
        if self._unsettled:
            return self._in_doubt(
                "the connection was lost at COMMIT and the server has not come back"
            )
        return PhaseStop(
            f"{self._phase} lost its connection and the server has not come back. Nothing of "
            f"it was written; run it again.",
            phase=self._phase,
        )

    def _in_doubt(self, why: str, sqlstate: str | None = None) -> PhaseStop:
        return PhaseInDoubt(
            f"{self._phase} of change set {self._ctx.change_set_id} is in doubt: {why}. "
            "Run it again when the server answers: the journal knows whether it was committed.",
            phase=self._phase,
            sqlstate=sqlstate,
        )
