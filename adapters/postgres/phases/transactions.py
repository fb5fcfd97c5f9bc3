"""The transaction of a phase: all or nothing, under the document's writers lock, retried whole.

The rules, in the order in which an attempt meets them (docs/architecture.md, Safety rules):

1. A fresh connection as the phase's principal, to the registered target. If the very first one can
   not be made, the operator is told at once.
2. Backends of earlier attempts that may still be alive are ended, by process number and start.
3. The writers lock of the document is taken, before BEGIN: a snapshot that is older than the lock
   would not show what its last holder committed.
4. BEGIN, at the phase's isolation.
5. The fence: without an open permit the phase is refused.
6. The phase's work. It begins by asking the journal whether this phase is on record already, and
   if so answers with what is recorded. Else it does the work and records it.
7. The fence again, last before COMMIT.
8. COMMIT.

What the server's code means for all of it stands in `connection/sqlstate.py`. An error that passes
(a serialization failure, a deadlock) or a lost connection begins a new attempt at rule 1, up to
`ATTEMPTS` of them with a random wait in between. Any other error stops the phase at once.

So a lost connection needs no case of its own. Say that a phase writes 500 units and the network
fails while COMMIT is on its way. Nobody can know yet whether the server has committed. The next
attempt connects (1), ends the old backend if it is still there (2), and waits for the lock (3),
which the old backend held: once it is granted, the old transaction is over, this way or that. The
journal (6) is in the same transaction as the units. Is the phase on record, then they are there,
and the attempt answers with the recorded result. Is it not, then they were rolled back, and the
attempt writes them. Only if the server does not come back within the attempts does the phase end
with `PhaseInDoubt`; the next run of the same change set then settles it in the same way.
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
from adapters.postgres.connection.identity import Backend, backend_of
from adapters.postgres.connection.session import ConnectionProvider
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

ATTEMPTS: Final = 8  # of one phase, the first one included
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

        Raises `PhaseStop`, the refusal that a code of the server means, or a connection's refusal.
        """
        ...


class _Again(Exception):
    """This attempt left no effect, or one that the journal will show. `stop` is what to raise if
    there is no further attempt.
    """

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
        attempts = _Attempts(self._connections, ctx, phase, isolation)
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=self._longest_wait),
            retry=retry_if_exception_type(_Again),
            reraise=True,
        )
        try:
            result: T = retrying(attempts.run, work)
        except _Again as given_up:
            raise given_up.stop from None
        return result


class _Attempts:
    """The attempts of one phase. Remembers the backends of connections that were lost, since one of
    them may still hold the lock, and whether a COMMIT was lost that nobody has asked about since.
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
        """One attempt. Raises `_Again` for another one."""
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
        """Rules 2 and 3. The lock lasts as long as the session."""
        backend = backend_of(conn)
        for lost in self._lost:
            conn.execute(
                statement("session_end_backend"),
                {"pid": lost.pid, "backend_start": lost.backend_start},
            )
        # From here on it may hold the lock, whether or not its answer arrives.
        self._lost.append(backend)
        conn.execute(statement("writers_lock"), {"document_code": self._ctx.document_code})
        self._lost = [backend]

    def _judged(self, error: psycopg.Error, conn: Connection) -> Exception:
        """What the driver's error means for the phase: another attempt, in doubt, or a stop."""
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
