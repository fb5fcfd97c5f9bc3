"""`make kill-grid`: every way to die at every statement of every phase, each followed by a resume;
prints the table.

python -m tests.grid.run [--sample N] [--seed N] [--jobs N]. Exits with 1 if anything was lost,
doubled, or torn without being told, and names each such cell.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.support.boundaries import Moment
from tests.support.grid import Cell, Death, Verdict, cells_of_a_run, run_cells, sample

SEED: Final = "CUTTER_GRID_SEED"
COLUMNS: Final = ("cells", "resumed", "lost", "duplicated", "torn undetected", "other faults")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the grid or a sample of it; 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(
        prog="kill-grid", description="Kill runs at every statement and resume them."
    )
    parser.add_argument(
        "--sample", type=int, default=0, help="only so many cells, chosen by the seed"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6)),
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="servers at a time")
    asked = parser.parse_args(arguments)
    console, started = Console(width=120, highlight=False), time.monotonic()
    cells = cells_of_a_run()
    if asked.sample:
        console.print(f"{asked.sample} of {len(cells)} cells, {SEED}={asked.seed}")
        cells = sample(cells, asked.sample, asked.seed)
    verdicts = _verdicts(cells, asked.jobs)
    faulty = [verdict for verdict in verdicts if verdict.faults]
    console.print(_table(verdicts))
    for verdict in faulty:
        console.print(f"{verdict.cell}: {'; '.join(verdict.faults)}")
    console.print(
        f"{len(verdicts)} cells in {time.monotonic() - started:.0f} s, {len(faulty)} with a fault."
    )
    return 1 if faulty or len(verdicts) != len(cells) else 0


def _verdicts(cells: list[Cell], jobs: int) -> list[Verdict]:
    shares = [share for share in (cells[job::jobs] for job in range(jobs)) if share]
    with ProcessPoolExecutor(len(shares)) as pool:
        running: list[Future[list[Verdict]]] = [pool.submit(_share, share) for share in shares]
        return [verdict for done in as_completed(running) for verdict in done.result()]


def _share(cells: list[Cell]) -> list[Verdict]:
    found: list[Verdict] = []
    run_cells(cells, found.append)
    return found


def _table(verdicts: list[Verdict]) -> Table:
    table = Table(title="The kill grid")
    for name in ("death", "point"):
        table.add_column(name)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    whole: Counter[str] = Counter()
    for death in Death:
        for moment in Moment:
            counts = _counts(
                [v for v in verdicts if (v.cell.death, v.cell.moment) == (death, moment)]
            )
            table.add_row(death.value, moment.value, *(str(counts[name]) for name in COLUMNS))
            whole += counts
    table.add_row("all", "", *(str(whole[name]) for name in COLUMNS), style="bold")
    return table


def _counts(verdicts: list[Verdict]) -> Counter[str]:
    found = (
        [
            1,
            verdict.resumed,
            bool(verdict.lost),
            bool(verdict.duplicated),
            bool(verdict.torn_undetected),
            bool(verdict.other),
        ]
        for verdict in verdicts
    )
    return Counter(
        dict(zip(COLUMNS, (sum(column) for column in zip(*found, strict=True)), strict=False))
    )


if __name__ == "__main__":
    sys.exit(main())
