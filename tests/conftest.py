"""Fixtures for every test: a real PostgreSQL server once a session, an empty database a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.keys import Keyring, keyring
from tests.support.postgres import Cluster, Database, Server, prepared_cluster, running_server
from tests.support.stock import Stock, stock_of


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test that is marked `one_quick`, every case but the first is slow."""
    met: set[tuple[Path, str]] = set()
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("one_quick"):
            test = (item.path, item.originalname)
            if test in met:
                item.add_marker(pytest.mark.slow)
            met.add(test)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server that tests may make databases on."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def cluster(server: Server) -> Iterator[Cluster]:
    """The server with the roles and the template database."""
    with prepared_cluster(server) as prepared:
        yield prepared


@pytest.fixture(scope="session")
def stock(cluster: Cluster) -> Iterator[Stock]:
    """Databases that tests use one after the other."""
    with stock_of(cluster) as made:
        yield made


@pytest.fixture
def database(stock: Stock) -> Iterator[Database]:
    """A database for this test alone: the reference schema and no rows."""
    with stock.lend() as lent:
        yield lent


@pytest.fixture(scope="session")
def ring() -> Iterator[Keyring]:
    """A keyring for every backup. A test that changes a keyring makes its own."""
    with keyring() as made:
        yield made
