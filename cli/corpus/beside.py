"""More workers of a release on this machine, each in a process that shares nothing with the
others.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from uuid import UUID

from cli.services import services, silent


@contextmanager
def beside(number: int, release_id: UUID, actor: str) -> Iterator[Callable[[], None]]:
    """So many workers, begun when what the block is given is called. They end by themselves once
    every document has ended; those that still run when the block has ended in an error are ended,
    and what they had claimed is taken up by the next run.
    """
    fresh = multiprocessing.get_context("spawn")  # a fork would share connections and locks
    begun: list[SpawnProcess] = []

    def begin() -> None:
        for _ in range(number):
            worker = fresh.Process(target=_work, args=(str(release_id), actor))
            worker.start()
            begun.append(worker)

    try:
        yield begin
    except BaseException:
        for worker in begun:
            worker.terminate()
        raise
    finally:
        for worker in begun:
            worker.join()


def _work(release_id: str, actor: str) -> None:
    with services(silent):
        from flows.cut_release import run_worker  # Prefect is imported here

        run_worker(UUID(release_id), actor)
