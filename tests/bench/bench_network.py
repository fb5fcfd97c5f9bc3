"""A live cut against a server that is far away, beside the same cut against one that is near:
through a wire that takes 25 ms each way, with gates, backup and evidence.

pg_dump is measured apart: it asks the server some two hundred times, one question after another,
whatever is in the tables, and nothing here can change that. The bound is on all the rest.

Run it with `make bench`. Exit status 1 if the far one takes longer than the bound says.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from adapters.evidence.collect import RunEnd
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.connection.lending import LendingConnections, session
from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.permits.permit import clock
from domain.approval.request import cut_effect
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tasks.gates import (
    open_or_find_permit,
    refuse_rollback,
    refuse_under_halt,
    refuse_unfit,
)
from tasks.keepers import keep_chain_heads, keep_if_reachable
from tests.support.keys import Keyring, keyring
from tests.support.live import live_bench
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, fresh_database, prepared_cluster, running_server
from tests.support.slow_wire import SlowWire, slow_wire

UNITS = 2000
EACH_WAY = 0.025
TIMES, PLUS = 2.5, 3.0
"""How long the far cut may take: so many times the near one, and so many seconds."""
BODY = "Article {n}. " + "The registry keeps what it was given, to whoever asks in due form. " * 12


class Took(NamedTuple):
    """Seconds and turns of a cut, and pg_dump's part in them."""

    seconds: float
    dump: float
    turns: int
    dump_turns: int

    @property
    def rest(self) -> float:
        """Everything but pg_dump."""
        return self.seconds - self.dump


def measure(
    cluster: Cluster, ring: Keyring, plan: CutPlan, delay: float, *, told: bool = False
) -> Took:
    """What everything of a live cut takes over a wire of this delay."""
    with (
        fresh_database(cluster) as database,
        tempfile.TemporaryDirectory() as name,
        slow_wire(database.endpoint, delay) as (far, wire),
    ):
        folder, total = Path(name), 0.0
        bench = live_bench(database, folder)
        lent = LendingConnections(
            PostgresConnections(far, database.credentials, target=bench.target)
        )
        bench.connections = lent
        bench.backup = PgDumpBackup(  # type: ignore[assignment]  # the real one, in the place of a note
            far,
            database.credentials,
            folder / "backups",
            ring.fingerprint,
            signer=bench.executor,
            gnupg_home=ring.home,
        )
        bench.adapter = bench.new_adapter()
        ctx = bench.context(plan, approved=False)
        effect = cut_effect(ctx, plan)
        with database.connect() as admin:
            signed = bench.approvers.sign(effect, clock(admin), submitter=ctx.actor)
        adapter = bench.adapter
        before = wire.turns
        steps: dict[str, Callable[[], object]] = {
            "halt": lambda: refuse_under_halt(lent),
            "history": lambda: refuse_rollback(lent, folder / "heads"),
            "drift": lambda: refuse_unfit(lent, ctx, folder),
            "permit": lambda: open_or_find_permit(lent, ctx, effect, signed, folder / "used"),
            **{
                phase.value: partial(getattr(adapter, phase.value), ctx, plan)
                for phase in Phase
                if phase is not Phase.PRE_WRITE_BACKUP
            },
            "heads": lambda: keep_chain_heads(lent, folder / "heads"),
            "evidence": lambda: keep_if_reachable(
                lambda: session(lent, Principal.VERIFY),
                folder / "runs",
                ctx,
                plan,
                bench.executor,
                RunEnd(None, ()),
            ),
        }
        for step, run in steps.items():
            if step == Phase.MARK.value:
                total += _timed("backup", lambda: adapter.pre_write_backup(ctx), wire, told)
            total += _timed(step, run, wire, told)
        lent.close()
        time.sleep(0.2 + 4 * delay)  # until the wire has seen the end of every session
        return Took(total, wire.dump_seconds, wire.turns - before, wire.dump_turns)


def _timed(step: str, run: Callable[[], object], wire: SlowWire, told: bool) -> float:
    turns, started = wire.turns, time.monotonic()
    run()
    seconds = time.monotonic() - started
    if told:
        print(f"    {step:16} {seconds:6.2f} s  {wire.turns - turns:4} turns", flush=True)
    return seconds


def main() -> int:
    """Print both; 1 if the far one is over its bound."""
    plan = made_plan(UNITS, body=BODY)
    with running_server() as server, prepared_cluster(server) as cluster, keyring() as ring:
        near = min(
            (measure(cluster, ring, plan, 0.0) for _ in range(2)), key=lambda took: took.rest
        )
        far = measure(cluster, ring, plan, EACH_WAY, told=True)
    bound = TIMES * near.rest + PLUS
    print(
        f"{UNITS} units, {EACH_WAY * 1000:.0f} ms each way: {far.rest:.1f} s, near "
        f"{near.rest:.1f} s (bound {TIMES} x near + {PLUS:.0f} s = {bound:.1f} s), in "
        f"{far.turns - far.dump_turns} turns\n"
        f"pg_dump apart: {far.dump:.1f} s, near {near.dump:.1f} s, in {far.dump_turns} turns; "
        f"all together {far.seconds:.1f} s, near {near.seconds:.1f} s"
    )
    return int(far.rest > bound)


if __name__ == "__main__":
    sys.exit(main())
