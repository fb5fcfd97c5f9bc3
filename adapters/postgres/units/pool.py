"""Connections that are kept for the next question: opening one takes longer than most answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.units.reader import PostgresUnits, units_of_one_moment
from domain.errors import BadInput, CutterError, DatabaseUnavailable

MOST: Final = 4
WAIT_SECONDS: Final = 10.0


class UnitReaders:
    """Reads out units for many who ask at once, over a few connections that can not write.

    One that the server has closed meanwhile is replaced by a new one before anything is asked.
    """

    def __init__(
        self, open_one: Callable[[], Connection], target: str, *, most: int = MOST
    ) -> None:
        """Opens nothing yet; `target` names the database in what is answered. Whoever opens one has
        bounded how long it waits.
        """
        self._open_one = open_one
        self._target = target
        self._idle: list[Connection] = []
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def reading(self) -> Iterator[PostgresUnits]:
        """Reads out units while the block runs, all of one moment.

        Raises `DatabaseUnavailable` where nothing is free in time, and a connection's refusal.
        """
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise DatabaseUnavailable("Too many ask at once; ask again in a moment.")
        try:
            reader, moment = self._begun()
            with moment:
                yield reader
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what is kept."""
        while (kept := self._kept()) is not None:
            kept.close()

    def _begun(self) -> tuple[PostgresUnits, ExitStack]:
        while (kept := self._kept()) is not None:
            with suppress(CutterError):
                return self._moment(kept)
        return self._moment(self._opened())

    def _kept(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _moment(self, conn: Connection) -> tuple[PostgresUnits, ExitStack]:
        with ExitStack() as stack:
            stack.push(partial(self._give_back, conn))
            reader = stack.enter_context(units_of_one_moment(conn, self._target))
            return reader, stack.pop_all()

    def _give_back(self, conn: Connection, failed: type[BaseException] | None, *_: object) -> None:
        """Keep it for the next question, unless it may be the connection that has failed."""
        if failed is None or issubclass(failed, BadInput):
            self._idle.append(conn)
        else:
            conn.close()

    @translated("Opening a connection to read units", DatabaseUnavailable)
    def _opened(self) -> Connection:
        conn = self._open_one()
        try:
            conn.read_only = True
        except BaseException:
            conn.close()
            raise
        return conn
