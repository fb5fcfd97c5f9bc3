"""Rows as frozen types: what a named statement answers, read at the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from psycopg.rows import class_row, scalar_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.statements import statement

T = TypeVar("T")
Values = Mapping[str, Any] | None


def read_all(conn: Connection, kind: type[T], name: str, values: Values = None) -> list[T]:
    """Every row of a statement. The names of its columns are those of the type's fields."""
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement(name), values).fetchall()


def read_one(conn: Connection, kind: type[T], name: str, values: Values = None) -> T | None:
    """The first row of a statement, or None."""
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement(name), values).fetchone()


def read_values(conn: Connection, kind: type[T], name: str, values: Values = None) -> list[T]:
    """The first column of every row of a statement. Raises TypeError for a value of another kind,
    NULL included.
    """
    with conn.cursor(row_factory=scalar_row) as cursor:
        return [_of(kind, value, name) for value in cursor.execute(statement(name), values)]


def read_value(conn: Connection, kind: type[T], name: str, values: Values = None) -> T | None:
    """The first column of the first row of a statement; None if it is NULL or there is no row.

    Raises TypeError for a value of another kind.
    """
    with conn.cursor(row_factory=scalar_row) as cursor:
        value = cursor.execute(statement(name), values).fetchone()
    return None if value is None else _of(kind, value, name)


def read_first(conn: Connection, name: str, values: Values = None) -> object:
    """The first column of the first row of a statement, of whatever kind; None if it is NULL or
    there is no row.
    """
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement(name), values).fetchone()


def _of(kind: type[T], value: object, name: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{name} answers with a {type(value).__name__}, not a {kind.__name__}")
    return value
