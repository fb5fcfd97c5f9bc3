"""A law and its amended version, with the truth about every unit: made up, or of any law's plan.

Numbers run on: a unit is inserted, and those after it get the next unit's number each, until one is
deleted. Besides, words are changed, units split and merged, and moved to another container.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.revision.units import Version, VersionUnit
from domain.revision.verdicts import Change, Comparison

_VOCABULARY = (
    "council minister licence holder notice register office place writing change means business "
    "appeal court fee period record person member chair vote budget report inspector permit harbour "
    "vessel cargo owner agent pilot lamp signal quay basin lock bridge warden ferry toll tariff "
    "interest deposit refund penalty hearing witness evidence order decree seal archive copy extract"
)
WORDS = _VOCABULARY.split()

TRUTH = (
    (Change.RENUMBERED, 47),
    (Change.CHANGED, 37),
    (Change.ADDED, 1),
    (Change.REPEALED, 1),
    (Change.SPLIT, 3),
    (Change.MERGED, 3),
    (Change.MOVED, 20),
)
"""How many units each change befalls."""


@dataclass
class Amended:
    """Two versions. `truth` has the change of each new address that is not the same; `gone` are the
    old addresses that were repealed.
    """

    old: Version
    new: Version
    truth: dict[str, Change] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


def made_law(dice: random.Random, articles: int = 300, chapter: int = 12) -> Version:
    """A law of so many articles in chapters, a few sentences each."""
    units: list[VersionUnit] = []
    for n in range(1, articles + 1):
        if (n - 1) % chapter == 0:
            number = (n - 1) // chapter + 1
            head = f"~chp_{number}"
            title = " ".join(dice.choices(WORDS, k=4)).capitalize()
            body = f"Chapter {number} {title}\n"
            units.append(VersionUnit(head, title, body, "chapter", None, f"Chapter {number}"))
        title = " ".join(dice.choices(WORDS, k=3)).capitalize()
        text = "\n".join(sentence(dice) for _ in range(dice.randint(2, 7)))
        body = f"Article {n}. {title}\n{text}\n"
        units.append(VersionUnit(f"~art_{n}", title, body, "article", head, f"Article {n}."))
    return Version("made.law", "made.txt", tuple(units))


def sentence(dice: random.Random) -> str:
    """A sentence that no other unit has."""
    words = dice.choices(WORDS, k=dice.randint(9, 24))
    return f"The {' '.join(words)} {dice.randint(100, 99999)}.".replace("  ", " ")


def amended(old: Version, dice: random.Random) -> Amended:
    """The version with as many amendments of each kind as `TRUTH` says, if the law has room."""
    return _Amending(old, dice).run()


class _Amending:
    def __init__(self, old: Version, dice: random.Random) -> None:
        self.old = old
        self.dice = dice
        self.units: list[VersionUnit | None] = list(old.units)
        self.kind = max(
            sorted({u.unit_kind for u in old.units}),
            key=lambda kind: sum(u.unit_kind == kind and u.number.isdecimal() for u in old.units),
        )
        self.made: dict[int, Change] = {}  # by place in the old version
        self.second: dict[int, VersionUnit] = {}  # what comes behind a place
        self.gone: set[str] = set()

    def run(self) -> Amended:
        shifted = self._shift()
        plain = [i for i in self._basic() if i not in shifted and i not in self.made]
        self.dice.shuffle(plain)
        for _, parts in zip(range(3), self._long(plain), strict=False):
            self._split(parts)
        for _, place in zip(range(3), self._pairs(plain), strict=False):
            self._merge(place)
        left = [i for i in plain if i not in self.made and self.units[i] is not None]
        for place in left[:35] + sorted(shifted)[5:7]:
            self._change(place)
        for place in self._movable(left[35:])[:20]:
            self._move(place)
        return self._result()

    def _basic(self) -> list[int]:
        return [
            i
            for i, unit in enumerate(self.old.units)
            if unit.unit_kind == self.kind and len(unit.own) > 120
        ]

    def _shift(self) -> set[int]:
        """Insert one unit, delete one, and let the 47 between have the next number each."""
        row: list[int] = []
        for i, unit in enumerate(self.old.units):
            if unit.unit_kind != self.kind or not unit.number.isdecimal():
                continue
            follows = row and int(unit.number) == self._number(row[-1]) + 1
            row = [*row, i] if follows else [i]
            if len(row) == 48:
                break
        assert len(row) == 48, "the law has no 48 numbers in a row"
        first, last = row[0], row[-1]
        taken = [self.old.units[i] for i in row]
        for i, new in zip(row[:-1], taken[1:], strict=True):
            self.units[i] = _renumbered(self.old.units[i], new)
            self.made[i] = Change.RENUMBERED
        inserted = _renumbered(self._fresh(taken[0]), taken[0])
        self.second[first - 1] = inserted
        self.units[last] = None
        self.made[last] = Change.REPEALED
        self.gone.add(taken[-1].address)
        return set(row)

    def _number(self, place: int) -> int:
        return int(self.old.units[place].number)

    def _fresh(self, like: VersionUnit) -> VersionUnit:
        text = "\n".join(sentence(self.dice) for _ in range(4))
        return like._replace(title="Entirely new", body=f"{like.label} Entirely new\n{text}\n")

    def _long(self, plain: Sequence[int]) -> Iterator[tuple[int, str, str]]:
        for i in plain:
            body = self.old.units[i].body
            cuts = [m.end() for m in re.finditer(r"[.;]\s+", body)]
            middle = min(cuts, key=lambda at: abs(at - len(body) // 2), default=0)
            if len(body) > 500 and 0.35 < middle / len(body) < 0.65:
                yield i, body[:middle], body[middle:]

    def _split(self, parts: tuple[int, str, str]) -> None:
        place, first, rest = parts
        unit = self.old.units[place]
        self.units[place] = unit._replace(body=first)
        label = unit.label.replace(unit.number, f"{unit.number}bb")
        self.second[place] = unit._replace(
            address=f"{unit.address}bb", label=label, body=f"{label} {rest}"
        )
        self.made[place] = Change.SPLIT

    def _pairs(self, plain: Sequence[int]) -> Iterator[int]:
        free = set(plain)
        for i in plain:
            if {i, i + 1} <= free - set(self.made):
                one, two = (len(self.old.units[n].own) for n in (i, i + 1))
                if 0.4 < one / two < 2.5 and min(one, two) > 200:
                    yield i

    def _merge(self, place: int) -> None:
        one, two = self.old.units[place], self.old.units[place + 1]
        self.units[place] = one._replace(body=f"{one.body}{two.without_number}")
        self.units[place + 1] = None
        self.made[place] = self.made[place + 1] = Change.MERGED

    def _change(self, place: int) -> None:
        unit = self.units[place]
        assert unit is not None
        words = unit.body.split(" ")
        at = self.dice.randrange(len(words) // 2, len(words))
        words[at:at] = ["amended", self.dice.choice(WORDS), self.dice.choice(WORDS)]
        self.units[place] = unit._replace(body=" ".join(words))
        self.made.setdefault(place, Change.CHANGED)

    def _movable(self, places: Sequence[int]) -> list[int]:
        return [i for i in places if self.old.units[i].parent is not None]

    def _move(self, place: int) -> None:
        """To the head of another container, where the parent's address is no part of its own."""
        unit = self.old.units[place]
        parents = sorted({u.parent for u in self.old.units if u.parent} - {unit.parent})
        below = [p for p in parents if p in {o.parent for o in self.old.units}]
        if below and not unit.address.startswith(f"{unit.parent}__"):
            self.units[place] = unit._replace(parent=self.dice.choice(below))
            self.made[place] = Change.MOVED

    def _result(self) -> Amended:
        units: list[VersionUnit] = []
        truth: dict[str, Change] = {}
        for i, unit in enumerate(self.units):
            change = self.made.get(i)
            if unit is not None:
                units.append(unit)
                if change:
                    truth[unit.address] = change
            if other := self.second.get(i):
                units.append(other)
                truth[other.address] = change if change is Change.SPLIT else Change.ADDED
        new = Version(self.old.document_code, "amended", tuple(units))
        return Amended(self.old, new, truth, self.gone)


def _renumbered(unit: VersionUnit, like: VersionUnit) -> VersionUnit:
    body = unit.body.replace(unit.label or unit.number, like.label or like.number, 1)
    return unit._replace(address=like.address, label=like.label, body=body)


def scores(made: Amended, comparison: Comparison) -> dict[Change, float]:
    """F1 by kind: of each address the change that was said against the one that was made."""
    said = {
        unit.address: verdict.change
        for verdict in comparison.verdicts
        for unit in verdict.new
        if verdict.change is not Change.SAME
    }
    gone = {u.address for v in comparison.of(Change.REPEALED) for u in v.old}
    found: dict[Change, float] = {}
    for change in Change:
        want = {a for a, c in made.truth.items() if c is change}
        got = {a for a, c in said.items() if c is change}
        if change is Change.REPEALED:
            want, got = made.gone, gone
        if want or got:
            found[change] = 2 * len(want & got) / (len(want) + len(got))
    return found
