"""Who wants to be told how far a run is."""

from __future__ import annotations

from collections.abc import Callable

from domain.reports.run import PhaseReport

Listener = Callable[[str, PhaseReport | None], None]
"""Called with a phase's name and None when it begins, and with its report when it has ended."""


def nobody(_phase: str, _report: PhaseReport | None) -> None:
    """The listener of a run that nobody watches."""


Ended = Callable[[str, str, str], None]
"""Called with a document of a release, how it ended, and why."""


def nobody_waits(_code: str, _how: str, _why: str) -> None:
    """The listener of a release that nobody watches."""


def nothing_more() -> None:
    """What is begun beside a release that is run by one alone."""
