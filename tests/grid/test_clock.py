"""The database's clock goes back in the midst of a cut, as after a repair of its time: nothing is
lost, nothing that was taken back counts again, and what was used stays used.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from adapters.postgres.permits.permit import (
    clock,
    confirm_permit,
    halt,
    lift_halt,
    open_permit,
)
from adapters.postgres.record.audit import audit_database
from adapters.postgres.record.chain_heads import keep_heads
from domain.approval.request import cut_effect
from domain.errors import ApprovalRefused, ProductionExecutionNotAuthorized
from domain.phases import Phase, Principal
from tests.support.approved import as_verifier
from tests.support.end_state import end_state
from tests.support.grid import PLAN, recorded
from tests.support.live import live_bench, run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import fresh_database
from tests.support.rig import rig

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (Debian: faketime)"),
]


def test_a_clock_that_goes_back_loses_nothing_and_brings_nothing_back(tmp_path: Path) -> None:
    assert LIBRARY is not None
    with rig() as made:
        _, undisturbed = recorded(made.cluster, tmp_path)
        with fresh_database(made.cluster) as database:
            bench = live_bench(database, tmp_path)
            made.restart_at(LIBRARY, "+3h")
            ctx = bench.context(PLAN)
            run_phases(bench.adapter, ctx, PLAN, until=Phase.CUT_LEG_A)
            with as_verifier(bench) as conn:
                keep_heads(conn, tmp_path / "heads")
                before = clock(conn)

            made.restart_at(LIBRARY, "+135m")
            with as_verifier(bench) as conn:
                assert (before - clock(conn)).total_seconds() > 2000
            run_phases(bench.new_adapter(), ctx, PLAN)
            assert end_state(database) == undisturbed
            with as_verifier(bench) as conn:
                keep_heads(conn, tmp_path / "heads")
                assert audit_database(conn, bench.target, tmp_path / "heads").findings == ()


def test_a_permit_from_before_a_halt_stays_void_when_the_clock_goes_back(tmp_path: Path) -> None:
    """It was opened, by the clock, after the halt was lifted; it was taken back all the same, and
    its approvals are used.
    """
    assert LIBRARY is not None
    with rig() as made, fresh_database(made.cluster) as database:
        bench = live_bench(database, tmp_path)
        plan = made_plan(2, code="halted.law")
        made.restart_at(LIBRARY, "+7h")
        ctx = bench.context(plan, approved=False)
        effect = cut_effect(ctx, plan)
        with closing(bench.connections.connect(Principal.EXEC)) as conn:
            approvals = bench.approvers.sign(effect, clock(conn), submitter=ctx.actor)
            opened = open_permit(conn, approvals, effect, ctx.actor).opened_at
        with closing(bench.connections.connect(Principal.VERIFY)) as conn:
            confirm_permit(conn, ctx, effect)

        made.restart_at(LIBRARY, "+1h")
        with closing(bench.connections.connect(Principal.EXEC)) as conn:
            halt(conn, "ann", "stop")
        with database.connect(autocommit=True) as admin:
            lift_halt(admin, "ann", "go on")
            lifted = scalar(admin, "SELECT max(lifted_at) FROM cut_halt")
        assert isinstance(lifted, datetime)
        assert lifted < opened, "by the clock the permit is younger"
        with pytest.raises(ProductionExecutionNotAuthorized):
            bench.new_adapter().pre_write_backup(ctx)
        with (
            closing(bench.connections.connect(Principal.EXEC)) as conn,
            pytest.raises(ApprovalRefused, match="used before"),
        ):
            open_permit(conn, approvals, effect, ctx.actor)
