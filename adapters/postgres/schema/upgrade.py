"""Brings a database from an earlier version of the schema to this program's, in one transaction.

Each version is a folder `migrations/NNNN_name` with three files: `deploy.sql` leads to it,
`verify.sql` raises an error unless it is there, `revert.sql` leads back. The first line of
`deploy.sql` says what it does; a line `-- unfinished: carried` says that change sets which are not
finished go on after it, and `-- sites: carried` that it leads on a database whose units are its own
as well (let_in.py). docs/how-to/add-a-migration.md tells how to add one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, TypeVar

from psycopg import sql
from psycopg.rows import class_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_all, read_value
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema import checks
from adapters.postgres.schema.alone import take_alone
from adapters.postgres.schema.catalog import (
    SCHEMA_VERSION,
    core_facts,
    names_in,
    read_facts,
    reference_facts,
)
from adapters.postgres.schema.install import (
    ADMINISTRATOR,
    apply_privileges,
    installed_version,
    record_version,
    wrong_version,
)
from adapters.postgres.schema.let_in import (
    SITE_TABLES,
    apply_core_privileges,
    no_way,
    without_units,
)
from domain.errors import DatabaseUnsuitable, UpgradeRefused
from domain.ledger.drift import Difference, Severity, compare_facts
from domain.ledger.privileges import OURS
from domain.ledger.upgrade import (
    OpenPermit,
    Step,
    Unfinished,
    Upgraded,
    UpgradePlan,
    steps_between,
    unfinished_sentence,
)

T = TypeVar("T")

LOCK_TIMEOUT: Final = "2s"
"""How long an upgrade waits for whoever writes; readers go on."""
STATEMENT_TIMEOUT: Final = "600s"
STOPPED: Final = (
    f"where it is 55P03 somebody holds a table for longer than {LOCK_TIMEOUT}, try again when they "
    f"have ended; else look into the server's log"
)
CARRIED: Final = "-- unfinished: carried"
SITES: Final = "-- sites: carried"
WRITTEN_BY_UPGRADES: Final = ("cutter_schema", "iu_vocabulary")
"""Tables that a migration itself writes to; every row of every other has to stay as it is."""


@dataclass(frozen=True, slots=True)
class _Table:
    oid: int
    name: str
    columns: list[str]
    stored: list[str]
    file: int
    written: int | None

    def still_holds(self, before: _Table) -> bool:
        """Whether its rows can only be what they were: none was written, none was stored anew, and
        each column is the same stretch of them, of the same type.
        """
        return (
            self.written == before.written == 0
            and self.file == before.file
            and self.stored[: len(before.stored)] == before.stored
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table before the migrations, and what its rows hashed to."""

    table: _Table
    rows: _Rows


def migrations() -> tuple[Step, ...]:
    """Every migration there is, in order."""
    folder = resources.files("adapters.postgres.schema") / "migrations"
    names = sorted(one.name for one in folder.iterdir() if one.name[:1].isdigit())
    return tuple(_step(name) for name in names)


def migration_sql(name: str, part: str) -> str:
    """The text of one file of a migration: `part` is deploy, verify or revert."""
    folder = resources.files("adapters.postgres.schema") / "migrations"
    return (folder / name / f"{part}.sql").read_text(encoding="utf-8")


def _step(name: str) -> Step:
    lines = migration_sql(name, "deploy").splitlines()
    return Step(name, lines[0].removeprefix("-- "), CARRIED in lines, SITES in lines)


@translated("Planning an upgrade", hint=ADMINISTRATOR)
def plan_upgrade(conn: Connection, proof_hours: int | None) -> UpgradePlan:
    """What an upgrade of this database would do, and what has to be done first.

    `proof_hours` is how old a backup's proof may be; None asks for none. Raises
    `DatabaseUnsuitable` for a database that is not ours, and `UpgradeRefused` for one that is newer
    than this program.
    """
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL search_path = ''")
        return _planned(conn, proof_hours)


@translated("Upgrading the schema", hint=ADMINISTRATOR)
def upgrade(conn: Connection, proof_hours: int | None) -> Upgraded:
    """Bring the database to this program's version, whole or not at all.

    Nothing is committed unless the catalog then is the reference's, the privileges are the
    matrix's, and every row that was there is there unchanged. Raises what `plan_upgrade` raises,
    and `UpgradeRefused` for whatever stands in the way.
    """
    with conn.transaction():
        limits = {"lock_timeout": LOCK_TIMEOUT, "statement_timeout": STATEMENT_TIMEOUT}
        conn.execute(statement("upgrade_settings"), limits)
        if not read_value(conn, bool, "upgrade_alone"):
            raise UpgradeRefused("Another upgrade of this database is under way; wait for it.")
        plan = _planned(conn, proof_hours)
        if plan.nothing_to_do:
            return Upgraded(plan)
        if plan.obstacles:
            raise UpgradeRefused(" ".join(plan.obstacles))
        let_in = checks.adopted(conn)
        kept = list(_held(conn, plan.installed, let_in=let_in))
        began = time.monotonic()
        names = names_in(plan.installed, core=let_in)["tables"]
        take_alone(conn, names, views=not let_in)  # a site's views would take its own tables too
        for step in plan.steps:
            for part in ("deploy", "verify"):
                _run(conn, step, part, let_in=let_in)
        _require_rows(conn, kept)
        record_version(conn)
        _require(checks.objects(conn))
        (apply_core_privileges if let_in else apply_privileges)(conn)
        _require(checks.privileges(conn))
    seconds = round(time.monotonic() - began, 3)
    return Upgraded(plan, len(kept), sum(one.rows.rows for one in kept), seconds)


def _planned(conn: Connection, proof_hours: int | None) -> UpgradePlan:
    installed = installed_version(conn)
    if installed is None:
        raise DatabaseUnsuitable(
            "This database has no schema of iu-cutter's; `cutter db init` makes one in a database "
            "of its own, and `cutter db adopt` beside units that are there."
        )
    if installed > SCHEMA_VERSION:
        raise UpgradeRefused(wrong_version(installed))
    steps = steps_between(migrations(), installed, SCHEMA_VERSION)
    if not steps:
        return UpgradePlan(installed, SCHEMA_VERSION, ())
    carried = list(_unfinished(conn, installed, steps))
    obstacles = [
        *_not_quiet(conn, installed),
        *(sentence for stops, sentence in carried if stops),
        *_not_proven(conn, installed, proof_hours),
        *_drifted(conn, installed, steps),
    ]
    notes = [sentence for stops, sentence in carried if not stops]
    return UpgradePlan(installed, SCHEMA_VERSION, steps, obstacles, notes)


def _not_quiet(conn: Connection, installed: int) -> Iterator[str]:
    (halted,) = _values(conn, installed, "upgrade_halted")
    if not halted:
        yield "Not everything is halted: run `cutter halt` with the release that is in use now."
    for permit in _rows(conn, OpenPermit, installed, "upgrade_permits"):
        yield (
            f"The permit of change set {permit.change_set_id} ({permit.document_code}) is open "
            f"until {permit.execute_by:%Y-%m-%d %H:%M} UTC: `cutter halt` takes it back."
        )


def _unfinished(
    conn: Connection, installed: int, steps: Sequence[Step]
) -> Iterator[tuple[bool, str]]:
    for one in _rows(conn, Unfinished, installed, "upgrade_unfinished"):
        yield unfinished_sentence(one, steps)


def _not_proven(conn: Connection, installed: int, hours: int | None) -> Iterator[str]:
    if hours is None:
        return
    keys = {"target": str(read_fingerprint(conn)), "hours": hours}
    (proven,) = _values(conn, installed, "upgrade_proven", keys)
    if not proven:
        yield (
            f"No backup of this database that was made in the last {hours} hours is proven to come "
            f"back: run `cutter backup make` and `cutter backup verify` with the release that is "
            f"in use now."
        )


def _drifted(conn: Connection, installed: int, steps: Sequence[Step]) -> Iterator[str]:
    let_in = checks.adopted(conn)
    if let_in and not all(step.carries_sites for step in steps):
        yield no_way(step.name for step in steps if not step.carries_sites)
        return
    reference = core_facts(installed) if let_in else reference_facts(installed)
    found = sorted(read_facts(conn, names_in(installed, core=let_in)))
    for one in compare_facts(reference, found, made_here=True):
        if one.severity is Severity.FAILS:
            yield f"The database is not as version {installed} made it. {one.message}"


def _held(conn: Connection, installed: int, *, let_in: bool) -> Iterator[_Kept]:
    """Every table of ours with what its rows hash to; nobody writes to it from here on. A site's
    own tables are touched by nothing here, and are neither held nor read.
    """
    names = names_in(installed, core=let_in)["tables"]
    for table in _tables(conn, [*names, *(SITE_TABLES if let_in else ())]):
        if table.name.partition(".")[2] in WRITTEN_BY_UPGRADES:
            continue
        conn.execute(sql.SQL(statement("upgrade_hold")).format(table=relation(table.name)))
        yield _Kept(table, _rows_of(conn, table.name, table.columns))


def _run(conn: Connection, step: Step, part: str, *, let_in: bool) -> None:
    whole = migration_sql(step.name, part)
    words = without_units(whole) if let_in else whole
    with translated(f"The file {step.name}/{part}.sql", UpgradeRefused, hint=STOPPED):
        conn.execute(words.encode())
    conn.execute("SET LOCAL search_path = ''")


def _require(found: Sequence[Difference]) -> None:
    fails = [one.message for one in sorted(found) if one.severity is Severity.FAILS]
    if fails:
        raise UpgradeRefused(
            f"The upgrade does not lead to the schema of version {SCHEMA_VERSION}, and nothing of "
            f"it was kept; {len(fails)} differences, the first: {fails[0]}"
        )


def _require_rows(conn: Connection, kept: Sequence[_Kept]) -> None:
    now = {table.oid: table for table in _tables(conn, (), [one.table.oid for one in kept])}
    for one in kept:
        table = now.get(one.table.oid)
        if table is None or not set(one.table.columns) <= set(table.columns):
            raise UpgradeRefused(
                f"The upgrade takes away from the table {one.table.name}; nothing of it was kept."
            )
        if table.still_holds(one.table):
            continue  # read again while nobody else can read it, only where it may have changed
        if _rows_of(conn, table.name, one.table.columns) != one.rows:
            raise UpgradeRefused(
                f"The upgrade changes rows of the table {one.table.name}; nothing of it was kept."
            )


def _tables(conn: Connection, names: Sequence[str], oids: Sequence[int] = ()) -> list[_Table]:
    return read_all(conn, _Table, "upgrade_tables", {"tables": list(names), "oids": list(oids)})


def _rows_of(conn: Connection, table: str, columns: Sequence[str]) -> _Rows:
    names = sql.SQL(", ").join(sql.Identifier("t", column) for column in columns)
    query = sql.SQL(statement("upgrade_rows")).format(table=relation(table), columns=names)
    with conn.cursor(row_factory=class_row(_Rows)) as cursor:
        return cursor.execute(query).fetchone() or _Rows(0, "")


def _rows(conn: Connection, kind: type[T], installed: int, name: str) -> list[T]:
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(_of_version(installed, name)).fetchall()


def _values(
    conn: Connection, installed: int, name: str, values: dict[str, Any] | None = None
) -> tuple[Any, ...]:
    return conn.execute(_of_version(installed, name), values).fetchone() or (None,)


def _of_version(installed: int, name: str) -> sql.Composed:
    """A statement over the ledger where that version keeps it."""
    ours = sql.Identifier("public" if installed == 1 else OURS)
    return sql.SQL(statement(name)).format(ours=ours)
