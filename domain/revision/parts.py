"""The second step of matching: one unit that became several, and several that became one.

Parts are nominated by the runs of some words that they share with a whole. A whole was split if
parts of it that stand near each other, set one behind the other, are its text, and none of them is
nearly that alone. A merger is the same, seen from the other side.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from domain.revision.likeness import Likeness
from domain.revision.pairing import How, Join, Pairing
from domain.revision.words import is_unspaced, words_of

_RUN: Final = 4  # words ...
_LETTERS: Final = 12  # ... or letters of a script that puts no space between words
_NOMINATED: Final = 0.5  # of a part's runs stand in the whole
_FEWEST: Final = 5  # runs of a part
_COMMON: Final = 50  # units that share a run: it is a phrase of the law, and tells nothing
_NEAR: Final = 4  # places between two parts of one unit
_MOST: Final = 8  # parts of one unit
_JOINED: Final = 80.0  # how alike the parts, joined, and the whole have to be ...
_GAIN: Final = 5.0  # ... and by how much more than the likest part alone

_NOWHERE: Final[list[int]] = []

Run = tuple[str, ...]
Runs = Mapping[int, frozenset[Run]]


class _Found(NamedTuple):
    likeness: float
    whole: int
    parts: tuple[int, ...]


def join_parts(pairing: Pairing, likeness: Likeness) -> None:
    """Join what was split and what was merged, of the units that are without a join."""
    old = {i: _runs(pairing.old_own[i]) for i in pairing.open_old}
    new = {j: _runs(pairing.new_own[j]) for j in pairing.open_new}
    split = _wholes(old, new, pairing.old_own, pairing.new_own, likeness)
    merged = _wholes(new, old, pairing.new_own, pairing.old_own, likeness)
    found: list[tuple[_Found, tuple[int, ...], tuple[int, ...]]]
    found = [(one, (one.whole,), one.parts) for one in split]
    found += [(one, one.parts, (one.whole,)) for one in merged]
    for one, before, after in sorted(found, reverse=True):
        free = not (pairing.of_old.keys() & set(before) or pairing.of_new.keys() & set(after))
        if free:
            pairing.join(Join(before, after, How.PARTS, round(one.likeness, 1)))


def _runs(text: str) -> frozenset[Run]:
    words = [
        word
        for word in words_of(unicodedata.normalize("NFC", text).casefold())
        if word[0].isalnum()
    ]
    length = _LETTERS if is_unspaced(text) else _RUN
    return frozenset(zip(*(words[n:] for n in range(length)), strict=False))


def _wholes(
    wholes: Runs,
    parts: Runs,
    whole_texts: Sequence[str],
    part_texts: Sequence[str],
    likeness: Likeness,
) -> Iterator[_Found]:
    """The units of `wholes` whose text is that of several of `parts`."""
    for whole, row in _nominated(wholes, parts):
        text = whole_texts[whole]
        alone = max(likeness.ratio(text, part_texts[place], at_least=0) for place in row)
        best = max(
            (
                _Found(_joined(text, some, part_texts, likeness), whole, some)
                for some in _neighbours(row)
            ),
            default=None,
        )
        if best and best.likeness >= max(_JOINED, alone + _GAIN):
            yield best


def _joined(text: str, places: Sequence[int], texts: Sequence[str], likeness: Likeness) -> float:
    return likeness.ratio(text, " ".join(texts[place] for place in places), at_least=_JOINED)


def _nominated(wholes: Runs, parts: Runs) -> list[tuple[int, list[int]]]:
    """Each whole with two parts or more that stand near each other."""
    nominated: dict[int, list[int]] = defaultdict(list)
    where = _index(wholes)
    for place, runs in parts.items():
        telling = [at for run in runs if len(at := where.get(run, _NOWHERE)) <= _COMMON]
        if len(telling) < _FEWEST:
            continue
        shared = Counter(whole for at in telling for whole in at)
        for whole, times in shared.items():
            if times >= _NOMINATED * len(telling):
                nominated[whole].append(place)
    return [(whole, row) for whole, places in nominated.items() for row in _rows(places) if row[1:]]


def _index(units: Runs) -> dict[Run, list[int]]:
    """The units in which each run stands."""
    where: dict[Run, list[int]] = defaultdict(list)
    for place, runs in units.items():
        for run in runs:
            where[run].append(place)
    return where


def _rows(places: Sequence[int]) -> list[list[int]]:
    """Places in rows of those that stand near each other.

    >>> _rows([12, 1, 3])
    [[1, 3], [12]]
    """
    rows: list[list[int]] = []
    for place in sorted(places):
        if rows and place - rows[-1][-1] <= _NEAR:
            rows[-1].append(place)
        else:
            rows.append([place])
    return rows


def _neighbours(row: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every choice of neighbours in a row, of two or more.

    >>> list(_neighbours([1, 2, 4]))
    [(1, 2), (1, 2, 4), (2, 4)]
    """
    for first in range(len(row)):
        for last in range(first + 2, min(len(row), first + _MOST) + 1):
            yield tuple(row[first:last])
