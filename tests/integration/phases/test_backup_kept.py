"""The backup that a change set was recorded with is there, whole, when its units are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import StopInvariantFailed
from domain.phases import Phase
from tests.support.live import LiveBench, run_phases, scalar
from tests.support.plans import made_plan


@pytest.mark.parametrize("kept", [None, b"a not", b"a note."], ids=["gone", "shorter", "longer"])
def test_no_unit_is_written_without_the_backup_as_it_was_made(
    bench: LiveBench, kept: bytes | None
) -> None:
    plan = made_plan(2)
    ctx = bench.context(plan)
    made = run_phases(bench.adapter, ctx, plan, until=Phase.REVIEW)[Phase.PRE_WRITE_BACKUP]
    whole = Path(made.path).read_bytes()
    if kept is None:
        Path(made.path).unlink()
    else:
        Path(made.path).write_bytes(kept)
    with pytest.raises(StopInvariantFailed, match="is gone or has another size"):
        bench.new_adapter().cut_leg_a(ctx, plan)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM information_unit") == 0
    Path(made.path).write_bytes(whole)
    assert len(bench.new_adapter().cut_leg_a(ctx, plan)) == len(plan.rows)
