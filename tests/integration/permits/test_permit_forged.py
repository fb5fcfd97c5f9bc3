"""Round the program: an executor that checks nothing meets the database's trigger, and then the
verifier.
"""

# statements are put together from this file's own words
from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
import pytest

from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.approvers import retire_approver
from adapters.postgres.permits.permit import OPENED, clock, confirm_permit, halt
from domain.approval.approvals import Gate, SignedApproval
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import ApprovalRefused, ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.approvers import Approvers
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.permits import PLAN, opened
from tests.support.plans import made_plan
from tests.support.postgres import Connection
from tests.support.tamper import tamper

JOURNAL = (
    "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor) VALUES "
    ""
    "(%s, %s, %s, '{}', 'x')"
)


@pytest.mark.parametrize("principal", list(Principal))
def test_a_phase_can_not_be_recorded_without_a_permit_whatever_the_program_does(
    bench: LiveBench, ctx: CutContext, principal: Principal
) -> None:
    phase = "write_verify" if principal is Principal.VERIFY else "mark"
    with bench.database.connect(principal, autocommit=True) as conn:
        for digest in (PLAN.plan_digest, "0" * 64):
            with pytest.raises(
                psycopg.Error, match="can not be recorded: it has no permit"
            ) as refused:
                conn.execute(JOURNAL.encode(), (ctx.change_set_id, phase, digest))
            assert refused.value.sqlstate == "IU006"
        bench.context(PLAN)
        with pytest.raises(psycopg.Error, match="its permit is for another plan"):
            conn.execute(JOURNAL.encode(), (ctx.change_set_id, phase, "0" * 64))
        with pytest.raises(psycopg.Error, match="its entry does not stand where it leads to"):
            conn.execute(JOURNAL.encode(), (ctx.change_set_id, phase, PLAN.plan_digest))


def test_without_the_fence_in_the_program_the_database_still_refuses(
    bench: LiveBench, ctx: CutContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.postgres.phases.transactions.fence", lambda *_, **__: True)
    before = row_hashes(bench.database)
    with pytest.raises(
        ProductionExecutionNotAuthorized, match="its permit is missing, revoked, expired or used"
    ) as refused:
        run_phases(bench.adapter, ctx, PLAN)
    assert refused.value.lock == "permit"
    assert row_hashes(bench.database) == before


def around_python(
    bench: LiveBench, ctx: CutContext, payloads: Sequence[bytes], signatures: Sequence[bytes]
) -> CutContext:
    """An executor that opens a permit without judging anything; the run's context."""
    with bench.connections.connect(Principal.EXEC) as conn:
        assert opened(conn, payloads, signatures) == OPENED
    return ctx


def confirmed_without_judging(bench: LiveBench, ctx: CutContext, plan: CutPlan) -> None:
    """The verifier refuses to confirm, and the run to begin; then its login confirms, as a verifier
    would that judges nothing.
    """
    with (
        closing(bench.connections.connect(Principal.VERIFY)) as conn,
        pytest.raises(ApprovalRefused, match="was not approved as it stands"),
    ):
        confirm_permit(conn, ctx, cut_effect(ctx, plan))
    with closing(bench.database.connect(Principal.VERIFY, autocommit=True)) as thief:
        if not scalar(thief, "SELECT bool_or(confirmed_at IS NOT NULL) FROM cut_permit"):
            with pytest.raises(ProductionExecutionNotAuthorized, match="has not confirmed"):
                bench.adapter.pre_write_backup(ctx)
            confirming = "SELECT cutter.fn_permit_confirm(permit_id) FROM cut_permit"
            assert scalar(thief, confirming) == "confirmed"


def refused_by_the_verifier(bench: LiveBench, ctx: CutContext, plan: CutPlan) -> str:
    """The verifier does not confirm the permit, so nothing begins. With it confirmed all the same,
    the run must get as far as VERIFY, stop there, and have nothing enacted; the sentence.
    """
    confirmed_without_judging(bench, ctx, plan)
    with pytest.raises(StopInvariantFailed) as stop:
        run_phases(bench.adapter, ctx, plan)
    assert stop.value.phase is Phase.WRITE_VERIFY
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM verify_result") == 0
        assert scalar(admin, "SELECT array_agg(DISTINCT lifecycle) FROM information_unit") == [
            "draft"
        ]
        assert scalar(admin, "SELECT status FROM decision_backlog_entry") == "cut_applied"
    with pytest.raises(StopInvariantFailed):
        bench.adapter.lifecycle_enact(ctx, plan)
    assert "was not approved as it stands" in str(stop.value)
    return str(stop.value)


def test_forged_signatures_open_a_permit_and_stop_at_the_verifier(
    bench: LiveBench, ctx: CutContext, pair: list[SignedApproval]
) -> None:
    genuine, forger = [signed.signature for signed in pair], Approvers()
    forged = [
        forger.keys[signed.statement.gate].sign(signed.statement).signature for signed in pair
    ]
    around_python(bench, ctx, [signed.payload for signed in pair], [genuine[0], forged[1]])
    assert "the signature of SG_2 does not cover" in refused_by_the_verifier(bench, ctx, PLAN)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"effect_digest": "0" * 64}, "its permit is for another plan or effect"),
        ({"attempt": 2}, "another attempt"),
        ({"units": 99}, "another units"),
    ],
)
def test_a_permit_for_something_else_stops_at_the_verifier_however_well_it_is_signed(
    bench: LiveBench, ctx: CutContext, executor: Connection, changes: dict[str, Any], says: str
) -> None:
    effect = dataclasses.replace(cut_effect(ctx, PLAN), **changes)
    signed = bench.approvers.sign(effect, clock(executor))
    around_python(bench, ctx, [one.payload for one in signed], [one.signature for one in signed])
    said = refused_by_the_verifier(bench, ctx, PLAN)
    assert any(part in said for part in says.split("|")), said


def test_a_permit_for_another_document_opens_no_entry(
    bench: LiveBench, ctx: CutContext, executor: Connection
) -> None:
    effect = dataclasses.replace(cut_effect(ctx, PLAN), document_code="other.law")
    signed = bench.approvers.sign(effect, clock(executor))
    around_python(bench, ctx, [one.payload for one in signed], [one.signature for one in signed])
    confirmed_without_judging(bench, ctx, PLAN)
    with pytest.raises(ProductionExecutionNotAuthorized, match="mark of change set"):
        run_phases(bench.adapter, ctx, PLAN)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM decision_backlog_entry") == 0


def test_statements_that_the_database_reads_otherwise_than_python_stop_at_the_verifier(
    bench: LiveBench, ctx: CutContext, pair: list[SignedApproval]
) -> None:
    """The server's JSON takes the last of two keys; Python takes no such text at all."""
    doubled = pair[1].payload.replace(b'{"approve_by"', b'{"units":1,"approve_by"')
    around_python(bench, ctx, [pair[0].payload, doubled], [signed.signature for signed in pair])
    assert "can not be read" in refused_by_the_verifier(bench, ctx, PLAN)


CHANGED_AFTERWARDS = {
    "the permit was made longer": (
        "UPDATE cut_permit SET execute_by = execute_by + interval '1 hour'",
        "open for longer than was approved",
    ),
    "a signature was changed": (
        (
            "UPDATE cut_approval SET signature = set_byte(signature, 0, get_byte(signature, 0) # "
            "1) WHERE gate = 'SG_1'"
        ),
        "the signature of SG_1 does not cover",
    ),
    "an approval is gone": (
        "DELETE FROM cut_approval WHERE gate = 'SG_2'",
        "needs one approval each",
    ),
}


@pytest.mark.parametrize("how", CHANGED_AFTERWARDS)
def test_what_was_changed_after_the_permit_was_opened_stops_at_the_verifier(
    bench: LiveBench, how: str
) -> None:
    statement, says = CHANGED_AFTERWARDS[how]
    ctx = bench.context(PLAN)
    assert tamper(bench.database, statement) == 1
    assert says in refused_by_the_verifier(bench, ctx, PLAN)


def test_a_key_that_is_retired_during_the_run_was_good_when_it_signed(bench: LiveBench) -> None:
    ctx = bench.context(PLAN)
    run_phases(bench.adapter, ctx, PLAN, until=Phase.MARK)
    with bench.database.connect() as admin:
        assert retire_approver(admin, bench.approvers.keys[Gate.SG_1].key_id)
    assert run_phases(bench.adapter, ctx, PLAN)[Phase.LIFECYCLE_ENACT].lifecycle == "enacted"


def test_after_a_halt_nothing_is_enacted_even_around_the_program(bench: LiveBench) -> None:
    """A rogue executor calls the function itself, without the fence and without recording the
    phase.
    """
    plan = made_plan()
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.WRITE_VERIFY)
    with closing(bench.connections.connect(Principal.EXEC)) as conn:
        halt(conn, "operator", "a test")
        enacted = conn.execute(
            statement("units_enact"), {"change_set_id": ctx.change_set_id, "actor": "x"}
        ).fetchall()
    assert {status for _address, status in enacted} == {"permit: none is open for this change set"}
    with bench.database.connect() as admin:
        assert (
            scalar(admin, "SELECT count(*) FROM information_unit WHERE lifecycle = 'enacted'") == 0
        )


@pytest.mark.parametrize(
    "ended",
    [
        "used_at = now()",
        "revoked_at = now(), revoked_by = 'x', revoke_reason = 'x'",
        "execute_by = opened_at",
        "plan_digest = repeat('0', 64)",
        "kind = 'revert'",
    ],
)
def test_nothing_is_enacted_under_a_permit_that_is_not_open_for_it(
    bench: LiveBench, ended: str
) -> None:
    """What `fn_iu_enact` asks by itself, where the program's own fence is left out."""
    run_phases(bench.adapter, bench.context(PLAN), PLAN, until=Phase.WRITE_VERIFY)
    enact = (
        "SELECT status FROM public.fn_iu_enact(%s, (SELECT decision_id FROM "
        "cutter.cut_change_set), 'x')"
    )
    address = PLAN.rows[0].canonical_address
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        with conn.transaction(force_rollback=True):
            assert scalar(conn, enact, address) == "enacted", "it is the permit that is missing"
        assert tamper(bench.database, f"UPDATE cut_permit SET {ended}") == 1
        assert scalar(conn, enact, address) == "permit: none is open for this change set"
