"""The log of one run: what our own packages log while it lasts, and what the run notes itself.

JSON lines later.

Only messages are kept, never an exception's text or a third party's record: nothing that could
quote a secret comes in.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from domain.evidence.bundle import LogLine

PACKAGES: Final = ("adapters", "blocks", "domain", "flows", "tasks")
MOST_LINES: Final = 10_000
LONGEST_MESSAGE: Final = 2_000

Facts = str | int | float | bool | None


class RunLog(logging.Handler):
    """Collects lines in memory; bounded, and says so in its last line when it is full."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[LogLine] = []
        self._guard = threading.Lock()

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """What was collected until now, in order."""
        with self._guard:
            return tuple(self._lines)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of this run; another run's in the same process is not ours.

        A run stays in one thread. One that begins within another takes its own lines.
        """
        if _open_here()[-1:] == [self]:
            at = datetime.fromtimestamp(record.created, UTC)
            self._add(
                LogLine(
                    at, record.levelname, record.name, record.getMessage()[:LONGEST_MESSAGE], {}
                )
            )

    def note(self, message: str, **facts: Facts) -> None:
        """Note something that the run itself knows, such as that a phase has ended."""
        self._add(LogLine(datetime.now(UTC), "INFO", "run", message[:LONGEST_MESSAGE], facts))

    def _add(self, line: LogLine) -> None:
        with self._guard:
            if len(self._lines) < MOST_LINES:
                self._lines.append(line)
            elif len(self._lines) == MOST_LINES:
                self._lines.append(
                    LogLine(
                        line.at,
                        "WARNING",
                        "run",
                        f"more than {MOST_LINES:,} lines; the rest is left out",
                        {},
                    )
                )


_here: Final = threading.local()


def _open_here() -> list[RunLog]:
    """The logs of the runs that are under way in this thread, the innermost last."""
    if not hasattr(_here, "logs"):
        _here.logs = []
    found: list[RunLog] = _here.logs
    return found


@contextmanager
def logged_run() -> Iterator[RunLog]:
    """Collect the log of the run that happens in the block. Levels of loggers stay as they are."""
    log = RunLog()
    loggers = [logging.getLogger(name) for name in PACKAGES]
    for logger in loggers:
        logger.addHandler(log)
    _open_here().append(log)
    try:
        yield log
    finally:
        _open_here().remove(log)
        for logger in loggers:
            logger.removeHandler(log)
