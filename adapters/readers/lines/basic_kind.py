"""The kind of unit that people cite in a document: its articles, else its sections, else what other
basic units it has.

It is found by these rules, in this order:

1. Candidates of a kind are those that the format declares as headings, where it declares as many as
   there are other clear headings of that kind. Lines that merely look alike are then left out, and
   so is a declared heading behind a quotation mark (`## “Article 64 bis`).
   So are Arabic numbers beside Roman ones that count from I on without a gap: an amending act
   quotes them (`Articolul I`, in it `Articolul 19`). But they are its own where they stand before
   the first Roman one, or after the last count from 1 or go on from it.
2. Each kind has its sequence of units: all of its declared headings, or the best chain of its other
   candidates (`sequences`).
3. A kind none of whose units weighs `_GOOD_WEIGHT` is out: only references are left of it.
4. Where the format declares several kinds, all are units, the lower kind below the higher one, if
   the profile cites several (`mixed_kinds`: German articles with a numbering of § in them) or each
   kind is declared deeper than the one before it (`### ARTICLE I` with `##### Section 1.1`); in
   this case the lower kinds are sub units.
5. Otherwise one kind is cited. Kinds are asked in the order of the profile, and the first is taken
   that has the most units in the main body, or that has at least two there and either begins before
   all others or has `_MANY` of the most. So articles are cited although each is divided into more
   sections; but two articles of a protocol that a law of 50 sections quotes are not.
6. But a lower kind is cited where its units, many more, count on through those of the higher one,
   which then groups them: `Chapter 2`, `Article I`, `Sec. 2-1` to `Sec. 2-9`, `Article II`,
   `Sec. 2-31`, as municipal codes are numbered. Sections that begin again in each article divide
   it, and so do those that have its number: `Article 5`, `Section 5.1`.

Example: there are more sections than articles, but the articles come first in the English profile
and begin before the sections.

>>> from adapters.readers.lines.candidates import find_candidates
>>> from adapters.readers.lines.quotations import Quotations
>>> from adapters.readers.lines.weights import weigh
>>> from adapters.readers.profiles.en import EN
>>> from adapters.readers.text.normalised import View
>>> lines = ("Article 1. Land", "Section 1. Use", "Section 2. Tax", "Article 2. Sea", "Section 1.")
>>> view = View("\\n\\n".join(lines))
>>> items = find_candidates(view, EN)
>>> weigh(view, items, EN, Quotations((), ()))
>>> find_basic_kind(items, EN, annexes=[], containers=[]).kind
'article'
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain as chained
from itertools import pairwise
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate, offset_of
from adapters.readers.lines.ranks import BASIC_RANK
from adapters.readers.lines.sequences import Chain, best_chain
from adapters.readers.numbers.numbering import roman_value
from adapters.readers.profiles.base import Profile, UnitRole

CLEAN_WEIGHT: Final = 1.2
"""From here on a line reads like a heading and has nothing against it: its number has a separator
or stands alone. See `weights`.
"""
# Between a heading without a separator (1) and one that the line before runs into (0.5).
_GOOD_WEIGHT: Final = 0.8
_MANY: Final = 0.3  # of the units of the most frequent kind
_TIMES: Final = (
    2  # as many units of a lower kind, at least, and of a few that have their group's number
)
_OFTEN: Final = 20  # units for each time that they begin again, at least
_MOST: Final = 0.8  # of the clear headings of a kind
_FEWEST_ROMAN: Final = 2  # Roman numbers that count
_MIXED: Final = "mixed"
_BASIC: Final = UnitRole.BASIC  # looking up a member takes long in an inner loop


class BasicKind(NamedTuple):
    """The kind that people cite, its candidates, and the sequence of units among them."""

    kind: str = ""  # "" where a document has no such units
    items: Sequence[Candidate] = ()
    chain: Chain = Chain((), frozenset())

    def count_before(self, end: int | None) -> int:
        """How many units start before an offset, all without one; at least 1 if there are any."""
        before = sum(1 for i in self.chain.chosen if end is None or self.items[i].at < end)
        return before or min(len(self.chain.chosen), 1)

    @property
    def units(self) -> list[Candidate]:
        """Its units, in order."""
        return [self.items[i] for i in self.chain.chosen]

    @property
    def begin(self) -> int:
        """Where the first unit starts."""
        return self.items[self.chain.chosen[0]].at


def find_basic_kind(
    candidates: Sequence[Candidate],
    profile: Profile,
    annexes: Sequence[Candidate],
    containers: Sequence[Candidate],
) -> BasicKind:
    """Find the kind among weighed candidates, by the rules at the head of this file.

    `annexes` and `containers` are accepted heads in the order of the text.
    """
    found = _sequences(candidates, profile, [c.at for c in annexes], [c.at for c in containers])
    if not found:
        return BasicKind()
    if len(found) > 1 and all(kind.items[0].depth for kind in found):
        if profile.mixed_kinds:
            return _mixed([kind.items for kind in found])
        if _are_nested(found):
            return _mixed([kind.items for kind in found], lower=UnitRole.SUB)
    end_of_body = annexes[0].at if annexes else None
    counts = [kind.count_before(end_of_body) for kind in found]
    most, first = max(counts), min(kind.begin for kind in found)
    cited = next(
        kind
        for kind, count in zip(found, counts, strict=True)
        if count == most or (count > 1 and (kind.begin <= first or count >= most * _MANY))
    )
    lower = found[found.index(cited) + 1 :]
    return next((kind for kind in lower if _counts_through(kind, cited)), cited)


def _counts_through(kind: BasicKind, groups: BasicKind) -> bool:
    """Rule 6: whether the units of a kind count on through the units of a higher one."""
    units, above = kind.units, groups.units
    clean = sum(item.weight >= CLEAN_WEIGHT for item in kind.items)
    if (
        _OFTEN * len(kind.chain.restarts) > len(units)
        or len(units) < _TIMES * len(above)
        or len(units) < _MOST * clean
    ):
        return False
    starts = [unit.at for unit in above]
    holders = [bisect_right(starts, unit.at) - 1 for unit in units]
    own = sum(
        i >= 0 and above[i].order.whole == unit.order.whole
        for i, unit in zip(holders, units, strict=True)
    )
    divided = len(set(holders) - {-1})
    return divided > 1 and 2 * divided >= len(above) and _TIMES * own < len(units)


def _sequences(
    candidates: Sequence[Candidate],
    profile: Profile,
    annexes: Sequence[int],
    containers: Sequence[int],
) -> list[BasicKind]:
    """Rules 1 to 3: the sequence of each kind that has a good heading, in the profile's order."""
    kinds: dict[str, list[Candidate]] = {
        word.kind: [] for word in profile.words if word.role is _BASIC
    }
    for c in candidates:
        if c.role is _BASIC:
            kinds[c.kind].append(c)
    found = []
    for kind, of_kind in kinds.items():
        items = _of_own_numbers(_declared_or_all(of_kind))
        chain = (
            _declared_chain(items)
            if items and items[0].depth
            else best_chain(items, annexes, containers)
        )
        if any(items[i].weight >= _GOOD_WEIGHT for i in chain.chosen):
            found.append(BasicKind(kind, items, chain))
    return found


def _declared_or_all(items: list[Candidate]) -> list[Candidate]:
    """Rule 1."""
    items = [c for c in items if not (c.depth and c.quoted)]
    declared = [c for c in items if c.depth]
    clean = sum(c.weight >= CLEAN_WEIGHT for c in items if not c.depth)
    if declared and len(declared) >= clean:
        return declared
    return items


def _of_own_numbers(items: list[Candidate]) -> list[Candidate]:
    """Rule 1, its second half."""
    roman = [c for c in items if c.number.isalpha() and roman_value(c.number)]
    counted = [c.order.whole for c in roman] == list(range(1, len(roman) + 1))
    if len(roman) < _FEWEST_ROMAN or len(roman) == len(items) or not counted:
        return items
    after = [c.order.whole for c in items if c.at > roman[-1].at]
    if items[0] is not roman[0] or any(
        after[:3] == [first, first + 1, first + 2] for first in (1, len(roman) + 1)
    ):
        return items
    return roman


def _declared_chain(items: Sequence[Candidate]) -> Chain:
    """All headings that the format declares; numbering starts again where it falls back to 1."""
    restarts = {
        i
        for i in range(1, len(items))
        if items[i].order.whole <= 1
        and items[i].order < items[i - 1].order
        and not items[i].order.inserted
    }
    return Chain(tuple(range(len(items))), frozenset(restarts))


def _are_nested(kinds: Sequence[BasicKind]) -> bool:
    """True where each kind is declared deeper than the one before it: `### ARTICLE I`, and in it
    `##### Section 1.1`.
    """
    depths = [{item.depth for item in kind.items} for kind in kinds]
    return all(max(above) < min(below) for above, below in pairwise(depths))


def _mixed(kinds: Sequence[Sequence[Candidate]], lower: UnitRole = _BASIC) -> BasicKind:
    """Rule 4: declared headings of several kinds as one run.

    Those of a lower kind belong to the one of a higher kind before them, and get the role `lower`.
    """
    for rank, items in enumerate(kinds, start=BASIC_RANK):
        for c in items:
            c.rank = rank
            c.role = _BASIC if rank == BASIC_RANK else lower
    items = sorted(chained.from_iterable(kinds), key=offset_of)
    return BasicKind(_MIXED, items, Chain(tuple(range(len(items))), frozenset(_falls_back(items))))


def _falls_back(items: Sequence[Candidate]) -> set[int]:
    """Where the numbers of a kind start again without one of a higher kind in between."""
    last: dict[int, Candidate] = {}
    found = set()
    for i, c in enumerate(items):
        before = last.get(c.rank)
        if (
            before is not None
            and c.order.whole <= 1
            and c.order < before.order
            and not c.order.inserted
        ):
            found.add(i)
        last = {rank: held for rank, held in last.items() if rank < c.rank} | {c.rank: c}
    return found
