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
        self._thread = threading.get_ident()
        self._guard = threading.Lock()

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """What was collected until now, in order."""
        with self._guard:
            return tuple(self._lines)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of this run, which stays in one thread; another run's in the same process
        is not ours.
        """
        if record.thread == self._thread:
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


@contextmanager
def logged_run() -> Iterator[RunLog]:
    """Collect the log of the run that happens in the block. Levels of loggers stay as they are."""
    log = RunLog()
    loggers = [logging.getLogger(name) for name in PACKAGES]
    for logger in loggers:
        logger.addHandler(log)
    try:
        yield log
    finally:
        for logger in loggers:
            logger.removeHandler(log)
