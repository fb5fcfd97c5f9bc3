"""How much a line looks like the heading of a unit, and not like a reference that happens to start
a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.quotations import Quotations
from adapters.readers.profiles.base import Profile
from adapters.readers.text.normalised import View

QUOTED: Final = -3.0
"""What a candidate's weight loses inside a quotation."""
_DECLARED: Final = 2.0
_NOTE: Final = -2.0
_NOTE_CHARS: Final = 12
_SEPARATORS: Final = frozenset(".:-–—)|")
_SAMPLE_CHARS: Final = 40_000
_UNWRAPPED_CHARS: Final = (
    200  # longer lines are whole paragraphs: a sentence does not run on to the next line
)
_SHORT_CHARS: Final = 40  # a shorter line does not wrap, however narrow the text is
_LONGEST_WORD: Final = 24
_NEVER: Final = re.compile(r"(?!)")


def line_width(view: View) -> int:
    """The length that only one line in ten exceeds, in the middle of the view: where wrapped text
    wraps.
    """
    text = view.text
    start = max(len(text) // 2 - _SAMPLE_CHARS // 2, 0)
    lengths = sorted(
        len(line) for line in text[start : start + _SAMPLE_CHARS].split("\n") if line.strip()
    )
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def weigh(
    view: View, candidates: Sequence[Candidate], profile: Profile, quotations: Quotations
) -> None:
    """Give every candidate its weight: above 1 it reads like a heading, below 0 it does not."""
    width = 0 if all(c.depth for c in candidates) else line_width(view)
    quotes = bool(quotations.spans)
    for candidate in candidates:
        quoted = candidate.quoted or (quotes and quotations.holds(candidate.at))
        weight = 1.0 + QUOTED if quoted else 1.0
        if candidate.depth:
            weight += _DECLARED
        else:
            weight += _what_follows(candidate, profile) + _what_precedes(
                view, candidate.at, profile, width
            )
            weight += _what_it_mentions(view, candidate)
        candidate.weight = weight


def _what_it_mentions(view: View, candidate: Candidate) -> float:
    """Less for a number in brackets without a title, which says where a schedule comes from
    (`[Section 4(2)]`), and for a plural before a single number: `Sections` above the first line of
    a list.
    """
    if candidate.word is not None and candidate.word.is_plural and candidate.number.isdecimal():
        return _NOTE
    if len(candidate.rest) > _NOTE_CHARS:
        return 0.0
    line = view.line(candidate.at).lstrip(" \t*_")
    return _NOTE if line[:1] in "[(" and line[-1] in ")]" else 0.0


def _what_follows(candidate: Candidate, profile: Profile) -> float:
    rest = candidate.rest
    if not rest:
        return 0.2
    separated = bool(candidate.sep) and candidate.sep[0] in _SEPARATORS
    weight = 0.5 if separated else 0.0
    if rest[0] in ",;":
        return weight - 2.0
    if rest[0].islower():
        weight -= 0.4 if separated else 1.2
    if not separated and _after(profile).match(rest):
        weight -= 1.5
    return weight


def _what_precedes(view: View, at: int, profile: Profile, width: int) -> float:
    before = view.line_before(at)
    if not before:
        return 0.0
    if _before(profile).search(before[-_LONGEST_WORD:]):
        return -2.0
    runs_on = before[-1].isalnum() or before[-1] in ",("
    full = len(before) >= max(0.6 * width, _SHORT_CHARS) and width <= _UNWRAPPED_CHARS
    return -1.0 if runs_on and full and not before.isupper() else 0.0


@cache
def _after(profile: Profile) -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in profile.reference_after)
    return re.compile(rf"(?:{words})(?!\w)") if words else _NEVER


@cache
def _before(profile: Profile) -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in profile.reference_before)
    return re.compile(rf"(?:^|[\s(])(?:{words})$") if words else _NEVER
