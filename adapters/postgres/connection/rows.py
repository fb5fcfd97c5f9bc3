"""Rows as frozen types: what a named statement answers, read at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Cursor
from psycopg.rows import RowFactory, RowMaker, dict_row, kwargs_row, scalar_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.statements import statement

T = TypeVar("T")
Values = Mapping[str, Any] | None
Question = tuple[str, Values]
"""A statement's name with its values."""


@dataclass(slots=True)
class _Answer:
    """An answer that is there before anybody asks. One that is given once is used up by that."""

    question: Question
    rows: list[dict[str, Any]]
    once: bool
    used: bool = False


_AHEAD: Final[WeakKeyDictionary[Connection, list[_Answer]]] = WeakKeyDictionary()


@contextmanager
def asked_ahead(conn: Connection, *questions: Question, once: bool = False) -> Iterator[None]:
    """Ask all of these in one turn: over a slow network they take as long as one.

    What the block reads of the same connection by the same name and values is answered as by
    `answered`.
    """
    if not questions:
        yield
        return
    with conn.pipeline():
        asked = ask(conn, *questions)
    with answered(conn, asked, once=once):
        yield


def unasked(conn: Connection, *questions: Question) -> tuple[Question, ...]:
    """Those of the questions that a block around this one has not asked ahead already."""
    there = [answer.question for answer in _AHEAD.get(conn, []) if not answer.used]
    return tuple(question for question in questions if question not in there)


Asked = list[tuple[Question, Cursor[dict[str, Any]]]]


def ask(conn: Connection, *questions: Question) -> Asked:
    """Send questions in the pipeline that is open, for `answered` once it has ended."""
    return [
        ((name, values), conn.cursor(row_factory=dict_row).execute(statement(name), values))
        for name, values in questions
    ]


@contextmanager
def answered(conn: Connection, asked: Asked, *, once: bool = False) -> Iterator[None]:
    """What the block reads by the name and values of one of these is answered from there.

    Each is answered as often as it is read, so the block has to be of one moment; or `once`, and
    whoever asks again asks the server.
    """
    before = _AHEAD.get(conn, [])
    answers = [
        _Answer(question, cursor.fetchall() if cursor.description else [], once)
        for question, cursor in asked
    ]
    _AHEAD[conn] = [*before, *answers]
    try:
        yield
    finally:
        _AHEAD[conn] = before


@contextmanager
def begun(
    conn: Connection, *questions: Question, once: bool = False, then: Question | None = None
) -> Iterator[None]:
    """A transaction that begins in one turn with these questions; `conn` is outside any.

    What the block reads is answered as by `answered`. `then` is asked in one turn with COMMIT, and
    only if the server has committed: after an error it passes over the rest of a pipeline.
    """
    with ExitStack() as stack:
        with conn.pipeline():
            stack.enter_context(psycopg.Transaction(conn))
            asked = ask(conn, *questions)
        with answered(conn, asked, once=once):
            yield
        if then is not None:
            with conn.pipeline():
                stack.close()
                ask(conn, then)


def _ahead(conn: Connection, name: str, values: Values) -> list[dict[str, Any]] | None:
    """The answer that is there already, or None."""
    for answer in _AHEAD.get(conn, []):
        if answer.question == (name, values) and not answer.used:
            answer.used = answer.once
            return answer.rows
    return None


def read_all(conn: Connection, kind: Callable[..., T], name: str, values: Values = None) -> list[T]:
    """Every row of a statement. The names of its columns are those of the type's fields."""
    if (known := _ahead(conn, name, values)) is not None:
        return [kind(**row) for row in known]
    with conn.cursor(row_factory=row_of(kind)) as cursor:
        return cursor.execute(statement(name), values).fetchall()


def row_of(kind: Callable[..., T]) -> RowFactory[T]:
    """Rows by the names of their columns. A named tuple whose fields are the columns in their order
    is made of the values as they are: a law has thousands of rows.
    """
    fields = getattr(kind, "_fields", None)
    by_name = kwargs_row(kind)

    def made(cursor: Cursor[Any]) -> RowMaker[T]:
        columns = cursor.description or ()
        if fields and fields == tuple(column.name for column in columns):
            return cast("RowMaker[T]", partial(tuple.__new__, cast("type[Any]", kind)))
        return by_name(cursor)

    return made


def read_one(
    conn: Connection, kind: Callable[..., T], name: str, values: Values = None
) -> T | None:
    """The first row of a statement, or None."""
    if (known := _ahead(conn, name, values)) is not None:
        return kind(**known[0]) if known else None
    with conn.cursor(row_factory=kwargs_row(kind)) as cursor:
        return cursor.execute(statement(name), values).fetchone()


def read_values(conn: Connection, kind: type[T], name: str, values: Values = None) -> list[T]:
    """The first column of every row of a statement. Raises TypeError for a value of another kind,
    NULL included.
    """
    if (known := _ahead(conn, name, values)) is not None:
        return [_of(kind, next(iter(row.values())), name) for row in known]
    with conn.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute(statement(name), values).fetchall()
        return [_of(kind, value, name) for value in found]


def read_value(conn: Connection, kind: type[T], name: str, values: Values = None) -> T | None:
    """The first column of the first row of a statement; None if it is NULL or there is no row.

    Raises TypeError for a value of another kind.
    """
    value = read_first(conn, name, values)
    return None if value is None else _of(kind, value, name)


def read_first(conn: Connection, name: str, values: Values = None) -> object:
    """The first column of the first row of a statement, of whatever kind; None if it is NULL or
    there is no row.
    """
    if (known := _ahead(conn, name, values)) is not None:
        return next(iter(known[0].values())) if known else None
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement(name), values).fetchone()


def _of(kind: type[T], value: object, name: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{name} answers with a {type(value).__name__}, not a {kind.__name__}")
    return value
