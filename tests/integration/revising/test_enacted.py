"""A document as it is read back: in the order of its text, at its versions, after revisions too."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.postgres.connection.session import read_only
from adapters.postgres.units.reader import units_of_one_moment
from adapters.writers.akn import akn_of
from domain.errors import BadInput
from domain.phases import Phase
from domain.revision.dates import Dates
from domain.units.records import DocumentText
from tests.support.exports import schema_faults
from tests.support.live import LiveBench, live_bench
from tests.support.postgres import Database
from tests.support.revising import cut_first, revised
from tests.support.revisions import CODE, OLD, harbour_plan, new_texts

FIRST = harbour_plan(sorted(OLD.items()))


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    return live_bench(database, tmp_path)


def read(bench: LiveBench, code: str = CODE) -> DocumentText:
    with (
        read_only(bench.connections) as conn,
        units_of_one_moment(conn, str(bench.target)) as reader,
    ):
        return reader.document(code)


def texts(document: DocumentText) -> list[tuple[str, str]]:
    return [(unit.address, unit.body) for unit in document.units]


def test_a_draft_is_not_read(bench: LiveBench) -> None:
    with pytest.raises(BadInput, match=r"No units of made\.harbour are in"):
        read(bench)
    ctx = cut_first(bench, FIRST)
    document = read(bench)
    assert texts(document) == [(row.canonical_address, row.body) for row in FIRST.rows]
    assert (document.title, document.owner_ref) == ("Rules of the harbour", "harbour office")
    assert {unit.version.change_set_id for unit in document.units} == {ctx.change_set_id}
    assert document.target == str(bench.target)


def test_a_revision_is_read_in_the_order_of_its_text_and_says_who_wrote_what(
    bench: LiveBench,
) -> None:
    first = cut_first(bench, FIRST)
    new = harbour_plan([new_texts()[0], ("7", "A new one."), *new_texts()[1:5]])
    ctx, plan, _ = revised(bench, new, Dates(date(2027, 1, 1)))
    document = read(bench)
    assert texts(document) == [(row.canonical_address, row.body) for row in new.rows]
    written = {step.address for step in plan.steps}
    for unit in document.units:
        mine = unit.address in written
        assert unit.version.change_set_id == (ctx if mine else first).change_set_id, unit.address
        assert unit.version.in_force_from == (date(2027, 1, 1) if mine else None)
        assert unit.version.enacted_at is not None
    assert f"{CODE}~art_6" not in dict(texts(document))  # it is repealed
    akn = akn_of(document)
    assert schema_faults(akn) == []
    assert 'period="#period-2027-01-01"' in akn
    assert f"urn:uuid:{ctx.change_set_id}" in akn


def test_a_revision_that_is_not_enacted_changes_nothing(bench: LiveBench) -> None:
    cut_first(bench, FIRST)
    before = texts(read(bench))
    revised(bench, harbour_plan(new_texts()), until=Phase.WRITE_VERIFY)
    assert texts(read(bench)) == before
