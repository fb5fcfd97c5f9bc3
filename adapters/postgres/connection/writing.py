"""Rows that are written in one turn with what follows them, and what has to come of each.

Over a slow network each wait for an answer costs as much as a statement. The server still runs the
statements in their order, up to the first error, and every answer is in when the turn ends. Only
short turns: between them the server takes the session for busy, so no time limit of an idle
transaction would end one whose client hangs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import psycopg

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Values
from adapters.postgres.connection.statements import statement
from domain.errors import StopInvariantFailed

T = TypeVar("T")


class Row(NamedTuple):
    """A row that is still to be written: a statement's name with its values, and what is said if it
    changes nothing. Without such a sentence it may change nothing.
    """

    name: str
    values: Values
    or_else: str = ""


@dataclass(frozen=True, slots=True)
class Unwritten(Generic[T]):
    """What a piece of work answers with, and the last rows of its transaction: nothing that it
    answers depends on them, so whoever ends the transaction writes them in one turn with the end.
    """

    result: T
    rows: tuple[Row, ...]


def unwritten(answered_with: T | Unwritten[T]) -> Unwritten[T]:
    """A piece of work's answer with the rows that it leaves, of which there may be none."""
    return answered_with if isinstance(answered_with, Unwritten) else Unwritten(answered_with, ())


@contextmanager
def writing(conn: Connection, rows: Sequence[Row]) -> Iterator[None]:
    """Write these rows in one turn with what the block asks after them.

    Raises `StopInvariantFailed` in a row's own words if it changed nothing.
    """
    sent: list[tuple[Row, psycopg.Cursor[tuple[object, ...]]]] = []
    try:
        with conn.pipeline():
            sent += ((row, conn.execute(statement(row.name), row.values)) for row in rows)
            yield
    except psycopg.DatabaseError:
        # What comes after a step that was not taken is right to refuse; any other error is its own.
        if _unchanged(sent) is None:
            raise
    if (row := _unchanged(sent)) is not None:
        raise StopInvariantFailed(row.or_else)


def write(conn: Connection, rows: Sequence[Row]) -> None:
    """Write these rows in one turn. Raises what `writing` raises."""
    if rows:
        with writing(conn, rows):
            pass


def _unchanged(sent: Sequence[tuple[Row, psycopg.Cursor[tuple[object, ...]]]]) -> Row | None:
    return next((row for row, cursor in sent if row.or_else and cursor.rowcount == 0), None)
