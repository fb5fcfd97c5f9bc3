"""Work that makes many objects and no cycles runs without Python's cycle collector, which would
look at all of them again and again: its passes are what makes the time of reading grow faster than
the text.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cycle collector for a block or, as a decorator, for a function.

    It is left as it was found.

    >>> with collector_paused():
    ...     gc.isenabled()
    False
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
