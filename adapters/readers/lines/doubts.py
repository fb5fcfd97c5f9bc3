"""What is ambiguous in a marked text: warnings with their line, each of its own code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.quotations import Quotations
from adapters.readers.lines.selection import Selection
from adapters.readers.numbers.numbering import last_of, roman
from adapters.readers.profiles.base import Role
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.marks import PlanWarning

_MAX_TEXT: Final = 60
_PREAMBLE_CHARS: Final = (
    1_000  # a short act's formula and preamble may well be longer than its articles
)
_BASIC: Final = Role.BASIC


def warnings_of(
    view: View, selection: Selection, quotations: Quotations, begin: int
) -> tuple[PlanWarning, ...]:
    """Every doubt about the selection, in the order of the text.

    `begin` is where front matter ends in the view.
    """
    doubts: list[tuple[int, str, str]] = []
    doubts += _before_first(view, selection.units, begin)
    doubts += _skipped(selection.units)
    doubts += [
        (c.at, "repeated-number", f"{c.label} is printed again; it stays in the unit before it.")
        for c in selection.repeated
    ]
    doubts += [
        (
            c.at,
            "out-of-sequence",
            (
                f"{c.label or c.rest[:_MAX_TEXT]} reads like a unit but its number does not fit; "
                f"it is left as text."
            ),
        )
        for c in selection.doubtful
    ]
    doubts += [
        (at, "unbalanced-quotation", "A quotation opens here and never closes.")
        for at in quotations.unbalanced
    ]
    doubts += [
        (
            start,
            "table-of-contents",
            "This list repeats the headings of the text; no unit is made of it.",
        )
        for start, _ in selection.contents
    ]
    doubts += [
        (u.at, "numbering-restarts", f"Numbering starts again at {u.label.rstrip('.')}.")
        for u in selection.units
        if u.restarts and u.role is _BASIC
    ]
    counter = LineCounter(view.text)
    return tuple(
        PlanWarning(code, max(counter.line_of(at) - 1, 1), reason)
        for at, code, reason in sorted(doubts)
    )


def _before_first(view: View, units: Sequence[Candidate], begin: int) -> list[tuple[int, str, str]]:
    """Text that a unit may have been missed in: the first number is not the first one, or most of
    the document comes before it.

    Titles, enacting formulas and preambles stand before the first unit of nearly every law, and are
    no doubt.
    """
    before = view.text[begin : units[0].at] if units else ""
    chars = len(before.strip())
    first = next((unit for unit in units if unit.role is _BASIC), None)
    if not chars or first is None:
        return []
    at = begin + len(before) - len(before.lstrip())
    if (first.number.isdecimal() or roman(first.number)) and first.order.whole > 1:
        reason = (
            f"{chars} characters before the first unit belong to no unit, and that is "
            f"{first.label}, not the first."
        )
    elif chars > max(len(view.text) - units[0].at, _PREAMBLE_CHARS):
        reason = (
            f"{chars} characters before the first unit belong to no unit: more than the units have."
        )
    else:
        return []
    return [(at, "text-before-first-unit", reason)]


def _skipped(units: Sequence[Candidate]) -> list[tuple[int, str, str]]:
    found = []
    before: Candidate | None = None
    for unit in units:
        if unit.role is not _BASIC or not unit.order.whole:
            continue
        if (
            before is not None
            and before.kind == unit.kind
            and before.rank == unit.rank
            and not unit.restarts
        ):
            stood = max(before.order.whole, last_of(before.number))
            if unit.order.whole > stood + 1:
                found.append(
                    (
                        unit.at,
                        "number-skipped",
                        f"{unit.label} follows {before.label}; numbers in between are missing.",
                    )
                )
        before = unit
    return found
