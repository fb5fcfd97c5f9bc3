"""As of a day and as known at a time: the database's functions answer what `in_force` says of the
versions that were known then, for versions, days and reverts at random.
"""

from __future__ import annotations

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

from domain.units.reader import in_force
from domain.units.records import VersionFacts
from tests.support.postgres import Connection, Database

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")

CODE = "random.law"
CHANGE_SETS = 6
UNITS = 40
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = [None, None, date(2026, 3, 1), date(2026, 6, 1), date(2026, 6, 1), date(2027, 1, 1)]
ZEROS = "0" * 64


class ChangeSet(NamedTuple):
    """One that was enacted, and perhaps reverted."""

    key: uuid.UUID
    enacted: datetime
    reverted: datetime | None

    def known(self, at: datetime) -> bool:
        return self.enacted <= at and (self.reverted is None or self.reverted > at)


class Version(NamedTuple):
    address: str
    number: int
    day: date | None
    state: str
    written_by: ChangeSet


class _Steady(random.Random):
    """Nothing is reverted, and every unit has two versions that are text."""

    def random(self) -> float:
        return 0.99

    def randint(self, a: int, b: int) -> int:
        return 2

    def choice(self, seq: SupportsLenAndGetItem[T]) -> T:
        return seq[0]


@pytest.mark.parametrize("seed", [2, 3, 5, 7])
def test_the_database_says_what_is_in_force_as_it_is_reckoned_here(
    database: Database, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    with database.connect(autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        change_sets = [_change_set(admin, number, chance) for number in range(CHANGE_SETS)]
        versions = [
            version
            for number in range(UNITS)
            for version in _unit(admin, f"{CODE}~art_{number}", change_sets, chance)
        ]
    answered = repealed = 0
    with database.reader() as conn:
        for on in (date(2026, 1, 1), date(2026, 3, 1), date(2026, 8, 1), date(2028, 1, 1)):
            for at in (FIRST + timedelta(days=5 * step) for step in range(0, 30, 5)):
                wanted = _reckoned(versions, on, at)
                assert _at(conn, versions, on, at) == wanted, (on, at)
                standing = {one: no for one, no in wanted.items() if no[1] == "text"}
                query = "SELECT address, version_no, state FROM cutter.fn_iu_document_at(%s,%s,%s)"
                rows = conn.execute(query, (CODE, on, at)).fetchall()
                assert {row[0]: (row[1], row[2]) for row in rows} == standing, (on, at)
                assert len(rows) == len(standing), "an address once"
                answered += len(standing)
                repealed += len(wanted) - len(standing)
    assert answered > 200
    assert repealed > 0


def test_a_day_without_end_is_the_last_of_all_days(database: Database) -> None:
    with database.connect(autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        writers = [_change_set(admin, number, _Steady()) for number in range(2)]
        unit = _unit(admin, f"{CODE}~art_1", writers, _Steady())
        admin.execute(
            "UPDATE public.unit_version SET in_force_from = 'infinity' WHERE version_no = 2"
        )
    assert [version.number for version in unit] == [1, 2]
    query = "SELECT version_no FROM cutter.fn_iu_document_at(%s, %s::date)"
    with database.reader() as conn:
        for on, number in (("-infinity", 1), ("9999-12-31", 1), ("infinity", 2)):
            assert conn.execute(query, (CODE, on)).fetchall() == [(number,)], on


def _reckoned(versions: list[Version], on: date, at: datetime) -> dict[str, tuple[int, str]]:
    found = {}
    for address in {one.address for one in versions}:
        known = [
            VersionFacts(one.number, one.state, one.day)
            for one in versions
            if one.address == address and one.written_by.known(at)
        ]
        if chosen := in_force(known, on):
            found[address] = (chosen.version_no, chosen.state)
    return found


def _at(
    conn: Connection, versions: list[Version], on: date, at: datetime
) -> dict[str, tuple[int, str]]:
    query = """
        SELECT a.address, f.version_no, f.state FROM unnest(%s::text[]) AS a (address)
         CROSS JOIN LATERAL cutter.fn_iu_at(a.address, %s, %s) AS f"""
    addresses = sorted({one.address for one in versions})
    rows = conn.execute(query, (addresses, on, at)).fetchall()
    return {address: (number, state) for address, number, state in rows}


def _change_set(admin: Connection, number: int, chance: random.Random) -> ChangeSet:
    entry, key, envelope = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    enacted = FIRST + timedelta(days=20 * number)
    reverted = enacted + timedelta(days=chance.choice([7, 33])) if chance.random() < 0.3 else None
    status = "reverted" if reverted else "enacted"
    kind = "revision" if number else "cut"
    _insert(
        admin,
        "decision_backlog_entry (entry_id, change_set_id, document_code, plan_digest, attempt,"
        " kind, status, opened_by)",
        (entry, key, CODE, ZEROS, 1, kind, status, "x"),
    )
    steps = [(1, "enacted", enacted)] + ([(2, "reverted", reverted)] if reverted else [])
    for step, status, moment in steps:
        _insert(
            admin,
            "decision_backlog_history (document_code, chain_no, entry_id, to_status, actor,"
            " payload_sha256, recorded_at, previous_sha256, row_sha256)",
            (CODE, 2 * number + step, entry, status, "x", ZEROS, moment, "", ""),
        )
    _insert(
        admin,
        "manifest_envelope (envelope_id, entry_id, plan_digest, text_sha256, unit_blocks,"
        " gap_blocks)",
        (envelope, entry, ZEROS, ZEROS, 1, 0),
    )
    _insert(
        admin,
        "cut_change_set (change_set_id, entry_id, envelope_id, decision_id, document_code,"
        " plan_digest, target, attempt, unit_count, rows_sha256, actor, executor_signature_id,"
        " verifier_signature_id, status)",
        (
            *(key, entry, envelope, entry, CODE, ZEROS, "t", 1, 1, ZEROS, "x", entry, entry),
            "verified_complete",
        ),
    )
    return ChangeSet(key, enacted, reverted)


def _unit(
    admin: Connection, address: str, change_sets: list[ChangeSet], chance: random.Random
) -> list[Version]:
    """A unit with a version from some of the change sets; the first creates it."""
    writers = sorted(chance.sample(change_sets, chance.randint(1, CHANGE_SETS)))
    writers.sort(key=lambda one: one.enacted)
    versions = [
        Version(address, number, None if number == 1 else chance.choice(DAYS), state, writer)
        for number, writer in enumerate(writers, start=1)
        for state in [chance.choice(["text", "text", "repealed"]) if number > 1 else "text"]
    ]
    unit, keys = uuid.uuid4(), [uuid.uuid4() for _ in versions]
    lifecycle = "withdrawn" if writers[0].reverted else "enacted"
    if lifecycle == "withdrawn":  # its other versions rest on it, and went before
        versions, keys = versions[:1], keys[:1]
    _insert(
        admin,
        "information_unit (id, canonical_address, document_code, unit_kind, section_type,"
        " publication_type, owner_ref, lifecycle, current_version_id, created_by)",
        (unit, address, CODE, "article", "body", "law", "o", lifecycle, keys[-1], "x"),
        schema="public",
    )
    for place, (version, key) in enumerate(zip(versions, keys, strict=True)):
        kind, section = ("article", "body") if place else (None, None)
        _insert(
            admin,
            "unit_version (id, unit_id, version_no, title, body, body_sha256, actor, state,"
            " in_force_from, replaces, unit_kind, section_type)",
            (
                *(key, unit, version.number, "T", f"text {version.number}", b"", "x"),
                *(version.state, version.day, keys[place - 1] if place else None, kind, section),
            ),
            schema="public",
        )
        action = "created" if not place else "revised" if version.state == "text" else "repealed"
        _insert(
            admin,
            "cut_change_set_affected_row (change_set_id, seq, unit_id, version_id, action)",
            (version.written_by.key, int(address.rsplit("_", 1)[1]) + 1, unit, key, action),
        )
    return versions


def _insert(admin: Connection, into: str, row: tuple[Any, ...], schema: str = "cutter") -> None:
    values = ", ".join(["%s"] * len(row))
    admin.execute(f"INSERT INTO {schema}.{into} VALUES ({values})".encode(), row)
