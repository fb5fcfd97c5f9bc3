"""Who wants to be told how far a run is."""

from __future__ import annotations

from collections.abc import Callable

from domain.reports.run import PhaseReport

Listener = Callable[[str, PhaseReport | None], None]
"""Called with a phase's name and None when it begins, and with its report when it has ended."""


def nobody(_phase: str, _report: PhaseReport | None) -> None:
    """The listener of a run that nobody watches."""
