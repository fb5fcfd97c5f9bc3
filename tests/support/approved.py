"""Runs that two people have approved, on a test's own database, and the verifier's look at them."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

from adapters.postgres.record.status import change_sets
from domain.change_set import CutContext
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.reports.standing import ChangeSetStatus
from tests.support.live import LiveBench, run_phases
from tests.support.postgres import Connection


def cut(
    bench: LiveBench, plan: CutPlan, until: Phase = Phase.LIFECYCLE_ENACT, attempt: int = 1
) -> CutContext:
    """An approved cut, up to and with a phase; its context."""
    ctx = bench.context(plan, attempt=attempt)
    run_phases(bench.adapter, ctx, plan, until=until)
    return ctx


@contextlib.contextmanager
def as_verifier(bench: LiveBench) -> Iterator[Connection]:
    """The verifier's connection, idle and in autocommit."""
    with contextlib.closing(bench.connections.connect(Principal.VERIFY)) as conn:
        yield conn


def stands(bench: LiveBench) -> list[ChangeSetStatus]:
    """How every change set stands, as the verifier sees it."""
    with as_verifier(bench) as conn:
        return change_sets(conn)


def no_such_change_set() -> uuid.UUID:
    """An id that is on record nowhere."""
    return uuid.UUID(int=404)
