"""`cutter db adopt`: a folder for an administrator, and running exactly what stands in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg import sql

from adapters.files import READABLE, keep_bytes
from adapters.postgres.adopting.examine import Site, proposed, read_site
from adapters.postgres.adopting.faults import faults_of
from adapters.postgres.adopting.script import Adoption, RoleThere, adoption
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_all, read_value
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema import checks
from adapters.postgres.schema.install import ADMINISTRATOR, installed_version
from domain.errors import AdoptionRefused, BadInput, ConfigMismatch, DatabaseUnsuitable
from domain.ledger.drift import Severity
from domain.ledger.mapping import SiteMapping, parse, render
from domain.ledger.privileges import ALL_TABLES, OURS

MAPPING: Final = "mapping.toml"
ADOPT: Final = "adopt.sql"
REVERT: Final = "revert.sql"
FOUND: Final = "found.md"
LOOK: Final = (
    "where a privilege is missing (42501), connect as the administrator who owns the units' tables "
    "and may make roles; else look into the server's log, correct the mapping and plan again"
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A folder that was written: the SHA-256 of its `adopt.sql`, and how many units are there."""

    folder: Path
    digest: str
    units: int


@translated("Examining the database", hint=ADMINISTRATOR)
def plan_adoption(conn: Connection, folder: Path) -> Planned:
    """Examine a database and write what would be done to a folder; the database is not changed.

    A `mapping.toml` that is there already is taken as a person has corrected it. Raises `BadInput`
    for one that can not be read, and `AdoptionRefused` where cutter is in already.
    """
    with conn.transaction(force_rollback=True):
        conn.execute("SET TRANSACTION READ ONLY")
        conn.execute("SET LOCAL search_path = ''")
        _require_none(conn)
        site = read_site(conn)
        written = _written(folder / MAPPING)
        mapping = parse(written) if written else proposed(conn, site)
        if faults := faults_of(conn, site, mapping):
            raise _to_correct(folder / MAPPING, mapping, faults, written)
        made = adoption(conn, site, mapping, written)
        units = _count(conn, mapping)
        roles = [one.role for one in read_all(conn, RoleThere, "adopt_roles")]
    for name, text in (
        (MAPPING, made.mapping),
        (ADOPT, made.adopt),
        (REVERT, made.revert),
        (FOUND, _report(site, mapping, made, units, roles)),
    ):
        keep_bytes(folder / name, text.encode(), READABLE)
    return Planned(folder, _sha256(made.adopt.encode()), units)


def _to_correct(
    path: Path, mapping: SiteMapping, faults: Sequence[str], written: str
) -> DatabaseUnsuitable:
    """Keeps the proposal for a person to correct, and says what is to be corrected in it."""
    if not written:
        keep_bytes(path, render(mapping).encode(), READABLE)
    return DatabaseUnsuitable(
        f"{'; '.join(faults)}: the database has it otherwise. Correct {path}, and run this again."
    )


@translated("Adopting the database", AdoptionRefused, hint=LOOK)
def adopt(conn: Connection, folder: Path, digest: str) -> int:
    """Run exactly the `adopt.sql` that has this SHA-256, in one transaction; the number of units
    that are adopted.

    Raises `ConfigMismatch` for a file of another digest, and `AdoptionRefused` where what came of
    it is not what cutter needs: then nothing was changed.
    """
    try:
        text = (folder / ADOPT).read_bytes()
    except OSError as error:
        raise BadInput(
            f"{folder / ADOPT} can not be read: {error.strerror}; make it with `cutter db adopt "
            f"--plan`."
        ) from None
    if _sha256(text) != digest:
        raise ConfigMismatch(
            f"{folder / ADOPT} has the SHA-256 {_sha256(text)}, and {digest} was to be run; read "
            f"it again. Nothing was changed."
        )
    with conn.transaction():
        _require_none(conn)
        conn.execute(text)
        conn.execute("SET LOCAL search_path = ''")
        found = [*checks.objects(conn), *checks.privileges(conn)]
        fails = sorted(one.message for one in found if one.severity is Severity.FAILS)
        if fails:
            raise AdoptionRefused(
                f"What was installed is not what cutter needs, and nothing of it was kept; "
                f"{len(fails)} differences, the first: {fails[0]}"
            )
        return read_value(conn, int, "adopt_adopted") or 0


def _require_none(conn: Connection) -> None:
    if installed_version(conn) is not None:
        raise AdoptionRefused(
            "This database has a schema of cutter's already; `cutter doctor` looks at it."
        )


def _written(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        raise BadInput(f"The mapping {path} can not be read.") from None


def _count(conn: Connection, mapping: SiteMapping) -> int:
    query = sql.SQL(statement("adopt_count")).format(table=relation(mapping.units.table))
    row = conn.execute(query).fetchone()
    return int(row[0]) if row else 0


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _report(
    site: Site, mapping: SiteMapping, made: Adoption, units: int, roles: Sequence[str]
) -> str:
    """What was found, for the administrator who reads the folder."""
    same = [one.name for one in site.tables if f"{OURS}.{one.name.partition('.')[2]}" in ALL_TABLES]
    lines = [
        "# What was found",
        "",
        f"- {len(site.tables)} tables and {len(site.functions)} functions that are not cutter's",
        f"- {units} units in {mapping.units.table}, their texts in {mapping.versions.table}",
        f"- units are created by {mapping.create.function} and enacted by {mapping.enact.function}",
        f"- roles with names of cutter's that are there already: {', '.join(roles) or 'none'}",
        f"- tables with names of cutter's, which are left alone: {', '.join(same) or 'none'}",
        f"- the mapping has the SHA-256 {made.digest}",
        f"- `{ADOPT}` has the SHA-256 {_sha256(made.adopt.encode())}",
        "",
        f"Read `{MAPPING}`, correct it, plan again; then read `{ADOPT}` and `{REVERT}`. Units that",
        "are there stay as they are. Tables of an earlier tool are left alone.",
    ]
    return "\n".join(lines) + "\n"
