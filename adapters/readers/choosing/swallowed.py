"""Quotations that swallowed units: a mark was not closed, and the next that closes a line stands
chapters further on.

Such a span shows by the numbers in it: they go on with the one before it, several in a row, and the
units behind it go on from there. What an amending law quotes does not; behind the quotation the law
itself goes on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.quotations import Quotations
from adapters.readers.profiles.base import UnitRole

_FEWEST: Final = 3  # units of a span that go on with what stands before it
_SEPARATED: Final = frozenset(".:-–—")


def without_swallowing(quotations: Quotations, candidates: Sequence[Candidate]) -> Quotations:
    """The quotations but for those that hold a stretch of the series; they are unbalanced."""
    basic = [c for c in candidates if c.role is UnitRole.BASIC and c.sep[:1] in _SEPARATED]
    starts = [c.at for c in basic]
    wrong = [
        span
        for span in quotations.spans
        if (i := bisect_left(starts, span[0])) + _FEWEST <= (j := bisect_left(starts, span[1]))
        and i > 0
        and _goes_on(basic, i, j)
    ]
    if not wrong:
        return quotations
    kept = tuple(span for span in quotations.spans if span not in wrong)
    opened = sorted([*quotations.unbalanced, *(start for start, _ in wrong)])
    return replace(quotations, spans=kept, unbalanced=tuple(opened))


def _goes_on(items: Sequence[Candidate], i: int, j: int) -> bool:
    """Whether the items from i up to j go on with the one before them, and those behind with them.

    >>> from adapters.readers.profiles.en import EN
    >>> from adapters.readers.lines.candidates import find_candidates
    >>> from adapters.readers.text.normalised import View
    >>> view = View("".join(f"Sec. {n}. Duty\\n" for n in (1, 2, 3, 4, 5, 2, 3)))
    >>> items = find_candidates(view, EN)
    >>> _goes_on(items, 1, 4), _goes_on(items, 1, 5)
    (True, False)
    """
    first = items[i : i + _FEWEST]
    kind = items[i - 1].kind
    if any(c.kind != kind or c.quoted for c in first):
        return False
    if not all(_follows(a, b) for a, b in pairwise(items[i - 1 : i + _FEWEST])):
        return False
    after = next((c for c in items[j:] if c.kind == kind), None)
    return after is None or after.order > items[j - 1].order


def _follows(before: Candidate, after: Candidate) -> bool:
    """True for the next number, and for the next part of a number: 2-5 after 2-4."""
    a, b = before.order, after.order
    if not b.inserted or not a.inserted:
        return b.whole == a.whole + 1
    *above, (last, _) = b.inserted
    *stood, (part, _) = a.inserted
    return (a.whole, stood) == (b.whole, above) and last == part + 1
