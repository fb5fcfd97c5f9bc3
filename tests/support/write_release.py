"""Writes down what this release of cutter makes, for later releases to read: a knowledge base as a
dump, and a file of each format that is kept.

python -m tests.support.write_release FOLDER

Run once a release, before the next change of the schema or of a format; what it has written is
never written again. See `tests/fixtures/README.md`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from adapters.evidence.collect import RunEnd, keep_evidence
from adapters.home.plans import save_plan
from adapters.postgres.permits.permit import clock
from adapters.postgres.server.binaries import client_binaries
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import PhaseStop
from domain.phases import Phase, Principal
from domain.runs.run_plan import RunPlan
from tests.support.approved import as_verifier, cut
from tests.support.backups import BackupBench
from tests.support.keys import keyring
from tests.support.live import LiveBench, live_bench
from tests.support.plans import made_plan
from tests.support.postgres import (
    Database,
    fresh_database,
    prepared_cluster,
    running_server,
    wanted_major,
)
from tests.support.reverts import revert_adapter, revert_of, revert_plan, run_revert

DUMP_OPTIONS: Final = ("--inserts", "--rows-per-insert=100", "--no-password")
"""Plain statements, so that a driver can run them without psql."""


def main(folder: Path) -> None:
    """Make a knowledge base on a server of its own and keep it, and one file of each format."""
    folder.mkdir(parents=True, exist_ok=False)
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
        tempfile.TemporaryDirectory() as scratch,
    ):
        bench = live_bench(database, Path(scratch))
        _used(bench, folder)
        _backup(bench, folder, Path(scratch))
        (folder / "knowledge_base.sql").write_bytes(dumped(database))


def _used(bench: LiveBench, folder: Path) -> None:
    """A finished cut, one that was reverted, one that is torn, and one that is only approved."""
    kept = made_plan(12, code="kept.law", body="Điều {n}: “as printed”.\r\n")
    kept_ctx = cut(bench, kept)
    _keep(bench, folder, "finished", kept_ctx, kept)
    undone = made_plan(3, code="undone.law")
    gone = cut(bench, undone)
    back = revert_plan(bench, gone.change_set_id)
    ctx = revert_of(bench, back)
    run_revert(revert_adapter(bench), ctx, back)
    _keep(bench, folder, "revert", ctx, back)
    torn = made_plan(4, code="torn.law")
    torn_ctx = cut(bench, torn, until=Phase.CUT_LEG_A)
    _keep(bench, folder, "torn", torn_ctx, torn, RunEnd(PhaseStop("The lights went out.")))
    waiting = made_plan(2, code="waiting.law")
    approved = bench.context(waiting)
    with contextlib.closing(bench.connections.connect(Principal.EXEC)) as conn:
        approval = bench.approvers.sign(cut_effect(approved, waiting), clock(conn))[0]
    (folder / "approval.json").write_text(approval.envelope() + "\n", encoding="utf-8")
    plan = save_plan(waiting, folder)
    facts = {
        "plan_digest": plan.plan_digest,
        "executor_key": bench.executor.key_id,
        "verifier_key": bench.verifier.key_id,
        "executor_public_key": bench.executor.public_key.hex(),
        "finished": str(kept_ctx.change_set_id),
        "torn": str(torn_ctx.change_set_id),
        "waiting": str(approved.change_set_id),
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _keep(
    bench: LiveBench,
    folder: Path,
    name: str,
    ctx: CutContext,
    plan: RunPlan,
    end: RunEnd = RunEnd(),
) -> None:
    with as_verifier(bench) as conn:
        made = keep_evidence(conn, bench.backup.folder / "runs", ctx, plan, bench.executor, end)
    made.rename(folder / f"evidence_{name}")


def _backup(bench: LiveBench, folder: Path, scratch: Path) -> None:
    """A signed manifest; the backup itself would need its key to be kept too."""
    with keyring() as ring:
        made = BackupBench(bench.database, bench, ring, scratch / "backups").back_up()
    manifest = Path(made.path + ".manifest.json")
    (folder / "backup_manifest.json").write_bytes(manifest.read_bytes())


def dumped(database: Database) -> bytes:
    """The whole database as statements, with owners and privileges; psql's own commands left
    out.
    """
    endpoint = database.endpoint
    environment = {
        **os.environ,
        "PGPASSWORD": database.admin.password.get_secret_value(),
    }
    done = subprocess.run(
        [
            str(client_binaries(wanted_major()).tool("pg_dump")),
            *DUMP_OPTIONS,
            f"--host={endpoint.host}",
            f"--port={endpoint.port}",
            f"--username={database.admin.user}",
            endpoint.database,
        ],
        env=environment,
        capture_output=True,
        check=True,
    )
    lines = done.stdout.split(
        b"\n"
    )  # bytes, and no other line break: bodies hold some of their own
    return b"\n".join(line for line in lines if not line.startswith(b"\\"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
