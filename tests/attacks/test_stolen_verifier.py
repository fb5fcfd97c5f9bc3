"""`cutter_verify`'s password, without its key and with it: nothing unapproved is enacted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import psycopg
import pytest

from domain.change_set import CutContext
from domain.errors import StopInvariantFailed
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, run_phases, scalar
from tests.support.postgres import Connection

Steal = Callable[[Principal], Connection]


def bogus_half(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    """Everything that VERIFY writes, with a signature of zero bytes."""
    key = scalar(thief, "SELECT key_id FROM principal_key WHERE principal = 'cutter_verify'")
    entry = scalar(thief, "SELECT entry_id FROM decision_backlog_entry")
    half = uuid.uuid4()
    units = len(plan.rows)
    result = {
        "change_set_id": str(ctx.change_set_id),
        "expected_units": units,
        "found_units": units,
        "source_sha256": plan.text_sha256,
        "verifier_signature": "AA==",
        "status": "verified_complete",
    }
    thief.execute(
        "INSERT INTO dot_pair_signature VALUES (%s, %s, 'verifier', %s, %s, %s, now())",
        (half, ctx.change_set_id, key, "0" * 64, bytes(64)),
    )
    thief.execute(
        "INSERT INTO verify_result (change_set_id, verdict, expected_units, found_units, "
        "source_sha256, verifier_signature_id) VALUES (%s, 'verified', %s, %s, %s, %s)",
        (ctx.change_set_id, units, units, plan.text_sha256, half),
    )
    thief.execute(
        "UPDATE cut_change_set SET status = 'verified_complete', verifier_signature_id = %s",
        (half,),
    )
    thief.execute("UPDATE decision_backlog_entry SET status = 'verified_complete'")
    thief.execute(
        "INSERT INTO decision_backlog_history (document_code, entry_id, from_status, "
        "to_status, actor, payload_sha256) "
        "VALUES (%s, %s, 'cut_applied', 'verified_complete', 'm', %s)",
        (ctx.document_code, entry, "0" * 64),
    )
    thief.execute(
        "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor) "
        "VALUES (%s, 'write_verify', %s, %s, 'm')",
        (ctx.change_set_id, ctx.plan_digest, json.dumps(result)),
    )


def test_a_bogus_half_is_not_enacted_on(bench: LiveBench, steal: Steal, plan: CutPlan) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
    bogus_half(steal(Principal.VERIFY), ctx, plan)
    with pytest.raises(StopInvariantFailed, match="do not cover what is on record"):
        bench.new_adapter().lifecycle_enact(ctx, plan)
    with bench.database.connect() as admin:
        lifecycles = "SELECT array_agg(DISTINCT lifecycle) FROM information_unit"
        assert scalar(admin, lifecycles) == ["draft"]


def test_it_opens_no_permit_and_writes_no_unit(
    bench: LiveBench, steal: Steal, cut: CutContext
) -> None:
    thief = steal(Principal.VERIFY)
    for call in (
        "SELECT cutter.fn_permit_open(gen_random_uuid(), '{}', '{}')",
        "SELECT public.fn_iu_create('a~b', 't', 'b', 'm', 'article', 'body', 'law', 'o', NULL)",
        "SELECT public.fn_iu_enact('a~b', gen_random_uuid(), 'm')",
        "SELECT public.fn_iu_withdraw(gen_random_uuid(), gen_random_uuid(), 'enacted', NULL, 'm')",
        "SELECT cutter.fn_halt_lift('mallory', 'x')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            thief.execute(call.encode())


def test_confirming_without_a_permit_is_no_permit(
    bench: LiveBench, steal: Steal, cut: CutContext
) -> None:
    thief = steal(Principal.VERIFY)
    for permit in (uuid.uuid4(), scalar(thief, "SELECT permit_id FROM cut_permit")):
        answer = scalar(thief, "SELECT cutter.fn_permit_confirm(%s)", permit)
        used = scalar(thief, "SELECT count(*) FROM cut_permit WHERE permit_id = %s", permit)
        assert answer == ("confirmed" if used else "no such permit is open")
    assert scalar(thief, "SELECT count(*) FROM cut_permit WHERE used_at IS NULL") == 0
