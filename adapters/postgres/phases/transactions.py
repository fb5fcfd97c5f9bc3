"""The transaction of a phase: all or nothing, under the document's writers lock, retried whole.

The rules, in the order in which an attempt meets them (docs/architecture.md, Safety rules):

1. A session as the phase's principal, to the registered target: one that the run shares, or after
   any error a fresh one. If the very first one can not be made, the operator is told at once.
2. Backends of earlier attempts that may still be alive are ended, by process number and start.
3. The writers lock of the document is taken. A snapshot that is older than the lock would not show
   what its last holder committed: where each statement has a snapshot of its own (READ COMMITTED),
   the transaction takes it first of all; where there is one for all, it is taken before BEGIN.
4. BEGIN, at the phase's isolation.
5. The fence: without an open permit the phase is refused.
6. The phase's work. It begins by asking the journal whether this phase is on record already, and
   if so answers with what is recorded. Else it does the work and records it.
7. The fence again, last before COMMIT.
8. COMMIT, and in one turn with it the lock is given back, where the session is lent on.

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

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final, Protocol, TypeVar

import psycopg
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import driver_error, error_for
from adapters.postgres.connection.identity import backend_of
from adapters.postgres.connection.lending import LendingConnections, session
from adapters.postgres.connection.rows import Question, answered, ask, begun
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.connection.sqlstate import Action, classify
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.watched import Backend
from adapters.postgres.connection.writing import Unwritten, unwritten, write, writing
from adapters.postgres.permits.permit import fence, fence_keys
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


def written(conn: Connection, answered_with: T | Unwritten[T]) -> T:
    """What a phase answers with, once its last rows are written.

    Raises what `writing` raises.
    """
    last = unwritten(answered_with)
    write(conn, last.rows)
    return last.result


class PhaseTransactions(Protocol):
    """How a phase's work is run: for real, or inside a rehearsal."""

    def run(
        self,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
        work: Callable[[Connection], T | Unwritten[T]],
        ahead: tuple[Question, ...] = (),
    ) -> T:
        """Run `work` in one transaction as the phase's principal, write what it left to be written,
        and commit.

        `ahead` is what `work` will read first: it may be asked with the transaction's beginning.

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
        work: Callable[[Connection], T | Unwritten[T]],
        ahead: tuple[Question, ...] = (),
    ) -> T:
        """See `PhaseTransactions.run`.

        Raises `ProductionExecutionNotAuthorized` for anything but a live run: this commits.
        """
        if ctx.mode is not Mode.LIVE:
            raise ProductionExecutionNotAuthorized(
                Lock.ADAPTER, f"these transactions commit, so {ctx.mode} may not use them"
            )
        attempts = _Attempts(self._connections, ctx, phase, isolation, ahead)
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
        ahead: tuple[Question, ...],
    ) -> None:
        self._connections = connections
        self._ctx = ctx
        self._phase = phase
        self._isolation = isolation
        self._ahead = ahead
        self._lost: list[Backend] = []
        self._commit_sent = False
        self._unsettled = False  # a COMMIT was lost and the journal has not been asked since

    def run(self, work: Callable[[Connection], T | Unwritten[T]]) -> T:
        """One attempt. Raises `_Again` for another one."""
        with ExitStack() as stack:
            conn = self._connect(stack)
            try:
                return self._transaction(conn, work)
            except psycopg.Error as error:
                raise self._judged(error, conn) from None
            except CutterError as error:
                if (cause := driver_error(error)) is None:
                    raise
                raise self._judged(cause, conn) from None

    def _connect(self, stack: ExitStack) -> Connection:
        try:
            return stack.enter_context(session(self._connections, PRINCIPAL_OF[self._phase]))
        except DatabaseUnavailable:
            if not self._lost:
                raise  # never connected: the operator is told at once
            raise _Again(self._not_back()) from None

    def _transaction(self, conn: Connection, work: Callable[[Connection], T | Unwritten[T]]) -> T:
        self._commit_sent = False
        self._end_lost_backends(conn)
        conn.isolation_level = self._isolation
        with self._begun(conn):
            open_permit = fence(conn, self._ctx, self._phase)
            result = work(conn)
            self._unsettled = False  # the work begins with the journal's answer
            if conn.info.transaction_status is not TransactionStatus.INTRANS:
                # COMMIT of a failed transaction would raise nothing and write nothing.
                raise PhaseStop(
                    f"{self._phase} left its transaction in a failed state; nothing was written.",
                    phase=self._phase,
                )
            answer = self._ended(conn, result, open_permit)
            self._commit_sent = True
        return answer

    def _ended(self, conn: Connection, result: T | Unwritten[T], open_permit: bool) -> T:
        """Rule 7, in one turn with the last rows, of which the last is the journal's."""
        if not open_permit:
            return written(conn, result)
        last, closing = unwritten(result), fence_keys(self._ctx, self._phase, closing=True)
        with writing(conn, last.rows):
            asked = ask(conn, ("permit_fence", closing))
        with answered(conn, asked):
            fence(conn, self._ctx, self._phase, closing=True)
        return last.result

    @contextmanager
    def _begun(self, conn: Connection) -> Iterator[None]:
        """Rules 3 to 5, the journal, and what the work reads first, in one turn; before it, where
        the isolation wants it, the lock that outlasts the transaction.
        """
        first: tuple[Question, ...] = (
            ("permit_fence", fence_keys(self._ctx, self._phase)),
            ("journal_all", {"change_set_id": self._ctx.change_set_id}),
            *self._ahead,
        )
        if self._holds_session_lock:
            conn.execute(statement("writers_lock"), self._document)
        else:
            first = (("writers_lock_of_transaction", self._document), *first)
        with begun(conn, *first, once=True, then=self._lock_back):
            self._lost = self._lost[-1:]  # the lock is granted
            yield

    @property
    def _lock_back(self) -> Question | None:
        """Gives the lock back to others, where the session goes on. A session that is lost between
        COMMIT and this is one that was lost at COMMIT: the next attempt asks the journal.
        """
        if self._holds_session_lock and isinstance(self._connections, LendingConnections):
            return "writers_unlock", self._document
        return None

    @property
    def _holds_session_lock(self) -> bool:
        return self._isolation is not IsolationLevel.READ_COMMITTED

    @property
    def _document(self) -> dict[str, str]:
        return {"document_code": self._ctx.document_code}

    def _end_lost_backends(self, conn: Connection) -> None:
        """Rule 2. From here on this session's backend may hold the lock, whether or not its answer
        arrives; the others are forgotten once the lock is granted.
        """
        backend = backend_of(conn)
        for lost in self._lost:
            conn.execute(
                statement("session_end_backend"),
                {"pid": lost.pid, "backend_start": lost.backend_start},
            )
        self._lost.append(backend)

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
