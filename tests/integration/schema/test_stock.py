"""The tests' own databases: nothing that one test leaves behind reaches the next."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from domain.errors import CutterError
from tests.support.approved import cut
from tests.support.end_state import row_counts
from tests.support.live import live_bench
from tests.support.plans import made_plan
from tests.support.postgres import Cluster
from tests.support.stock import MOST_USES, stock_of

ON_THE_DATABASE = "DO $$ BEGIN EXECUTE format('{}', current_database()); END $$"
MORE_THAN_ROWS = {
    "a trigger that is disabled": "ALTER TABLE cut_phase_journal DISABLE TRIGGER append_only",
    "a trigger that is gone": "DROP TRIGGER append_only ON sweep_log",
    ("a function with another body"): (
        "CREATE OR REPLACE FUNCTION fn_person(name text) RETURNS text LANGUAGE sql RETURN name"
    ),
    "a function that is gone": "DROP FUNCTION fn_iu_enact",
    "a privilege": "GRANT DELETE ON unit_version TO cutter_exec",
    "a privilege on the database": ON_THE_DATABASE.format("GRANT TEMP ON DATABASE %I TO PUBLIC"),
    "a setting of the database": ON_THE_DATABASE.format("ALTER DATABASE %I SET work_mem = 99"),
    "a table": "CREATE TABLE notes (n integer)",
    "a schema": "CREATE SCHEMA more",
    "a word of the vocabulary": "DELETE FROM iu_vocabulary WHERE code = 'article'",
    "another word": "UPDATE iu_vocabulary SET code = 'verse' WHERE code = 'article'",
    "more rows than are quickly deleted": (
        "INSERT INTO cut_halt (halt_no, halted_by, reason) SELECT n, 'x', 'x' FROM "
        "generate_series(1, 2001) n"
    ),
}


def test_rows_are_deleted_and_the_database_serves_again(cluster: Cluster, tmp_path: Path) -> None:
    with stock_of(cluster) as own:
        with own.lend() as first:
            before = row_counts(first)
            cut(live_bench(first, tmp_path), made_plan(3))
            assert row_counts(first) != before
        with own.lend() as second:
            assert second.name == first.name
            assert row_counts(second) == before
            cut(live_bench(second, tmp_path), made_plan(3))


@pytest.mark.one_quick
@pytest.mark.parametrize("what", MORE_THAN_ROWS)
def test_a_database_that_was_changed_otherwise_is_dropped(cluster: Cluster, what: str) -> None:
    with stock_of(cluster) as own:
        with own.lend() as first, first.connect(autocommit=True) as admin:
            admin.execute(MORE_THAN_ROWS[what].encode())
        with own.lend() as second:
            assert second.name != first.name
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        first.connect()


def test_who_is_still_connected_is_sent_away(cluster: Cluster) -> None:
    with stock_of(cluster) as own:
        with own.lend() as first:
            left = first.connect()
            left.execute("LOCK TABLE sweep_log")
        with own.lend() as second:
            assert second.name == first.name
            with pytest.raises(psycopg.OperationalError):
                left.execute("SELECT 1")


@pytest.mark.slow
def test_two_at_once_are_two_and_none_is_used_for_ever(cluster: Cluster) -> None:
    with stock_of(cluster) as own:
        with own.lend() as one, own.lend() as other:
            assert one.name != other.name
        names = []
        for _ in range(MOST_USES):
            with own.lend() as lent:
                names.append(lent.name)
        assert len(set(names)) == 2


def test_a_test_that_fails_gives_its_database_back_too(cluster: Cluster) -> None:
    with stock_of(cluster) as own:
        with pytest.raises(CutterError), own.lend():
            raise CutterError("the test failed")
        assert len(own.free) == 1
