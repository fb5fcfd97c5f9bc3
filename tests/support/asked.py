"""A knowledge base to ask: a law that was cut and revised, another of the same articles, and one
whose every text is hostile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from adapters.postgres.units.connections import reader_connections
from adapters.postgres.units.pool import UnitReaders
from domain.errors import BadInput
from domain.phases import Principal
from domain.revision.dates import Dates
from domain.units.records import UnitText
from tasks.questions.readers import Desk
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, fresh_database
from tests.support.revising import cut_first, revised
from tests.support.revisions import OLD, harbour_plan, new_texts

DAY: Final = date(2027, 1, 1)
HOSTILE: Final = "hostile.law"
MARKUP: Final = "<script>alert({n})</script><img src=x onerror=alert(1)> \u202eback\u202c & more\n"
OTHER: Final = "other.law"


@dataclass(frozen=True, slots=True)
class Asked:
    """The knowledge base, and a desk that answers from it."""

    bench: LiveBench
    desk: Desk


@contextmanager
def asked_base(cluster: Cluster, folder: Path) -> Iterator[Asked]:
    """The knowledge base while the block runs."""
    with fresh_database(cluster) as database:
        bench = live_bench(database, folder)
        cut_first(bench, harbour_plan(sorted(OLD.items())))
        revised(bench, harbour_plan(new_texts()), Dates(DAY))
        for code, body in ((OTHER, "Whoever asks is answered, {n}.\n"), (HOSTILE, MARKUP)):
            plan = made_plan(3, code=code, body=body)
            if code == HOSTILE:
                rows = tuple(
                    row._replace(title=MARKUP.strip().format(n=row.seq)) for row in plan.rows
                )
                plan = replace(plan, rows=rows)
            run_phases(bench.adapter, bench.context(plan), plan)
        readers = readers_of(bench)
        with closing(readers):
            yield Asked(bench, Desk(readers, str(bench.target), unproved))


def readers_of(bench: LiveBench) -> UnitReaders:
    """Readers that log in as whoever may only read out units."""
    database = bench.database
    password = database.cluster.reader.password
    connections = reader_connections(database.endpoint, password, bench.target)
    return UnitReaders(lambda: connections.connect(Principal.VERIFY), str(bench.target))


def unproved(_unit: UnitText) -> dict[str, Any]:
    """What a home without evidence says."""
    raise BadInput("No finished evidence is in this home.")
