"""The parts of a revision's plan as they are kept: verdicts by address, dates by unit, and the
claims of the amending act.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.amending.claims import Claim
from domain.revision.dates import UnitDate, parse_day, said
from domain.revision.editorial import TextDifference
from domain.revision.pairing import How
from domain.revision.units import Version
from domain.revision.verdicts import Change, Doubt, Verdict


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """A verdict with its units by address. `likeness` is in hundredths, so that it has one
    spelling.
    """

    change: Change
    old: tuple[str, ...]
    new: tuple[str, ...]
    difference: TextDifference
    what: tuple[str, ...]
    how: How
    likeness: int
    doubts: tuple[Doubt, ...]

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictRecord:
        """The record of a verdict."""
        return cls(
            change=verdict.change,
            old=tuple(unit.address for unit in verdict.old),
            new=tuple(unit.address for unit in verdict.new),
            difference=verdict.difference,
            what=verdict.what,
            how=verdict.how,
            likeness=round(100 * verdict.likeness),
            doubts=verdict.doubts,
        )

    def verdict(self, old: Version, new: Version) -> Verdict:
        """The verdict again, on these versions. Raises LookupError for a unit that is not there."""
        return Verdict(
            change=self.change,
            old=tuple(old.units[old.places[address]] for address in self.old),
            new=tuple(new.units[new.places[address]] for address in self.new),
            difference=self.difference,
            what=self.what,
            how=self.how,
            likeness=self.likeness / 100,
            doubts=self.doubts,
        )


@dataclass(frozen=True, slots=True)
class DateRecord:
    """From when one unit is in force, and who says so."""

    address: str
    in_force_from: str
    source: str

    @classmethod
    def of(cls, address: str, date: UnitDate) -> DateRecord:
        """The record of a date."""
        return cls(address, said(date.in_force_from), date.source)

    def unit_date(self) -> UnitDate:
        """The date again. Raises `BadInput` for one that is none."""
        return UnitDate(parse_day(self.in_force_from, self.address), self.source)


@dataclass(frozen=True, slots=True)
class ActRecord:
    """The amending act's name, and what its instructions say of units."""

    act: str
    claims: tuple[Claim, ...]
