"""Many units in one call: whatever is asked, the answers and the rows are those of one at a time."""

from __future__ import annotations

import os
import random
import uuid
from typing import Any, Final

import psycopg
import pytest

from domain.phases import Phase, Principal
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS
from tests.support.live import LiveBench, run_phases
from tests.support.permits import released
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database

BATCHES: Final = int(os.environ.get("CUTTER_TEST_BATCHES", "400"))
"""How many batches of each kind are made up; `CUTTER_TEST_BATCHES=100000` for a long look."""
COLUMNS: Final = (
    "address",
    "title",
    "body",
    "unit_kind",
    "section_type",
    "publication",
    "owner",
    "parent",
)
STANDING: Final = "d~art_900"
GONE: Final = "d~art_901"

ONE_BY_ONE: Final = b"""
  SELECT t.address, f.status, f.unit_id IS NULL, f.version_id IS NULL
    FROM unnest(%(address)s::text[], %(title)s::text[], %(body)s::text[], %(unit_kind)s::text[], %(section_type)s::text[],
      %(publication)s::text[], %(owner)s::text[], %(parent)s::text[]) WITH ORDINALITY AS t (address, title, body, k, s, p, o, parent, ord)
    CROSS JOIN LATERAL public.fn_iu_create(t.address, t.title, t.body, %(actor)s, t.k, t.s, t.p, t.o, t.parent) AS f ORDER BY t.ord"""
AS_A_BATCH: Final = b"""
  SELECT f.canonical_address, f.status, f.unit_id IS NULL, f.version_id IS NULL FROM public.fn_iu_create_batch(%(address)s::text[],
    %(title)s::text[], %(body)s::text[], %(actor)s, %(unit_kind)s::text[], %(section_type)s::text[], %(publication)s::text[],
    %(owner)s::text[], %(parent)s::text[]) AS f"""
ROWS: Final = b"""
  SELECT u.canonical_address, u.document_code, u.unit_kind, u.section_type, u.publication_type, u.owner_ref, u.lifecycle, u.created_by,
      u.enacted_at IS NULL, p.canonical_address, v.version_no, v.title, v.body, v.body_sha256, v.actor, v.id = u.current_version_id
    FROM public.information_unit u LEFT JOIN public.information_unit p ON p.id = u.parent_id
    JOIN public.unit_version v ON v.unit_id = u.id ORDER BY 1, 7, v.version_no"""


def made_up(rng: random.Random) -> dict[str, Any]:
    """A batch: in most of them some rows have something that the function for one unit refuses."""
    size, share = rng.randint(0, 6), rng.choice((0.0, 0.05, 0.2))

    def some(good: list[Any], bad: list[Any]) -> Any:
        return rng.choice(bad if rng.random() < share else good)

    batch: dict[str, Any] = {name: [] for name in COLUMNS}
    for at in range(size):
        above = [None, STANDING, *(f"d~art_{n}" for n in range(at))]
        row = (
            some(
                [f"d~art_{at}"], ["d~art_0", "", " ", None, STANDING, GONE, "e~art_0", "d!x~art_0"]
            ),
            some(["T", " T "], ["", " ", None]),
            some(["body", "", "Đ"], [None]),
            some(list(UNIT_KINDS), ["other", "", None]),
            some(list(SECTION_TYPES), ["other", "", None]),
            some(list(PUBLICATION_TYPES), ["other", "", None]),
            some(["o"], ["", None]),
            some(above, [f"d~art_{at + 1}", f"d~art_{at}", "d~none", "e~art_0", GONE, ""]),
        )
        for name, value in zip(COLUMNS, row, strict=True):
            batch[name].append(value)
    if size and rng.random() < share:
        del batch[rng.choice(COLUMNS)][-1]
    elif size and rng.random() < share:
        batch[rng.choice(COLUMNS)] = None
    return batch | {"actor": some(["x"], ["", None])}


def outcome(conn: Connection, query: bytes, asked: dict[str, Any]) -> tuple[Any, object]:
    """What is answered, or the code of the error; and what the tables hold then. Taken back."""
    try:
        with conn.transaction(force_rollback=True):
            return conn.execute(query, asked).fetchall(), conn.execute(ROWS).fetchall()
    except psycopg.Error as error:
        return error.sqlstate, None


@pytest.fixture
def writing(database: Database) -> Connection:
    """Under a permit for one document, in which one unit stands and another was withdrawn."""
    released(database, "d")
    conn = database.connect(autocommit=True)
    for address in (STANDING, GONE):
        words = (address, "T", "b", "x", "article", "body", "law", "o")
        made = conn.execute(
            "SELECT status FROM public.fn_iu_create(%s, %s, %s, %s, %s, %s, %s, %s)", words
        ).fetchone()
        assert made == ("created",)
    with conn.transaction():
        conn.execute("SELECT set_config('app.canonical_writer', 'fn_iu_withdraw', true)")
        conn.execute(
            "UPDATE public.information_unit SET lifecycle = 'withdrawn' WHERE canonical_address = %s",
            (GONE,),
        )
    return conn


def test_a_batch_is_answered_and_written_as_its_rows_one_by_one(writing: Connection) -> None:
    rng = random.Random(19)  # noqa: S311  # repeatable, no secret
    whole = 0
    with writing:
        for _ in range(BATCHES):
            asked = made_up(rng)
            alone = outcome(writing, ONE_BY_ONE, asked)
            assert outcome(writing, AS_A_BATCH, asked) == alone, asked
            whole += bool(asked["address"]) and all(
                status == "created" for _, status, *_ in alone[0] if alone[1]
            )
    assert BATCHES * 0.2 < whole < BATCHES * 0.9, "both ways were taken"


def in_order(size: int, word: str = "art") -> dict[str, Any]:
    """A batch in which each unit is in the one before it, and every one is created."""
    return {
        "address": [f"d~{word}_{at}" for at in range(size)],
        "parent": [None, *(f"d~{word}_{at}" for at in range(size - 1))],
        "title": ["T"] * size,
        "body": ["b"] * size,
        "unit_kind": ["article"] * size,
        "section_type": ["body"] * size,
        "publication": ["law"] * size,
        "owner": ["o"] * size,
        "actor": "x",
    }


def test_the_ids_of_batches_are_random_and_each_another(writing: Connection) -> None:
    made = list[uuid.UUID]()
    ids = AS_A_BATCH.replace(b" IS NULL", b"")
    with writing:
        for word in ("art", "sec"):
            for _, status, *both in writing.execute(ids, in_order(300, word)):
                assert status == "created"
                made += both
        held = b"SELECT count(*) FROM public.unit_version v WHERE v.id = ANY (%s)"
        assert writing.execute(held, (made,)).fetchone() == (600,)
    assert len(set(made)) == 1200
    assert {(one.version, one.variant) for one in made} == {(4, uuid.RFC_4122)}
    # Of the 122 bits of such an id 112 are random here: none of them is the same in all.
    ones, zeros = 0, 0
    for one in made:
        ones, zeros = ones | one.int, zeros | ~one.int
    assert (ones & zeros & (2**128 - 1)).bit_count() == 112


def test_a_batch_that_each_would_be_created_of_is_written_as_a_set(writing: Connection) -> None:
    """Seen by what the server counts: one INSERT into each table, not one for each unit."""
    asked = in_order(50)
    fired = (
        b"SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'fn_canonical_writer_only'"
    )
    with writing, writing.transaction(force_rollback=True):
        writing.execute("SET LOCAL track_functions = 'all'")
        assert {row[1] for row in writing.execute(AS_A_BATCH, asked)} == {"created"}
        assert writing.execute(fired).fetchone() == (2,)


def test_a_batch_looks_up_what_it_asks_of_the_units_that_are_there(
    writing: Connection,
) -> None:
    """Joined to them, each batch of a long document would read all that came before it."""
    read = b"SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'information_unit'"
    batch = in_order(2000, "para")
    batch["parent"] = [f"d~sec_{at}" for at in range(2000)]
    writing.execute(
        "ANALYZE public.information_unit"
    )  # a server that has seen it while it was small
    with writing, writing.transaction(force_rollback=True):
        for asked in (in_order(2000, "sec"), batch):
            before = writing.execute(read).fetchone()
            assert {row[1] for row in writing.execute(AS_A_BATCH, asked)} == {"created"}
        assert writing.execute(read).fetchone() == before


def test_without_a_permit_a_batch_writes_nothing(database: Database) -> None:
    asked = {name: ["d~art_1"] for name in COLUMNS} | {
        "unit_kind": ["article"],
        "section_type": ["body"],
        "publication": ["law"],
        "parent": [None],
        "actor": "x",
    }
    with database.connect() as conn:
        answers = conn.execute(AS_A_BATCH, asked).fetchall()
        assert answers == [("d~art_1", "permit: none is open for document d", True, True)]
        assert conn.execute(ROWS).fetchall() == []


@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO public.information_unit SELECT u.* FROM public.information_unit u",
        "INSERT INTO public.information_unit SELECT u.* FROM public.information_unit u ON CONFLICT (id) DO UPDATE SET owner_ref = 'y'",
        "UPDATE public.information_unit SET owner_ref = 'y'",
        "UPDATE public.unit_version SET title = 'y'",
        "MERGE INTO public.unit_version v USING (SELECT 1) x ON true WHEN MATCHED THEN UPDATE SET title = 'y'",
        "COPY public.unit_lineage FROM STDIN",
        "WITH a AS (UPDATE public.unit_version SET title = 'y' RETURNING 1) SELECT count(*) FROM a",
        "INSERT INTO public.unit_lineage SELECT v.id, v.id FROM public.unit_version v WHERE false",
    ],
)
def test_nobody_writes_units_beside_the_canonical_writers(writing: Connection, write: str) -> None:
    with writing, pytest.raises(psycopg.Error) as refused:
        send(writing, write)
    assert refused.value.sqlstate == "IU001"


def send(conn: Connection, write: str) -> None:
    """Have the server do it, with a row for COPY."""
    if not write.startswith("COPY"):
        conn.execute(write.encode())
        return
    with conn.cursor() as cursor, cursor.copy(write.encode()) as copy:
        copy.write_row((uuid.uuid4(), uuid.uuid4()))


ENACT_ONE: Final = b"""
  SELECT a.address, f.status FROM unnest(%(addresses)s::text[]) WITH ORDINALITY AS a (address, ord)
    CROSS JOIN LATERAL public.fn_iu_enact(a.address, %(decision)s, %(actor)s) AS f ORDER BY a.ord"""
ENACT_ALL: Final = (
    b"SELECT * FROM public.fn_iu_enact_batch(%(addresses)s::text[], %(decision)s, %(actor)s)"
)


def after(
    conn: Connection, early: list[str], query: bytes, asked: dict[str, Any]
) -> tuple[Any, object]:
    """The outcome where some units were enacted before. All is taken back."""
    with conn.transaction(force_rollback=True):
        conn.execute(ENACT_ONE, asked | {"addresses": early, "actor": "x"})
        return outcome(conn, query, asked)


def test_units_are_enacted_together_as_one_by_one(bench: LiveBench) -> None:
    plan = made_plan(6)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.WRITE_VERIFY)
    every = [row.canonical_address for row in plan.rows]
    rng, whole = random.Random(19), 0  # noqa: S311  # repeatable, no secret
    with bench.connections.connect(Principal.EXEC) as conn:
        decision = conn.execute("SELECT decision_id FROM cutter.cut_change_set").fetchone()
        assert decision is not None
        for _ in range(BATCHES // 4):
            addresses: list[str | None] = rng.sample(every, rng.randint(0, len(every)))
            if rng.random() < 0.4 and addresses:
                at = rng.randrange(len(addresses))
                addresses[at] = rng.choice([None, "", "test.law~none", addresses[0]])
            asked = {
                "addresses": addresses,
                "decision": decision[0] if rng.random() < 0.9 else uuid.uuid4(),
                "actor": "x" if rng.random() < 0.9 else " ",
            }
            early = rng.sample(every, rng.choice([0, 0, 1]))

            alone, together = (after(conn, early, query, asked) for query in (ENACT_ONE, ENACT_ALL))
            assert together == alone, (asked, early)
            whole += bool(addresses) and all(status == "enacted" for _, status in alone[0])
    assert BATCHES / 4 * 0.1 < whole < BATCHES / 4 * 0.9, "both ways were taken"
