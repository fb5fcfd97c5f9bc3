"""What many tests of the database share: a live bench, a finished cut on it, a run that nobody has
approved yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.postgres.permits.permit import clock
from domain.approval.approvals import SignedApproval
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from tests.support.approved import cut as cut_of
from tests.support.backups import Throwaway, shared_throwaway
from tests.support.live import LiveBench, live_bench
from tests.support.permits import PLAN
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database, wanted_major


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """Everything that a live run needs, on this test's own database."""
    return live_bench(database, tmp_path)


@pytest.fixture
def plan() -> CutPlan:
    """What `cut` has cut: a chapter and three articles."""
    return made_plan(3)


@pytest.fixture
def cut(bench: LiveBench, plan: CutPlan) -> CutContext:
    """A finished cut."""
    return cut_of(bench, plan)


@pytest.fixture
def ctx(bench: LiveBench) -> CutContext:
    """A run that nobody has approved yet."""
    return bench.context(PLAN, approved=False)


@pytest.fixture
def executor(bench: LiveBench) -> Iterator[Connection]:
    """The executor's connection, as the product makes it."""
    with bench.connections.connect(Principal.EXEC) as conn:
        yield conn


@pytest.fixture
def pair(bench: LiveBench, ctx: CutContext, executor: Connection) -> list[SignedApproval]:
    """Both approvals of that run."""
    return bench.approvers.sign(cut_effect(ctx, PLAN), clock(executor))


@pytest.fixture(scope="module")
def lent() -> Iterator[Throwaway]:
    """A throwaway server that a module's drills use in turn."""
    with shared_throwaway(wanted_major()) as made:
        yield made
