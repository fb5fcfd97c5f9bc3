"""What a mapping says of a database that is not so: found before anybody reads the SQL that is made
from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

import psycopg
from psycopg import sql

from adapters.postgres.adopting.examine import Site, Table
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.statements import statement
from domain.ledger.mapping import SiteMapping, Units, Versions

KEYS: Final = ("key", "version", "unit")
JSON: Final = ("json", "jsonb")
NUMBERS: Final = ("smallint", "integer", "bigint", "numeric", *JSON)
ANSWER_OF: Final[Mapping[str, str]] = dict.fromkeys(JSON, "json") | {
    "text": "text",
    "record": "record",
}
"""The types of an answer that can be nothing else."""
TYPE_OF: Final[Mapping[str, str]] = dict.fromkeys(("decision", "change_set", "unit"), "uuid")
"""The types of what is handed to the function that enacts; the others are text."""


def faults_of(conn: Connection, site: Site, mapping: SiteMapping) -> list[str]:
    """What a mapping says and the database has otherwise, each in words; nothing is run.

    Whether a function takes what it would be given, and a column the words, the server says: it
    analyses the statement and does not execute it.
    """
    found = [*_of_columns(site, "units", mapping.units)]
    found += _of_columns(site, "versions", mapping.versions)
    found += [f"the table {name} of reads" for name in mapping.reads if site.table(name) is None]
    found += _of_answers(site, mapping)
    found += [
        f"{name} of [create], which says no word for any of cutter's"
        for name in ("unit_kind", "section_type", "publication_type")
        if not getattr(mapping.create, name)
    ]
    return found or [*_of_functions(conn, mapping), *_of_stages(conn, mapping)]


def _of_columns(site: Site, section: str, part: Units | Versions) -> Iterator[str]:
    table = site.table(part.table)
    if table is None:
        yield f"the table {part.table} of [{section}]"
        return
    for one in fields(part):
        column = str(getattr(part, one.name))
        if one.name == "table":
            continue
        said = f"{one.name} = {column!r} of [{section}]"
        if not table.column((column,)):
            yield f"{said}, as {part.table} has only {', '.join(table.columns)}"
        elif fault := _of_type(one.name, column, table):
            yield f"{said}, {fault}"


def _of_type(name: str, column: str, table: Table) -> str:
    """What speaks against the type of a column for its place, or an empty text."""
    whole, _, key = column.partition(".")
    kind = table.types[table.columns.index(whole)]
    if key and kind not in JSON:
        return f"as {whole} is {kind} and has no keys"
    if name in KEYS and kind != "uuid":
        return f"as it is {kind} and has to be uuid"
    return f"as it is {kind} and no number" if name == "number" and kind not in NUMBERS else ""


def _of_answers(site: Site, mapping: SiteMapping) -> Iterator[str]:
    for section, part in (("create", mapping.create), ("enact", mapping.enact)):
        answers = {one.returns for one in site.functions if one.name == part.function}
        if not answers:
            yield f"the function {part.function} of [{section}]"
        elif not any(ANSWER_OF.get(one, part.answer) == part.answer for one in answers):
            yield (
                f"answer = {part.answer!r} of [{section}], as {part.function} answers with "
                f"{', '.join(sorted(answers))}"
            )


def _of_functions(conn: Connection, mapping: SiteMapping) -> Iterator[str]:
    create, enact = mapping.create, mapping.enact
    for part, types, takes in (
        (create, ["text"] * 9, "nine texts"),
        (enact, [TYPE_OF.get(one, "text") for one in enact.arguments], ", ".join(enact.arguments)),
    ):
        given = [sql.SQL(f"${n}::{kind}") for n, kind in enumerate(types, 1)]
        call = {"function": relation(part.function), "given": sql.SQL(", ").join(given)}
        if not _is_understood(conn, sql.SQL(statement("adopt_try_function")).format(**call)):
            yield f"{part.function}, as it does not take {takes}"


def _of_stages(conn: Connection, mapping: SiteMapping) -> Iterator[str]:
    units = mapping.units
    for said, word in (
        ("draft", mapping.draft),
        ("enacted", mapping.enacted),
        ("lifecycle of [withdraw]", mapping.withdraw.lifecycle),
    ):
        names = {"units": relation(units.table), "lifecycle": sql.Identifier(units.lifecycle)}
        query = sql.SQL(statement("adopt_try_word")).format(word=sql.Literal(word), **names)
        if not _is_understood(conn, query):
            yield f"{said} = {word!r}, as {units.lifecycle} holds no such word"


def _is_understood(conn: Connection, query: sql.Composed) -> bool:
    try:
        with conn.transaction():
            conn.execute(query)
    except (psycopg.ProgrammingError, psycopg.DataError):
        return False
    return True
