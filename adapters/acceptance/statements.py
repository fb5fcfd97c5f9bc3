"""Every statement that the adapter executes, captured at the cursor, and what kind of statement
each is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Self
from weakref import WeakSet

import psycopg
from psycopg import sql
from psycopg.abc import Params, Query
from psycopg.pq import PipelineStatus

from adapters.postgres.connection.statements import statement

ALLOWED: Final = frozenset({"SET", "SELECT", "INSERT", "UPDATE"})
TRANSACTION_CONTROL: Final = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})

_NOISE: Final = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
_TOKEN: Final = re.compile(r"[A-Za-z_]\w*|[();]")
_STATEMENTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE")


@dataclass(frozen=True, slots=True)
class Executed:
    """One statement, where and by which login it was executed, and the scenario that was on.

    `reached` is False where it was sent behind a fault in the same pipeline: the server passes over
    it (PostgreSQL manual, section 34.5, Pipeline Mode).
    """

    database: str
    login: str
    text: str
    scenario: str
    reached: bool = True


@dataclass
class StatementRecorder:
    """Captures what passes through cursors of its class.

    `fail_at` is a text in whose place a real server error is sent.
    """

    scenario: str = ""
    fail_at: str = ""
    executed: list[Executed] = field(default_factory=list)
    _at_fault: WeakSet[psycopg.Connection[Any]] = field(default_factory=WeakSet)

    def take(self, conn: psycopg.Connection[Any], query: Query) -> Any:
        """Note a statement; the query to execute."""
        text = _text(conn, query)
        pipelined = conn.pgconn.pipeline_status is not PipelineStatus.OFF
        reached = not (pipelined and conn in self._at_fault)
        if self.fail_at and text == self.fail_at:
            query = text = statement("acceptance_fault")
            self._at_fault.add(conn)
        where = (conn.info.dbname, conn.info.user)
        self.executed.append(Executed(*where, text, self.scenario, reached))
        return query

    def of(self, scenario: str) -> list[Executed]:
        """What was executed in one scenario."""
        return [one for one in self.executed if one.scenario == scenario]

    def cursor_class(self) -> type[psycopg.Cursor[Any]]:
        """A cursor that tells this recorder of every statement."""
        recorder = self

        class RecordingCursor(psycopg.Cursor[Any]):
            def execute(self, query: Query, params: Params | None = None, **options: Any) -> Self:
                return super().execute(recorder.take(self.connection, query), params, **options)

            def executemany(
                self, query: Query, params_seq: Iterable[Params], **options: Any
            ) -> None:
                super().executemany(recorder.take(self.connection, query), params_seq, **options)

            def stream(self, query: Query, params: Params | None = None, **options: Any) -> Any:
                return super().stream(recorder.take(self.connection, query), params, **options)

            def copy(self, statement: Query, params: Params | None = None, **options: Any) -> Any:
                return super().copy(recorder.take(self.connection, statement), params, **options)

        return RecordingCursor


def kinds(text: str) -> list[str]:
    """The first keyword of each statement in a text; those inside a WITH count too, in front of the
    one that follows it.

    >>> gone = "-- a note\\nWITH gone AS (DELETE FROM t RETURNING *) SELECT 'DROP' FROM gone; "
    >>> kinds(gone + "update t set a = 1")
    ['DELETE', 'SELECT', 'UPDATE']
    >>> two = "WITH a AS (SELECT 1), b (n) AS MATERIALIZED (SELECT 2) "
    >>> kinds(two + "INSERT INTO t SELECT * FROM a")
    ['SELECT', 'SELECT', 'INSERT']
    """
    found: list[str] = []
    for one in _split(_TOKEN.findall(_NOISE.sub(" ", text))):
        found += _common_table_kinds(one) if one[0] == "WITH" else [one[0]]
    return found


def count_kinds(texts: Iterable[str]) -> Counter[str]:
    """How many statements of each kind."""
    return Counter(kind for text in texts for kind in kinds(text))


def _text(conn: psycopg.Connection[Any], query: Query) -> str:
    if isinstance(query, sql.Composable):
        return query.as_string(conn)
    return query.decode() if isinstance(query, bytes) else str(query)


def _split(tokens: list[str]) -> list[list[str]]:
    statements: list[list[str]] = [[]]
    for word in tokens:
        if word == ";":
            statements.append([])
        elif statements[-1] or word != "(":
            statements[-1].append(word.upper())
    return [one for one in statements if one]


def _common_table_kinds(tokens: list[str]) -> list[str]:
    """Each common table's first keyword, and that of the main statement: the first at depth 0."""
    found: list[str] = []
    depth = 0
    for before, word in pairwise(tokens):
        depth += (word == "(") - (word == ")")
        if word in _STATEMENTS and (depth == 0 or (depth == 1 and before == "(")):
            found.append(word)
            if depth == 0:
                return found
    return [*found, "WITH"]
