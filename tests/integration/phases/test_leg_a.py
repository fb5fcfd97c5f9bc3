"""Leg A in several statements, one sent while the server works on the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from adapters.postgres.phases import cut
from domain.errors import PhaseStop
from domain.phases import Phase
from tests.support.live import LiveBench, run_phases, scalar
from tests.support.plans import made_plan

UNITS = 20
"""Of a document, whose chapters are units as well."""


@pytest.fixture(autouse=True)
def few_rows_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight statements for the twenty-two units."""
    monkeypatch.setattr(cut, "ROWS_A_STATEMENT", 3)


def test_the_answers_are_in_the_order_of_the_plan_and_a_replay_is_the_same(
    bench: LiveBench,
) -> None:
    plan = made_plan(UNITS)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.REVIEW)
    created = bench.adapter.cut_leg_a(ctx, plan)
    assert [one.canonical_address for one in created] == [
        row.canonical_address for row in plan.rows
    ]
    assert bench.new_adapter().cut_leg_a(ctx, plan) == created  # its digest is what is on record


def test_two_statements_are_on_their_way_and_never_more(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_columns, plain_answers, sent, ahead = cut._columns, cut._answers, [0], list[int]()

    def columns(rows: Sequence[Any]) -> Any:
        sent[0] += 1
        return plain_columns(rows)

    def answers(*asked: Any) -> Iterator[Any]:
        for answered, results in enumerate(plain_answers(*asked)):
            ahead.append(sent[0] - answered)
            yield results

    monkeypatch.setattr(cut, "_columns", columns)
    monkeypatch.setattr(cut, "_answers", answers)
    plan = made_plan(UNITS)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    assert ahead == [2, 2, 2, 2, 2, 2, 2, 1]


@pytest.mark.parametrize("refused", [1, 8, 21])
def test_what_one_statement_refuses_takes_back_those_before_and_after_it(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    plain, plan = cut._columns, made_plan(UNITS)
    address = plan.rows[refused].canonical_address

    def untitled(rows: Sequence[Any]) -> Any:
        columns = plain(rows)
        if address in columns["address"]:
            columns["title"][columns["address"].index(address)] = " "
        return columns

    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.REVIEW)
    with monkeypatch.context() as patch:
        patch.setattr(cut, "_columns", untitled)
        with pytest.raises(PhaseStop, match=f"{address} was refused .*'title: empty'"):
            bench.adapter.cut_leg_a(ctx, plan)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM information_unit") == 0
    assert len(bench.adapter.cut_leg_a(ctx, plan)) == len(plan.rows)
