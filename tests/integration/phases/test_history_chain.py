"""The hash chain over the history: server and domain agree, and no edit of a superuser goes
unnoticed.
"""

# statements are put together from this file's own words
from __future__ import annotations

import dataclasses
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import class_row

from adapters.home.chain_heads import FILE_NAME, read
from adapters.postgres.connection.statements import statement
from adapters.postgres.record.chain_heads import compare_heads, keep_heads
from domain.errors import ConfigMismatch, StopInvariantFailed
from domain.ledger.signed import EPOCH, HistoryRow, broken_link
from domain.phases import Phase, Principal
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database
from tests.support.tamper import guards_off, tamper


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """Two finished cuts: two chains of five links each."""
    made = live_bench(database, tmp_path)
    for code in ("test.law", "other.law"):
        plan = made_plan(2, code=code)
        run_phases(made.adapter, made.context(plan), plan)
    return made


def links(conn: Connection, code: str = "test.law") -> list[HistoryRow]:
    with conn.cursor(row_factory=class_row(HistoryRow)) as cursor:
        return cursor.execute(statement("history_of_document"), {"document_code": code}).fetchall()


def chain(database: Database) -> list[HistoryRow]:
    with database.connect(Principal.VERIFY) as conn:
        return links(conn)


def test_server_and_domain_compute_the_same_chain(bench: LiveBench) -> None:
    rows = chain(bench.database)
    assert [(row.from_status, row.to_status) for row in rows] == [
        (None, "marked"),
        ("marked", "reviewed"),
        ("reviewed", "cut_applied"),
        ("cut_applied", "verified_complete"),
        ("verified_complete", "enacted"),
    ]
    assert [row.computed_sha256() for row in rows] == [row.row_sha256 for row in rows]
    assert broken_link(rows) is None
    assert {row.principal for row in rows} == {"cutter_exec", "cutter_verify"}


def test_server_and_domain_hash_any_row_alike(database: Database) -> None:
    """Also far years, fractions of seconds, other scripts, empty statuses.

    Nothing is stored: the query makes the row.
    """
    moments = st.integers(0, 2**47).map(
        lambda micros: EPOCH + timedelta(microseconds=micros * 1000 + 7)
    )
    texts = st.text(
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20
    )
    seed = HistoryRow(
        "d",
        1,
        UUID(int=7),
        None,
        "marked",
        "a",
        "cutter_exec",
        "0" * 64,
        datetime.now(UTC),
        "0" * 64,
        "",
    )
    query = (
        "SELECT cutter.fn_history_sha256(ROW(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
        "'')::cutter.decision_backlog_history)"
    )
    with database.connect() as admin:

        @settings(max_examples=100, deadline=None)
        @given(texts, texts, st.none() | texts, moments)
        def alike(document: str, actor: str, old: str | None, moment: datetime) -> None:
            row = dataclasses.replace(
                seed, document_code=document, actor=actor, from_status=old, recorded_at=moment
            )
            server = admin.execute(query.encode(), dataclasses.astuple(row)[:10]).fetchone()
            assert server == (row.computed_sha256(),)

        alike()


EDITS = (
    "actor = 'somebody'",
    "to_status = 'superseded'",
    "from_status = coalesce(from_status, '') || 'x'",
    "principal = 'postgres'",
    "payload_sha256 = repeat('1', 64)",
    "recorded_at = recorded_at + interval '1 microsecond'",
    "entry_id = gen_random_uuid()",
    "previous_sha256 = repeat('2', 64)",
    "row_sha256 = repeat('3', 64)",
    "chain_no = chain_no + 100",
)


def test_any_edit_behind_the_guards_back_breaks_the_chain(bench: LiveBench) -> None:
    for edit in EDITS:
        for link in (1, 3, 5):
            with bench.database.connect() as admin:
                admin.execute("SET LOCAL session_replication_role = replica")
                change = (
                    f"UPDATE decision_backlog_history SET {edit} WHERE document_code = "
                    f"'test.law' AND chain_no = %s"
                )
                assert admin.execute(change.encode(), (link,)).rowcount == 1
                broken = broken_link(links(admin))
                admin.rollback()
            assert broken is not None, (edit, link)
            assert broken.chain_no in (link, link + 1, link + 100)
    assert broken_link(chain(bench.database)) is None


@pytest.mark.parametrize("link", [1, 3])
def test_a_row_taken_out_of_the_middle_breaks_the_chain(bench: LiveBench, link: int) -> None:
    tamper(
        bench.database,
        "DELETE FROM decision_backlog_history WHERE document_code = 'test.law' AND chain_no = %s",
        link,
    )
    assert broken_link(chain(bench.database)) is not None


def recompute(database: Database, actor: str) -> None:
    """What a thorough forger does: change a row and hash the whole chain anew, so that it holds in
    itself.
    """
    with guards_off(database) as admin:
        admin.execute(
            "UPDATE decision_backlog_history SET actor = %s WHERE document_code = 'test.law' "
            "AND chain_no = 2",
            (actor,),
        )
        for number in range(2, 6):
            admin.execute(
                "UPDATE decision_backlog_history h SET previous_sha256 = b.row_sha256 FROM "
                "decision_backlog_history b"
                " WHERE h.document_code = 'test.law' AND b.document_code = 'test.law' AND "
                "h.chain_no = %s"
                " AND b.chain_no = h.chain_no - 1",
                (number,),
            )
            admin.execute(
                "UPDATE decision_backlog_history h SET row_sha256 = cutter.fn_history_sha256(h)"
                " WHERE document_code = 'test.law' AND chain_no = %s",
                (number,),
            )


def test_the_file_outside_notices_a_chain_that_was_rewritten_whole(
    bench: LiveBench, tmp_path: Path
) -> None:
    file = tmp_path / "state" / FILE_NAME
    with bench.database.connect(Principal.EXEC) as conn:
        assert {head.document_code: head.chain_no for head in keep_heads(conn, file)} == {
            "other.law": 5,
            "test.law": 5,
        }
        assert compare_heads(conn, file) == []
    recompute(bench.database, "somebody else")
    assert broken_link(chain(bench.database)) is None, "in itself the forged chain holds"
    with bench.database.connect(Principal.EXEC) as conn:
        assert [fault.message for fault in compare_heads(conn, file)] == [
            "The history of test.law was rewritten: step 5 is not the one on file."
        ]
        before = file.read_bytes()
        with pytest.raises(StopInvariantFailed, match="rewritten"):
            keep_heads(conn, file)
        assert file.read_bytes() == before, "a forged head must not be taken over"


@pytest.mark.parametrize(
    ("cut", "left"),
    [("chain_no = 5", "4 steps are left of the 5"), ("true", "0 steps are left of the 5")],
)
def test_the_file_outside_notices_a_chain_that_was_cut_off(
    bench: LiveBench, tmp_path: Path, cut: str, left: str
) -> None:
    file = tmp_path / FILE_NAME
    with bench.database.connect(Principal.EXEC) as conn:
        keep_heads(conn, file)
    tamper(
        bench.database,
        f"DELETE FROM decision_backlog_history WHERE document_code = 'test.law' AND {cut}",
    )
    assert broken_link(chain(bench.database)) is None
    with bench.database.connect(Principal.EXEC) as conn:
        assert [left in fault.message for fault in compare_heads(conn, file)] == [True]


def test_a_broken_chain_is_named_even_without_a_file(bench: LiveBench, tmp_path: Path) -> None:
    tamper(
        bench.database,
        (
            "UPDATE decision_backlog_history SET actor = 'x' WHERE document_code = 'test.law' AND "
            "chain_no = 4"
        ),
    )
    with bench.database.connect(Principal.VERIFY) as conn:
        (fault,) = compare_heads(conn, tmp_path / FILE_NAME)
    assert (
        fault.message
        == "The history of test.law is broken at step 4: its hash is not that of its row."
    )


def test_the_file_is_private_appended_to_and_only_when_a_chain_has_grown(
    bench: LiveBench, tmp_path: Path
) -> None:
    file = tmp_path / FILE_NAME
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        keep_heads(conn, file)
        first = file.read_bytes()
        assert keep_heads(conn, file) == []
        assert file.read_bytes() == first
        plan = made_plan(2, code="third.law")
        run_phases(bench.adapter, bench.context(plan), plan, until=Phase.MARK)
        assert [(head.document_code, head.chain_no) for head in keep_heads(conn, file)] == [
            ("third.law", 1)
        ]
    assert file.read_bytes().startswith(first)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert all(
        json.loads(line)["target"] == str(bench.target) for line in file.read_text().splitlines()
    )


def test_heads_of_another_database_are_kept_beside_and_not_compared(
    bench: LiveBench, tmp_path: Path
) -> None:
    file = tmp_path / FILE_NAME
    file.write_text(
        json.dumps(
            {"target": "x:1@2", "document_code": "test.law", "chain_no": 9, "row_sha256": "f" * 64}
        )
        + "\n"
    )
    with bench.database.connect(Principal.EXEC) as conn:
        assert compare_heads(conn, file) == []
        keep_heads(conn, file)
    assert len(read(file)) == 3


def test_a_torn_last_line_gives_way_and_an_edited_line_is_named(
    bench: LiveBench, tmp_path: Path
) -> None:
    file = tmp_path / FILE_NAME
    with bench.database.connect(Principal.EXEC) as conn:
        keep_heads(conn, file)
        whole = file.read_bytes()
        file.write_bytes(whole + b'{"target": "x:1')
        assert keep_heads(conn, file) == []
        assert file.read_bytes() == whole
        file.write_bytes(b"not a head\n" + whole)
        with pytest.raises(ConfigMismatch, match=r"Line 1 of .* is not a chain head"):
            compare_heads(conn, file)


def test_a_microsecond_counts() -> None:
    row = HistoryRow(
        "d",
        1,
        UUID(int=7),
        None,
        "marked",
        "a",
        "p",
        "0" * 64,
        datetime(2200, 1, 1, tzinfo=UTC),
        "0" * 64,
        "",
    )
    later = dataclasses.replace(row, recorded_at=row.recorded_at + timedelta(microseconds=1))
    assert row.computed_sha256() != later.computed_sha256()
