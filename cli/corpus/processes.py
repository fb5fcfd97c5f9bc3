"""Look at the documents of a corpus in several processes, each with connections of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.util
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from cli.services import the_app, without_prefect
from domain.release.looked import Found, Looked
from tasks.corpus.one import Answer, Job, look_at

_LOST: Final = (
    "The process that read it, or one beside it, was ended by the system; plan the corpus again."
)


def how_many(jobs: int, wanted: int | None) -> int:
    """How many processes some documents are worth: as many as there are cores, if not told.

    >>> how_many(0, 8), how_many(100, 3), how_many(2, 3)
    (1, 3, 2)
    """
    return max(1, min(jobs, wanted or os.cpu_count() or 1))


def look_at_all(jobs: Sequence[Job], processes: int) -> Iterator[Answer]:
    """What was found of each document, in order. One process is this one, within `without_prefect`.

    A process that is ended loses what was not looked at, which is said of each document. Raises
    what stands in the way of all of them.
    """
    if processes == 1:
        yield from (look_at(the_app(), job) for job in jobs)
        return
    # A fork would share connections and locks; a new interpreter shares nothing.
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=fresh, initializer=_begin)
    try:
        for job, found in [(job, pool.submit(_look, job)) for job in jobs]:
            try:
                yield found.result()
            except BrokenProcessPool:
                yield Answer(Looked(job.source, Found.LOST, _LOST))
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Give a process the home around it. Ctrl-C ends the command that began it, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    home = contextlib.ExitStack()
    home.enter_context(without_prefect())
    multiprocessing.util.Finalize(None, home.close, exitpriority=1)


def _look(job: Job) -> Answer:
    return look_at(the_app(), job)
