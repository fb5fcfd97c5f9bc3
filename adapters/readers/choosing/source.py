"""What units are sought in, and what was found: shared by the search for one reading of a text and
by the choice between several.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adapters.readers.account.choice import Choice
from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.quotations import Quotations
from adapters.readers.lines.selection import Selection
from adapters.readers.profiles.base import Profile
from adapters.readers.profiles.detection.languages import Detection
from adapters.readers.text.normalised import View


@dataclass(frozen=True, slots=True)
class Source:
    """What is known about a text before units are sought in it."""

    view: View
    profile: Profile
    quotations: Quotations
    excluded: Sequence[tuple[int, int]]  # offsets of the text itself, in order
    depths: Mapping[int, int]  # of declared headings, by the view's line starts
    detection: Detection | None = None  # None where the profile was named
    candidates: Sequence[Candidate] = ()  # all that were weighed

    @property
    def begin(self) -> int:
        """Where the text begins in the view, after what is excluded at its top: front matter."""
        if not self.excluded or self.excluded[0][0] > 0:
            return 0
        return self.view.from_source(self.excluded[0][1])

    def allowed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that start in no excluded span."""
        if not self.excluded:
            return list(candidates)
        starts = [start for start, _ in self.excluded]
        kept = []
        for candidate in candidates:
            at = self.view.to_source(candidate.at)
            i = bisect_right(starts, at) - 1
            if i < 0 or at >= self.excluded[i][1]:
                kept.append(candidate)
        return kept


class Found(NamedTuple):
    """The units of a text, the profile and the choice between readings that found them, and what
    they were sought in.
    """

    source: Source
    selection: Selection
    profile: Profile
    choice: Choice
