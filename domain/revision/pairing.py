"""Which units of two versions belong together, as far as it is found: the state of a matching.

Steps add to it, the surest first; what a step has joined no later one parts. A join is of one old
unit with one new one, of one with several (a split) or of several with one (a merger).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from domain.revision.units import Version, VersionUnit


class How(StrEnum):
    """Why units were joined, the surest first."""

    SETTLED = "settled"  # a person said so
    TEXT = "text"  # the same text
    PARTS = "parts"  # the text of one is that of several
    LIKENESS = "likeness"  # nearly the same text
    ADDRESS = "address"  # the same address, whatever the text


class Join(NamedTuple):
    """Units that belong together, by their places in the two versions.

    `rival` are the places of an old and a new unit that would have been nearly as good a join.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    how: How
    likeness: float = 100.0
    rival: tuple[int, int] | None = None


class Pairing:
    """The joins of two versions, and what is still without one."""

    def __init__(self, old: Version, new: Version) -> None:
        self.old = old.units
        self.new = new.units
        self.old_own = [unit.own for unit in self.old]
        self.new_own = [unit.own for unit in self.new]
        self.old_places = _bare_places(old)
        self.new_places = _bare_places(new)
        self.joins: list[Join] = []
        self.of_old: dict[int, Join] = {}
        self.of_new: dict[int, Join] = {}
        self._closed_old: set[int] = set()
        self._closed_new: set[int] = set()

    def join(self, join: Join) -> None:
        """Record a join. Its units must be without one."""
        self.joins.append(join)
        self.of_old.update(dict.fromkeys(join.old, join))
        self.of_new.update(dict.fromkeys(join.new, join))

    def add_rival(self, join: Join, rival: tuple[int, int]) -> None:
        """Say of a join which other pair was nearly as good, unless it is said already."""
        if join.rival is None:
            named = join._replace(rival=rival)
            self.joins[self.joins.index(join)] = named
            self.of_old.update(dict.fromkeys(join.old, named))
            self.of_new.update(dict.fromkeys(join.new, named))

    def close(self, old: Iterable[int] = (), new: Iterable[int] = ()) -> None:
        """Keep units out of all joins: a person said that they have no counterpart."""
        self._closed_old.update(old)
        self._closed_new.update(new)

    @property
    def open_old(self) -> list[int]:
        """Places of the old units without a join."""
        return [
            i for i in range(len(self.old)) if i not in self.of_old and i not in self._closed_old
        ]

    @property
    def open_new(self) -> list[int]:
        """Places of the new units without a join."""
        return [
            j for j in range(len(self.new)) if j not in self.of_new and j not in self._closed_new
        ]

    def counterpart(self, old: int) -> int | None:
        """The new unit that an old one is joined with, if it is one with one."""
        join = self.of_old.get(old)
        return join.new[0] if join and len(join.old) == len(join.new) == 1 else None

    def same_address(self, old: int) -> int | None:
        """The new unit that stands where an old one stood: under the same address or, below a
        parent that has got another one, under the same step of it.
        """
        unit = self.old[old]
        if unit.parent is not None:
            parent = self.old_places[bare(unit.parent)]
            follower = self.counterpart(parent)
            below = _below(self.old[parent], unit)
            if follower is not None and below is not None:
                moved_with = bare(self.new[follower].address) + below
                if moved_with in self.new_places:
                    return self.new_places[moved_with]
        return self.new_places.get(bare(unit.address))

    def expected(self) -> list[int]:
        """For each old unit the place in the new version where the joins before and after it
        would have it.
        """
        places: list[int] = []
        shift = 0
        for i in range(len(self.old)):
            j = self.counterpart(i)
            if j is not None:
                shift = j - i
            places.append(i + shift)
        return places


def bare(address: str) -> str:
    """An address without the document's code: two files of one document may name it differently.

    >>> bare("vn.91-2015!annex_1~art_5"), bare("vn.91-2015~art_5")
    ('!annex_1~art_5', '~art_5')
    """
    cut = min((at for at in map(address.find, "!~") if at >= 0), default=0)
    return address[cut:]


def one_to_one(pairing: Pairing) -> Iterator[tuple[int, int]]:
    """The places of all units that are joined one with one."""
    return ((j.old[0], j.new[0]) for j in pairing.joins if len(j.old) == len(j.new) == 1)


def _below(parent: VersionUnit, unit: VersionUnit) -> str | None:
    head = parent.address + "__"
    return unit.address[len(parent.address) :] if unit.address.startswith(head) else None


def _bare_places(version: Version) -> dict[str, int]:
    units: Sequence[VersionUnit] = version.units
    return {bare(unit.address): place for place, unit in enumerate(units)}
