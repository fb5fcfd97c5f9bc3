"""What is read out of a real knowledge base: enacted units, in the order of the text, and no
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from adapters.postgres.connection.session import read_only
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.units.reader import PostgresUnits, units_of_one_moment
from domain.digests import text_sha256
from domain.errors import BadInput, DatabaseUnsuitable, UnitNotFound
from domain.ledger.drift import Severity
from domain.phases import Phase
from domain.revision.dates import Dates
from domain.units.reader import FULL_TEXT, LETTERS, LIKENESS
from tasks.records.knowledge_base import source_text
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Database
from tests.support.releases import released_database
from tests.support.reverts import reverted
from tests.support.revising import cut_first, revised
from tests.support.revisions import CODE, OLD, harbour_plan, new_texts


@contextmanager
def reading(bench: LiveBench) -> Iterator[PostgresUnits]:
    with (
        read_only(bench.connections) as conn,
        units_of_one_moment(conn, str(bench.target)) as reader,
    ):
        yield reader


def test_what_was_enacted_is_read_out_in_the_order_of_the_text(
    database: Database, tmp_path: Path
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(12)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan)
    with reading(bench) as reader:
        (line,) = reader.documents()
        document = reader.document(plan.document_code)
        unit = reader.unit("test.law~art_11")
        history = reader.history(unit.address)
    assert (line.code, line.units) == (plan.document_code, len(plan.rows))
    assert line.enacted_at is not None
    read = [(u.address, u.title, u.body, u.unit_kind, u.parent) for u in document.units]
    assert read == [
        (r.canonical_address, r.title, r.body, r.unit_kind, r.parent_ref) for r in plan.rows
    ]
    assert document.target == str(bench.target)
    assert unit in document.units
    assert history == (unit,)
    assert unit.version.change_set_id == ctx.change_set_id
    assert unit.version.in_force_from is None, "no day was given, and none is made up"


@pytest.mark.parametrize("until", [Phase.CUT_LEG_A, Phase.WRITE_VERIFY])
def test_what_is_not_enacted_yet_is_not_there(
    database: Database, tmp_path: Path, until: Phase
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(3)
    run_phases(bench.adapter, bench.context(plan), plan, until=until)
    nothing_is_there(bench, plan.document_code)


def test_what_was_reverted_is_not_there(database: Database, tmp_path: Path) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(3)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan)
    reverted(bench, ctx.change_set_id)
    nothing_is_there(bench, plan.document_code)


def nothing_is_there(bench: LiveBench, code: str) -> None:
    with reading(bench) as reader:
        assert reader.documents() == ()
        assert reader.addresses(code) == ()
        assert reader.search("article").hits == ()
        with pytest.raises(UnitNotFound, match=code):
            reader.document(code)
        with pytest.raises(UnitNotFound, match="art_1"):
            reader.unit(f"{code}~art_1")


def test_a_unit_is_read_out_as_of_a_day_and_by_its_version(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    first = cut_first(bench, harbour_plan(sorted(OLD.items())))
    new = harbour_plan(new_texts())
    day = date(2027, 1, 1)
    revised(bench, new, Dates(day))
    with reading(bench) as reader:
        now, then = reader.document(CODE), reader.document(CODE, date(2026, 12, 31))
        later = reader.document(CODE, day)
        changed = next(one for one in now.units if len(one.versions) > 1)
        history = reader.history(changed.address)
        old = reader.unit(changed.address, version_no=1)
        with pytest.raises(UnitNotFound, match="version 9"):
            reader.unit(changed.address, version_no=9)
    assert [(u.address, u.body) for u in now.units] == [
        (r.canonical_address, r.body) for r in new.rows
    ], "in the order of the new text, and without what is repealed"
    assert later.units == now.units
    assert [u.body for u in sorted(then.units)] == [
        f"Article {n}. {text}\n" for n, text in sorted(OLD.items())
    ]
    assert [one.version.version_no for one in history] == [1, 2]
    assert [one.version.in_force_from for one in history] == [None, day]
    assert old == history[0] != changed == history[1]
    assert old.version.change_set_id == first.change_set_id != changed.version.change_set_id


def test_a_search_is_by_words_and_else_by_letters(database: Database, tmp_path: Path) -> None:
    bench = live_bench(database, tmp_path)
    for code, body in (
        ("a.law", "Whoever asks is answered, {n}.\n"),
        ("b.law", "第{n}条规定人民\n"),
    ):
        plan = made_plan(3, code=code, body=body)
        run_phases(bench.adapter, bench.context(plan), plan)
    with reading(bench) as reader:
        words = reader.search("ANSWERED whoever")
        other = reader.search("answered", "b.law")
        letters = reader.search("规定")
        few = reader.search("answered", limit=2)
    assert (words.by, len(words.hits)) == (FULL_TEXT, 3)
    assert "is answered" in words.hits[0].snippet
    assert other.hits == ()
    assert (letters.by, [hit.unit.address for hit in letters.hits]) == (
        LETTERS,
        ["b.law~art_1", "b.law~art_2", "b.law~art_3"],
    )
    assert len(few.hits) == 2


def test_words_are_found_by_an_index_that_the_administrator_makes(
    database: Database, tmp_path: Path
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(400)
    run_phases(bench.adapter, bench.context(plan), plan)
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    index = re.search(r"CREATE INDEX CONCURRENTLY unit_version_words.*?;", page, re.DOTALL)
    assert index is not None
    with database.connect(autocommit=True) as admin:
        admin.execute(index[0].encode())
        admin.execute("ANALYZE")
        found = [one for one in compare_with_reference(admin) if "unit_version_words" in one.name]
    assert all(one.severity is not Severity.FAILS for one in found)
    asked = {"words": "article 77", "document_code": None, "limit": 20}
    question = f"EXPLAIN {statement('reading_by_words')}".encode()
    with database.reader() as conn:
        explained = conn.execute(question, asked).fetchall()
    assert "unit_version_words" in str(explained)


def test_a_unit_of_more_words_than_the_server_indexes_is_written_and_found(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    body = " ".join(f"word{number}" for number in range(120_000)) + "\n"
    plan = made_plan(4, body=body)
    run_phases(bench.adapter, bench.context(plan), plan)
    with reading(bench) as reader:
        first, last = reader.search("word7"), reader.search("word119999")
    assert (first.by, len(first.hits)) == (FULL_TEXT, 4)
    assert (last.by, len(last.hits)) == (LETTERS, 4)


def test_what_is_only_like_the_words_is_found_where_the_database_can(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    plan = made_plan(3, body="Whoever asks is answered, {n}.\n")
    run_phases(bench.adapter, bench.context(plan), plan)
    with reading(bench) as reader:
        without = reader.search("ansvered")
    assert (without.by, without.hits) == (LETTERS, ())
    with database.connect(autocommit=True) as admin:
        query = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
        if admin.execute(query).fetchone() == (0,):
            pytest.skip("this server carries no pg_trgm")
        admin.execute('CREATE SCHEMA "their own"')
        admin.execute('CREATE EXTENSION pg_trgm SCHEMA "their own"')
        admin.execute('GRANT USAGE ON SCHEMA "their own" TO cutter_verify')
    with reading(bench) as reader:
        alike, other = reader.search("ansvered"), reader.search("zebra")
    assert (alike.by, len(alike.hits)) == (LIKENESS, 3)
    assert (other.by, other.hits) == (LIKENESS, ())


def test_a_document_is_there_or_not_without_its_text_being_read(
    database: Database, tmp_path: Path
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(3)
    run_phases(bench.adapter, bench.context(plan), plan)
    with reading(bench) as reader:
        assert reader.about(plan.document_code).title == plan.document.title
        with pytest.raises(UnitNotFound, match=r"No units of no\.such"):
            reader.about("no.such")
        assert reader.addresses(plan.document_code) == tuple(
            row.canonical_address for row in plan.rows
        )


def test_every_unit_that_was_ever_enacted_is_listed_with_what_became_of_it(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    cut_first(bench, harbour_plan(sorted(OLD.items())))
    revised(bench, harbour_plan(new_texts()[:5]))  # the sixth is repealed
    other = made_plan(2)
    ctx = bench.context(other)
    run_phases(bench.adapter, ctx, other)
    reverted(bench, ctx.change_set_id)
    draft = made_plan(2, code="draft.law")
    run_phases(bench.adapter, bench.context(draft), draft, until=Phase.WRITE_VERIFY)
    with reading(bench) as reader:
        every = {one.address: one.standing for one in reader.ever()}
        mine = reader.ever(CODE)
        standing = {one.address for one in reader.document(CODE).units}
        with pytest.raises(UnitNotFound, match=r"No unit of draft\.law was ever"):
            reader.ever("draft.law")
    assert {one for one, how in every.items() if how == "text"} == standing
    assert [one.address for one in mine if one.standing == "repealed"] == [f"{CODE}~art_6"]
    assert {one for one, how in every.items() if how == "withdrawn"} == {
        row.canonical_address for row in other.rows
    }
    assert set(every) == {one.address for one in mine} | {r.canonical_address for r in other.rows}


def test_a_base_of_an_earlier_schema_is_one_sentence_with_the_way_out(cluster: Cluster) -> None:
    with (
        released_database(cluster, 1) as old,
        old.connect() as conn,
        pytest.raises(DatabaseUnsuitable, match=r"earlier version.*cutter db upgrade") as refused,
        units_of_one_moment(conn, "old") as reader,
    ):
        reader.documents()
    assert "42P01" not in str(refused.value)


def test_where_no_source_text_is_kept_the_text_that_stands_is_it(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    first, new = harbour_plan(sorted(OLD.items())), harbour_plan(new_texts())
    with (
        read_only(bench.connections) as conn,
        pytest.raises(BadInput, match="nothing of it stands"),
    ):
        source_text(conn, CODE)
    cut_first(bench, first)
    revised(bench, new)
    with read_only(bench.connections) as conn:
        found = source_text(conn, CODE)
    assert text_sha256(found.content.decode()) == new.text_sha256
    assert (found.document_code, found.title) == (CODE, new.document.title)
    assert (found.publication_type, found.owner_ref) == (
        new.document.publication_type,
        new.document.owner_ref,
    )
