"""The first step of matching: units whose own text is the same, white space folded.

Preferred is the same address, then the nearest. A short text (`(repealed)`, `General provisions`)
stands in many places and says nothing about where a unit came from, so it is matched at its own
address only, or between neighbours that are matched.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from domain.revision.pairing import How, Join, Pairing

TELLING: Final = 24
"""A text with at least so many letters and digits tells which unit it is of."""


def telling(text: str) -> bool:
    """Whether a text is long enough to tell which unit it is of.

    >>> telling("(repealed)"), telling("The council elects its chair every year.")
    (False, True)
    """
    return len(text) >= TELLING and sum(map(str.isalnum, text)) >= TELLING


def join_same_texts(pairing: Pairing) -> None:
    """Join the units that have the same own text. Time is nearly linear in the units."""
    places = _by_text(pairing)
    _join_at_same_address(pairing)
    _join_the_only_ones(pairing, places)
    _join_the_nearest(pairing, places)
    _join_at_same_address(pairing)
    _join_between_neighbours(pairing)


def _by_text(pairing: Pairing) -> dict[str, tuple[list[int], list[int]]]:
    """Texts that tell and stand on both sides, with their places."""
    found: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i in pairing.open_old:
        if telling(text := pairing.old_own[i]):
            found[text][0].append(i)
    for j in pairing.open_new:
        if (text := pairing.new_own[j]) in found:
            found[text][1].append(j)
    return {text: both for text, both in found.items() if both[1]}


def _join_at_same_address(pairing: Pairing) -> None:
    """In document order, so that parents are joined before what is below them."""
    for i in pairing.open_old:
        j = pairing.same_address(i)
        if j is not None and j not in pairing.of_new and pairing.old_own[i] == pairing.new_own[j]:
            _join(pairing, i, j)


def _join_the_only_ones(pairing: Pairing, places: dict[str, tuple[list[int], list[int]]]) -> None:
    for both in places.values():
        old, new = _left(pairing, both)
        if len(old) == len(new) == 1 and len(both[0]) == 1:
            _join(pairing, old[0], new[0])


def _join_the_nearest(pairing: Pairing, places: dict[str, tuple[list[int], list[int]]]) -> None:
    """Of several units with one text: in order if both sides have as many, else the nearest."""
    expected = pairing.expected()
    for both in places.values():
        old, new = _left(pairing, both)
        if len(old) == len(new):
            pairs = list(zip(old, new, strict=True))
        else:
            far = sorted((abs(expected[i] - j), i, j) for i in old for j in new)
            pairs = _greedily(far)
        for i, j in pairs:
            others = [o for o in new if o != j and abs(expected[i] - o) == abs(expected[i] - j)]
            _join(pairing, i, j, rival=(i, others[0]) if others else None)


def _join_between_neighbours(pairing: Pairing) -> None:
    """Short texts whose neighbours before or after are joined, side by side."""
    for i in pairing.open_old:
        for step in (-1, 1):
            beside = pairing.counterpart(i + step)
            if beside is None:
                continue
            j = beside - step
            if (
                0 <= j < len(pairing.new)
                and j not in pairing.of_new
                and pairing.old_own[i] == pairing.new_own[j]
                and pairing.old[i].unit_kind == pairing.new[j].unit_kind
                and pairing.old_own[i]
            ):
                _join(pairing, i, j)
                break


def _left(pairing: Pairing, both: tuple[list[int], list[int]]) -> tuple[list[int], list[int]]:
    old, new = both
    return [i for i in old if i not in pairing.of_old], [j for j in new if j not in pairing.of_new]


def _greedily(ranked: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for _, i, j in ranked:
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            pairs.append((i, j))
    return pairs


def _join(pairing: Pairing, i: int, j: int, rival: tuple[int, int] | None = None) -> None:
    pairing.join(Join((i,), (j,), How.TEXT, rival=rival))
