"""Doubts that nobody signed stop a run at the gate, and at the verifier who judges for himself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.postgres.permits.permit import clock
from domain.approval.request import cut_effect
from domain.errors import ApprovalRefused, ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from domain.reading.doubts import Doubt
from tasks.gates import open_or_find_permit
from tests.support.live import LiveBench, row_hashes, run_phases
from tests.support.permits import permits
from tests.support.plans import made_plan
from tests.support.postgres import Connection

HOLE = Doubt("number-holes", 4, "Article 4 follows Article 2; numbers in between are missing.")
PLAIN = made_plan(6)
DOUBTFUL = replace(PLAIN, doubts=(HOLE,))


def test_approvals_that_do_not_name_the_doubts_open_nothing(
    bench: LiveBench, executor: Connection, tmp_path: Path
) -> None:
    ctx = bench.context(DOUBTFUL, approved=False)
    before = row_hashes(bench.database)
    for signed, wanted in ((PLAIN, DOUBTFUL), (DOUBTFUL, PLAIN)):
        pair = bench.approvers.sign(cut_effect(ctx, signed), clock(executor))
        with pytest.raises(ApprovalRefused, match="approves another doubts"):
            open_or_find_permit(
                bench.connections, ctx, cut_effect(ctx, wanted), pair, tmp_path / "used"
            )
    assert permits(bench.database) == []
    assert row_hashes(bench.database) == before
    pair = bench.approvers.sign(cut_effect(ctx, DOUBTFUL), clock(executor))
    opened = open_or_find_permit(
        bench.connections, ctx, cut_effect(ctx, DOUBTFUL), pair, tmp_path / "used"
    )
    assert opened.approved_effect_digest == cut_effect(ctx, DOUBTFUL).effect_digest


def test_a_permit_that_is_open_already_serves_no_plan_with_other_doubts(
    bench: LiveBench, tmp_path: Path
) -> None:
    ctx = bench.context(PLAIN)
    open_or_find_permit(bench.connections, ctx, cut_effect(ctx, PLAIN), (), tmp_path / "used")
    with pytest.raises(ApprovalRefused, match=r"names other doubts: none, .* number-holes"):
        open_or_find_permit(
            bench.connections, ctx, cut_effect(ctx, DOUBTFUL), (), tmp_path / "used"
        )


def test_the_verifier_finds_doubts_that_were_not_signed(bench: LiveBench) -> None:
    ctx = bench.context(PLAIN)
    run_phases(bench.adapter, ctx, PLAIN, until=Phase.LEG_B_RECORD)
    with pytest.raises(
        (StopInvariantFailed, ProductionExecutionNotAuthorized), match="approves another doubts"
    ):
        bench.adapter.write_verify(ctx, DOUBTFUL)
    assert bench.new_adapter().write_verify(ctx, PLAIN).status == "verified_complete"


def test_the_verifier_finds_doubts_that_the_plan_should_have(bench: LiveBench) -> None:
    def swallowing(body: str) -> CutPlan:
        return made_plan(1, body=body)

    plan = swallowing("The text of article {n}, as printed.\n" + "More of it. " * 900)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
    with pytest.raises(StopInvariantFailed, match="its plan leaves out that line"):
        bench.adapter.write_verify(ctx, plan)


def test_a_cut_whose_doubts_were_signed_is_verified_and_enacted(bench: LiveBench) -> None:
    ctx = bench.context(DOUBTFUL)
    run_phases(bench.adapter, ctx, DOUBTFUL)
