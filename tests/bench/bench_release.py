"""What a small document of a release costs: its permit by its place in the release, and its phases.

Run it with `python -m tests.bench.bench_release`, or with `10:10000` behind it for ten thousand
documents of ten units. It counts seconds of one core, of the program and
of the server together, since documents are many and other work runs beside; exit status 1 if a
bound is missed. Not in it: reading and planning, the one backup, and Prefect, which a worker starts
once.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from adapters.postgres.connection.lending import LendingConnections
from tasks.gates import open_at_place
from tests.support.live import LiveBench, live_bench, run_phases, scalar
from tests.support.many import Many
from tests.support.postgres import fresh_database, prepared_cluster, running_server

SIZES: Final = ((60, 40, 0.25), (10, 200, 0.15))
"""Units of a document, how many documents, and the bound of one in seconds of one core.

The documents share one session of each principal, as those of a worker do.
"""
GROWTH_BOUND: Final = 20.0
"""Megabytes that the program may grow by from the first quarter of the documents to the last."""
TICKS: Final = os.sysconf("SC_CLK_TCK")


def server_seconds(postmaster: int) -> float:
    """Seconds of CPU of a server: of its processes that run, and of those that have ended."""
    spent = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(stat.parent.name) == postmaster:
            spent += sum(map(int, fields[11:15]))
        elif int(fields[1]) == postmaster:
            spent += sum(map(int, fields[11:13]))
    return spent / TICKS


def postmaster_of(bench: LiveBench) -> int:
    """The process number of a bench's server."""
    with bench.database.connect() as admin:
        mine = int(scalar(admin, "SELECT pg_backend_pid()"))
        stat = Path(f"/proc/{mine}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[1])


def measure(bench: LiveBench, units: int, count: int) -> tuple[float, float]:
    """Seconds of one core a document, and megabytes by which the program grew meanwhile."""
    bench = replace(bench, connections=LendingConnections(bench.connections))
    many, postmaster = Many.of(bench, count, units), postmaster_of(bench)
    permit, quarter = many.approve(), 0
    began = time.process_time(), server_seconds(postmaster)
    for place in range(count):
        ctx, effect = many.ctx(place), many.release.effects[place]
        approved = open_at_place(bench.connections, ctx, effect, many.at(permit, place))
        run_phases(bench.new_adapter(), approved, many.plans[place])
        if place == count // 4:
            quarter = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = time.process_time() - began[0] + server_seconds(postmaster) - began[1]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - quarter
    return spent / count, grown / 1024


def asked_sizes(words: list[str]) -> list[tuple[int, int, float]]:
    """The sizes that the command line asks for, such as `10:10000`; those of `SIZES` without."""
    asked = [tuple(map(int, word.split(":"))) for word in words]
    bounds = {units: bound for units, _, bound in SIZES}
    return [(units, count, bounds[units]) for units, count in asked] or list(SIZES)


def main(words: list[str]) -> int:
    """Print a line a size; 1 if a bound is missed."""
    missed = False
    with running_server() as server, prepared_cluster(server) as cluster:
        for units, count, bound in asked_sizes(words):
            with fresh_database(cluster) as database, tempfile.TemporaryDirectory() as folder:
                each, grown = measure(live_bench(database, Path(folder)), units, count)
            print(
                f"{count} documents of {units} units: {each:.3f} s of one core each (bound "
                f"{bound}), grown by {grown:.1f} MB (bound {GROWTH_BOUND})",
                flush=True,
            )
            missed |= each > bound or grown > GROWTH_BOUND
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
