"""The verifier is a service of its own: whoever owns Prefect, the worker, the executor's login and
its key enacts nothing that two people have not approved.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.permits.permit import OPENED, clock
from domain.approval.request import cut_effect, revert_effect
from domain.change_set import CutContext
from domain.errors import (
    ApprovalRefused,
    PhaseStop,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import revert_context
from domain.switch import SwitchState
from tests.support.apart import Worker, at_work, serving
from tests.support.live import LiveBench, answers_of, row_hashes, run_phases, scalar
from tests.support.permits import opened
from tests.support.postgres import Connection
from tests.support.reverts import revert_plan

Steal = Callable[[Principal], Connection]


@pytest.fixture
def worker(bench: LiveBench) -> Worker:
    return Worker(bench)


@pytest.fixture
def used(tmp_path: Path) -> Path:
    return tmp_path / "used"


def lifecycles(bench: LiveBench) -> list[str]:
    with bench.database.connect() as admin:
        return [
            str(one)
            for (one,) in admin.execute(
                "SELECT DISTINCT lifecycle FROM information_unit"
            ).fetchall()
        ]


def test_a_cut_that_was_approved_is_confirmed_verified_and_enacted(
    bench: LiveBench, worker: Worker, plan: CutPlan, used: Path
) -> None:
    with serving(bench) as said:
        ctx = worker.released(plan, used)
        answers = run_phases(worker.adapter(), ctx, plan)
    assert lifecycles(bench) == ["enacted"]
    assert answers[Phase.WRITE_VERIFY].source_sha256 == plan.text_sha256
    with bench.database.connect() as admin:
        verified_by = "SELECT verified_by, found_units FROM verify_result"
        assert admin.execute(verified_by).fetchall() == [("cutter_verify", len(plan.rows))]
        session = "SELECT DISTINCT principal FROM cut_phase_journal WHERE phase = 'write_verify'"
        assert scalar(admin, session) == "cutter_verify"
    assert [line.split()[2] for line in said] == ["permit", "writes"]


def test_a_text_that_was_taken_out_of_a_file_and_its_doubts_are_judged_as_they_were_signed(
    bench: LiveBench, worker: Worker, plan: CutPlan, used: Path
) -> None:
    of_a_file = dataclasses.replace(plan, file_sha256="c" * 64)
    with serving(bench):
        ctx = worker.released(of_a_file, used)
        run_phases(worker.adapter(), ctx, of_a_file)
    assert lifecycles(bench) == ["enacted"]


def test_a_revert_is_verified_apart_too(
    bench: LiveBench, worker: Worker, cut: CutContext, used: Path
) -> None:

    plan = revert_plan(bench, cut.change_set_id)
    ctx = revert_context(plan, Mode.LIVE, bench.target, cut.actor)
    bench.switch.change_set_id = ctx.change_set_id
    effect = revert_effect(ctx, plan)
    with serving(bench):
        approved = worker.release(ctx, effect, worker.sign(effect), used)
        answers_of(worker.revert_adapter(), approved, plan, Phase.LIFECYCLE_ENACT)
    assert lifecycles(bench) == ["withdrawn"]


def test_the_worker_has_no_way_to_be_the_verifier(worker: Worker) -> None:
    with worker.connections.connect(Principal.VERIFY) as conn:
        assert scalar(conn, "SELECT current_user") == "cutter_exec"
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), conn.transaction():
            conn.execute("SELECT cutter.fn_halt('m', 'm')")


def test_forged_approvals_are_not_confirmed(
    bench: LiveBench, worker: Worker, steal: Steal, plan: CutPlan
) -> None:
    """With the executor's login one opens a permit for what nobody has signed; there it ends."""
    ctx, thief = bench.context(plan, approved=False), steal(Principal.EXEC)
    signed = bench.approvers.sign(cut_effect(ctx, plan), clock(thief), submitter=ctx.actor)
    with serving(bench) as said:
        assert opened(thief, [one.payload for one in signed]) == OPENED
        with pytest.raises(ApprovalRefused, match=r"the verifier refuses.*signature of SG_1"):
            worker.asked.confirm(ctx)
        with pytest.raises(ProductionExecutionNotAuthorized, match="has not confirmed"):
            worker.adapter().pre_write_backup(ctx)
    assert any("Refused the permit" in line for line in said)
    assert lifecycles(bench) == []


def test_other_words_than_the_approved_ones_are_not_verified(
    bench: LiveBench, worker: Worker, plan: CutPlan, used: Path
) -> None:
    """The worker has a true permit, the executor's login and its key, and writes another text, with
    a manifest and a signature that fit what it writes.
    """
    ours = plan.rows[1]._replace(body=plan.rows[1].body.replace("text", "test"))
    other = dataclasses.replace(plan, rows=(plan.rows[0], ours, *plan.rows[2:]))
    with serving(bench) as said:
        ctx = worker.released(plan, used)
        forged = worker.adapter()
        other.__dict__["plan_digest"] = plan.plan_digest  # what it says of itself
        run_phases(forged, ctx, other, until=Phase.LEG_B_RECORD)
        with pytest.raises(PhaseStop, match=r"refuses.*was approved"):
            forged.write_verify(ctx, other)
        with pytest.raises(StopInvariantFailed, match="is not on record"):
            forged.lifecycle_enact(ctx, other)
    assert lifecycles(bench) == ["draft"]
    assert any("Refused the writes" in line for line in said)


@pytest.mark.slow
def test_without_a_verifier_no_approval_is_used_and_the_refusal_says_what_is_missing(
    bench: LiveBench, plan: CutPlan, used: Path
) -> None:
    worker = Worker(bench, seconds=1.5)
    before = row_hashes(bench.database)
    ctx = bench.context(plan, approved=False)
    effect = cut_effect(ctx, plan)
    signed = worker.sign(effect)
    with pytest.raises(ApprovalRefused, match=r"Waiting for a verifier .*cutter verifier --check"):
        worker.release(ctx, effect, signed, used)
    assert row_hashes(bench.database) == before
    with serving(bench):
        released = worker.release(ctx, effect, signed, used)
        run_phases(worker.adapter(), released, plan)
    assert lifecycles(bench) == ["enacted"]


def waits_for_verify(bench: LiveBench, worker: Worker, plan: CutPlan, used: Path) -> CutContext:
    """A run that has written, and whose verifier has gone away since."""
    with serving(bench):
        ctx = worker.released(plan, used)
    run_phases(worker.adapter(), ctx, plan, until=Phase.LEG_B_RECORD)
    return ctx


def test_a_wait_is_bounded_and_the_run_is_finished_later(
    bench: LiveBench, plan: CutPlan, used: Path
) -> None:
    ctx = waits_for_verify(bench, Worker(bench), plan, used)
    with pytest.raises(PhaseStop, match=r"took longer than 1 s.*Nothing was enacted"):
        Worker(bench, seconds=1.0).adapter().write_verify(ctx, plan)
    with serving(bench):
        run_phases(Worker(bench).adapter(), ctx, plan)
    assert lifecycles(bench) == ["enacted"]


@pytest.mark.parametrize("stop", ["halt", "switch"])
def test_a_halt_and_the_switch_end_the_wait(
    bench: LiveBench, worker: Worker, plan: CutPlan, used: Path, stop: str
) -> None:
    ctx = waits_for_verify(bench, worker, plan, used)

    def stopping() -> None:
        time.sleep(0.5)
        if stop == "switch":
            bench.switch.state = SwitchState.OFF
        else:
            with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
                conn.execute("SELECT cutter.fn_halt('ann', 'stop')")

    thread = threading.Thread(target=stopping)
    thread.start()
    began = time.monotonic()
    with pytest.raises(ProductionExecutionNotAuthorized, match=r"halted|LIVE"):
        worker.adapter().write_verify(ctx, plan)
    assert time.monotonic() - began < 10
    thread.join()
    if stop == "halt":  # a verifier that comes back verifies nothing under a halt
        with serving(bench) as said:
            time.sleep(0.5)
        assert said == []
    assert lifecycles(bench) == ["draft"]


def test_two_verifiers_at_once_verify_once(
    bench: LiveBench, worker: Worker, plan: CutPlan, used: Path
) -> None:
    with serving(bench, 3) as said:
        ctx = worker.released(plan, used)
        run_phases(worker.adapter(), ctx, plan)
    assert lifecycles(bench) == ["enacted"]
    assert not any("Refused" in line for line in said)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM verify_result") == 1


def test_nobody_else_speaks_for_the_verifier(
    bench: LiveBench, plan: CutPlan, used: Path, steal: Steal
) -> None:
    """Any login may NOTIFY; what it says ends no run."""
    ctx = waits_for_verify(bench, Worker(bench), plan, used)
    words = json.dumps({"change_set_id": str(ctx.change_set_id), "why": "because I say so"})
    thief = steal(Principal.EXEC)

    def shout() -> None:
        for _ in range(10):
            time.sleep(0.2)
            thief.execute("SELECT pg_notify('cutter_verifier_refused', %s)", (words,))

    thread = threading.Thread(target=shout)
    thread.start()
    with pytest.raises(PhaseStop, match="took longer than 3 s"):
        Worker(bench, seconds=3.0).adapter().write_verify(ctx, plan)
    thread.join()


def test_what_was_refused_is_looked_at_again_when_somebody_asks(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    ctx, thief, said = bench.context(plan, approved=False), steal(Principal.EXEC), list[str]()
    signed = bench.approvers.sign(cut_effect(ctx, plan), clock(thief), submitter=ctx.actor)
    assert opened(thief, [one.payload for one in signed]) == OPENED
    work = at_work(bench, said.append)
    with work.session() as session:
        assert [work.turn(session) for _ in range(3)] == [1, 0, 0]
        thief.execute("SELECT pg_notify('cutter_verifier_asked', %s::text)", (ctx.change_set_id,))
        assert work.asked(session, 5)
        assert work.turn(session) == 1
    assert len(said) == 2
