"""What `cutter_read` can see: every table, view and function is tried as a login that has nothing but
that membership.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from domain.ledger.privileges import READING_FUNCTIONS, READING_VIEWS
from domain.phases import Phase
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database
from tests.support.reverts import reverted
from tests.support.revising import cut_first, revised
from tests.support.revisions import harbour_plan, new_texts

DRAFT = "nobody has verified"
PENDING = "an amendment that waits"

KEPT_FROM_READERS = {
    f"cutter.{name}"
    for name in (
        "cut_approval",
        "cut_permit",
        "principal_key",
        "approver_key",
        "release_permit",
        "release_approval",
        "release_place",
        "release_backup",
        "release_work",
        "approval_policy",
    )
}
RELATIONS = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
CALLS = """
    SELECT p.oid::regprocedure::text,
           format('SELECT %I.%I(%s)', n.nspname, p.proname,
             (SELECT string_agg('NULL::' || format_type(t, NULL), ', ') FROM unnest(p.proargtypes) t))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
SECRETS = """
    SELECT nonce FROM cutter.cut_approval UNION SELECT person FROM cutter.cut_approval
    UNION SELECT key_id FROM cutter.cut_approval UNION SELECT permit_id::text FROM cutter.cut_permit
    UNION SELECT key_id FROM cutter.principal_key UNION SELECT encode(signature, 'hex')
      FROM cutter.dot_pair_signature UNION SELECT encode(public_key, 'hex') FROM cutter.approver_key
"""


@pytest.fixture
def used(database: Database, tmp_path: Path) -> LiveBench:
    """A knowledge base in which something is enacted, something reverted, and much is under way."""
    bench = live_bench(database, tmp_path)
    cut_first(bench, harbour_plan([("1", "The gate is open."), ("2", "The quay is not.")]))
    gone = made_plan(2, code="gone.law", body="Once it stood, {n}.\n")
    ctx = bench.context(gone)
    run_phases(bench.adapter, ctx, gone)
    reverted(bench, ctx.change_set_id)
    draft = made_plan(2, code="draft.law", body=DRAFT + ", {n}.\n")
    run_phases(bench.adapter, bench.context(draft), draft, until=Phase.WRITE_VERIFY)
    waiting = harbour_plan([("1", f"The gate is open; {PENDING}."), ("2", "The quay is not.")])
    revised(bench, waiting, until=Phase.WRITE_VERIFY)
    return bench


def seen(conn: Connection) -> str:
    """Everything that a session can read in the views."""
    found = []
    for view in READING_VIEWS:
        query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(
            sql.Identifier(*view.split("."))
        )
        found += [str(row) for (row,) in conn.execute(query)]
    return "\n".join(found)


def test_a_reader_selects_from_the_views_and_from_nothing_else(
    database: Database, used: LiveBench
) -> None:
    assert used
    with database.connect() as admin, database.reader() as conn:
        names = [str(name) for (name,) in admin.execute(RELATIONS)]
        readable = set()
        for name in names:
            query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(*name.split(".", 1)))
            try:
                conn.execute(query)
            except psycopg.errors.InsufficientPrivilege:
                continue
            readable.add(name)
    assert len(names) > len(READING_VIEWS) + 20
    assert set(names) - readable >= KEPT_FROM_READERS
    assert readable == set(READING_VIEWS)


def test_a_reader_calls_the_functions_for_reading_and_no_other(database: Database) -> None:
    with database.connect() as admin, database.reader() as conn:
        admin.execute("SET search_path = ''")
        calls = {str(name).replace(",", ", "): str(call) for name, call in admin.execute(CALLS)}
        callable_ = set()
        for name, call in calls.items():
            try:
                conn.execute(call.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            callable_.add(name)
    assert len(calls) > len(READING_FUNCTIONS) + 20
    assert callable_ == set(READING_FUNCTIONS)


def test_no_draft_permit_approval_or_key_is_in_what_a_reader_sees(
    database: Database, used: LiveBench
) -> None:
    assert used
    with database.connect() as admin, database.reader() as conn:
        secrets = [str(one) for (one,) in admin.execute(SECRETS)]
        text = seen(conn)
        documents = {
            str(code) for (code,) in conn.execute("SELECT document_code FROM cutter.v_document")
        }
        units = {str(address) for (address,) in conn.execute("SELECT address FROM cutter.v_unit")}
        past = conn.execute(
            "SELECT DISTINCT withdrawn, stands, reverted_at IS NOT NULL FROM cutter.v_unit_history"
            " WHERE document_code = 'gone.law'"
        ).fetchall()
    assert len(secrets) > 10
    assert [one for one in secrets if one in text] == []
    assert DRAFT not in text
    assert "draft.law" not in text
    assert PENDING not in text, "a verified revision is not enacted yet"
    assert documents == {"made.harbour"}
    assert units == {"made.harbour~art_1", "made.harbour~art_2"}
    assert "Once it stood" in text
    assert past == [(True, False, True)], "what was withdrawn is in the history, and says so"


def test_a_reader_writes_nothing_and_becomes_nobody(database: Database) -> None:
    with database.reader() as conn:
        for statement in (
            "INSERT INTO cutter.v_document (document_code) VALUES ('x')",
            "DELETE FROM cutter.v_unit",
            "CREATE TEMP TABLE planted (n integer)",
            "CREATE TABLE cutter.planted (n integer)",
            "CREATE TABLE public.planted (n integer)",
            "SET ROLE cutter_owner",
            "SET ROLE cutter_exec",
            "SET ROLE cutter_verify",
            "SET ROLE cutter_rehearse",
        ):
            with pytest.raises(psycopg.Error) as refused:
                conn.execute(statement.encode())
            assert refused.value.sqlstate in ("42501", "55000"), statement


def test_a_revision_is_seen_when_it_is_enacted_and_at_once(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    cut_first(bench, harbour_plan([("1", "The gate is open."), ("2", "The quay is not.")]))
    revised(bench, harbour_plan(new_texts()))
    with database.reader() as conn:
        rows = conn.execute(
            "SELECT address, version_no, label, position FROM cutter.v_unit ORDER BY position"
        ).fetchall()
    assert [(row[0], row[2]) for row in rows] == [
        (f"made.harbour~art_{n}", str(n)) for n in range(1, 7)
    ]
    assert [row[1] for row in rows[:2]] == [2, 2]
    assert [row[3] for row in rows] == list(range(1, 7))
