"""Knowledge bases as earlier releases have left them, from the dumps in `tests/fixtures`."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from psycopg import sql

from adapters.postgres.schema.install import restrict_database
from tests.support.postgres import Cluster, Database

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
RELEASED: Final = tuple(
    sorted(int(one.name.partition("_")[2]) for one in FIXTURES.glob("version_*"))
)
"""The versions of the schema that a dump is kept of."""


def release(version: int) -> Path:
    """The folder of what a release has made."""
    return FIXTURES / f"version_{version}"


def facts(version: int) -> dict[str, str]:
    """The keys and change sets of what a release has made, by name."""
    found: dict[str, str] = json.loads((release(version) / "facts.json").read_text())
    return found


@contextlib.contextmanager
def released_database(cluster: Cluster, version: int) -> Iterator[Database]:
    """A database that holds a release's dump, dropped afterwards."""
    name = f"cutter_released_{uuid.uuid4().hex[:12]}"
    with cluster.server.connect() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        restrict_database(admin, name)
    try:
        with cluster.server.connect(name) as inside:
            inside.execute((release(version) / "knowledge_base.sql").read_bytes())
        yield Database(cluster, name)
    finally:
        with cluster.server.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
