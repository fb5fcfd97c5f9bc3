"""The schema as a script for psql: what a superuser runs where cutter is given no administrator."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.catalog import SCHEMA_VERSION
from adapters.postgres.schema.install import (
    ADMINISTRATORS_FILES,
    privilege_statements,
    schema_sources,
    sources_sha256,
    vocabulary,
)
from domain.ledger.privileges import OWNER, ROLES

HEAD = """\
-- Makes a knowledge base for iu-cutter, whole or not at all. Run it by a superuser:
--   psql --no-psqlrc --dbname=postgres --file=THIS
-- It holds no password: each login is given one at the end.
"""


def schema_script(database: str) -> str:
    """Everything that `cutter db init` does in a server, as a script; what it does in a home is
    left to `cutter secrets set` and `cutter key`.
    """
    return "".join(f"{part}\n" for part in _parts(database))


def _parts(database: str) -> Iterator[str]:
    name = sql.Identifier(database)
    yield HEAD
    yield "\\set ON_ERROR_STOP on"
    yield _text(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0;").format(name))
    yield f"\\connect {_text(name)}"
    yield "BEGIN;"
    for file, text in schema_sources():
        yield text
        if file == ADMINISTRATORS_FILES[-1]:
            yield _text(sql.SQL("SET LOCAL ROLE {};").format(sql.Identifier(OWNER)))
    for word in vocabulary():
        yield _filled("vocabulary_add", word)
    yield "RESET ROLE;"
    for one in privilege_statements(database):
        yield f"{_text(one)};"
    yield _filled("schema_record", {"version": SCHEMA_VERSION, "sources_sha256": sources_sha256()})
    yield "COMMIT;"
    yield from (f"\\password {role.role}" for role in ROLES if role.login)


def _filled(name: str, values: tuple[str, str] | dict[str, object]) -> str:
    """A named statement with its values as literals, which psycopg quotes."""
    text: str = statement(name)
    if isinstance(values, dict):
        for key, value in values.items():
            text = text.replace(f"%({key})s", _text(sql.Literal(value)))
    else:
        for value in values:
            text = text.replace("%s", _text(sql.Literal(value)), 1)
    return f"{text};"


def _text(composed: sql.Composable) -> str:
    return composed.as_string(None)
