"""A release that waits: for people to approve it, or for somebody to run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.reports.proposal import SHORTEST_ID, Given, may_begin, waits_for


@dataclass(frozen=True, slots=True)
class WaitingRelease:
    """A release none of whose documents is replaced, and some of which have not begun."""

    release_id: UUID
    documents: int
    units: int
    given: Sequence[Given]
    missing: Sequence[str]

    @property
    def short(self) -> str:
        """The beginning of its id, by which commands find it."""
        return str(self.release_id)[:SHORTEST_ID]

    @property
    def next_step(self) -> str:
        """What comes next, in one sentence."""
        if self.missing:
            return waits_for(self.missing, f"cutter approve {self.short} --key KEY")
        return may_begin(self.given, f"cutter corpus go {self.short}")
