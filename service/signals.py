"""Ending a service in good order."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def on_signals(ended: threading.Event) -> Iterator[None]:
    """Set the event on SIGINT, SIGTERM and SIGHUP, so that the stack is left in good order."""

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in asked}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
