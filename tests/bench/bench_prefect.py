"""What Prefect adds to a run: the whole flow against a running server, less its phases run as plain
functions.

`python -m tests.bench.bench_prefect` prints both, and fails if the difference is more than 1.5
seconds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_LEVEL,
    temporary_settings,
)

from adapters.home.plans import save_plan
from adapters.planning import plan_document
from adapters.simulator import Simulator
from blocks.switch import VariableKillSwitch
from domain.phases import Mode, Phase
from flows.cut import run_cut
from tasks.run import Run
from tests.support.plans import context
from tests.support.prefect import prefect_server, write_law

LIMIT: Final = 1.5
RUNS: Final = 5


def seconds(call: Callable[[], object]) -> float:
    """The median of some runs, after one that warms up."""
    call()
    found = []
    for _ in range(RUNS):
        started = time.monotonic()
        call()
        found.append(time.monotonic() - started)
    return statistics.median(found)


def plainly(document: str, state: Path) -> None:
    """The same work without Prefect."""
    plan = plan_document(document)
    save_plan(plan, state)
    run = Run(VariableKillSwitch(), Simulator, context(plan, Mode.DRYRUN), plan)
    for phase in Phase:
        run.phase(phase)


def main() -> int:
    """Measure and print; 1 if Prefect adds more than it may."""
    with (
        tempfile.TemporaryDirectory() as folder,
        prefect_server(),
        # The flow's own settings have to keep the heartbeat out, so it is put back here.
        temporary_settings(
            {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: 30, PREFECT_LOGGING_LEVEL: "WARNING"}
        ),
    ):
        document = write_law(Path(folder))
        plain = seconds(lambda: plainly(document, Path(folder)))
        whole = seconds(lambda: run_cut(document))
    added = whole - plain
    sys.stdout.write(
        f"seven phases: {plain:.3f} s plain, {whole:.3f} s with Prefect: it adds {added:.3f} s "
        f"of {LIMIT} s\n"
    )
    return int(added > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
