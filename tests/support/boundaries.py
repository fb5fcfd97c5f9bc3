"""The statement boundaries of a run: every message to the server, COMMIT included, with the moments
around it.

The driver sends each statement from one generator, which first asks to write and then to read.
Wrapping it shows the moment between the two, where the statement is on its way and nobody has seen
its answer.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Callable, Generator, Iterator
from enum import Enum
from typing import Any, Final

import psycopg
from psycopg.waiting import Wait

Connection = psycopg.Connection[Any]
SECONDS_TO_ANSWER: Final = 20.0


class Moment(Enum):
    """Where around a statement something happens."""

    BEFORE = "before send"
    SENT = "sent"
    UNREAD = "answer unread"
    ANSWERED = "answered"


Watcher = Callable[[Connection, int, Moment], None]
"""Told of every moment of every statement; statements are counted from 1."""


@contextlib.contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tell `watcher` of every statement that this process sends while the block runs, but for those
    that it sends itself.
    """
    plain, seen, inside = psycopg.Connection.wait, 0, False

    def tell(conn: Connection, moment: Moment) -> None:
        nonlocal inside
        inside = True
        try:
            watcher(conn, seen, moment)
        finally:
            inside = False

    def wait(conn: Connection, gen: Generator[Any, Any, Any], *rest: Any, **options: Any) -> Any:
        nonlocal seen
        if inside:
            return plain(conn, gen, *rest, **options)
        seen += 1
        tell(conn, Moment.BEFORE)
        answer = plain(
            conn,
            _told(gen, lambda: tell(conn, Moment.SENT), lambda: _unread(conn, tell)),
            *rest,
            **options,
        )
        tell(conn, Moment.ANSWERED)
        return answer

    psycopg.Connection.wait = wait  # type: ignore[method-assign,assignment]  # the one place that every statement passes
    try:
        yield
    finally:
        psycopg.Connection.wait = plain  # type: ignore[method-assign]


def _told(
    gen: Generator[Any, Any, Any], at_sent: Callable[[], None], at_answer: Callable[[], None]
) -> Generator[Any, Any, Any]:
    """The same generator; the first wish to read says that all is sent.

    One that only sets the driver up has none.
    """
    try:
        wish, told = next(gen), False
        while True:
            if wish == Wait.R and not told:
                told = True
                at_sent()
                at_answer()
            wish = gen.send((yield wish))
    except StopIteration as done:
        return done.value


def _unread(conn: Connection, tell: Callable[[Connection, Moment], None]) -> None:
    select.select([conn.fileno()], [], [], SECONDS_TO_ANSWER)
    tell(conn, Moment.UNREAD)


def lose_answer(conn: Connection) -> None:
    """Throw away whatever the server still says on a connection that it has ended."""
    os.set_blocking(conn.fileno(), True)
    with contextlib.suppress(ConnectionError):
        while os.read(conn.fileno(), 65536):
            pass


@contextlib.contextmanager
def half_open() -> Iterator[Callable[[Connection], None]]:
    """How to cut a client off so that its server does not notice: the true sockets stay open while
    the block runs.
    """
    with contextlib.ExitStack() as kept:

        def cut_off(conn: Connection) -> None:
            true_socket = os.dup(conn.fileno())
            kept.callback(os.close, true_socket)
            ours, theirs = socket.socketpair()
            with ours, theirs:
                os.dup2(ours.fileno(), conn.fileno())

        yield cut_off
