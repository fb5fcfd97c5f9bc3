"""What a database has that units could be in, and the mapping that it suggests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from psycopg import sql

from adapters.postgres.adopting.port_sql import word_of
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_all, read_values
from adapters.postgres.connection.statements import statement
from domain.errors import DatabaseUnsuitable
from domain.ledger.mapping import Create, Enact, SiteMapping, Units, Versions, Withdraw
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES

UNIT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("id", "unit_id", "uuid"),
    "address": ("canonical_address", "address", "unit_address", "ref"),
    "version": ("version_anchor_ref", "current_version_id", "version_id", "current_version"),
    "unit_kind": ("unit_kind", "kind", "type"),
    "section_type": ("section_type", "identity_profile.primary_section_type_ref", "section"),
    "publication_type": ("publication_type", "identity_profile.publication_type", "publication"),
    "owner": ("owner_ref", "owner", "owned_by"),
    "parent": ("parent_or_container_ref", "parent_ref", "parent_address", "parent"),
    "lifecycle": ("lifecycle_status", "lifecycle", "status", "state"),
    "created": ("created_at", "created", "inserted_at"),
}
"""Which columns of other people's tables mean what, the likeliest first."""
VERSION_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("id", "version_id", "uuid"),
    "unit": ("unit_id", "information_unit_id", "iu_id", "unit"),
    "number": ("version_seq", "version_no", "seq", "number", "version"),
    "title": ("title", "heading"),
    "body": ("body", "content", "text"),
}
ARGUMENT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("address",),
    "actor": ("actor", "by", "user"),
    "decision": ("decision",),
    "change_set": ("change_set",),
    "unit": ("unit_id",),
}
DRAFT: Final = ("draft", "proposed", "pending", "prepared")
ENACTED: Final = ("enacted", "in_force", "active", "current", "published", "valid")
WITHDRAWN: Final = (
    *("withdrawn", "retired", "revoked", "repealed", "superseded", "archived", "inactive"),
    *("deleted", "obsolete", "abrogated", "cancelled"),
)
"""Words for what is being written, for what counts, and for what does not any more; the likeliest
first.
"""
LEAST_COLUMNS: Final = 4
"""So many columns of known names, of ten, make a table the likely place of units."""
NINE_TEXTS: Final = ["text"] * 9


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is there, with its columns, their types and the functions of its triggers."""

    name: str
    columns: list[str]
    types: list[str]
    triggers: list[str]

    def column(self, wanted: Iterable[str]) -> str:
        """The first of these columns that the table has, or an empty text."""
        return next((one for one in wanted if one.partition(".")[0] in self.columns), "")


@dataclass(frozen=True, slots=True)
class SiteFunction:
    """A function that is there; `definer` says that it runs with its owner's rights."""

    name: str
    types: list[str]
    names: list[str]
    returns: str
    definer: bool
    source: str


@dataclass(frozen=True, slots=True)
class Site:
    """Everything of a database that a mapping could name."""

    tables: tuple[Table, ...]
    functions: tuple[SiteFunction, ...]

    def table(self, name: str) -> Table | None:
        """The table of this name."""
        return next((one for one in self.tables if one.name == name), None)

    def function(self, name: str) -> SiteFunction | None:
        """The function of this name."""
        return next((one for one in self.functions if one.name == name), None)


def read_site(conn: Connection) -> Site:
    """What there is."""
    return Site(
        tuple(read_all(conn, Table, "adopt_tables")),
        tuple(read_all(conn, SiteFunction, "adopt_functions")),
    )


def proposed(conn: Connection, site: Site) -> SiteMapping:
    """The mapping that names, types and the words in use suggest: a person has to read it, and to
    correct what `faults.faults_of` finds.

    Raises `DatabaseUnsuitable` naming what no candidate was found for.
    """
    units = max(site.tables, key=lambda one: _fit(one, UNIT_COLUMNS), default=None)
    if units is None or not _may_hold_units(units):
        raise DatabaseUnsuitable("No table has a column for addresses, so none holds units.")
    versions = max(site.tables, key=lambda one: _fit(one, VERSION_COLUMNS))
    of_units = Units(units.name, **_found(units, UNIT_COLUMNS))
    of_versions = Versions(versions.name, **_found(versions, VERSION_COLUMNS))
    if versions.name == units.name:  # each unit is its own and only version
        of_units = replace(of_units, version=of_units.key)
        of_versions = replace(of_versions, key=of_units.key, unit=of_units.key)
    stages = _stages(conn, site, units, of_units.lifecycle)
    create = _function(site, "create", lambda one: one.types == NINE_TEXTS)
    enact = _function(site, "enact", lambda _: True)
    return SiteMapping(
        of_units,
        of_versions,
        Create(
            create.name,
            _answer(create),
            "created",
            _words(conn, units, of_units.unit_kind, ()),
            _words(conn, units, of_units.section_type, SECTION_TYPES),
            _words(conn, units, of_units.publication_type, PUBLICATION_TYPES),
        ),
        Enact(enact.name, _arguments(enact), _answer(enact), "enacted"),
        _withdraw(site, units, _stage(stages, WITHDRAWN, (stages.allowed or ["retired"])[-1])),
        draft=_stage(stages, DRAFT, DRAFT[0]),
        enacted=_stage(stages, ENACTED, ENACTED[0]),
        reads=_reads(site, (create, enact), (units.name, versions.name)),
    )


def _may_hold_units(table: Table) -> bool:
    return bool(table.column(UNIT_COLUMNS["address"])) or _fit(table, UNIT_COLUMNS) >= LEAST_COLUMNS


def _fit(table: Table, columns: Mapping[str, tuple[str, ...]]) -> int:
    return sum(bool(table.column(wanted)) for wanted in columns.values())


def _found(table: Table, columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Each column, or the likeliest name of one that is not there: a person has to correct it."""
    return {name: table.column(wanted) or wanted[0] for name, wanted in columns.items()}


def _function(site: Site, verb: str, fits: object) -> SiteFunction:
    found = [one for one in site.functions if verb in one.name.partition(".")[2]]
    best = [one for one in found if callable(fits) and fits(one)]
    if not best:
        raise DatabaseUnsuitable(f"No function was found that could {verb} a unit.")
    return best[0]


def _answer(function: SiteFunction) -> str:
    if function.returns in ("json", "jsonb"):
        return "json"
    return "text" if function.returns == "text" else "record"


def _arguments(function: SiteFunction) -> tuple[str, ...]:
    return tuple(
        next((known for known, words in ARGUMENT_WORDS.items() if _any(words, name)), "actor")
        for name in function.names[: len(function.types)]
    )


def _any(words: Sequence[str], name: str) -> bool:
    return any(word in name for word in words)


def _words(conn: Connection, units: Table, column: str, ours: Sequence[str]) -> dict[str, str]:
    """The site's words by cutter's: the same where both have it, and its commonest for the rest."""
    there = _in_use(conn, units, column)
    same = {word: word for word in ours if word in there}
    return same | ({"*": there[0]} if there else {})


def _in_use(conn: Connection, units: Table, column: str) -> list[str]:
    """The words that a column has, the commonest first; none where there is no such column."""
    if not units.column((column,)):
        return []
    query = sql.SQL(statement("adopt_words")).format(
        word=word_of(column), table=relation(units.name)
    )
    return [str(word) for (word,) in conn.execute(query)]


def _withdraw(site: Site, units: Table, withdrawn: str) -> Withdraw:
    """The site's word for what does not count any more, and the setting that its guard asks for."""
    sources = [one.source for one in site.functions if one.name.endswith(tuple(units.triggers))]
    for source in sources if units.triggers else ():
        setting = re.search(r"current_setting\('([^']+)'", source)
        values = re.findall(r"'([^']*enact[^']*)'", source)
        if setting and values:
            return Withdraw(withdrawn, setting[1], values[0])
    return Withdraw(withdrawn)


@dataclass(frozen=True, slots=True)
class _Stages:
    """The words for how far a unit is: those that its column may hold, and others that are met."""

    allowed: list[str]
    met: list[str]


def _stages(conn: Connection, site: Site, units: Table, lifecycle: str) -> _Stages:
    keys = {"table": units.name, "column": lifecycle.partition(".")[0]}
    named = re.findall(r"'([^']+)'", " ".join(one.source for one in site.functions))
    return _Stages(
        read_values(conn, str, "adopt_allowed", keys), [*_in_use(conn, units, lifecycle), *named]
    )


def _stage(stages: _Stages, wanted: Sequence[str], otherwise: str) -> str:
    """The likeliest word, as the site spells it: of those that the column may hold, where that is
    bounded.
    """
    spelled = {word.casefold(): word for word in reversed(stages.allowed or stages.met)}
    return next((spelled[word] for word in wanted if word in spelled), otherwise)


def _reads(site: Site, functions: Sequence[SiteFunction], but: Sequence[str]) -> tuple[str, ...]:
    """The tables that the functions name, and those that the functions they call name."""
    seen, todo = {one.name for one in functions}, list(functions)
    tables: set[str] = set()
    while todo:
        words = set(re.findall(r"\w+", todo.pop().source))
        tables |= {one.name for one in site.tables if one.name.partition(".")[2] in words}
        called = [one for one in site.functions if one.name.partition(".")[2] in words]
        todo += [one for one in called if one.name not in seen]
        seen |= {one.name for one in called}
    return tuple(sorted(tables - set(but)))
