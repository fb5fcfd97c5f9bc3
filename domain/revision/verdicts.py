"""What became of each unit: the words for it, and a comparison as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from domain.digests import records_sha256, text_sha256
from domain.revision.editorial import TextDifference, text_difference
from domain.revision.pairing import How
from domain.revision.settled import Settled
from domain.revision.units import Version, VersionUnit


class Change(StrEnum):
    """What became of a unit."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REPEALED = "repealed"
    RENUMBERED = "renumbered"  # the same text, or likely the same, under another number
    MOVED = "moved"  # the same text under another parent
    SPLIT = "split"
    MERGED = "merged"


MOST_TO_SEE_FIRST: Final = (
    Change.CHANGED,
    Change.RENUMBERED,
    Change.MOVED,
    Change.SPLIT,
    Change.MERGED,
    Change.REPEALED,
    Change.ADDED,
    Change.SAME,
)
"""The order in which a comparison is shown, wherever it is."""


class Why(StrEnum):
    """Why an approver should look twice."""

    LIKELY = "likely"  # another number and another text: is it the same unit?
    RIVAL = "rival"  # another unit is nearly as like
    REPLACED = "replaced"  # the same address, and hardly a word of the old text
    PARTS = "parts"  # taken for a split or a merger
    COUNTED = "counted"  # the number is printed more than once, and its count has changed
    PUNCTUATION = "punctuation"  # editorial, but signs between words differ
    CASE = "case"  # editorial, but small and capital letters differ


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at: why, in a sentence, and what settles it ("" if `--match` can not)."""

    why: Why
    reason: str
    settle: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the units that belong together.

    One old and one new unit; one of them alone where a unit was added or repealed; one with several
    where a unit was split or several were merged. `what` names what differs: text, title, kind,
    section (its type), parent, address. `likeness` is from 0 to 100.
    """

    change: Change
    old: tuple[VersionUnit, ...]
    new: tuple[VersionUnit, ...]
    difference: TextDifference = TextDifference.NONE
    what: tuple[str, ...] = ()
    how: How = How.ADDRESS
    likeness: float = 100.0
    doubts: tuple[Doubt, ...] = ()

    @property
    def units(self) -> tuple[VersionUnit, ...]:
        """The units as they are now; as they were, where nothing is left of them."""
        return self.new or self.old

    @property
    def editorial(self) -> bool:
        """Whether the words are the same: only white space, markup, escapes or signs differ."""
        return self.difference.editorial

    @property
    def otherwise(self) -> tuple[tuple[str, str, str], ...]:
        """What differs beside the text, with what it was and what it is: kind, section type, and a
        title where the text does not show it.
        """
        if len(self.old) != 1 or len(self.new) != 1:
            return ()
        old, new = self.old[0], self.new[0]
        pairs = {
            "title": ("title", old.title, new.title),
            "kind": ("unit kind", old.unit_kind, new.unit_kind),
            "section": ("section type", old.section_type, new.section_type),
        }
        shown = (word for word in self.what if word != "title" or "text" not in self.what)
        return tuple(pairs[word] for word in shown if word in pairs)

    @property
    def folded(self) -> bool:
        """Whether it needs no look at all: the very same, or changed in its layout only."""
        return (
            self.change in (Change.SAME, Change.CHANGED)
            and self.difference in (TextDifference.NONE, TextDifference.LAYOUT)
            and not set(self.what) - {"text", "title"}
            and not self.doubts
        )


@dataclass(frozen=True)
class Comparison:
    """Two versions of a document, and a verdict on every unit of both.

    Verdicts are in the order of the new text; what was repealed stands where it stood.
    """

    old: Version
    new: Version
    verdicts: tuple[Verdict, ...]
    settled: tuple[Settled, ...] = ()

    @cached_property
    def counts(self) -> Mapping[Change, tuple[int, int]]:
        """For each change the number of old and of new units; they add up to both versions."""
        before: Counter[Change] = Counter()
        after: Counter[Change] = Counter()
        for verdict in self.verdicts:
            before[verdict.change] += len(verdict.old)
            after[verdict.change] += len(verdict.new)
        return {change: (before[change], after[change]) for change in Change}

    @cached_property
    def outside(self) -> TextDifference:
        """How the text differs that belongs to no unit: what a reader has left between them."""
        return text_difference("".join(self.old.gaps), "".join(self.new.gaps))

    @property
    def editorial(self) -> int:
        """How many new units differ editorially only."""
        return sum(len(verdict.new) for verdict in self.verdicts if verdict.editorial)

    @property
    def doubtful(self) -> Iterator[Verdict]:
        """The verdicts with doubts."""
        return (verdict for verdict in self.verdicts if verdict.doubts)

    def of(self, change: Change) -> tuple[Verdict, ...]:
        """The verdicts of one sort, in order."""
        return tuple(verdict for verdict in self.verdicts if verdict.change is change)

    @cached_property
    def digest(self) -> str:
        """SHA-256 that pins both versions, every verdict, and what a person has settled.

        Doubts, likeness and how units were matched are reasons and not in it.
        """
        return records_sha256(self._records())

    def _records(self) -> Iterator[tuple[str, ...]]:
        yield ("iu-cutter comparison 1", self.old.digest, self.new.digest)
        for one in self.settled:
            yield ("settled", text_sha256(str(one)))
        for verdict in self.verdicts:
            yield (
                "verdict",
                verdict.change.value,
                verdict.difference.value,
                " ".join(verdict.what),
                " ".join(unit.address for unit in verdict.old),
                " ".join(unit.address for unit in verdict.new),
            )
