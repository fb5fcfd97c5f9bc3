"""Who keeps a copy by the feed, as the guide for application developers says, is killed wherever it
does something, and loses and doubles nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing
from itertools import count
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

import pytest

from tests.support.live import live_bench
from tests.support.postgres import Connection, Database
from tests.support.revising import cut_first, revised
from tests.support.revisions import CODE, OLD, harbour_plan, new_texts

pytestmark = pytest.mark.slow

STORE: Final = """
CREATE TABLE heard (seq integer);
CREATE TABLE place (seq integer);
INSERT INTO place VALUES (0);
"""
READ: Final = "SELECT seq FROM cutter.v_unit_change WHERE document_code = %s AND seq > %s ORDER BY seq LIMIT 4"


class Consumer:
    """Takes what it hears and how far it has come into one transaction of its own store. Before the
    step of a number it is killed, as `kill -9` does.
    """

    def __init__(self, store: Path, dies_at: int) -> None:
        self.store, self.left = store, dies_at

    def step(self) -> None:
        """Something is about to be done."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def run(self, database: Database, listening: Event | None) -> None:
        """Take all there is; then, if it shall listen, what the next notice is about."""
        with database.reader() as conn, closing(sqlite3.connect(self.store)) as store:
            self.step()
            conn.execute("LISTEN cutter_unit_change")
            self.drain(conn, store)
            if listening:
                listening.set()
                next(conn.notifies(timeout=60, stop_after=1))
                self.drain(conn, store)

    def drain(self, conn: Connection, store: sqlite3.Connection) -> None:
        """Read and store until there is no more."""
        while True:
            self.step()
            (place,) = store.execute("SELECT seq FROM place").fetchone()
            self.step()
            found = [seq for (seq,) in conn.execute(READ, (CODE, place)).fetchall()]
            self.step()
            if not found:
                return
            with store:
                store.executemany("INSERT INTO heard VALUES (?)", [(seq,) for seq in found])
                self.step()
                store.execute("UPDATE place SET seq = ?", (found[-1],))
                self.step()
            self.step()


def started(database: Database, store: Path, dies_at: int, listening: Event | None) -> BaseProcess:
    """A consumer in a process of its own."""
    consumer = Consumer(store, dies_at)
    made = multiprocessing.get_context("forkserver").Process(
        target=consumer.run, args=(database, listening)
    )
    made.start()
    return made


def test_a_consumer_that_is_killed_anywhere_loses_and_doubles_nothing(
    database: Database, tmp_path: Path
) -> None:
    bench, store = live_bench(database, tmp_path), tmp_path / "store.db"
    with closing(sqlite3.connect(store)) as made:
        made.executescript(STORE)
    texts = sorted(OLD.items()), new_texts()
    cut_first(bench, harbour_plan(texts[0]))
    killed = 0
    for dies_at in count(1):
        listening = multiprocessing.get_context("forkserver").Event()
        consumer = started(database, store, dies_at, listening)
        while consumer.is_alive() and not listening.wait(0.02):
            pass
        revised(bench, harbour_plan(texts[dies_at % 2]), attempt=dies_at)
        consumer.join(60)
        assert consumer.exitcode in {0, -signal.SIGKILL}
        again = started(database, store, 0, None)
        again.join(60)
        assert again.exitcode == 0
        assert heard(store) == list(range(1, changes(database) + 1)), f"killed at step {dies_at}"
        if consumer.exitcode == 0:
            break
        killed += 1
    assert killed > 10, "it was killed before and after each thing that it does"


def heard(store: Path) -> list[int]:
    """What a consumer has taken in, in the order in which it did."""
    with closing(sqlite3.connect(store)) as conn:
        return [seq for (seq,) in conn.execute("SELECT seq FROM heard ORDER BY rowid")]


def changes(database: Database) -> int:
    """How many changes the document has had."""
    with database.reader() as conn:
        row = conn.execute("SELECT count(*) FROM cutter.v_unit_change").fetchone()
    assert row is not None
    found: int = row[0]
    return found
