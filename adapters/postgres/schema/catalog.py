"""What the server's catalog says of tables, functions and privileges, in its own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all
from domain.ledger.drift import Fact, Held
from domain.ledger.privileges import (
    ALL_TABLES,
    FUNCTIONS,
    OPTIONAL_PORT,
    OURS,
    PORT_FUNCTIONS,
    READING_VIEWS,
    ROLES,
    SCHEMAS,
    VIEWS,
    Grant,
    core_tables,
)

SCHEMA_VERSION: Final = 5
"""The version of the schema that this program works with."""

Names = Mapping[str, list[str]]
"""What is asked about: `tables` (views too) and `functions` by their names with the schema in
front, `schemas` and `roles` by theirs.
"""

NAMES: Final[Names] = {
    "tables": [*ALL_TABLES, *VIEWS],
    "functions": [name.partition("(")[0] for name in FUNCTIONS],
    "schemas": list(SCHEMAS),
    "roles": [role.role for role in ROLES],
}
"""Everything of the knowledge base that the adapters know."""

_PORT: Final = tuple(name.partition("(")[0] for name in (*PORT_FUNCTIONS, *OPTIONAL_PORT))
CORE_NAMES: Final[Names] = {
    "tables": [*core_tables(), *READING_VIEWS],
    "functions": [
        name for name in NAMES["functions"] if name.startswith(f"{OURS}.") and name not in _PORT
    ],
    "schemas": [OURS],
    "roles": NAMES["roles"],
}
"""What is the same whoever implements the units: not they, and not the port to them."""
PORT_VIEWS: Final = tuple(view for view in VIEWS if view not in READING_VIEWS)
"""What a site's units are seen through."""
_TO_UNITS: Final = (
    "cutter.cut_change_set_affected_row.cut_change_set_affected_row_unit_id_fkey",
    "cutter.cut_change_set_affected_row.cut_change_set_affected_row_version_id_fkey",
)


@cache
def reference_facts(version: int = SCHEMA_VERSION) -> tuple[Fact, ...]:
    """What a version of the schema looks like in a catalog; every released one is kept as data.

    Raises FileNotFoundError for a version that there never was.
    """
    folder = resources.files("adapters.postgres.schema") / "catalogs"
    text = (folder / f"{version:04}.json").read_text(encoding="utf-8")
    return tuple(Fact(*row) for row in json.loads(text))


def core_facts(version: int = SCHEMA_VERSION) -> tuple[Fact, ...]:
    """The part of the reference that holds whoever implements the units.

    Raises what `reference_facts` raises.
    """
    return tuple(fact for fact in reference_facts(version) if _is_core(fact))


def _is_core(fact: Fact) -> bool:
    thing = fact.name.removeprefix("table ").removeprefix("function ")
    if fact.name == f"schema {OURS}":
        return True
    relation = ".".join(thing.partition("(")[0].split(".")[:2])
    if not relation.startswith(f"{OURS}.") or fact.name in _TO_UNITS:
        return False
    return relation not in (*_PORT, *PORT_VIEWS)


def names_in(version: int, *, core: bool = False) -> Names:
    """What a version of the schema consists of; with `core`, without the units and the port to
    them. Raises what `reference_facts` raises.
    """
    facts = core_facts(version) if core else reference_facts(version)
    return {
        "tables": [fact.name for fact in facts if fact.subject == "table"],
        "functions": [fact.name.partition("(")[0] for fact in facts if fact.subject == "function"],
        "schemas": list(SCHEMAS),
        "roles": NAMES["roles"],
    }


def read_facts(conn: Connection, names: Names) -> list[Fact]:
    """Everything about these tables and functions. Expects `search_path` to be empty."""
    return read_all(conn, Fact, "doctor_objects", names)


def read_held(conn: Connection, names: Names) -> list[Held]:
    """Every privilege on them, on the schemas and on the database, but the owners' own."""
    return read_all(conn, _held, "doctor_grants", names)


def _held(*, role: str, kind: str, name: str, sub: str, privilege: str, is_grantable: bool) -> Held:
    return Held(Grant(role, kind, name, sub, privilege), is_grantable)
