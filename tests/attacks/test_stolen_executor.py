"""`cutter_exec`'s password alone, without any approver's key: nothing becomes or stops being law."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable

import psycopg
import pytest

from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.permit import OPENED, clock
from domain.approval.request import cut_effect, revert_effect
from domain.change_set import CutContext
from domain.errors import ProductionExecutionNotAuthorized
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import revert_context
from tests.support.live import LiveBench, answers_of, row_hashes, run_phases, scalar
from tests.support.permits import opened
from tests.support.plans import made_plan
from tests.support.postgres import Connection
from tests.support.reverts import revert_plan
from tests.support.revising import (
    bodies,
    cut_first,
    revision_adapter,
    revision_context,
    revision_plan,
    what_stands,
)
from tests.support.revisions import CODE, FIRST, harbour_plan, new_texts

Steal = Callable[[Principal], Connection]
UNITS = ("public.information_unit", "public.unit_version")


def units(bench: LiveBench) -> list[tuple[int, str]]:
    """Row hashes of the units."""
    return [row_hashes(bench.database)[table] for table in UNITS]


def forged(bench: LiveBench, thief: Connection, ctx: CutContext, plan: CutPlan) -> str:
    """Open a permit with two signatures of zero bytes."""
    signed = bench.approvers.sign(cut_effect(ctx, plan), clock(thief), submitter=ctx.actor)
    return opened(thief, [one.payload for one in signed])


def test_a_forged_permit_writes_nothing_for_the_verifier_has_not_confirmed_it(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    ctx, thief = bench.context(plan, approved=False), steal(Principal.EXEC)
    assert forged(bench, thief, ctx, plan) == OPENED
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute("SELECT cutter.fn_permit_confirm(permit_id) FROM cut_permit")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute("UPDATE cut_permit SET confirmed_at = now()")
    with pytest.raises(psycopg.Error) as refused:
        thief.execute(
            "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
            "plan_digest, attempt, opened_by) VALUES (%s, %s, %s, %s, 1, 'mallory')",
            (uuid.uuid4(), ctx.change_set_id, ctx.document_code, ctx.plan_digest),
        )
    assert refused.value.sqlstate == "IU006"
    with pytest.raises(psycopg.Error) as refused:
        thief.execute(
            "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor) "
            "VALUES (%s, 'cut_leg_a', %s, '{}', 'mallory')",
            (ctx.change_set_id, ctx.plan_digest),
        )
    assert refused.value.sqlstate == "IU006"
    with pytest.raises(ProductionExecutionNotAuthorized, match="has not confirmed its permit"):
        bench.adapter.pre_write_backup(ctx)
    assert [count for count, _ in units(bench)] == [0, 0]


def test_no_draft_can_be_planted(bench: LiveBench, steal: Steal, cut: CutContext) -> None:
    before, thief = units(bench), steal(Principal.EXEC)
    parent = scalar(thief, "SELECT min(canonical_address) FROM information_unit")
    for address, above in (
        (f"{cut.document_code}~zzz", None),
        ("other.law~x", parent),
        (f"{cut.document_code}~\u0430rt_1", None),
        (f"{cut.document_code}~art_1\u200b", None),
    ):
        status = scalar(
            thief,
            "SELECT status FROM public.fn_iu_create(%s, 't', 'b', 'm', 'article', 'body', 'law', "
            "'o', %s)",
            address,
            above,
        )
        assert status.startswith(("permit: none is open", "canonical_address: not an address"))
    assert units(bench) == before


def test_an_enacted_law_can_not_be_withdrawn(
    bench: LiveBench, steal: Steal, cut: CutContext
) -> None:
    """A forged permit of a revert, then entry, manifest and decision, and `fn_iu_withdraw`."""
    before, thief = units(bench), steal(Principal.EXEC)
    plan = revert_plan(bench, cut.change_set_id)
    ctx = revert_context(plan, cut.mode, bench.target, "mallory")
    signed = bench.approvers.sign(revert_effect(ctx, plan), clock(thief), submitter="mallory")
    assert opened(thief, [one.payload for one in signed]) == OPENED
    with pytest.raises(psycopg.Error) as refused:
        thief.execute(
            "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
            "plan_digest, attempt, kind, opened_by) VALUES (%s, %s, %s, %s, 1, 'revert', 'm')",
            (uuid.uuid4(), ctx.change_set_id, cut.document_code, ctx.plan_digest),
        )
    assert refused.value.sqlstate == "IU006"
    decision = scalar(thief, "SELECT decision_id FROM review_decision")
    answers = thief.execute(
        "SELECT public.fn_iu_withdraw(id, current_version_id, lifecycle, %s, 'mallory') "
        "FROM information_unit",
        (decision,),
    ).fetchall()
    assert answers
    assert all(status.startswith("review_decision: no reviewed revert") for (status,) in answers)
    assert units(bench) == before


def test_after_a_halt_the_same_login_neither_lifts_it_nor_enacts(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.WRITE_VERIFY)
    steal(Principal.VERIFY).execute("SELECT cutter.fn_halt('operator', 'wrong annex')")
    thief = steal(Principal.EXEC)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute("SELECT cutter.fn_halt_lift('mallory', 'x')")
    assert "everything is halted" in forged(bench, thief, ctx, plan)
    enact = {"change_set_id": ctx.change_set_id, "actor": "mallory"}
    answers = thief.execute(statement("units_enact"), enact).fetchall()
    assert {status for _, status in answers} == {"permit: none is open for this change set"}
    bench.lift()
    assert forged(bench, thief, ctx, plan) == OPENED
    answers = thief.execute(statement("units_enact"), enact).fetchall()
    assert {status for _, status in answers} == {"permit: none is open for this change set"}
    with bench.database.connect() as admin:
        lifecycles = "SELECT array_agg(DISTINCT lifecycle) FROM information_unit"
        assert scalar(admin, lifecycles) == ["draft"]


def test_history_takes_no_step_that_was_not_taken(
    bench: LiveBench, steal: Steal, cut: CutContext
) -> None:
    thief = steal(Principal.EXEC)
    entry = scalar(thief, "SELECT entry_id FROM decision_backlog_entry")
    before = row_hashes(bench.database)["cutter.decision_backlog_history"]
    for came_from in ("marked", None, "verified_complete", "enacted"):
        with pytest.raises(psycopg.Error) as refused:
            thief.execute(
                "INSERT INTO decision_backlog_history (document_code, entry_id, from_status, "
                "to_status, actor, payload_sha256) VALUES (%s, %s, %s, 'enacted', 'm', %s)",
                (cut.document_code, entry, came_from, "0" * 64),
            )
        assert refused.value.sqlstate == "IU003"
    assert row_hashes(bench.database)["cutter.decision_backlog_history"] == before


def test_what_it_plants_does_not_keep_the_honest_run_away(bench: LiveBench, steal: Steal) -> None:
    """A forged permit stands in the way of the genuine one until a halt takes it back."""
    plan = made_plan(2)
    ctx, thief = bench.context(plan, approved=False), steal(Principal.EXEC)
    fake = dataclasses.replace(ctx, change_set_id=uuid.uuid4())
    assert forged(bench, thief, fake, plan) == OPENED
    assert forged(bench, thief, ctx, plan) == OPENED
    steal(Principal.VERIFY).execute("SELECT cutter.fn_halt('operator', 'a forged permit')")
    bench.lift()
    honest = bench.context(plan)
    assert run_phases(bench.adapter, honest, plan)[Phase.LIFECYCLE_ENACT].lifecycle == "enacted"


def test_with_the_executors_key_too_it_can_not_verify_itself(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    """Password and signing key of the executor: its own half is genuine, the other is missing."""
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
    thief = steal(Principal.EXEC)
    change = "UPDATE cut_change_set SET status = 'verified_complete'"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute(change)
    summary = json.dumps({"verdict": "verified"})
    with pytest.raises(psycopg.Error) as refused:
        thief.execute(
            "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor) "
            "VALUES (%s, 'write_verify', %s, %s, 'mallory')",
            (ctx.change_set_id, ctx.plan_digest, summary),
        )
    assert refused.value.sqlstate == "IU004"
    answers = thief.execute(
        statement("units_enact"), {"change_set_id": ctx.change_set_id, "actor": "mallory"}
    ).fetchall()
    assert {status.split(":")[0] for _, status in answers} == {"review_decision"}


def test_a_draft_that_is_planted_under_a_genuine_permit_moves_no_base(
    bench: LiveBench, steal: Steal
) -> None:
    """While a revision runs, its permit lets the executor's login write drafts of the document; one
    that is in no manifest stands nowhere, and the revision goes through.
    """
    cut_first(bench, harbour_plan(FIRST))
    plan = revision_plan(bench, harbour_plan(new_texts()))
    ctx = revision_context(bench, plan)
    thief, stood = steal(Principal.EXEC), what_stands(bench, CODE)
    for function, day in (("fn_iu_create", ""), ("fn_iu_add", ", NULL")):
        planted = f"{CODE}~art_{90 + len(day)}"
        status = scalar(
            thief,
            f"SELECT status FROM {function}(%s, 't', 'b', 'm', 'article', 'body', 'law', 'o',"
            f" NULL{day})",
            planted,
        )
        assert status == "created"
    assert what_stands(bench, CODE) == stood
    answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    stands = what_stands(bench, CODE)
    assert bodies(stands) == [(row.canonical_address, row.body) for row in plan.rows]
