"""What a further phase takes, shown by adding one to a copy of the project: a row of the table, a
method of the port, its answers by simulator and live adapter, and the guard in the database.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blocks.deployed import PROJECT

WINGS = ("adapters", "blocks", "cli", "domain", "flows", "service", "tasks", "tests")

ROW = """    PhaseSpec(
        phase=Phase.SECOND_LOOK,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.WRITE_VERIFY,
        step=None,
        counted="units looked at",
        doing="looking a second time",
    ),
    PhaseSpec(
        phase=Phase.LIFECYCLE_ENACT,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.SECOND_LOOK,"""

PORT = '''    def second_look(self, ctx: CutContext, plan: P_contra) -> MarkResult:
        """Look a second time."""
        ...

    def lifecycle_enact(self, ctx: CutContext, plan: P_contra)'''

SIMULATED = '''    def second_look(self, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """See `PhaseExecutor.second_look`."""
        ledger = self._ledger(ctx, plan, after=Phase.WRITE_VERIFY)
        result = MarkResult(simulated_id(ctx, "entry"), len(plan.rows), 0)
        ledger.done[Phase.SECOND_LOOK] = result
        return result

    def lifecycle_enact('''

LIVE = '''    def second_look(self, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """See `PhaseExecutor.second_look`."""

        def look(_conn: Connection, ctx: CutContext, plan: CutPlan) -> MarkResult:
            return MarkResult(ctx.change_set_id, len(plan.rows), 0)

        return self._phase(ctx, plan, Phase.SECOND_LOOK, MarkResult, look)

    def lifecycle_enact('''

EDITS = (
    (
        "domain/phases.py",
        '    LIFECYCLE_ENACT = "lifecycle_enact"',
        '    SECOND_LOOK = "second_look"\n    LIFECYCLE_ENACT = "lifecycle_enact"',
    ),
    (
        "domain/phases.py",
        """    PhaseSpec(
        phase=Phase.LIFECYCLE_ENACT,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.WRITE_VERIFY,""",
        ROW,
    ),
    ("domain/ports.py", "    def lifecycle_enact(self, ctx: CutContext, plan: P_contra)", PORT),
    ("adapters/simulator.py", "    def lifecycle_enact(", SIMULATED),
    ("adapters/postgres/phases/cut.py", "    def lifecycle_enact(", LIVE),
    (
        "adapters/postgres/schema/sql/ledger/schema_30_ledger.sql",
        "'write_verify', 'lifecycle_enact')",
        "'write_verify', 'second_look', 'lifecycle_enact')",
    ),
    (
        "adapters/postgres/schema/sql/control/schema_55_permit.sql",
        "WHEN 'write_verify' THEN 'verified_complete' ELSE",
        "WHEN 'write_verify' THEN 'verified_complete' WHEN 'second_look' THEN 'verified_complete' ELSE",
    ),
)

RUNS_BOTH = """
from pathlib import Path
from tempfile import TemporaryDirectory
from adapters.simulator import Simulator
from domain.phases import PHASES
from tasks.phases import TASKS
from tasks.run import Run
from tests.support.live import ArmedSwitch, live_bench
from tests.support.plans import context, made_plan
from tests.support.postgres import embedded_test_server, fresh_database, prepared_cluster
plan = made_plan()
def told(ctx, switch, executor):
    run = Run(switch, lambda: executor, ctx, plan)
    return [run.phase(spec.phase) for spec in PHASES]
dry = told(context(plan), None, Simulator())
with (
    embedded_test_server() as server,
    prepared_cluster(server) as cluster,
    fresh_database(cluster) as database,
    TemporaryDirectory() as folder,
):
    bench = live_bench(database, Path(folder))
    live = told(bench.context(plan), bench.switch, bench.adapter)
    with database.connect() as admin:
        journal = admin.execute("SELECT phase FROM cut_phase_journal ORDER BY recorded_at").fetchall()
assert [task.name for task in TASKS.values()] == [spec.phase.value for spec in PHASES]
assert [report.counted for report in dry] == [report.counted for report in live]
assert dry[-1].answer.effect_digest == live[-1].answer.effect_digest
print(*(phase for (phase,) in journal))
print(live[-2].count, live[-2].counted)
"""


@pytest.mark.slow
def test_a_phase_is_added_by_its_row_its_method_its_answers_and_its_guard(tmp_path: Path) -> None:
    for wing in WINGS:
        shutil.copytree(PROJECT / wing, tmp_path / wing, ignore=shutil.ignore_patterns("*.pyc"))
    for name, old, new in EDITS:
        file = tmp_path / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} does not read as this test expects"
        file.write_text(text.replace(old, new), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RUNS_BOTH],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    journal, looked = done.stdout.splitlines()
    assert journal.split() == [
        *("pre_write_backup", "mark", "review", "cut_leg_a", "leg_b_record"),
        *("write_verify", "second_look", "lifecycle_enact"),
    ]
    assert looked == "7 units looked at"
