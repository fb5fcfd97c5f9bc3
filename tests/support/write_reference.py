"""Writes down what the reference schema looks like, in a catalog and on a page of the docs: run it
after each change of the schema's SQL.

python -m tests.support.write_reference
"""

from __future__ import annotations

import json
from pathlib import Path

from adapters.postgres.schema import doctor
from adapters.postgres.schema.catalog import NAMES, SCHEMA_VERSION, read_facts
from domain.ledger.drift import Fact
from tests.support.postgres import Database, fresh_database, prepared_cluster, running_server
from tests.support.write_pages import write_database_page

REFERENCE = Path(doctor.__file__).parent / "catalogs" / f"{SCHEMA_VERSION:04}.json"


def fresh_facts(database: Database) -> tuple[Fact, ...]:
    """The facts of a schema that was just made."""
    with database.connect() as admin, doctor.catalog_snapshot(admin):
        return tuple(sorted(read_facts(admin, NAMES)))


def main() -> None:
    """Make the schema on a server of its own and keep its facts, one a line, and its page."""
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
    ):
        lines = ",\n".join(json.dumps(list(fact)) for fact in fresh_facts(database))
        write_database_page(database)
    REFERENCE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
