"""The last steps of matching: nearly the same text, near where it is looked for; then the same
address, whatever stands there now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.revision.likeness import Likeness
from domain.revision.pairing import How, Join, Pairing
from domain.revision.same_text import telling
from domain.revision.words import words_of

ALIKE: Final = 60.0
"""Texts that are less alike than this are not taken for one unit's."""

AT_ADDRESS: Final = 85.0
"""Texts at one address that are this alike are one unit's without a look at others."""

WINDOW: Final = 30
"""How many places away from where it is looked for a unit may stand."""

CLOSE: Final = 5.0
"""Two candidates whose likeness differs by less are hard to tell apart."""

_PREFERRED: Final = 8.0  # what the same address is worth
_SHORT: Final = 85.0  # how alike short texts have to be

_SHARED: Final = 0.4
"""How much of their vocabularies two texts that are alike share at least."""


class _Candidate(NamedTuple):
    worth: float
    likeness: float
    old: int
    new: int


def join_alike(pairing: Pairing, likeness: Likeness) -> None:
    """Join units that have nearly the same text, the likest first."""
    _join_at_same_address(pairing, likeness)
    ranked = sorted(_candidates(pairing, likeness), key=lambda c: (-c.worth, c.old, c.new))
    best_of_old: dict[int, _Candidate] = {}
    for one in ranked:
        if one.old in pairing.of_old or one.new in pairing.of_new:
            continue
        pairing.join(Join((one.old,), (one.new,), How.LIKENESS, round(one.likeness, 1)))
        best_of_old[one.old] = one
    _name_rivals(pairing, ranked, best_of_old)


def join_same_addresses(pairing: Pairing, likeness: Likeness) -> None:
    """Join what is left and stands at one address: the text was replaced as a whole."""
    free = set(pairing.open_new)
    for i in pairing.open_old:
        j = pairing.same_address(i)
        if j is not None and j in free:
            free.remove(j)
            alike = likeness.ratio(pairing.old_own[i], pairing.new_own[j], at_least=0)
            pairing.join(Join((i,), (j,), How.ADDRESS, round(alike, 1)))


def _join_at_same_address(pairing: Pairing, likeness: Likeness) -> None:
    free = set(pairing.open_new)
    for i in pairing.open_old:
        j = pairing.same_address(i)
        if j is None or j not in free:
            continue
        old, new = pairing.old_own[i], pairing.new_own[j]
        alike = likeness.ratio(old, new, at_least=AT_ADDRESS)
        if alike:
            pairing.join(Join((i,), (j,), How.LIKENESS, round(alike, 1)))
            free.remove(j)


def _candidates(pairing: Pairing, likeness: Likeness) -> Iterator[_Candidate]:
    expected = pairing.expected()
    free = pairing.open_new
    at_all = set(free)
    words_of_old = {i: frozenset(words_of(pairing.old_own[i])) for i in pairing.open_old}
    words_of_new = {j: frozenset(words_of(pairing.new_own[j])) for j in free}
    for i in pairing.open_old:
        text = pairing.old_own[i]
        same = pairing.same_address(i)
        low = bisect_left(free, expected[i] - WINDOW)
        high = bisect_right(free, expected[i] + WINDOW)
        for j in {*free[low:high], *(at_all & {same})}:
            other = pairing.new_own[j]
            tells = telling(text) and telling(other)
            if not tells and pairing.old[i].step != pairing.new[j].step:
                continue
            floor = ALIKE if tells else _SHORT
            if not _may_be_alike(text, other, words_of_old[i], words_of_new[j], floor):
                continue
            alike = likeness.ratio(text, other, at_least=floor)
            if alike:
                yield _Candidate(alike + (_PREFERRED if j == same else 0), alike, i, j)


def _may_be_alike(
    old: str, new: str, of_old: frozenset[str], of_new: frozenset[str], floor: float
) -> bool:
    """Whether lengths and vocabularies allow two texts to be alike. It takes a hundredth of the
    time that comparing them takes.
    """
    shorter, longer = sorted((len(old), len(new)))
    if 200 * shorter < floor * (shorter + longer):
        return False
    return 2 * len(of_old & of_new) >= _SHARED * (len(of_old) + len(of_new))


def _name_rivals(pairing: Pairing, ranked: list[_Candidate], chosen: dict[int, _Candidate]) -> None:
    """Say of each join which other candidate was nearly as good."""
    by_new = {one.new: one for one in chosen.values()}
    for one in ranked:
        for best in (chosen.get(one.old), by_new.get(one.new)):
            if best and best != one and one.worth > best.worth - CLOSE:
                pairing.add_rival(pairing.of_old[best.old], (one.old, one.new))
