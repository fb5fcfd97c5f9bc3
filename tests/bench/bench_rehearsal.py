"""Rehearsing a cut against running it: the same phases, in the same run, side by side on fresh
databases.

Run it with `make bench`. It prints a ratio, not times. Exit status 1 if the bound is missed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from domain.reports.rehearsal import RehearsalEnd
from domain.switch import SwitchState
from tests.bench.bench_write import BODY, timed
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import (
    Cluster,
    Database,
    fresh_database,
    prepared_cluster,
    running_server,
)
from tests.support.rehearsals import rehearsal_context, rehearsing

BOUND = 1.3
REPEATS = 5


def rehearse(database: Database, plan: CutPlan, folder: Path) -> tuple[float, RehearsalEnd]:
    """Seconds that a rehearsal takes, from connecting to having rolled back, and how it ended."""
    bench = live_bench(database, folder)
    ctx = rehearsal_context(bench, plan)
    ends: list[RehearsalEnd] = []

    def whole() -> None:
        with rehearsing(bench) as (adapter, transactions):
            run_phases(adapter, ctx, plan)
            ends.append(transactions.roll_back())

    return timed(whole), ends[0]


def run_live(database: Database, plan: CutPlan, folder: Path) -> float:
    """Seconds that the live phases take, with a backup that is a note."""
    bench = live_bench(database, folder)
    ctx = bench.context(plan)
    bench.switch.state = SwitchState.LIVE
    return timed(lambda: run_phases(bench.adapter, ctx, plan))


def measure(cluster: Cluster, units: int) -> tuple[float, RehearsalEnd]:
    """The ratio of the medians, and what the last rehearsal cost."""
    plan = made_plan(units, body=BODY)
    rehearsals, lives = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(REPEATS):
            with fresh_database(cluster) as database:
                seconds, end = rehearse(database, plan, Path(folder))
                rehearsals.append(seconds)
            with fresh_database(cluster) as database:
                lives.append(run_live(database, plan, Path(folder)))
    return statistics.median(rehearsals) / statistics.median(lives), end


def main(sizes: list[int]) -> int:
    """Print the ratio for each size; 1 if one is over the bound."""
    failed = 0
    with running_server() as server, prepared_cluster(server) as cluster:
        for units in sizes:
            ratio, end = measure(cluster, units)
            print(
                f"{units:7} units  rehearsal {ratio:4.2f} x the {len(Phase)} live phases "
                f"(bound {BOUND})"
                f"  leaves {end.cost.wal_bytes / 2**20:.1f} MB of WAL, {end.cost.dead_tuples} "
                f"dead tuples,"
                f" {end.cost.transaction_ids} transaction ids",
                flush=True,
            )
            failed |= ratio > BOUND
    return int(failed)


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [10_000]))
