"""The effect digest: dry run, rehearsal and live run of a plan have the same, and whatever differs
in the tables changes it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.ledger.effect import effect_digest
from adapters.simulator import Simulator
from domain.change_set import CutContext
from domain.digests import text_sha256
from domain.errors import StopInvariantFailed
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument, check_plan
from domain.plan.effect import planned_effect
from domain.plan.shape import shape_doubts
from domain.ports import PhaseExecutor
from domain.reading.vocabulary import SECTION_TYPES, UNIT_KINDS
from domain.switch import SwitchState
from tests.support.live import LiveBench, live_bench, run_phases, scalar
from tests.support.plans import context, made_plan
from tests.support.postgres import Cluster, fresh_database
from tests.support.rehearsals import rehearsal_context, rehearsed, rehearsing

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
TITLE = TEXT.filter(lambda title: bool(title.strip()))


@st.composite
def plans(draw: st.DrawFn) -> CutPlan:
    """Any lossless plan: titles and texts of any script, parents anywhere before, gaps anywhere."""
    code = "any." + draw(st.text("abcdefgh0123456789", min_size=6, max_size=12))
    rows: list[CutplanRow] = []
    gaps: list[Gap] = []
    text = ""
    for seq in range(1, draw(st.integers(1, 7)) + 1):
        if gap := draw(TEXT):
            gaps.append(Gap(len(text), len(text) + len(gap), gap))
            text += gap
        body = draw(TEXT.filter(bool))
        parents = [None, *(row.canonical_address for row in rows)]
        rows.append(
            CutplanRow(
                seq=seq,
                canonical_address=f"{code}~art_{seq}",
                title=draw(TITLE),
                body=body,
                unit_kind=draw(st.sampled_from(sorted(UNIT_KINDS))),
                section_type=draw(st.sampled_from(SECTION_TYPES)),
                publication_type="law",
                owner_ref=draw(TITLE.filter(lambda owner: bool(owner.strip(" ")))),
                parent_ref=draw(st.sampled_from(parents)),
                label="",
                level="basic",
                start=len(text),
                end=len(text) + len(body),
            )
        )
        text += body
    document = TargetDocument(code)
    plan = CutPlan(
        document,
        "any.txt",
        "made",
        "en",
        "basic",
        text_sha256(text),
        len(text),
        tuple(rows),
        tuple(gaps),
    )
    doubts = tuple(shape_doubts(plan.rows, plan.gaps, plan.text_chars, plan.account))
    plan = dataclasses.replace(plan, doubts=doubts)
    check_plan(plan)
    return plan


def live_digest(bench: LiveBench, plan: CutPlan) -> str:
    bench.switch.state = SwitchState.LIVE
    return str(
        run_phases(bench.adapter, bench.context(plan), plan)[Phase.LIFECYCLE_ENACT].effect_digest
    )


def three_digests(bench: LiveBench, plan: CutPlan) -> dict[str, str]:
    """The effect digest as the simulator, a rehearsal and a live run answer it."""
    dry = run_phases(Simulator(), context(plan), plan)[Phase.LIFECYCLE_ENACT].effect_digest
    rehearsal = rehearsed(bench, plan)[0][Phase.LIFECYCLE_ENACT].effect_digest
    return {"dry run": dry, "rehearsal": rehearsal, "live": live_digest(bench, plan)}


def test_dry_run_rehearsal_and_live_have_the_same_effect(bench: LiveBench) -> None:
    plan = made_plan(25)
    assert set(three_digests(bench, plan).values()) == {planned_effect(plan)}


def _many(cluster: Cluster, folder: Path, examples: int) -> None:
    with fresh_database(cluster) as database:
        bench = live_bench(database, folder)
        seen: set[str] = set()

        @settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(plan=plans())
        def all_three(plan: CutPlan) -> None:
            if plan.document_code in seen:
                return  # this database holds that document already
            seen.add(plan.document_code)
            assert set(three_digests(bench, plan).values()) == {planned_effect(plan)}

        all_three()


@pytest.mark.slow
def test_the_same_effect_for_any_plan(cluster: Cluster, tmp_path: Path) -> None:
    _many(cluster, tmp_path, 12)


@pytest.mark.slow
def test_the_same_effect_for_very_many_plans(cluster: Cluster, tmp_path: Path) -> None:
    _many(cluster, tmp_path, 150)


EVERYTHING = (
    "UPDATE public.unit_version SET title = 'Another' WHERE body LIKE '%article 1,%'",
    "UPDATE public.unit_version SET body = 'Another' WHERE body LIKE '%article 1,%'",
    (
        "UPDATE public.information_unit SET canonical_address = 'test.law~art_1bis' WHERE "
        "canonical_address = 'test.law~art_1'"
    ),
    (
        "UPDATE public.information_unit SET unit_kind = 'rule' WHERE canonical_address = "
        "'test.law~art_1'"
    ),
    (
        "UPDATE public.information_unit SET section_type = 'annex' WHERE canonical_address = "
        "'test.law~art_1'"
    ),
    (
        "UPDATE public.information_unit SET publication_type = 'code' WHERE canonical_address = "
        "'test.law~art_1'"
    ),
    (
        "UPDATE public.information_unit SET owner_ref = 'other' WHERE canonical_address = "
        "'test.law~art_1'"
    ),
    (
        "UPDATE public.information_unit SET parent_id = NULL WHERE canonical_address = "
        "'test.law~art_1'"
    ),
    (
        "UPDATE public.information_unit SET lifecycle = 'draft' WHERE canonical_address = "
        "'test.law~art_1'"
    ),
    "UPDATE cutter.decision_backlog_entry SET status = 'verified_complete'",
    "DELETE FROM cutter.decision_backlog_history WHERE to_status = 'enacted'",
    "UPDATE cutter.decision_backlog_dependency SET reference = 'x'",
    "UPDATE cutter.sweep_log SET gaps = 9",
    "UPDATE cutter.manifest_envelope SET gap_blocks = 9",
    "UPDATE cutter.manifest_unit_block SET gap_text = 'Another' WHERE gap_text IS NOT NULL",
    "UPDATE cutter.manifest_unit_block SET end_char = end_char + 1 WHERE seq = 2",
    "UPDATE cutter.review_decision SET verdict = 'rejected'",
    (
        "UPDATE cutter.dot_pair_signature SET change_set_id = gen_random_uuid() WHERE half = "
        "'verifier'"
    ),
    "UPDATE cutter.cut_change_set SET unit_count = 9",
    "DELETE FROM cutter.cut_change_set_affected_row WHERE seq = 3",
    "UPDATE cutter.verify_result SET source_sha256 = repeat('0', 64)",
    "DELETE FROM cutter.cut_phase_journal WHERE phase = 'review'",
)
IMMATERIAL = (
    (
        "UPDATE public.information_unit SET enacted_at = now() + interval '1 day', created_by = "
        "'somebody'"
    ),
    (
        "UPDATE cutter.decision_backlog_entry SET title = 'Another', opened_by = 'somebody', "
        "opened_at = now()"
    ),
    "UPDATE cutter.sweep_log SET source_name = 'another.txt'",
)


def _digest_after(bench: LiveBench, ctx: CutContext, change: str) -> str:
    """What the server computes after a change that the guards would refuse; rolled back."""
    with bench.database.connect() as admin, admin.transaction(force_rollback=True):
        admin.execute("SET LOCAL session_replication_role = replica")  # no guard, no foreign key
        changed = admin.execute(change.encode())
        assert changed.rowcount, change
        return effect_digest(admin, ctx.change_set_id)


def test_every_difference_in_the_tables_is_another_effect(bench: LiveBench) -> None:
    plan = made_plan(3)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan)
    seen = [_digest_after(bench, ctx, change) for change in EVERYTHING]
    right = planned_effect(plan)
    assert [
        change for change, digest in zip(EVERYTHING, seen, strict=True) if digest == right
    ] == []
    assert len(set(seen)) == len(EVERYTHING)
    assert {_digest_after(bench, ctx, change) for change in IMMATERIAL} == {right}


@pytest.mark.parametrize("how", ["dry run", "rehearsal", "live"])
def test_another_effect_than_the_approved_one_is_not_committed(bench: LiveBench, how: str) -> None:
    plan = made_plan(3)
    if how == "rehearsal":
        with rehearsing(bench) as (adapter, _):
            ctx = dataclasses.replace(
                rehearsal_context(bench, plan), approved_effect_digest="0" * 64
            )
            with pytest.raises(
                StopInvariantFailed, match="000000000000 was approved; no unit was enacted"
            ):
                run_phases(adapter, ctx, plan)
        return
    executor: PhaseExecutor[Any] = Simulator() if how == "dry run" else bench.adapter
    ctx = dataclasses.replace(
        context(plan) if how == "dry run" else bench.context(plan), approved_effect_digest="0" * 64
    )
    with pytest.raises(StopInvariantFailed, match="000000000000 was approved; no unit was enacted"):
        run_phases(executor, ctx, plan)
    if how == "live":
        with bench.database.connect() as admin:
            assert (
                scalar(
                    admin, "SELECT count(*) FROM public.information_unit WHERE lifecycle <> 'draft'"
                )
                == 0
            )
    approved = dataclasses.replace(ctx, approved_effect_digest=planned_effect(plan))
    assert run_phases(executor, approved, plan)[Phase.LIFECYCLE_ENACT].enacted == len(plan.rows)
