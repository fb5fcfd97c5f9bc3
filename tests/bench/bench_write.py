"""Writing and verifying against the floor beside them: COPY of the same rows into the same tables,
and a plain scan.

Run it with `make bench`. It prints ratios, not times: absolute times are noise. Exit status 1 if a
bound is missed.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import (
    Cluster,
    Database,
    fresh_database,
    prepared_cluster,
    running_server,
)

LEG_A_BOUND = 2.0
LEG_B_BOUND = 1.5
ENACT_BOUND = 2.0
VERIFY_BOUND = 15.0
LINEAR_BOUND = 1.3
BODY = (
    "Article {n}. "
    + "The registry keeps what it was given, and gives what it keeps, to whoever asks in due form. "
    * 9
    + "\n"
)


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def copy_rows(database: Database, plan: CutPlan) -> float:
    """The floor: COPY of the same rows into the same tables, hashes and ids made beforehand.

    Nothing of the tables is taken off: their indexes, their foreign keys (the one to the current
    version is deferred to COMMIT, which is in the time), their CHECKs and the guards once a
    statement. What it has not: the contract's own checks, and a permit.
    """
    ids = {row.canonical_address: (uuid.uuid4(), uuid.uuid4()) for row in plan.rows}
    units: list[tuple[object, ...]] = []
    versions: list[tuple[object, ...]] = []
    for row in plan.rows:
        unit, version = ids[row.canonical_address]
        parent = ids[row.parent_ref][0] if row.parent_ref else None
        words = (row.unit_kind, row.section_type, row.publication_type, row.owner_ref)
        units.append(
            (unit, row.canonical_address, plan.document_code, *words, parent, version, "bench")
        )
        versions.append(
            (
                version,
                unit,
                1,
                row.title,
                row.body,
                hashlib.sha256(row.body.encode()).digest(),
                "bench",
            )
        )
    with database.connect() as admin:
        start = time.perf_counter()
        admin.execute("SELECT set_config('app.canonical_writer', 'fn_iu_create', true)")
        _copy(
            admin,
            "COPY public.information_unit (id, canonical_address, document_code, unit_kind, "
            "section_type, publication_type,"
            " owner_ref, parent_id, current_version_id, created_by) FROM STDIN",
            units,
        )
        _copy(
            admin,
            (
                "COPY public.unit_version (id, unit_id, version_no, title, body, body_sha256, "
                "actor) FROM STDIN"
            ),
            versions,
        )
        admin.commit()
        return time.perf_counter() - start


def _copy(admin: object, command: str, rows: Iterable[tuple[object, ...]]) -> None:
    with admin.cursor() as cursor, cursor.copy(command) as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


def scan_bodies(database: Database) -> float:
    """The floor of verifying: one scan that reads every title and body."""
    with database.connect() as admin:
        admin.execute(
            "SET max_parallel_workers_per_gather = 0"
        )  # verifying runs in one session, so the floor does too
        query = (
            b"SELECT count(*), sum(length(v.title)), sum(length(v.body)) FROM public.unit_version v"
        )
        # The median, as of what it is held against: other load then takes as much from both.
        return statistics.median(timed(lambda: admin.execute(query).fetchone()) for _ in range(9))


def measure(cluster: Cluster, units: int, repeats: int) -> dict[str, float]:
    """Medians over fresh databases, floor and phases side by side."""
    plan = made_plan(units, body=BODY)
    figures: dict[str, list[float]] = {"copy": [], "scan": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            with fresh_database(cluster) as floor:
                figures["copy"].append(copy_rows(floor, plan))
            with fresh_database(cluster) as database:
                _measure_phases(live_bench(database, Path(folder)), plan, figures)
                figures["scan"].append(scan_bodies(database))
    return {name: statistics.median(values) for name, values in figures.items()}


def _measure_phases(bench: LiveBench, plan: CutPlan, figures: dict[str, list[float]]) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.REVIEW)
    for phase in (Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.WRITE_VERIFY, Phase.LIFECYCLE_ENACT):
        method = getattr(bench.adapter, phase.value)
        figures.setdefault(phase.value, []).append(timed(lambda run=method: run(ctx, plan)))  # type: ignore[misc]


def main(sizes: list[int]) -> int:
    """Print a table of ratios; 1 if one is over its bound."""
    failed = 0
    base: float | None = None
    with running_server() as server, prepared_cluster(server) as cluster:
        for units in sizes:
            m = measure(cluster, units, repeats=5 if units <= 10_000 else 1)
            leg_a, verify = m["cut_leg_a"] / m["copy"], m["write_verify"] / m["scan"]
            leg_b, enact = m["leg_b_record"] / m["copy"], m["lifecycle_enact"] / m["copy"]
            base = base or leg_a
            linear = leg_a / base  # against COPY, whose own cost a row grows with the tables
            print(
                f"{units:7} units  leg A {leg_a:5.2f} x COPY (bound {LEG_A_BOUND})"
                f"  verify {verify:5.1f} x scan (bound {VERIFY_BOUND})"
                f"  leg B {leg_b:5.2f} x COPY (bound {LEG_B_BOUND})"
                f"  enact {enact:5.2f} x COPY (bound {ENACT_BOUND})"
                f"  {linear:4.2f} of the first size's ratio (bound {LINEAR_BOUND})",
                flush=True,
            )
            failed |= leg_a > LEG_A_BOUND or verify > VERIFY_BOUND or linear > LINEAR_BOUND
            failed |= leg_b > LEG_B_BOUND or enact > ENACT_BOUND
    return int(failed)


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [10_000, 100_000]))
