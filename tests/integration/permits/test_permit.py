"""The permit and its fence, judged by the database itself: also where a program goes round its own
checks.
"""

# statements are put together from this file's own words
from __future__ import annotations

import dataclasses
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel

from adapters.postgres.permits.approvers import register_approver, retire_approver
from adapters.postgres.permits.permit import (
    OPENED,
    clock,
    confirm_permit,
    fence,
    find_permit,
    halt,
    open_permit,
)
from adapters.postgres.phases.transactions import LiveTransactions
from domain.approval.approvals import Effect, Gate, SignedApproval
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import ApprovalRefused, BadInput, ProductionExecutionNotAuthorized
from domain.phases import Phase, Principal
from tasks.gates import open_or_find_permit
from tests.support.approvers import new_signer
from tests.support.live import LiveBench, row_hashes, run_phases, scalar, until_waiting
from tests.support.permits import PLAN, edited, opened, permits
from tests.support.plans import made_plan
from tests.support.postgres import Connection
from tests.support.tamper import guards_off


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- opening
# -------------------------------------------------------------------------------------------------


def test_two_approvals_open_one_permit_and_are_kept_byte_for_byte(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    permit = open_permit(executor, pair, cut_effect(ctx, PLAN), "operator")
    assert permit.change_set_id == ctx.change_set_id
    assert permit.execute_by == min(signed.statement.execute_by for signed in pair)
    assert (permit.used_at, permit.expired) == (None, False)
    with bench.database.connect() as admin:
        kept = admin.execute(
            "SELECT payload, key_id, signature, gate, person, nonce FROM cut_approval ORDER BY gate"
        ).fetchall()
    assert [SignedApproval(*row[:3]) for row in kept] == pair
    assert [row[3:] for row in kept] == [
        (signed.statement.gate, signed.statement.approver, signed.statement.nonce)
        for signed in pair
    ]


def test_the_database_would_open_the_same_pair_in_either_order(
    executor: Connection, pair: list[SignedApproval]
) -> None:
    assert opened(executor, [approval.payload for approval in reversed(pair)]) == OPENED


BOTH_CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "another database": ({"target": "elsewhere:1@2"}, "for another database"),
    "a submitter who approves": ({"submitter": "Ann"}, "who submits a run can not approve it"),
    "a submitter in another spelling": (
        {"submitter": " bEN "},
        "who submits a run can not approve it",
    ),
    "an unknown kind": ({"kind": "feast"}, "the gates are not the two"),
    "a revert with the gates of a cut": ({"kind": "revert"}, "the gates are not the two"),
    "no target": ({"target": None}, "not for the same run"),
    "no submitter": ({"submitter": None}, "not for the same run"),
    "no end": ({"execute_by": None}, "is not complete"),
}


@pytest.mark.parametrize("what", BOTH_CHANGED)
def test_the_database_refuses_by_itself_what_both_approvals_say(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], what: str
) -> None:
    changes, says = BOTH_CHANGED[what]
    assert says in opened(executor, edited(pair, **changes))
    assert permits(bench.database) == []


SOON = 6 / 3600
"""In hours: when a permit runs out that a phase must have begun under, on a busy machine too."""
ONE_CHANGED = {
    "change_set_id": (str(uuid.UUID(int=8)), "not for the same run"),
    "document_code": ("other.law", "not for the same run"),
    "plan_digest": ("c" * 64, "not for the same run"),
    "effect_digest": ("c" * 64, "not for the same run"),
    "target": ("elsewhere:1@2", "not for the same run"),
    "attempt": (2, "not for the same run"),
    "submitter": ("somebody", "not for the same run"),
    "kind": ("revert", "gates are not the two|not for the same run"),
    "gate": ("SG_3", "gates are not the two"),
    "key_id": ("0" * 64, "is not registered for this gate"),
    "approver": ("Carl", "is not registered for this gate"),
    "approve_by": ("2020-01-01T00:00:00Z", "has expired"),
    "execute_by": ("2020-01-01T00:00:00Z", "has expired"),
    "nonce": (None, "is not complete"),
}


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("field", ONE_CHANGED)
def test_the_database_refuses_by_itself_what_one_approval_says(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], field: str, number: int
) -> None:
    value, says = ONE_CHANGED[field]
    answer = opened(executor, edited(pair, number, **{field: value}))
    assert any(part in answer for part in says.split("|")), answer
    assert permits(bench.database) == []


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("until", ["infinity", "in nine days"])
def test_the_database_refuses_an_approval_that_is_valid_for_too_long(
    executor: Connection, pair: list[SignedApproval], until: str, number: int
) -> None:
    end = until if until == "infinity" else text(clock(executor) + timedelta(days=9))
    assert "valid for too long" in opened(executor, edited(pair, number, execute_by=end))


def test_the_database_refuses_one_or_three_or_none(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval]
) -> None:
    one, other = (approval.payload for approval in pair)
    for wrong in ([], [one], [one, other, one]):
        assert "two approvals are needed" in opened(executor, wrong)
    assert "two approvals are needed" in opened(executor, [one, other], [bytes(64)])
    assert "the gates" in opened(executor, [one, None])
    for broken in ([one, b"{"], [one, b"\xff"], [one, b""]):
        with pytest.raises(psycopg.Error):
            opened(executor, broken)
    with pytest.raises(psycopg.errors.CheckViolation):
        opened(executor, [one, other], [bytes(64), bytes(63)])
    assert permits(bench.database) == []


def test_the_database_refuses_the_same_person_in_another_spelling_and_the_same_key_and_nonce(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval]
) -> None:
    second = new_signer()
    with bench.database.connect() as admin:
        register_approver(
            admin, "ANN", second.public_key, (Gate.SG_2,), timedelta(days=1), "administrator"
        )
    for spelling in ("ANN", "ann", " Ann\u00a0", "Ａｎｎ"):
        changed = edited(pair, 1, approver=spelling, key_id=second.key_id)
        assert "two different people" in opened(executor, changed), spelling
    nonce = pair[0].statement.nonce
    assert "was used before" in opened(executor, edited(pair, 1, nonce=nonce))
    both = new_signer()
    with bench.database.connect() as admin:
        register_approver(
            admin,
            "Carl",
            both.public_key,
            (Gate.SG_1, Gate.SG_2),
            timedelta(days=1),
            "administrator",
        )
    assert "two different people" in opened(
        executor, edited(pair, key_id=both.key_id, approver="Carl")
    )
    assert permits(bench.database) == []


def test_the_database_asks_when_a_key_counts(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval]
) -> None:
    key_id = bench.approvers.keys[Gate.SG_2].key_id
    payloads = [approval.payload for approval in pair]
    for when in (
        "valid_from = now() + interval '1 hour', valid_until = now() + interval '2 hours'",
        "valid_from = now() - interval '2 hours', valid_until = now() - interval '1 second'",
    ):
        with guards_off(bench.database) as admin:
            admin.execute(f"UPDATE approver_key SET {when} WHERE key_id = %s".encode(), (key_id,))
        assert "not registered for this gate, or not any more" in opened(executor, payloads)
        with pytest.raises(ApprovalRefused, match="does not count any more, or not yet"):
            open_permit(executor, pair, pair[0].statement.effect, "operator")
    with guards_off(bench.database) as admin:
        admin.execute(
            "UPDATE approver_key SET valid_from = now() - interval '1 day', valid_until = "
            "now() + interval '1 day'"
        )
    with bench.database.connect() as admin:
        assert retire_approver(admin, key_id)
        assert not retire_approver(admin, key_id), "once"
    assert "not registered for this gate, or not any more" in opened(executor, payloads)
    with pytest.raises(ApprovalRefused, match="does not count any more"):
        open_permit(executor, pair, pair[0].statement.effect, "operator")


def test_python_refuses_what_the_database_can_not_see(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    effect = cut_effect(ctx, PLAN)
    forged = [pair[0], dataclasses.replace(pair[1], signature=bytes(64))]
    with pytest.raises(ApprovalRefused, match="does not cover"):
        open_permit(executor, forged, effect, "operator")
    with pytest.raises(ApprovalRefused, match="another effect digest"):
        open_permit(executor, pair, dataclasses.replace(effect, effect_digest="0" * 64), "operator")
    with pytest.raises(ApprovalRefused, match="started by somebody"):
        open_permit(executor, pair, effect, "somebody")
    assert permits(bench.database) == []


def test_a_key_is_on_record_once_and_for_one_person(bench: LiveBench) -> None:
    key = bench.approvers.keys[Gate.SG_2].public_key
    with bench.database.connect() as admin:
        again = register_approver(
            admin, "ben", key, (Gate.SG_2,), timedelta(days=1), "administrator"
        )
        assert again == bench.approvers.keys[Gate.SG_2].key_id
        for person, gates in (("Carl", (Gate.SG_2,)), ("Ben", (Gate.SG_1, Gate.SG_2))):
            with pytest.raises(BadInput, match="on record for Ben otherwise"):
                register_approver(admin, person, key, gates, timedelta(days=1), "administrator")
        assert scalar(admin, "SELECT count(*) FROM approver_key") == 2


def test_a_name_that_does_not_show_and_a_key_that_anybody_can_sign_for_are_not_registered(
    bench: LiveBench,
) -> None:
    year, sound = timedelta(days=365), new_signer().public_key
    with bench.database.connect() as admin:
        for person, key, says in (
            ("Gus\u200b", sound, r"U\+200B ZERO WIDTH SPACE"),
            ("\u200b", sound, r"U\+200B"),
            ("Gus\nAnn", sound, r"U\+000A"),
            ("Gus", bytes(32), "The key of Gus is refused: it is a point of small order"),
        ):
            with pytest.raises(BadInput, match=says):
                register_approver(admin, person, key, (Gate.SG_2,), year, "administrator")
        assert scalar(admin, "SELECT count(*) FROM approver_key") == 2
        register_approver(admin, " Gu\u0301s  Lee", sound, (Gate.SG_2,), year, "administrator")
        assert scalar(admin, "SELECT max(person) FROM approver_key") == "G\u00fas Lee"


def test_the_verifier_can_not_open_a_permit(bench: LiveBench, pair: list[SignedApproval]) -> None:
    with (
        bench.connections.connect(Principal.VERIFY) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        opened(conn, [approval.payload for approval in pair])


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_a_permit_is_not_opened_with_an_old_snapshot(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], level: IsolationLevel
) -> None:
    """A transaction that began before a halt does not see it, so it must not be the one that
    opens.
    """
    executor.isolation_level = level
    with executor.transaction():
        executor.execute("SELECT 1 FROM cut_halt")
        with bench.connections.connect(Principal.VERIFY) as other:
            halt(other, "operator", "a test")
        assert "READ COMMITTED only" in opened(executor, [approval.payload for approval in pair])
    assert permits(bench.database) == []


# --- replay and single use
# --------------------------------------------------------------------------------------------


def test_an_approval_opens_no_second_permit(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    effect = cut_effect(ctx, PLAN)
    open_permit(executor, pair, effect, "operator")
    for signed in (pair, [pair[0], bench.approvers.sign(effect, clock(executor))[1]]):
        with pytest.raises(
            ApprovalRefused, match="an approval was used before; have it signed again"
        ):
            open_permit(executor, signed, effect, "operator")
    with pytest.raises(ApprovalRefused, match="has a permit already"):
        open_permit(executor, bench.approvers.sign(effect, clock(executor)), effect, "operator")
    with bench.connections.connect(Principal.VERIFY) as other:
        assert halt(other, "operator", "a test") == 1
    bench.lift("operator", "the test goes on")
    with pytest.raises(ApprovalRefused, match="an approval was used before"):
        open_permit(executor, pair, effect, "operator")
    open_permit(executor, bench.approvers.sign(effect, clock(executor)), effect, "operator")
    assert permits(bench.database) == [
        (ctx.change_set_id, False, "halted: a test"),
        (ctx.change_set_id, False, None),
    ]


def test_of_two_that_open_at_the_same_moment_exactly_one_does(bench: LiveBench) -> None:
    for turn in range(12):
        plan = made_plan(1, code=f"race.{turn}")
        effect = cut_effect(bench.context(plan, approved=False), plan)
        start = threading.Barrier(2, timeout=60)
        with (
            bench.connections.connect(Principal.EXEC) as one,
            bench.connections.connect(Principal.EXEC) as two,
        ):
            signed = bench.approvers.sign(effect, clock(one))

            def opening(conn: Connection, signed: list[SignedApproval] = signed, effect: Effect = effect,
                        start: threading.Barrier = start) -> str:  # fmt: skip
                start.wait()
                try:
                    open_permit(conn, signed, effect, "operator")
                except ApprovalRefused as refused:
                    return str(refused)
                return OPENED

            with ThreadPoolExecutor(2) as pool:
                answers = sorted(pool.map(opening, (one, two)), key=lambda answer: answer != OPENED)
        assert answers[0] == OPENED
        assert any(
            why in answers[1] for why in ("used before", "just used", "has a permit already")
        ), answers
    assert len(permits(bench.database)) == 12


@pytest.mark.parametrize("approvals", ["the same", "others", "the same nonces for another run"])
def test_a_second_opener_waits_for_the_first_and_is_refused(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], approvals: str
) -> None:
    """The first has not committed yet, so no look at the tables shows its rows: only the keys of
    the tables can.
    """
    payloads = [approval.payload for approval in pair]
    late_ones = {
        "the same": payloads,
        "others": [
            one.payload for one in bench.approvers.sign(pair[0].statement.effect, clock(executor))
        ],
        "the same nonces for another run": edited(pair, change_set_id=str(uuid.UUID(int=8))),
    }[approvals]
    with bench.connections.connect(Principal.EXEC) as other, ThreadPoolExecutor(1) as pool:
        with executor.transaction():
            assert opened(executor, payloads) == OPENED
            late = pool.submit(opened, other, late_ones)
            until_waiting(bench.database, other)
            assert not late.done()
        with pytest.raises(psycopg.errors.UniqueViolation):
            late.result(timeout=60)
    assert len(permits(bench.database)) == 1


def test_a_finished_run_uses_its_permit_up_and_only_replays(bench: LiveBench) -> None:
    ctx = bench.context(PLAN)
    first = run_phases(bench.adapter, ctx, PLAN)
    assert permits(bench.database) == [(ctx.change_set_id, True, None)]
    before, again = row_hashes(bench.database), bench.new_adapter()
    assert run_phases(again, ctx, PLAN) == first
    assert again.replayed == set(Phase)
    assert row_hashes(bench.database) == before
    effect = cut_effect(ctx, PLAN)
    with bench.connections.connect(Principal.EXEC) as conn:
        assert halt(conn, "operator", "too late") == 0, "a used permit is not taken back"
        bench.lift("operator", "all is well")
        fresh = bench.approvers.sign(effect, clock(conn))
        with pytest.raises(ApprovalRefused, match="this change set was run before"):
            open_permit(conn, fresh, effect, "operator")
        other = bench.context(made_plan(3), approved=False)
        with pytest.raises(ApprovalRefused, match="approves another change set id"):
            open_permit(conn, fresh, cut_effect(other, made_plan(3)), "operator")
        more = bench.context(PLAN, attempt=2, approved=False)
        with pytest.raises(ApprovalRefused, match="approves another change set id"):
            open_permit(conn, fresh, cut_effect(more, PLAN), "operator")
    for run in (other, more):
        bench.switch.change_set_id = run.change_set_id
        with pytest.raises(ProductionExecutionNotAuthorized, match="it has no permit"):
            bench.new_adapter().pre_write_backup(run)
    assert row_hashes(bench.database) == before


def test_an_open_permit_serves_its_submitter_who_resumes_and_nobody_else(
    bench: LiveBench, tmp_path: Path
) -> None:
    plan, used = made_plan(), tmp_path / "used"
    ctx = bench.context(plan)
    effect = cut_effect(ctx, plan)
    resumed = open_or_find_permit(bench.connections, ctx, effect, (), used)
    assert resumed.approved_effect_digest == effect.effect_digest
    with pytest.raises(ApprovalRefused, match="started by mallory"):
        open_or_find_permit(
            bench.connections, dataclasses.replace(ctx, actor="mallory"), effect, (), used
        )
    with pytest.raises(ApprovalRefused, match="another plan or effect"):
        open_or_find_permit(
            bench.connections, ctx, dataclasses.replace(effect, effect_digest="0" * 64), (), used
        )


def test_a_used_permit_serves_no_phase_that_is_not_on_record(bench: LiveBench) -> None:
    ctx = bench.context(PLAN)
    run_phases(bench.adapter, ctx, PLAN, until=Phase.MARK)
    with bench.database.connect() as admin:
        admin.execute("UPDATE cut_permit SET used_at = now()")
    with pytest.raises(ProductionExecutionNotAuthorized, match="its permit was used before"):
        bench.adapter.review(ctx, PLAN)


# --- the fence
# -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", list(Phase))
def test_no_phase_runs_without_a_permit(bench: LiveBench, phase: Phase) -> None:
    ctx = bench.context(PLAN)
    if phase is not Phase.PRE_WRITE_BACKUP:
        run_phases(bench.adapter, ctx, PLAN, until=list(Phase)[list(Phase).index(phase) - 1])
    with bench.database.connect() as admin:
        admin.execute(
            "UPDATE cut_permit SET revoked_at = now(), revoked_by = 'x', revoke_reason = 'x'"
        )
    before = row_hashes(bench.database)
    backups = bench.backup.runs
    with pytest.raises(
        ProductionExecutionNotAuthorized, match="it has no permit, or its permit was revoked"
    ) as refused:
        run_phases(bench.new_adapter(), ctx, PLAN)
    assert refused.value.lock == "permit"
    assert str(phase) in str(refused.value)
    assert row_hashes(bench.database) == before
    assert bench.backup.runs == backups, "and not even a backup was made"


def test_a_permit_is_for_one_plan(bench: LiveBench) -> None:
    ctx = bench.context(PLAN)
    with pytest.raises(ProductionExecutionNotAuthorized, match="its permit is for another plan"):
        bench.adapter.pre_write_backup(dataclasses.replace(ctx, plan_digest="0" * 64))


def test_the_verifier_judges_no_permit_by_what_another_was_opened_with(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = bench.context(PLAN)
    with bench.connections.connect(Principal.VERIFY) as verifier:
        there = find_permit(verifier, ctx.change_set_id)
        assert there is not None
        before = dataclasses.replace(there, permit_id=uuid.uuid4())  # taken back between two reads
        monkeypatch.setattr("adapters.postgres.permits.permit.find_permit", lambda *_: before)
        with pytest.raises(ApprovalRefused, match="has another permit by now"):
            confirm_permit(verifier, ctx, cut_effect(ctx, PLAN))


def run_slowly(
    bench: LiveBench, ctx: CutContext, phase: Phase, level: IsolationLevel, during: Any
) -> None:
    """A phase's transaction that writes something, and in the middle of which something happens."""

    def work(conn: Connection) -> None:
        conn.execute("INSERT INTO sweep_log SELECT * FROM sweep_log WHERE false")
        during()

    LiveTransactions(bench.connections, attempts=1).run(ctx, phase, level, work)


def confirmed(bench: LiveBench, ctx: CutContext) -> None:
    """The verifier confirms the cut's permit."""
    with bench.connections.connect(Principal.VERIFY) as verifier:
        confirm_permit(verifier, ctx, cut_effect(ctx, PLAN))


@pytest.mark.slow
@pytest.mark.parametrize("level", [IsolationLevel.READ_COMMITTED, IsolationLevel.SERIALIZABLE])
def test_a_permit_that_runs_out_while_a_phase_is_in_flight_lets_it_not_commit(
    bench: LiveBench, ctx: CutContext, executor: Connection, level: IsolationLevel
) -> None:
    effect = cut_effect(ctx, PLAN)
    open_permit(
        executor, bench.approvers.sign(effect, clock(executor), hours=SOON), effect, "operator"
    )
    confirmed(bench, ctx)
    permit = find_permit(executor, ctx.change_set_id)
    assert permit is not None

    def wait_for_the_end() -> None:
        assert clock(executor) < permit.execute_by, "it was open when the phase began"
        while clock(executor) <= permit.execute_by:
            time.sleep(0.05)

    with pytest.raises(ProductionExecutionNotAuthorized, match="its permit has expired"):
        run_slowly(bench, ctx, Phase.MARK, level, wait_for_the_end)
    with pytest.raises(ProductionExecutionNotAuthorized, match="its permit has expired"):
        bench.adapter.pre_write_backup(ctx)
    again = bench.approvers.sign(effect, clock(executor))
    open_permit(executor, again, effect, "operator")
    confirmed(bench, ctx)
    assert [row[2] for row in permits(bench.database)] == ["expired", None], (
        "an expired permit makes way for a new one"
    )
    run_phases(bench.new_adapter(), ctx, PLAN)


def test_expiry_is_judged_by_the_database_and_not_by_this_machine(
    bench: LiveBench, ctx: CutContext, executor: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed for an hour that is over by the database's clock: however early it is here, that is
    too late.
    """
    with guards_off(bench.database) as admin:
        admin.execute("UPDATE approver_key SET valid_from = now() - interval '1 day'")
    past = bench.approvers.sign(cut_effect(ctx, PLAN), clock(executor) - timedelta(hours=2))
    with pytest.raises(ApprovalRefused, match="has expired"):
        open_permit(executor, past, cut_effect(ctx, PLAN), "operator")
    monkeypatch.setattr(
        "adapters.postgres.permits.permit.policy_now",
        lambda *_: (past[0].statement.approve_by - timedelta(minutes=1), None),
    )
    with pytest.raises(ApprovalRefused, match="an approval has expired; have it signed again"):
        open_permit(executor, past, cut_effect(ctx, PLAN), "operator")


def test_the_fence_is_first_and_last_in_every_transaction_of_a_run(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Phase, bool]] = []
    plain = fence

    def seen(conn: Connection, ctx: CutContext, phase: Phase, *, closing: bool = False) -> bool:
        calls.append((phase, closing))
        return plain(conn, ctx, phase, closing=closing)

    monkeypatch.setattr("adapters.postgres.phases.transactions.fence", seen)
    run_phases(bench.adapter, bench.context(PLAN), PLAN)
    twice = [
        Phase.PRE_WRITE_BACKUP,
        *Phase,
    ]  # the backup has two transactions: it asks, dumps, and records
    assert calls == [(phase, closing) for phase in twice for closing in (False, True)]


def test_revoking_waits_for_a_phase_in_flight(bench: LiveBench) -> None:
    ctx = bench.context(PLAN)
    with bench.connections.connect(Principal.VERIFY) as other, ThreadPoolExecutor(1) as pool:
        waiting = []

        def revoke() -> None:
            waiting.append(pool.submit(other.execute, "SELECT cutter.fn_permits_revoke('x', 'x')"))
            until_waiting(bench.database, other)
            assert not waiting[0].done(), "it has not waited for the phase that holds the permit"

        run_slowly(bench, ctx, Phase.MARK, IsolationLevel.READ_COMMITTED, revoke)
        waiting[0].result(timeout=60)
    assert permits(bench.database) == [(ctx.change_set_id, False, "x")]
