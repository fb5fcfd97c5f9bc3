"""The sequence in which numbers really run: which candidates are units, and where numbering starts
again.

The articles of a law come in rising order; those that it cites or quotes come in any order. So of
all candidates of one kind the units are taken to be the chain with the highest score:

    the weight of each candidate in it
    + _NEXT_BONUS     for each number that directly follows the one before (13 or 12a after 12)
    - _GAP_COST       for each number that is left out between two neighbours
    - the cost of each restart: the number falls back, by what stands in between

A candidate may be joined to a chain in these ways, of which the best counts:

1. It opens the chain.
2. Its whole number is the next after the chain's last one.
3. Its number is higher than the chain's last one, however much (not across the head of an annex:
   there only the very next number goes on, since the head may have been a mere mention).
4. It was inserted after the chain's last one: 12a after 12.
5. It starts numbering again. That takes a line that reads clearly like a heading (`_GOOD_START`),
   and the number 1 but after the head of an annex, where the first numbers may be missing. Below
   a chapter that is `1-1` as well: a code begins behind the charter of its city.

That is a weighted longest increasing subsequence. One pass finds it, with a Fenwick tree of maxima
for rule 3, so the time is n log n in the number of candidates.

Last, a run that started again without an annex is dropped if the run before it then goes on with
the very next number: it was quoted (`_without_insets`). The score alone can not tell, since two
good headings outweigh a restart.

Example: a mention of article 7 begins a line. To take it would cost its own weight, which is below
0, four gaps, and article 3, which comes after it.

>>> from adapters.readers.lines.candidates import find_candidates
>>> from adapters.readers.lines.quotations import Quotations
>>> from adapters.readers.lines.weights import weigh
>>> from adapters.readers.profiles.en import EN
>>> from adapters.readers.text.normalised import View
>>> lines = ("Article 1. Scope", "Article 2. Terms", "Article 7 applies here.", "Article 3. End")
>>> view = View("\\n\\n".join(lines))
>>> items = find_candidates(view, EN)
>>> weigh(view, items, EN, Quotations((), ()))
>>> [(item.number, round(item.weight, 1)) for item in items]
[('1', 1.5), ('2', 1.5), ('7', -1.7), ('3', 1.5)]
>>> [items[i].number for i in best_chain(items, annexes=[], containers=[]).chosen]
['1', '2', '3']
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbers.numbering import last_of

# All of these are in units of weight: a line that reads like a heading weighs 1 to 1.5, a reference
# below 0 (see `weights`).

# For a number that directly follows: half a heading, so that between two headings of equal weight
# the one that continues the count wins.
_NEXT_BONUS: Final = 0.5
# For every number left out: 100 of them cost what one bonus gives. Repealed articles and codes that
# jump (99, 201) are followed; among candidates that weigh the same the smaller gap wins.
_GAP_COST: Final = 0.005
# Of a restart out of nothing: more than any single heading brings, so that one `Article 1` that is
# quoted or cited never restarts; a run of two headings pays for it (2 * 1.2 + 0.5).
_RESTART_COST: Final = 2.5
# After a container: in some laws each part counts anew. A single good heading pays for it.
_RESTART_AFTER_CONTAINER: Final = 0.6
# After the head of an annex: the strongest sign, since nearly every annex counts anew.
_RESTART_AFTER_ANNEX: Final = 0.3
# After the head of an annex with another number than 1: rarer, so two headings have to agree.
_LATE_START_AFTER_ANNEX: Final = 1.5
# The least weight of a candidate that may start numbering again: a line with nothing against it.
_GOOD_START: Final = 0.8

_FIRST: Final = re.compile(r"0?1[-.]0{0,2}1\Z")


@dataclass(frozen=True, slots=True)
class Chain:
    """A sequence of candidates, each by its index among those that were searched."""

    chosen: tuple[int, ...]  # in the order of the text
    restarts: frozenset[int]  # those of them at which numbering starts again


class _Best:
    """The best score of a chain that ends below a number, and the candidate that it ends with.

    A Fenwick tree of maxima over the ranks of numbers: `add` and `below` take log n steps.
    """

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
    """One search for the best chain, candidate by candidate in the order of the text.

    `annexes` and `containers` are offsets of annex heads and of containers, sorted.
    """

    def __init__(
        self, items: Sequence[Candidate], annexes: Sequence[int], containers: Sequence[int]
    ) -> None:
        self.items, self.annexes, self.containers = items, annexes, containers
        orders = sorted({item.order for item in items})
        self.ranks = {order: rank for rank, order in enumerate(orders)}
        # Of the best chain that ends with each item: score, item before, whether it restarts.
        self.score: list[float] = []
        self.before: list[int] = []
        self.restarted: list[bool] = []
        self.tree = _Best(len(orders))  # of the items since the last annex head
        self.ends: dict[int, int] = {}  # last whole number covered -> the best item that ends there
        self.top = -1  # the item that the best chain so far ends with
        self.top_before_annex = -1  # the same when the last annex head was passed
        self.passed = 0  # annex heads before the current item

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
        """Rules 1 to 5: every way to join this item, as score, item before it, restart."""
        weight, whole = item.weight, item.order.whole
        options = [(weight, -1, False)]
        i = self.ends.get(whole - 1, -1)
        if i >= 0:
            options.append((self.score[i] + _NEXT_BONUS + weight, i, False))
        if i < 0 or i != self.top:  # the next number after the best chain can not be beaten
            score, i = self.tree.below(self.ranks[item.order])
            if i >= 0:  # the tree holds score + cost * last number: see `_offer`
                options.append((score - _GAP_COST * whole + weight, i, False))
        i = self.ends.get(whole, -1)
        if i >= 0 and self.items[i].order < item.order:
            options.append((self.score[i] + _NEXT_BONUS + weight, i, False))
        if item.weight >= _GOOD_START:
            options += self._restarts(j, item)
        return options

    def _restarts(self, j: int, item: Candidate) -> list[tuple[float, int, bool]]:
        options = []
        parted = item.order.inserted and self._container_between(j) and _FIRST.match(item.number)
        first = item.order.whole <= 1 and (not item.order.inserted or bool(parted))
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
        """Let later items follow this one.

        The cost of a gap from `last` to `whole` is linear in both, so its first half is added here
        and the tree compares chains that end with different numbers fairly.
        """
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
    """The most plausible sequence among weighed candidates of one kind, in the order of the text.

    `annexes` and `containers` are the offsets of annex heads and of containers, sorted.
    """
    if not items:
        return Chain((), frozenset())
    return _without_insets(items, _Search(items, annexes, containers).run(), annexes)


def _without_insets(items: Sequence[Candidate], chain: Chain, annexes: Sequence[int]) -> Chain:
    """Drop runs that start again without an annex and after which the run before goes on where it
    stood: articles of another law, quoted.

    Of the articles 1 2 3, 1 2, 4 5 the second 1 and 2 are dropped, since 4 goes on after 3.
    """
    kept: list[int] = []
    open_at = -1  # where in `kept` a run began that may prove to be quoted
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
