"""The checks of a proof that ask the database.

Each returns what it has seen, or raises what it found instead of that; none can commit.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final, NoReturn

from psycopg import IsolationLevel, sql
from psycopg.rows import class_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import read_identity
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_one, read_value, read_values
from adapters.postgres.connection.session import ROLES, ConnectionProvider, connected, read_only
from adapters.postgres.connection.statements import statement
from adapters.postgres.rehearsal.session import RehearsalConnector
from adapters.postgres.schema.checks import adopted
from adapters.postgres.schema.doctor import compare_with_reference
from domain.change_set import CutContext
from domain.errors import CheckFailed, CutterError, Lock, ProductionExecutionNotAuthorized
from domain.ledger.drift import Severity
from domain.ledger.privileges import ALL_TABLES, OURS, SCHEMAS, core_tables
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import PhaseExecutor
from domain.reports.proof import Surface, TableState

SEQUENCES: Final = "sequences"
NO_ROWS: Final = TableState(0, "")

VERIFY_PATH: Final = (
    "session_begin",
    "writers_lock",
    "writers_unlock",
    "permit_fence",
    "journal_all",
    "verify_change_set",
    "permit_of_change_set",
    "permit_confirm",
    "judgement_place",
    "release_approvals",
    "judgement_approvals",
    "approver_keys",
    "judgement_policy",
    "verify_counts",
    "verify_gaps",
    "verify_units",
    "signature_record",
    "verify_record",
    "change_set_verified",
    "entry_move",
    "history_append",
    "journal_record",
    "verify_result_count",
)
"""Every statement that a live run sends as the verifier; a test records a run and compares."""


class Tripwire:
    """A connection provider for what must not connect: it takes note and opens nothing."""

    def __init__(self) -> None:
        self.calls = 0

    def connect(self, principal: Principal) -> NoReturn:
        """Raises `CheckFailed`, always."""
        self.calls += 1
        raise CheckFailed(f"a connection as {principal} was asked for")


def refuses_before_connecting(
    adapter: PhaseExecutor[CutPlan], tripwire: Tripwire, contexts: list[CutContext], plan: CutPlan
) -> str:
    """Check 2: every method refuses, at the adapter's own lock, and no connection was asked for."""
    for ctx in contexts:
        for name, call in _methods(adapter, ctx, plan).items():
            try:
                call()
            except ProductionExecutionNotAuthorized as refusal:
                if refusal.lock is not Lock.ADAPTER:
                    raise CheckFailed(
                        f"{name} refused at the {refusal.lock} lock, not at the adapter's."
                    ) from None
            except CutterError as error:
                raise CheckFailed(f"{name} did not refuse in {ctx.mode}: {error}") from None
            else:
                raise CheckFailed(f"{name} did not refuse in {ctx.mode}.")
            if tripwire.calls:
                raise CheckFailed(
                    f"{name} asked for a connection before it refused, in {ctx.mode}."
                )
    return (
        f"{len(_methods(adapter, contexts[0], plan))} methods, each in "
        f"{' and '.join(c.mode for c in contexts)}; 0 connections"
    )


def _methods(
    adapter: PhaseExecutor[CutPlan], ctx: CutContext, plan: CutPlan
) -> Mapping[str, Callable[[], object]]:
    calls: dict[str, Callable[[], object]] = {
        phase.value: lambda method=getattr(adapter, phase.value): method(ctx, plan)  # type: ignore[misc]
        for phase in Phase
        if phase is not Phase.PRE_WRITE_BACKUP
    }
    calls["pre_write_backup"] = lambda: adapter.pre_write_backup(ctx)
    calls["verify_result_count_for"] = lambda: adapter.verify_result_count_for(ctx.change_set_id)
    return calls


def takes_only_the_real_adapter(
    require: Callable[[object], object], real: object, others: list[object]
) -> str:
    """Check 3: `require` returns the real adapter and refuses each of the others."""
    if require(real) is not real:
        raise CheckFailed(f"{type(real).__name__} was not handed back.")
    for other in others:
        try:
            require(other)
        except ProductionExecutionNotAuthorized:
            continue
        raise CheckFailed(f"{_name(other)} was taken for the live adapter.")
    return f"took {type(real).__name__}; refused {', '.join(map(_name, others))}"


def _name(thing: object) -> str:
    return f"the class {thing.__name__}" if isinstance(thing, type) else type(thing).__name__


def principals_connect(connections: ConnectionProvider) -> str:
    """Check 4: who and where each principal is, as the server says."""
    seen = []
    for principal in Principal:
        with connected(connections, principal, f"Connecting as {principal}") as conn:
            identity = read_identity(conn)
        seen.append(
            f"{identity.role} on {identity.fingerprint}, PostgreSQL {identity.version // 10_000}"
        )
    return "; ".join(seen)


def create_keeps_its_contract(
    rehearsals: RehearsalConnector, roles: Mapping[Principal, str] = ROLES
) -> str:
    """Check 5: one unit more inside the transaction, and none after it."""
    address = f"cutter.proof~art_{uuid.uuid4().hex}"
    with closing(rehearsals.connect()) as conn, translated("Creating a unit"):
        with conn.transaction(force_rollback=True):
            conn.execute(statement("rehearsal_role"), {"role": roles[Principal.EXEC]})
            before = _units(conn)
            status = read_value(conn, str, "proof_create", {"canonical_address": address})
            within = _units(conn)
        with conn.transaction(force_rollback=True):
            conn.execute(statement("rehearsal_role"), {"role": roles[Principal.EXEC]})
            after = _units(conn)
    one_more = _Units(before.units + 1, before.versions + 1)
    seen = f"status {status}; units {before.units}, then {within.units}, then {after.units}"
    if status != "created" or within != one_more or after != before:
        raise CheckFailed(f"{seen}.")
    return seen


@dataclass(frozen=True, slots=True)
class _Units:
    """How many units there are, and how many versions of them."""

    units: int = 0
    versions: int = 0


def _units(conn: Connection) -> _Units:
    return read_one(conn, _Units, "proof_units") or _Units()


def verify_path_is_valid(connections: ConnectionProvider) -> str:
    """Check 6: the server plans every statement of the verifier's, and checks that this role may
    run it. None is executed.
    """
    with (
        connected(connections, Principal.VERIFY, "Planning the verifier's statements") as conn,
        conn.transaction(force_rollback=True),
    ):
        for name in VERIFY_PATH:
            nothing: defaultdict[str, None] = defaultdict(lambda: None)
            with translated(f"Planning the statement {name}", CheckFailed):
                conn.execute(sql.SQL("EXPLAIN ") + sql.SQL(statement(name)), nothing)
    return f"{len(VERIFY_PATH)} statements planned as {Principal.VERIFY}, none executed"


def read_surface(connections: ConnectionProvider) -> Surface:
    """Checks 7 and 8: every row of every table, counted and hashed in one snapshot, by a connection
    of its own.
    """
    with read_only(connections, doing="Counting and hashing every row") as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        with conn.transaction(), conn.cursor(row_factory=class_row(TableState)) as cursor:
            names, schemas = _watched(conn)
            tables = {
                name: cursor.execute(_table_query(name)).fetchone() or NO_ROWS for name in names
            }
            of = {"tables": names, "schemas": schemas}
            tables[SEQUENCES] = read_one(conn, TableState, "proof_sequences", of) or NO_ROWS
    return Surface(tables)


def _watched(conn: Connection) -> tuple[list[str], list[str]]:
    """The tables whose rows are read, and the schemas of which every sequence is: where cutter was
    let in, what others have beside the units is theirs, and may change at any time.
    """
    if adopted(conn):
        behind = read_values(conn, str, "proof_behind_the_port")
        return list(dict.fromkeys((*core_tables(), *behind))), [OURS]
    return list(ALL_TABLES), list(SCHEMAS)


def _table_query(name: str) -> sql.Composed:
    return sql.SQL(statement("proof_table")).format(table=relation(name))


def nothing_is_missing(connections: ConnectionProvider) -> str:
    """Check 11: what the doctor finds that forbids a cut."""
    with read_only(connections) as conn:
        differences = compare_with_reference(conn)
    fails = [one for one in differences if one.severity is Severity.FAILS]
    if fails:
        raise CheckFailed(f"{len(fails)} findings forbid a cut; the first: {fails[0].message}")
    return f"no finding forbids a cut; {len(differences)} are worth knowing"
