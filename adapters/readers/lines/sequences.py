"""The sequence that numbers really run in: which candidates are units, and where numbering starts
again.

A weighted longest increasing subsequence over the candidates' numbers. A restart at 1 costs much,
less after a container, and next to nothing after the head of an annex. It is what tells the
articles of a law from those that it cites or quotes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbers.numbering import last_of

_GAP_COST: Final = 0.005  # for every number left out
_NEXT_BONUS: Final = 0.5  # for the number that comes next
_RESTART_COST: Final = 2.5
_RESTART_AFTER_CONTAINER: Final = 0.6
_RESTART_AFTER_ANNEX: Final = 0.3
_LATE_START_AFTER_ANNEX: Final = 1.5
_GOOD_START: Final = 0.8


@dataclass(frozen=True, slots=True)
class Chain:
    """The accepted candidates by index, in order, and those of them at which numbering starts
    again.
    """

    chosen: tuple[int, ...]
    restarts: frozenset[int]


class _Best:
    """The best score of a chain that ends below a number: a Fenwick tree of maxima."""

    def __init__(self, size: int) -> None:
        self._score = [float("-inf")] * (size + 1)
        self._item = [-1] * (size + 1)

    def add(self, rank: int, score: float, item: int) -> None:
        at = rank + 1
        while at < len(self._score):
            if score > self._score[at]:
                self._score[at], self._item[at] = score, item
            at += at & -at

    def below(self, rank: int) -> tuple[float, int]:
        best, item, at = float("-inf"), -1, rank
        while at > 0:
            if self._score[at] > best:
                best, item = self._score[at], self._item[at]
            at -= at & -at
        return best, item


class _Search:
    """One search for the best chain.

    `annexes` and `containers` are offsets of annex heads and of containers, sorted.
    """

    def __init__(
        self, items: Sequence[Candidate], annexes: Sequence[int], containers: Sequence[int]
    ) -> None:
        self.items, self.annexes, self.containers = items, annexes, containers
        orders = sorted({item.order for item in items})
        self.ranks = {order: rank for rank, order in enumerate(orders)}
        self.score: list[float] = []
        self.before: list[int] = []
        self.restarted: list[bool] = []
        self.tree = _Best(len(orders))
        self.ends: dict[int, int] = {}  # last whole number covered -> the best item that ends there
        self.top = -1  # the best item so far
        self.top_before_annex = -1
        self.passed = 0

    def run(self) -> Chain:
        for j, item in enumerate(self.items):
            self._pass_annexes(item.at)
            score, before, restarted = max(self._options(j, item))
            self.score.append(score)
            self.before.append(before)
            self.restarted.append(restarted)
            self._offer(j, item)
        return self._trace()

    def _pass_annexes(self, at: int) -> None:
        passed = bisect_left(self.annexes, at)
        if passed > self.passed:
            self.passed = passed
            self.tree = _Best(len(self.ranks))
            self.top_before_annex = self.top

    def _options(self, j: int, item: Candidate) -> list[tuple[float, int, bool]]:
        weight, whole = item.weight, item.order.whole
        options = [(weight, -1, False)]
        i = self.ends.get(whole - 1, -1)
        if i >= 0:
            options.append((self.score[i] + _NEXT_BONUS + weight, i, False))
        if i < 0 or i != self.top:  # nothing beats the next number after the best chain so far
            score, i = self.tree.below(self.ranks[item.order])
            if i >= 0:
                options.append((score - _GAP_COST * whole + weight, i, False))
        i = self.ends.get(whole, -1)
        if i >= 0 and self.items[i].order < item.order:
            options.append((self.score[i] + _NEXT_BONUS + weight, i, False))
        if item.weight >= _GOOD_START:
            options += self._restarts(j, item)
        return options

    def _restarts(self, j: int, item: Candidate) -> list[tuple[float, int, bool]]:
        options = []
        first = item.order.whole <= 1 and not item.order.inserted
        if self.top_before_annex >= 0:
            cost = _RESTART_AFTER_ANNEX if first else _LATE_START_AFTER_ANNEX
            options.append(
                (
                    self.score[self.top_before_annex] - cost + item.weight,
                    self.top_before_annex,
                    True,
                )
            )
        if first and self.top >= 0:
            cost = _RESTART_AFTER_CONTAINER if self._container_between(j) else _RESTART_COST
            options.append((self.score[self.top] - cost + item.weight, self.top, True))
        return options

    def _container_between(self, j: int) -> bool:
        start, end = self.items[j - 1].at, self.items[j].at
        i = bisect_left(self.containers, start)
        return i < len(self.containers) and self.containers[i] < end

    def _offer(self, j: int, item: Candidate) -> None:
        last = max(last_of(item.number), item.order.whole)
        self.tree.add(self.ranks[item.order], self.score[j] + _GAP_COST * last, j)
        if self.top < 0 or self.score[j] > self.score[self.top]:
            self.top = j
        held = self.ends.get(last, -1)
        if held < 0 or self.score[j] > self.score[held]:
            self.ends[last] = j

    def _trace(self) -> Chain:
        chosen: list[int] = []
        restarts: set[int] = set()
        j = self.top
        while j >= 0:
            chosen.append(j)
            if self.restarted[j]:
                restarts.add(j)
            j = self.before[j]
        return Chain(tuple(reversed(chosen)), frozenset(restarts))


def best_chain(
    items: Sequence[Candidate], annexes: Sequence[int], containers: Sequence[int]
) -> Chain:
    """The most plausible sequence among candidates of one kind.

    `annexes` are the offsets of annex heads.
    """
    if not items:
        return Chain((), frozenset())
    return _without_insets(items, _Search(items, annexes, containers).run(), annexes)


def _without_insets(items: Sequence[Candidate], chain: Chain, annexes: Sequence[int]) -> Chain:
    """Drop runs that start again without an annex and after which the main run goes on where it
    stood: quoted articles.
    """
    kept: list[int] = []
    open_at = -1  # where in `kept` a run began that may prove to be an inset
    stood = 0  # the number that the run before it had reached
    for i in chain.chosen:
        whole = items[i].order.whole
        if i in chain.restarts:
            annexed = (
                bisect_left(annexes, items[kept[-1]].at) != bisect_left(annexes, items[i].at)
                if kept
                else True
            )
            open_at = -1 if annexed else len(kept)
            stood = items[kept[-1]].order.whole if kept else 0
        elif open_at >= 0 and whole == stood + 1 and items[kept[-1]].order.whole < stood:
            del kept[open_at:]
            open_at = -1
        kept.append(i)
    return Chain(tuple(kept), chain.restarts & frozenset(kept))
