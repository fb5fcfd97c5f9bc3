"""What a new version of a document would do to the units already cut, by address.

Pure: nothing is read or written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan, CutplanRow


class Change(StrEnum):
    """What would happen to one unit."""

    ADD = "add"
    CHANGE = "change"
    MOVE = "move"
    REPEAL = "repeal"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class UnitOnRecord:
    """A unit that is already cut, as the knowledge base holds it.

    Hashes are SHA-256, hexadecimal.
    """

    canonical_address: str
    title_sha256: str
    body_sha256: str
    parent_ref: str | None = None


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit's line in the comparison.

    `what` says in words what differs; `was` is the address (of a unit that got a new one) or the
    parent that it had.
    """

    change: Change
    canonical_address: str
    title: str = ""
    what: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """The comparison: new and kept units in the plan's order, then the repealed ones in their
    own.
    """

    changes: tuple[UnitChange, ...]

    def of(self, change: Change) -> tuple[UnitChange, ...]:
        """The lines of one sort, in order."""
        return tuple(line for line in self.changes if line.change is change)

    @property
    def counts(self) -> Mapping[Change, int]:
        """How many units each change concerns; every change is there."""
        counted = Counter(line.change for line in self.changes)
        return {change: counted[change] for change in Change}


def diff_plan(on_record: Sequence[UnitOnRecord], plan: CutPlan) -> PlanDiff:
    """Compare the units on record with a plan.

    Time is linear. Raises `BadInput` where the record has an address twice.

    A unit moves when its own text stays the same under another parent or another address.
    """
    old = {unit.canonical_address: unit for unit in on_record}
    if len(old) != len(on_record):
        twice = next(
            a
            for a, times in Counter(unit.canonical_address for unit in on_record).items()
            if times > 1
        )
        raise BadInput(
            f"The units on record hold the address {twice} twice; repair the record before "
            f"comparing with it."
        )
    new = {row.canonical_address for row in plan.rows}
    moved = _readdressed(old, new, plan.rows)
    lines = [_line(row, old, moved) for row in plan.rows]
    gone = set(moved.values())
    lines += [UnitChange(Change.REPEAL, a) for a in old if a not in new and a not in gone]
    return PlanDiff(tuple(lines))


def _line(row: CutplanRow, old: Mapping[str, UnitOnRecord], moved: Mapping[str, str]) -> UnitChange:
    address = row.canonical_address
    if address in moved:
        return UnitChange(Change.MOVE, address, row.title, "address", moved[address])
    unit = old.get(address)
    if unit is None:
        return UnitChange(Change.ADD, address, row.title)
    parent = unit.parent_ref or ""
    other_parent = parent != (row.parent_ref or "")
    differs = [
        word
        for word, different in (
            ("title", unit.title_sha256 != row.title_sha256),
            ("body", unit.body_sha256 != row.body_sha256),
            ("parent", other_parent),
        )
        if different
    ]
    if not differs:
        return UnitChange(Change.KEEP, address, row.title)
    change = Change.MOVE if differs == ["parent"] else Change.CHANGE
    return UnitChange(
        change, address, row.title, ", ".join(differs), parent if other_parent else ""
    )


def _readdressed(
    old: Mapping[str, UnitOnRecord], new: set[str], rows: Iterable[CutplanRow]
) -> dict[str, str]:
    """New address -> old address, where exactly one unit that goes has the very text of exactly one
    that comes.
    """
    going = [unit for unit in old.values() if unit.canonical_address not in new]
    coming = [row for row in rows if row.canonical_address not in old]
    left = Counter((unit.title_sha256, unit.body_sha256) for unit in going)
    came = Counter((row.title_sha256, row.body_sha256) for row in coming)
    by_text = {(unit.title_sha256, unit.body_sha256): unit.canonical_address for unit in going}
    return {
        row.canonical_address: by_text[text]
        for row in coming
        if left[text := (row.title_sha256, row.body_sha256)] == 1 == came[text]
    }
