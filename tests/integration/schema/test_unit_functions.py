"""fn_iu_create and fn_iu_enact, called directly: what they refuse, with which status, and that a
refusal writes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.phases import Phase, Principal
from domain.reading.vocabulary import SECTION_TYPES
from tests.support.live import live_bench, row_hashes, run_phases, scalar
from tests.support.permits import released
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database

GOOD: dict[str, str | None] = {
    "canonical_address": "test.law~art_1",
    "title": "Article 1",
    "body": "Text.\n",
    "actor": "operator",
    "unit_kind": "article",
    "section_type": "body",
    "publication_type": "law",
    "owner_ref": "registry",
    "parent_ref": None,
}


@pytest.fixture
def executor(database: Database) -> Iterator[Connection]:
    released(database)
    with database.connect(Principal.EXEC, autocommit=True) as conn:
        yield conn


def create(conn: Connection, **changes: str | None) -> str:
    call = (
        "SELECT status FROM public.fn_iu_create(%(canonical_address)s, %(title)s, %(body)s, "
        "%(actor)s, %(unit_kind)s,"
        " %(section_type)s, %(publication_type)s, %(owner_ref)s, %(parent_ref)s)"
    )
    row = conn.execute(call.encode(), {**GOOD, **changes}).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"canonical_address": ""}, "canonical_address: empty"),
        ({"canonical_address": None}, "canonical_address: empty"),
        ({"title": " "}, "title: empty"),
        ({"title": None}, "title: empty"),
        ({"body": None}, "body: NULL"),
        ({"actor": ""}, "actor: empty"),
        ({"actor": None}, "actor: empty"),
        ({"owner_ref": ""}, "owner_ref: empty"),
        (
            {"section_type": ""},
            "section_type: Multiple, choose: " + ", ".join(sorted(SECTION_TYPES)),
        ),
        (
            {"section_type": None},
            "section_type: Multiple, choose: " + ", ".join(sorted(SECTION_TYPES)),
        ),
        ({"section_type": "verse"}, "section_type: unknown verse"),
        ({"unit_kind": "stanza"}, "unit_kind: unknown stanza"),
        ({"unit_kind": None}, "unit_kind: unknown NULL"),
        ({"publication_type": "novel"}, "publication_type: unknown novel"),
        ({"parent_ref": "test.law~art_1"}, "parent_ref: unknown test.law~art_1"),
    ],
)
def test_a_refusal_is_a_status_and_writes_nothing(
    database: Database, executor: Connection, changes: dict[str, str | None], status: str
) -> None:
    before = row_hashes(database)
    assert create(executor, **changes) == status
    assert row_hashes(database) == before


def test_an_address_is_given_once_and_an_empty_body_is_a_body(executor: Connection) -> None:
    assert create(executor, body="") == "created"
    assert create(executor) == "canonical_address: exists"
    assert (
        create(executor, canonical_address="test.law~art_2", parent_ref="test.law~art_1")
        == "created"
    )
    assert scalar(executor, "SELECT count(*) FROM unit_version") == 2


@pytest.mark.parametrize(
    "address", ["no-step", "test.law~art 1", "test.law~art\n1", "test.law~" + "x" * 250]
)
def test_a_malformed_address_is_refused_by_its_status(
    database: Database, executor: Connection, address: str
) -> None:
    released(database, "no-step", uuid.UUID(int=8))
    assert create(executor, canonical_address=address) == "canonical_address: not an address"
    assert scalar(executor, "SELECT count(*) FROM information_unit") == 0


@pytest.mark.parametrize("code", ["other.law", "test.law.2"])
def test_a_unit_of_a_document_without_a_permit_is_refused(executor: Connection, code: str) -> None:
    status = create(executor, canonical_address=f"{code}~art_1")
    assert status == f"permit: none is open for document {code}"


def test_the_writers_mark_does_not_outlive_the_call(executor: Connection) -> None:
    with executor.transaction():
        create(executor)
        assert scalar(executor, "SELECT current_setting('app.canonical_writer', true)") == ""


def test_one_lock_a_document_however_many_units(executor: Connection) -> None:
    with executor.transaction():
        for n in range(50):
            create(executor, canonical_address=f"test.law~art_{n}")
        held = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert scalar(executor, held) == 1


def test_nothing_is_enacted_before_it_is_verified_nor_twice(
    database: Database, tmp_path: Path
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(2)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
    enact = "SELECT f.status FROM review_decision d, public.fn_iu_enact(%s, d.decision_id, %s) AS f"
    unverified = "review_decision: no verified change set of this decision holds test.law~art_1"
    with database.connect(Principal.EXEC, autocommit=True) as conn:
        before = row_hashes(database)
        assert scalar(conn, enact, "test.law~art_1", "operator") == unverified
        assert (
            scalar(
                conn,
                "SELECT status FROM public.fn_iu_enact('test.law~art_1', gen_random_uuid(), 'x')",
            )
            == unverified
        )
        assert (
            scalar(conn, "SELECT status FROM public.fn_iu_enact('test.law~art_1', NULL, 'x')")
            == unverified
        )
        assert row_hashes(database) == before
        bench.adapter.write_verify(ctx, plan)
        assert scalar(conn, enact, "test.law~art_1", " ") == "actor: empty"
        assert scalar(conn, enact, "test.law~art_9", "operator") == unverified.replace(
            "art_1", "art_9"
        )
        assert scalar(conn, enact, "test.law~art_1", "operator") == "enacted"
        assert scalar(conn, enact, "test.law~art_1", "operator") == "lifecycle: not a draft"
        assert (
            scalar(conn, "SELECT count(*) FROM information_unit WHERE lifecycle = 'enacted'") == 1
        )
