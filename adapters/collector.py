"""Pausing Python's cyclic garbage collector while a document is read and planned.

Reading makes objects by the hundred thousand and no reference cycles. The collector starts a pass
after every so many new objects and each full pass looks at all that are alive, so with it the time
of reading grows faster than the text. How a process runs is the business of an adapter: the rules
in `domain` do not depend on it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector for a block or, as a decorator, for a function.

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
