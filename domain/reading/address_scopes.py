"""Where numbering restarts: which ancestor has to stand in front of a unit's step.

The numbers of one kind normally run through the whole document. When the first unit of a kind below
an ancestor is reached, and that ancestor's numbers repeat numbers that came before, the numbering
restarts there: every unit of the kind below that ancestor gets its address in front. The decision
looks at the whole ancestor, not at one unit, so that a single misprinted number stays a duplicate,
and an article inserted into one part moves no article of another part.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

_SAMPLE: Final = 32  # so many units below an ancestor decide; a bound keeps deep nesting linear
# Numbers with which a numbering begins, in small letters.
_FIRST_NUMBERS: Final = frozenset(
    (
        "1",
        "01",
        "i",
        "a",
        "α",
        "1er",
        "1o",
        "1º",
        "1°",
        "nhất",
        "một",
        "one",
        "first",
        "premier",
        "première",
        "unique",
        "erster",
        "erste",
        "erstes",
        "primo",
        "prima",
        "primeiro",
        "primeira",
        "único",
        "única",
    )
)


@dataclass(slots=True)
class _Kind:
    """The units of one kind in one component, which count together."""

    units: list[int] = field(default_factory=list)
    # The owner of the units below each ancestor.
    scope_of: dict[int, int | None] = field(default_factory=dict)
    # The steps that each owner's units have.
    used: defaultdict[int | None, set[str]] = field(default_factory=lambda: defaultdict(set))


class Scopes:
    """The owner of each unit: the ancestor whose address comes in front, or None.

    `keys[i]` names what counts together (a kind in a component), `steps[i]` is the unit's step.
    """

    def __init__(
        self, keys: Sequence[str], steps: Sequence[str], parents: Sequence[int | None]
    ) -> None:
        self._keys, self._steps, self._parents = keys, steps, parents
        self._of_key = {key: _Kind() for key in set(keys)}
        for i, key in enumerate(keys):
            self._of_key[key].units.append(i)
        self.owners: list[int | None] = []
        """The unit whose address comes before the step of each, or None."""
        for i, (key, step, parent) in enumerate(zip(keys, steps, parents, strict=True)):
            kind = self._of_key[key]
            if parent is None:
                owner = None
            elif parent in kind.scope_of:
                owner = kind.scope_of[parent]
            else:
                owner = self._first_below(i, kind, parent)
            kind.used[owner].add(step)
            self.owners.append(owner)

    @cached_property
    def _last(self) -> list[int]:
        return _last_descendants(self._parents)

    def _first_below(self, i: int, kind: _Kind, parent: int) -> int | None:
        """The owner of the first unit of its kind below an ancestor, which is that of all that
        follow there.
        """
        fresh, owner = self._fresh_ancestors(kind, parent)
        used = kind.used.get(owner)
        if used and self._restarts(i, fresh[-1], used):
            owner = fresh[-1]
        for ancestor in fresh:
            kind.scope_of[ancestor] = owner
        return owner

    def _fresh_ancestors(self, kind: _Kind, parent: int | None) -> tuple[list[int], int | None]:
        """The ancestors that had no unit of this kind yet, from the inside, and the owner that
        holds above them.
        """
        fresh: list[int] = []
        while parent is not None:
            if parent in kind.scope_of:
                return fresh, kind.scope_of[parent]
            fresh.append(parent)
            parent = self._parents[parent]
        return fresh, None

    def _restarts(self, i: int, ancestor: int, used: set[str]) -> bool:
        """Whether numbering starts again below an ancestor, of whose units `i` is the first.

        It does if a first number is there again, or most of the numbers are.
        """
        units = self._of_key[self._keys[i]].units
        at = bisect_left(units, i)
        sample = units[
            at : bisect_right(units, self._last[ancestor], at, min(at + _SAMPLE, len(units)))
        ]
        again = [step for u in sample if (step := self._steps[u]) in used]
        opens = any(step.partition("_")[2].casefold() in _FIRST_NUMBERS for step in again)
        return opens or (len(again) > 1 and 2 * len(again) > len(sample))


def _last_descendants(parents: Sequence[int | None]) -> list[int]:
    """The index of the last unit below each unit, itself where there is none.

    >>> _last_descendants([None, 0, 0, None])
    [2, 1, 2, 3]
    """
    last = list(range(len(parents)))
    for i in range(len(parents) - 1, -1, -1):
        parent = parents[i]
        # Compared rather than by max(), which takes longer: every unit comes here.
        if parent is not None and last[i] > last[parent]:
            last[parent] = last[i]
    return last
