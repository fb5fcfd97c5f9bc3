"""Who wants to be told how far a run is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from domain.reports.run import PhaseReport

Listener = Callable[[str, PhaseReport | None], None]
"""Called with a phase's name and None when it begins, and with its report when it has ended."""

_LISTENER: ContextVar[Listener | None] = ContextVar("cutter_progress", default=None)


@contextmanager
def progress_to(listener: Listener | None) -> Iterator[None]:
    """Tell a listener of every phase that runs within the block, in this process."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def report_progress(phase: str, report: PhaseReport | None) -> None:
    """Tell the listener, if there is one."""
    if listener := _LISTENER.get():
        listener(phase, report)
