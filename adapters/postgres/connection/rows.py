"""Rows as frozen types: what a named statement answers, read at the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from psycopg.rows import class_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.statements import statement

T = TypeVar("T")


def read_all(
    conn: Connection, kind: type[T], name: str, values: Mapping[str, Any] | None = None
) -> list[T]:
    """Every row of a statement. The names of its columns are those of the type's fields."""
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement(name), values).fetchall()


def read_one(
    conn: Connection, kind: type[T], name: str, values: Mapping[str, Any] | None = None
) -> T | None:
    """The first row of a statement, or None."""
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement(name), values).fetchone()
