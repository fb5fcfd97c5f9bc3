"""A rehearsal: the live adapter over one transaction that is always rolled back.

The adapter runs each phase's work in a transaction of the phase's principal. Here that is a
savepoint of one outer transaction, and the principal is taken by SET LOCAL ROLE. Nothing can be
committed: the outer block forces its rollback, and the server refuses a COMMIT by this login
(`schema/sql/control/schema_60_rehearsal.sql`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Final, TypeVar

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.pq import TransactionStatus

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import driver_error, error_for
from adapters.postgres.connection.identity import backend_of, read_identity
from adapters.postgres.connection.rows import Question, read_all, read_one, read_value
from adapters.postgres.connection.session import ROLES
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.phases.transactions import written
from adapters.postgres.rehearsal.session import (
    RefusingRehearsals,
    RehearsalConnector,
    Watch,
)
from domain.change_set import CutContext
from domain.digests import text_sha256
from domain.errors import (
    CutterError,
    DatabaseUnsuitable,
    Lock,
    PhaseStop,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
    RehearsalYielded,
)
from domain.phases import PRINCIPAL_OF, Mode, Phase, Principal
from domain.reports.rehearsal import RehearsalCost, RehearsalEnd
from domain.results import BackupResult

T = TypeVar("T")

WATCH_EVERY: Final = 0.25
"""Seconds between two looks at who waits: so a live run waits for a rehearsal well under a second.
"""

NEVER_COMMITS: Final = "IU005"
UNDEFINED_OBJECT: Final = "42704"


@dataclass(frozen=True, slots=True)
class _Counters:
    """Where the server's transaction ids and its WAL stand."""

    transaction_ids: int = 0
    wal_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Constraint:
    schema: str
    name: str


class RehearsalBackup:
    """The backup runner of a rehearsal: pg_dump does not see uncommitted rows, so there is nothing
    to show, and it says so.
    """

    def run(self, ctx: CutContext) -> BackupResult:
        """A result that says that no backup was made.

        Raises `ProductionExecutionNotAuthorized` outside a rehearsal.
        """
        _require_rehearsal(ctx)
        return BackupResult(
            path="",
            size=0,
            sha256=text_sha256(""),
            key_fingerprint="",
            finished_at=datetime.now(UTC),
            server_version="",
            made=False,
        )


class RehearsalTransactions:
    """Fulfils `transactions.PhaseTransactions` without ever committing.

    A context manager: leaving it rolls everything back.

    It connects when the first phase runs, after the adapter has asked the switch.
    """

    def __init__(
        self,
        connections: RehearsalConnector = RefusingRehearsals(),
        *,
        roles: Mapping[Principal, str] = ROLES,
        watch_every: float = WATCH_EVERY,
    ) -> None:
        self._connections = connections
        self._roles = roles
        self._watch_every = watch_every
        self._ending = ExitStack()
        self._outer = ExitStack()
        self._conn: Connection | None = None
        self._watch: Watch | None = None
        self._ctx: CutContext | None = None
        self._before = _Counters()
        self._over = False

    def __enter__(self) -> RehearsalTransactions:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def run(
        self,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
        work: Callable[[Connection], T | Unwritten[T]],
        ahead: tuple[Question, ...] = (),
    ) -> T:
        """See `PhaseTransactions.run`.

        The isolation of the one outer transaction is READ COMMITTED for all phases.

        Raises `RehearsalYielded` if somebody waited for the rehearsal.
        """
        _require_rehearsal(ctx)
        try:
            conn = self._opened(ctx)
            with conn.transaction():
                self._become(conn, PRINCIPAL_OF[phase])
                result = written(conn, work(conn))
                if conn.info.transaction_status is not TransactionStatus.INTRANS:
                    raise PhaseStop(
                        f"{phase} left its transaction in a failed state; nothing was written.",
                        phase=phase,
                    )
                _check_deferred(conn)
        except psycopg.Error as error:
            raise self._judged(error, phase) from None
        except CutterError as error:
            if (cause := driver_error(error)) is None:
                raise
            raise self._judged(cause, phase) from None
        return result

    def roll_back(self) -> RehearsalEnd:
        """End a rehearsal that went through: ask the server whether it would refuse COMMIT, roll
        back, measure what it cost.

        Raises `DatabaseUnsuitable` if the server would have let this login commit what it wrote.
        """
        conn = self._conn
        if conn is None or self._over:
            raise PhaseStop("Nothing was rehearsed: no phase ran.")
        try:
            tuples = _tuples(conn)
            refused = _commit_is_refused(conn)
            self._outer.close()
            after = _counters(conn)
        except psycopg.Error as error:
            raise self._judged(error, None) from None
        finally:
            self._close()
        if tuples and not refused:
            raise DatabaseUnsuitable(
                "The server would have let cutter_rehearse commit, so it must not rehearse "
                "here; nothing was written. "
                "`cutter doctor` names what is missing."
            )
        ids = after.transaction_ids - self._before.transaction_ids
        wal = after.wal_bytes - self._before.wal_bytes
        return RehearsalEnd(refused, RehearsalCost(ids, wal, tuples))

    def _opened(self, ctx: CutContext) -> Connection:
        if self._over or (self._ctx is not None and self._ctx != ctx):
            raise PhaseStop("A rehearsal is for one change set, once; begin another.")
        self._ctx = ctx
        if self._watch is not None and self._watch.lost:
            raise PhaseStop(
                "The rehearsal can not see any more whether somebody waits for it, so it "
                "ended; run it again."
            )
        if self._conn is None:
            try:
                self._conn = self._open(ctx)
            except BaseException:
                self._close()
                raise
        return self._conn

    def _open(self, ctx: CutContext) -> Connection:
        conn = self._connections.connect()
        self._ending.callback(conn.close)
        document = {"document_code": ctx.document_code}
        if not read_value(conn, bool, "rehearsal_lock", document):
            raise RehearsalYielded(
                f"Another run holds {ctx.document_code}, and a rehearsal does not wait; "
                f"rehearse when that run has ended."
            )
        self._ending.callback(conn.execute, statement("rehearsal_unlock"))
        watched = backend_of(conn)
        self._watch = Watch(self._connections.connect(), watched, self._watch_every)
        self._watch.start()
        self._ending.callback(self._watch.stop)
        self._before = _counters(conn)
        conn.isolation_level = IsolationLevel.READ_COMMITTED
        self._outer.enter_context(conn.transaction(force_rollback=True))
        return conn

    def _become(self, conn: Connection, principal: Principal) -> None:
        conn.execute(statement("rehearsal_role"), {"role": self._roles[principal]})
        found = read_identity(conn).role
        if found != self._roles[principal]:
            raise PrincipalCapabilityError(
                f"The rehearsal is {found} where {self._roles[principal]} should be; it was ended."
            )

    def _judged(self, error: psycopg.Error, phase: Phase | None) -> CutterError:
        if self._watch is not None and self._watch.yielded:
            return RehearsalYielded(
                "Somebody waited for what the rehearsal held, so it made way and was rolled "
                "back. Rehearse it again later.",
                phase=phase or "",
                sqlstate=error.sqlstate,
            )
        return error_for(
            error, f"Rehearsing {phase or 'the cut'}", partial(PhaseStop, phase=phase or "")
        )

    def _close(self) -> None:
        self._over = True
        with suppress(
            psycopg.Error
        ):  # a connection that is gone has been rolled back by the server
            self._outer.close()
        with suppress(psycopg.Error):
            self._ending.close()


def _require_rehearsal(ctx: CutContext) -> None:
    if ctx.mode is not Mode.REHEARSE:
        raise ProductionExecutionNotAuthorized(
            Lock.ADAPTER, f"what is given for a rehearsal may not run {ctx.mode}"
        )


def _check_deferred(conn: Connection) -> None:
    """What COMMIT of this phase would check, checked now; a rollback would hide it.

    Then deferred again, for the next phase.
    """
    found = read_all(conn, _Constraint, "rehearsal_deferred")
    if not found:
        return
    names = sql.SQL(", ").join(sql.Identifier(one.schema, one.name) for one in found)
    conn.execute(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(names))
    conn.execute(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(names))


def _commit_is_refused(conn: Connection) -> bool:
    """Whether the server refuses what this transaction has written so far."""
    try:
        with conn.transaction():
            conn.execute(statement("rehearsal_commit_check"))
    except psycopg.Error as error:
        if error.sqlstate not in (NEVER_COMMITS, UNDEFINED_OBJECT):
            raise
        return error.sqlstate == NEVER_COMMITS
    return False


def _counters(conn: Connection) -> _Counters:
    return read_one(conn, _Counters, "rehearsal_counters") or _Counters()


def _tuples(conn: Connection) -> int:
    return read_value(conn, int, "rehearsal_tuples") or 0
