"""From a mapping to the SQL of a port: what cutter's views and functions are over a site's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, LiteralString

from psycopg import sql

from adapters.postgres.connection.names import relation
from adapters.postgres.connection.statements import statement
from domain.ledger.mapping import SiteMapping
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS

EVERY_OTHER: Final = "*"
NO_SETTING: Final = "cutter.no_setting"
ARGUMENTS: Final[Mapping[str, LiteralString]] = {
    "address": "canonical_address",
    "actor": "actor",
    "decision": "review_decision_id",
    "change_set": "change_set_id",
    "unit": "unit_id",
}
"""What the port's function hands to the site's, by the names of the mapping."""


def port_sql(mapping: SiteMapping) -> str:
    """The statements that make the port over a site's units, as text to be read and run."""
    parts: list[sql.Composable] = [
        sql.SQL(statement("adopt_words_table")),
        sql.SQL(statement("adopt_unit_view")).format(**_columns(mapping)),
        sql.SQL(statement("adopt_version_view")).format(**_columns(mapping)),
        sql.SQL(statement("adopt_create")).format(**_create(mapping)),
        sql.SQL(statement("adopt_enact")).format(**_enact(mapping)),
        sql.SQL(statement("adopt_withdraw")).format(**_withdraw(mapping)),
    ]
    return "".join(f"{part.as_string(None)};\n\n" for part in parts)


def baseline_sql(digest: str) -> str:
    """The statements that put the adoption and its baseline on record."""
    words = sql.SQL(statement("adopt_baseline")).format(digest=sql.Literal(digest))
    return f"{words.as_string(None)};\n"


def word_of(column: str) -> sql.Composable:
    """A column of the units, or a key of one that holds JSON, as an expression."""
    return _expression("u", column)


def _expression(alias: str, column: str) -> sql.Composable:
    name, _, key = column.partition(".")
    found = sql.Identifier(alias, name)
    return sql.SQL("({} ->> {})").format(found, sql.Literal(key)) if key else found


def _columns(mapping: SiteMapping) -> dict[str, sql.Composable]:
    units, versions = mapping.units, mapping.versions
    return {
        "units": relation(units.table),
        "versions": relation(versions.table),
        "key": sql.Identifier(units.key),
        "address": sql.Identifier(units.address),
        "version": _expression("u", units.version),
        "unit_kind": _expression("u", units.unit_kind),
        "section_type": _expression("u", units.section_type),
        "publication_type": _expression("u", units.publication_type),
        "owner": _expression("u", units.owner),
        "parent": _expression("u", units.parent),
        "lifecycle": _expression("u", units.lifecycle),
        "created": _expression("u", units.created),
        "version_key": sql.Identifier(versions.key),
        "unit": sql.Identifier(versions.unit),
        "number": _expression("v", versions.number),
        "title": _expression("v", versions.title),
        "body": _expression("v", versions.body),
        "draft": sql.Literal(mapping.draft),
        "enacted": sql.Literal(mapping.enacted),
    }


def _create(mapping: SiteMapping) -> dict[str, sql.Composable]:
    create = mapping.create
    return {
        "site": _site(mapping),
        "create": relation(create.function),
        "created": sql.Literal(create.created),
        "kinds": _words(create.unit_kind, UNIT_KINDS),
        "types": _words(create.section_type, SECTION_TYPES),
        "publications": _words(create.publication_type, PUBLICATION_TYPES),
    }


def _words(mapped: Mapping[str, str], ours: Mapping[str, str] | tuple[str, ...]) -> sql.Literal:
    """Which of the site's words stands for each of cutter's; a word without one is refused."""
    found = {word: mapped.get(word, mapped.get(EVERY_OTHER)) for word in ours}
    return sql.Literal(json.dumps({k: v for k, v in found.items() if v}, ensure_ascii=False))


def _enact(mapping: SiteMapping) -> dict[str, sql.Composable]:
    return {
        "site": _site(mapping),
        "enact": relation(mapping.enact.function),
        "arguments": sql.SQL(", ").join(sql.SQL(ARGUMENTS[one]) for one in mapping.enact.arguments),
        "success": sql.Literal(mapping.enact.enacted),
    }


def _withdraw(mapping: SiteMapping) -> dict[str, sql.Composable]:
    withdraw, units = mapping.withdraw, mapping.units
    return {
        "site": _site(mapping),
        "units": relation(units.table),
        "key": sql.Identifier(units.key),
        "setting": sql.Literal(withdraw.setting or NO_SETTING),
        "value": sql.Literal(withdraw.value),
        "lifecycle_column": sql.Identifier(units.lifecycle),
        "withdrawn": sql.Literal(withdraw.lifecycle),
    }


def _site(mapping: SiteMapping) -> sql.Composable:
    """The schemas of the site's functions and tables: they may name each other without."""
    names = (mapping.create.function, mapping.enact.function, mapping.units.table)
    schemas = dict.fromkeys(name.partition(".")[0] for name in names)
    return sql.SQL(", ").join(map(sql.Identifier, schemas))


def schemas_of(mapping: SiteMapping) -> Iterator[str]:
    """The schemas that cutter's owner and principals have to be let into."""
    names = (
        mapping.units.table,
        mapping.versions.table,
        mapping.create.function,
        mapping.enact.function,
        *mapping.reads,
    )
    yield from sorted({name.partition(".")[0] for name in names})
