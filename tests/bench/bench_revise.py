"""A revision of 40 of 2,500 units against the first cut of the document, side by side in one run.

Run it with `python -m tests.bench.bench_revise`. It prints ratios; exit status 1 if the bound is
missed. What a revision can not do without is of the whole document: the manifest names every unit
(REVIEW), and the verifier reads all of what stands and hashes it (VERIFY). The plainest of both is
measured beside it: COPY of the manifest's rows into a table like it, and one SELECT with a SHA-256
of each text.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from adapters.postgres.connection.lending import LendingConnections
from domain.digests import text_sha256
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan, CutplanRow, check_plan
from tests.bench.bench_write import BODY, timed
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database, fresh_database, prepared_cluster, running_server
from tests.support.revising import revision_adapter, revision_context, revision_plan

UNITS: Final = 2_500
TOUCHED: Final = 40
ROUNDS: Final = 5
BOUND: Final = 0.6
"""Of the first cut, which became cheaper than it was; 0.1 is the aim."""
MEASURED: Final = (
    Phase.MARK,
    Phase.REVIEW,
    Phase.CUT_LEG_A,
    Phase.LEG_B_RECORD,
    Phase.WRITE_VERIFY,
    Phase.LIFECYCLE_ENACT,
)


def amended(plan: CutPlan) -> CutPlan:
    """The next version: every so many units one in which a word is another."""
    every = UNITS // TOUCHED
    rows: list[CutplanRow] = []
    at, left = plan.rows[0].start, TOUCHED
    for row in plan.rows:
        body = row.body
        if left and row.seq % every == 0 and row.level == "basic":
            body, left = body.replace("due form", "good form", 1), left - 1
        rows.append(row._replace(body=body, start=at, end=at + len(body)))
        at += len(body)
    text = plan.gaps[0].text + "".join(row.body for row in rows)
    new = replace(plan, rows=tuple(rows), text_sha256=text_sha256(text), text_chars=len(text))
    check_plan(new)
    return new


def measure(bench: LiveBench, plan: CutPlan, figures: dict[tuple[str, Phase], list[float]]) -> int:
    """The phases of a cut, then of a revision of it; how many units that touched."""
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.PRE_WRITE_BACKUP)
    for phase in MEASURED:
        method = getattr(bench.adapter, phase.value)
        figures.setdefault(("cut", phase), []).append(timed(lambda run=method: run(ctx, plan)))  # type: ignore[misc]
    revision = revision_plan(bench, amended(plan))
    of_it = revision_context(bench, revision)
    adapter = revision_adapter(bench)
    adapter.pre_write_backup(of_it)
    for phase in MEASURED:
        method = getattr(adapter, phase.value)
        figures.setdefault(("revision", phase), []).append(
            timed(lambda run=method: run(of_it, revision))  # type: ignore[misc]
        )
    return len(revision.steps)


def floors(database: Database, code: str) -> tuple[float, float]:
    """Seconds of the plainest naming of every unit, and of reading and hashing all that stands."""
    columns = "envelope_id, start_char, end_char, canonical_address, seq, title_sha256, body_sha256"
    with database.connect(autocommit=True) as admin:
        admin.execute(
            "CREATE TABLE named (LIKE cutter.manifest_unit_block INCLUDING ALL,"
            " FOREIGN KEY (envelope_id) REFERENCES cutter.manifest_envelope)"
        )
        rows = admin.execute(
            f"SELECT {columns} FROM cutter.manifest_unit_block WHERE gap_text IS NULL"
            " AND envelope_id = (SELECT envelope_id FROM cutter.manifest_envelope"
            " ORDER BY sealed_at DESC LIMIT 1)".encode()
        ).fetchall()

        def named() -> None:
            with admin.cursor().copy(f"COPY named ({columns}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)

        def read() -> None:
            texts = admin.execute(
                "SELECT title, body FROM cutter.iu_unit WHERE document_code = %s", (code,)
            )
            for title, body in texts:
                hashlib.sha256(title.encode()).digest()
                hashlib.sha256(body.encode()).digest()

        return timed(named), timed(read)


def main() -> int:
    """Print a line a phase and the sum; 1 if the bound is missed."""
    plan = made_plan(UNITS, body=BODY)
    figures: dict[tuple[str, Phase], list[float]] = {}
    touched = 0
    plainest: list[tuple[float, float]] = []
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        tempfile.TemporaryDirectory() as folder,
    ):
        for _ in range(ROUNDS):
            with fresh_database(cluster) as database:
                bench = live_bench(database, Path(folder))
                shared = replace(bench, connections=LendingConnections(bench.connections))
                touched = measure(shared, plan, figures)
                plainest.append(floors(database, plan.document_code))
    found = {key: statistics.median(values) for key, values in figures.items()}
    cut = sum(found["cut", phase] for phase in MEASURED)
    revision = sum(found["revision", phase] for phase in MEASURED)
    for phase in MEASURED:
        print(
            f"{phase.value:16} cut {found['cut', phase] / cut:5.2f}, revision "
            f"{found['revision', phase] / cut:5.2f} of the first cut"
        )
    share = revision / cut
    naming, reading = (statistics.median(each) / cut for each in zip(*plainest, strict=True))
    print(
        f"plainest of what is of the whole document: naming {naming:.3f}, "
        f"reading and hashing {reading:.3f} of the first cut"
    )
    print(f"{touched} of {len(plan.rows):,} units: {share:.2f} of the first cut (bound {BOUND})")
    return int(share > BOUND)


if __name__ == "__main__":
    sys.exit(main())
