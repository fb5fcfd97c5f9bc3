"""Readings: ways to divide one text, and which of them explains it best.

A text may be read by its heading words (`Section 5`) or by numbers alone (`5.`), and often both
find something: an act of 400 numbered rules has one line `Sections 1 and 74` in a form, and an act
of articles has a numbered list in one of them. Each reading gets a score from 0 to 1, the weighted
sum of four shares:

1. How its numbers run: the share of units that begin at 1 or follow the one before.
2. How much of the text its units hold. A unit counts for `_LONGEST` times the mean at most, so that
   the last line of a contents list, which would swallow the law, counts for little.
3. Where it begins: a series that counts from 1 near the beginning of the text.
4. How many of its units look like headings.

Then it loses for what it leaves unexplained, a share of the clear units of both readings: for the
numbers those with heading words; for the words the numbered lines that stand in no unit with words,
or that run on from one such unit into the next, as no list does.

The higher score wins. Its margin over the runner-up says how sure that is.

Where neither finds a unit, but the text is divided into chapters or parts, those are what people
cite (`groups_as_units`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from adapters.readers.account.choice import Choice
from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbers.numbering import last_of
from adapters.readers.profiles.base import UnitRole

# Continuity and coverage say more than the other two: a series can begin late (an excerpt), and
# headings can be set badly.
_RUNS, _HOLDS, _BEGINS, _LOOKS = 0.3, 0.3, 0.2, 0.2
_UNEXPLAINED: Final = 0.5  # as much as the better two shares can gain by half
_LONGEST: Final = 8  # times the mean: real sections differ as much, the end of a list far more
_FEWEST: Final = 2  # units of a series
_FIRST: Final = re.compile(r"\d{1,4}[-.]0?1")  # of a chapter with sections of its own: `2-1`
_GOOD_WEIGHT: Final = 0.8  # as for what may start a numbering, see `weights`


def plausibility(units: Sequence[Candidate], end: int) -> float:
    """The score of the units of one reading before what it leaves unexplained is known; `end` is
    the length of the text.

    >>> from adapters.readers.lines.candidates import find_candidates
    >>> from adapters.readers.profiles.en import EN
    >>> from adapters.readers.text.normalised import View
    >>> view = View("".join(f"Article {i}. Scope\\nA text.\\n" for i in (1, 2, 3)))
    >>> units = find_candidates(view, EN)
    >>> for unit in units:
    ...     unit.weight = 1.5
    >>> round(plausibility(units, len(view.text)), 2), round(plausibility(units[2:], 100), 2)
    (0.92, 0.35)
    """
    if not units:
        return 0.0
    follows = sum(_follows(a, b) for a, b in pairwise(units))
    first = _is_first(units[0])
    runs = (first + follows) / (len(units) + 1)
    sizes = [b.at - a.at for a, b in pairwise(units)] + [end - units[-1].at]
    most = _LONGEST * sum(sizes) / len(sizes)
    holds = sum(min(size, most) for size in sizes) / max(end, 1)
    begins = first * (1 - units[0].at / max(end, 1))
    looks = sum(unit.weight >= _GOOD_WEIGHT for unit in units) / len(units)
    return _RUNS * runs + _HOLDS * min(holds, 1.0) + _BEGINS * begins + _LOOKS * looks


def is_series(units: Sequence[Candidate]) -> bool:
    """True for units that count from 1 on, most of them without a gap: those of an annex's own."""
    if len(units) < _FEWEST or not _is_first(units[0]):
        return False
    return 2 * sum(_follows(a, b) for a, b in pairwise(units)) >= len(units) - 1


def _is_first(unit: Candidate) -> bool:
    return unit.order.whole == 1 or unit.number in ("A", "I") or bool(_FIRST.fullmatch(unit.number))


def _follows(before: Candidate, after: Candidate) -> bool:
    stood = max(before.order.whole, last_of(before.number))
    return after.restarts or after.order.whole in (stood, stood + 1)


def choose(words: Sequence[Candidate], numbers: Sequence[Candidate], end: int) -> Choice:
    """Choose between the units with heading words and those with numbers alone.

    Numbers that end before a series with words begins at 1 are those of a memorandum that explains
    it.
    """
    clear = [unit for unit in words if unit.weight >= _GOOD_WEIGHT]
    both = max(len(clear) + len(numbers), 1)
    by_words = plausibility(words, end) - _UNEXPLAINED * _not_inside(numbers, words) / both
    by_numbers = plausibility(numbers, end) - _UNEXPLAINED * len(clear) / both
    if not words or not numbers:
        return Choice("numbers" if numbers else "words")
    if is_series(clear) and numbers[-1].at < words[0].at:
        return Choice("words", "numbers", round(abs(by_numbers - by_words), 3))
    first, other = ("numbers", "words") if by_numbers > by_words else ("words", "numbers")
    return Choice(first, other, round(abs(by_numbers - by_words), 3))


def groups_as_units(groups: Sequence[Candidate], end: int) -> None:
    """Make the kind of groups that holds most of the text the units; `end` is where that ends.

    Groups of other kinds stay what they are: the parts of chapters.
    """
    held: Counter[str] = Counter()
    for group, after in zip(groups, [*(g.at for g in groups[1:]), end], strict=False):
        held[group.kind] += after - group.at
    kind = max(held, key=lambda name: held[name], default="")
    for group in groups:
        if group.kind == kind:
            group.role = UnitRole.BASIC


def _not_inside(numbers: Sequence[Candidate], words: Sequence[Candidate]) -> int:
    """How many numbered lines are no list inside a unit with words: all but those in the unit that
    holds most of them.
    """
    starts = [unit.at for unit in words]
    held = Counter(bisect_right(starts, line.at) for line in numbers)
    held.pop(0, None)
    return len(numbers) - max(held.values(), default=0)
