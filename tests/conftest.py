"""Fixtures for every test: a real PostgreSQL server once a session, a fresh database a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import Cluster, Database, Server, fresh_database, prepared_cluster, running_server


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


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """A database of this test's own: the reference schema and no rows."""
    with fresh_database(cluster) as fresh:
        yield fresh
