"""Where numbering restarts: which ancestor has to stand in front of a unit's step.

The numbers of one kind normally run through the whole document. When the first unit of a kind below an ancestor is reached,
and that ancestor's numbers repeat numbers that came before, the numbering restarts there: every unit of the kind below that
ancestor gets its address in front. The decision looks at the whole ancestor, not at one unit, so that a single misprinted
number stays a duplicate, and an article inserted into one part moves no article of another part.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

_SAMPLE: Final = 32  # so many units below an ancestor decide; a bound keeps deep nesting linear
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


class Scopes:
    """Owners by restarted numbering. `keys[i]` names what counts together (a kind in a component), `steps[i]` the step."""

    def __init__(self, keys: Sequence[str], steps: Sequence[str], parents: Sequence[int | None]) -> None:
        self._keys, self._steps, self._parents = keys, steps, parents
        self._of_key: dict[str, list[int]] = {}
        for i, key in enumerate(keys):
            self._of_key.setdefault(key, []).append(i)
        self._last = _last_descendants(parents)
        self._scope_of: dict[tuple[str, int], int | None] = {}  # (key, ancestor) -> the owner of such units below it
        self._used: dict[tuple[str, int | None], set[str]] = {}
        self._owners = [self._place(i) for i in range(len(keys))]

    def owner_of(self, i: int) -> int | None:
        """The unit whose address comes before this one's step, or None."""
        return self._owners[i]

    def _place(self, i: int) -> int | None:
        key = self._keys[i]
        fresh, owner = self._fresh_ancestors(key, self._parents[i])
        used = self._used.setdefault((key, owner), set())
        if fresh and self._restarts(i, fresh[-1], used):
            owner = fresh[-1]
            used = self._used.setdefault((key, owner), set())
        for ancestor in fresh:
            self._scope_of[key, ancestor] = owner
        used.add(self._steps[i])
        return owner

    def _fresh_ancestors(self, key: str, parent: int | None) -> tuple[list[int], int | None]:
        """The ancestors that had no unit of this key yet, from the inside, and the owner that holds above them."""
        fresh: list[int] = []
        while parent is not None:
            if (key, parent) in self._scope_of:
                return fresh, self._scope_of[key, parent]
            fresh.append(parent)
            parent = self._parents[parent]
        return fresh, None

    def _restarts(self, i: int, ancestor: int, used: set[str]) -> bool:
        if not used:
            return False
        units = self._of_key[self._keys[i]]
        at = bisect_left(units, i)
        sample = [self._steps[u] for u in units[at : at + _SAMPLE] if u <= self._last[ancestor]]
        again = [step for step in sample if step in used]
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
        if parent is not None:
            last[parent] = max(last[parent], last[i])
    return last
