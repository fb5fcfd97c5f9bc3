"""The two executors that the contract suite runs over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.simulator import Simulator
from domain.change_set import CutContext
from domain.plan.cut_plan import CutPlan
from domain.ports import PhaseExecutor
from tests.support.live import live_bench
from tests.support.plans import context
from tests.support.postgres import Database


@dataclass
class Subject:
    """One executor under test, and how to make the context of a run for it."""

    executor: PhaseExecutor[CutPlan]
    context: Callable[[CutPlan], CutContext]


@pytest.fixture(params=["simulator", "live"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """The simulator, then the live adapter on a database of its own."""
    if request.param == "simulator":
        return Subject(Simulator(), context)
    database: Database = request.getfixturevalue("database")
    bench = live_bench(database, tmp_path)
    return Subject(bench.adapter, bench.context)
