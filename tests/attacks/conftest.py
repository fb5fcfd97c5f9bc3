"""The bench of the integration tests, and a thief's connections: real logins, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from domain.phases import Principal
from tests.integration.conftest import bench, ctx, cut, executor, pair, plan
from tests.support.live import LiveBench
from tests.support.postgres import Connection

__all__ = ["bench", "ctx", "cut", "executor", "pair", "plan", "steal", "steal_rehearsal"]


@pytest.fixture
def steal(bench: LiveBench) -> Iterator[Callable[[Principal], Connection]]:
    """A principal's password in wrong hands: its connection, in autocommit."""
    with ExitStack() as stack:
        yield lambda principal: stack.enter_context(
            bench.database.connect(principal, autocommit=True)
        )


@pytest.fixture
def steal_rehearsal(bench: LiveBench) -> Iterator[Connection]:
    """The rehearsal's password in wrong hands."""
    database = bench.database
    login = database.rehearsal_login()
    with database.cluster.server.connect(database.name, login, autocommit=True) as conn:
        yield conn
