"""Doubts: what makes it doubtful that a document was cut right, and the account of its lines.

A warning tells a person where to look. A doubt also stops: a plan with doubts is neither rehearsed
nor carried out unless each of their codes was accepted by name, and what is signed names them.

The account says of each line that looks like the start of a unit (a heading word with a number, or
a number in the form of a list) what it was taken for. It is kept as counts for each unit and gap,
with the lines themselves only where nothing explains them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.digests import records_sha256, text_sha256

DOUBTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unexplained-line": "lines that read like the start of a unit are units of nothing",
        "number-holes": "a series of numbers has holes, or does not begin at its first",
        "number-restarts": "numbers start again without a heading that says why",
        "repeated-number": "two units have the same number",
        "large-gap": "much of the text belongs to no unit",
        "oversized-unit": "a unit holds far more of the text than the others",
        "contents-cut": "most units are one line long, as in a table of contents",
        "unknown-language": "the language of the text has no profile",
        "thin-profile": "little tells which language the text is in",
        "thin-margin": "another way to divide the text is nearly as good",
        "ambiguous-list": "a list has the form of the list around it",
        "legacy-letters": "letters are not those that the text means",
        "numbers-not-stored": "numbers that Word counts are not in the file",
        "likely-match": "a unit with another number and other words is taken for the same one",
        "rival-match": "another unit is nearly as like",
        "replaced-text": "an address has another text, hardly a word of the old one",
        "split-or-merged": "units are taken for parts of one",
        "counted-anew": "a number is printed more often, or less, so addresses have moved",
        "signs-differ": "signs between the words differ, and no word",
        "letters-differ": "small and capital letters differ, and no word",
        "outside-differs": "text that belongs to no unit differs",
        "act-disagrees": "the amending act and the comparison do not say the same",
    }
)
"""Every code, and what it says of a plan; from `likely-match` on, of how a new version was compared
with what stands.
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to doubt a plan, and the place that it is about."""

    code: str  # of `DOUBTS`
    line: int  # from 1, in the text
    reason: str  # one sentence


class LineReason(StrEnum):
    """What a line that looks like the start of a unit was taken for."""

    UNIT = "unit"
    SUB_UNIT = "sub unit"
    LIST_ITEM = "list item"  # of the unit or gap that it stands in
    CONTENTS = "table of contents"
    QUOTATION = "quotation"
    REFERENCE = "cross-reference"
    FURNITURE = "page furniture"
    NOTE = "footnote"
    LAYOUT = "table or code"  # what the format sets apart, where no unit starts
    UNEXPLAINED = "unexplained"


class AccountedPart(NamedTuple):
    """How many lines of a unit or gap have a reason; `start` is the part's own offset."""

    start: int
    reason: str  # a value of `LineReason`
    lines: int


class UnexplainedLine(NamedTuple):
    """A line that nothing explains."""

    line: int  # from 1, in the text
    text: str  # its beginning


@dataclass(frozen=True, slots=True)
class LineAccount:
    """The reasons of all lines of a document that look like the start of a unit."""

    parts: tuple[AccountedPart, ...] = ()
    unexplained: tuple[UnexplainedLine, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many lines have each reason; those of no line are left out.

        >>> LineAccount((AccountedPart(0, "unit", 1), AccountedPart(9, "unit", 1))).counts
        {'unit': 2}
        """
        found: Counter[str] = Counter()
        for part in self.parts:
            found[part.reason] += part.lines
        return {reason.value: found[reason] for reason in LineReason if found[reason]}

    def __bool__(self) -> bool:
        """Whether any line looks like the start of a unit."""
        return bool(self.parts)


NO_ACCOUNT: Final = LineAccount()


def codes_of(doubts: Iterable[Doubt]) -> tuple[str, ...]:
    """The codes of doubts, each once, in the order of the alphabet."""
    return tuple(sorted({doubt.code for doubt in doubts}))


def signed_doubts(doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """What an approver signs of doubts: for each code how many there are, and the SHA-256 of their
    places and reasons. So an approval of one plan's doubts is none of another's.

    >>> [text[:26] for text in signed_doubts([Doubt("large-gap", 7, "A gap.")])]
    ['large-gap 1 8c17efa1356c57']
    """
    places: dict[str, list[tuple[str, str]]] = {}
    for doubt in doubts:
        places.setdefault(doubt.code, []).append((str(doubt.line), text_sha256(doubt.reason)))
    return tuple(
        f"{code} {len(found)} {records_sha256(sorted(found))}"
        for code, found in sorted(places.items())
    )


def doubt_in_words(signed: str) -> str:
    """One of `signed_doubts` for a person, with its digest shortened.

    >>> doubt_in_words("large-gap 2 7bbd2b68a1b2c3d4")
    '2 x large-gap (7bbd2b68)'
    """
    code, count, digest = signed.split()
    return f"{count} x {code} ({digest[:8]})"
