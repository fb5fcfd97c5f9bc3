"""The warnings of a plan: what is ambiguous about the units that were found in a text.

Each warning has a code, the line where a person should look, and one sentence. Today's codes, each
with the rule that gives it:

    number-skipped          a number of the same kind is higher than the next one expected
    repeated-number         a number comes again inside its own unit, without a title of its own
    out-of-sequence         a line has the weight of a heading and a number that does not fit
    mark-in-number          the mark of a note stands in a number, which is read without it
    numbering-restarts      numbering starts again, so that components or ancestors tell units apart
    text-before-first-unit  text stands where a unit may have been missed, see `_before_first`
    unbalanced-quotation    a quotation opens a block and is never closed
    ambiguous-list          a list in a unit has the form of the list around it; it is left as text
    table-of-contents       a list repeats the headings of the text, and was left out

Example: after `Article 2` comes `Article 5`, and no 3 and 4 were seen: `number-skipped` at the line
of article 5, "Article 5. follows Article 2.; numbers in between are missing."
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate, series_of
from adapters.readers.lines.quotations import Quotations
from adapters.readers.lines.selection import Selection
from adapters.readers.numbers.numbering import last_of, roman_value
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.marks import PlanWarning

_MAX_TEXT: Final = 60  # of a line that is shown in place of a missing label
# Text before the first unit is suspicious where it is longer than all units. A short act's enacting
# formula and preamble may well be longer than its articles, so up to here it is not.
_PREAMBLE_CHARS: Final = 1_000
_BASIC, _PREAMBLE = UnitRole.BASIC, UnitRole.PREAMBLE


class _Found(NamedTuple):
    """A warning before its line is known. They sort by offset."""

    at: int  # in the view
    code: str
    reason: str


def warnings_of(
    view: View,
    selection: Selection,
    quotations: Quotations,
    begin: int,
    ambiguous: Sequence[int] = (),
) -> tuple[PlanWarning, ...]:
    """Every warning about the selection, in the order of the text.

    `begin` is where front matter ends in the view, and `ambiguous` is where lists begin that can
    not be told from the list around them.
    """
    found = [
        *_before_first(view, selection.units, begin),
        *_skipped(selection.units),
        *_left_as_text(selection),
        *_with_marks(selection.units),
        *_restarts(selection.units),
        *(
            _Found(at, "unbalanced-quotation", "A quotation opens here and never closes.")
            for at in quotations.unbalanced
        ),
        *(_ambiguous(view, at) for at in ambiguous),
    ]
    counter = LineCounter(view.text)
    return tuple(
        PlanWarning(code, max(view.line_number(counter.line_of(at) - 1), 1), reason)
        for at, code, reason in sorted(found)
    )


def _before_first(view: View, units: Sequence[Candidate], begin: int) -> Iterator[_Found]:
    """Text in which a unit may have been missed: the first unit found is not number 1, or the text
    before it is longer than all units together.

    Titles, enacting formulas and preambles stand before the first unit of nearly every law and give
    no warning. A preamble without a heading counts as text before the first unit.
    """
    units = [unit for unit in units if unit.role is not _PREAMBLE or unit.word]
    before = view.text[begin : units[0].at] if units else ""
    chars = len(before.strip())
    first = next((unit for unit in units if unit.role is _BASIC), None)
    if not chars or first is None:
        return
    at = begin + len(before) - len(before.lstrip())
    if (first.number.isdecimal() or roman_value(first.number)) and first.order.whole > 1:
        reason = (
            f"{chars} characters before the first unit belong to no unit, and that is "
            f"{first.label}, not the first."
        )
    elif chars > max(len(view.text) - units[0].at, _PREAMBLE_CHARS):
        reason = (
            f"{chars} characters before the first unit belong to no unit: more than the units have."
        )
    else:
        return
    yield _Found(at, "text-before-first-unit", reason)


def _skipped(units: Sequence[Candidate]) -> Iterator[_Found]:
    """Numbers that do not follow the one before, where both are of one kind and rank."""
    last: dict[str, Candidate] = {}
    for unit in units:
        if unit.role is not _BASIC or not unit.order.whole:
            continue
        before = last.get(series_of(unit))
        if (
            before is not None
            and before.kind == unit.kind
            and before.rank == unit.rank
            and not unit.restarts
        ):
            stood = max(before.order.whole, last_of(before.number))
            if unit.order.whole > stood + 1:
                reason = f"{unit.label} follows {before.label}; numbers in between are missing."
                yield _Found(unit.at, "number-skipped", reason)
        last[series_of(unit)] = unit


def _left_as_text(selection: Selection) -> Iterator[_Found]:
    """Lines that read like headings and were not made units."""
    for c in selection.repeated:
        reason = f"{c.label} is printed again; it stays in the unit before it."
        yield _Found(c.at, "repeated-number", reason)
    for c in selection.out_of_sequence:
        reason = (
            f"{c.label or c.rest[:_MAX_TEXT]} reads like a unit but its number does not fit; "
            f"it is left as text."
        )
        yield _Found(c.at, "out-of-sequence", reason)
    for start, _ in selection.contents:
        reason = "This list repeats the headings of the text; no unit is made of it."
        yield _Found(start, "table-of-contents", reason)


def _with_marks(units: Sequence[Candidate]) -> Iterator[_Found]:
    for unit in units:
        if unit.printed:
            reason = f"{unit.printed} stands where {unit.label} is missing; it is read as that."
            yield _Found(unit.at, "mark-in-number", reason)


def _ambiguous(view: View, at: int) -> _Found:
    shown = view.line(at).strip()[:_MAX_TEXT]
    reason = (
        f"A list begins here ({shown}) in the form of one that is open, and nothing shows where it "
        f"ends; it stays in the text around it."
    )
    return _Found(at, "ambiguous-list", reason)


def _restarts(units: Sequence[Candidate]) -> Iterator[_Found]:
    for unit in units:
        if unit.restarts and unit.role is _BASIC:
            reason = f"Numbering starts again at {unit.label.rstrip('.')}."
            yield _Found(unit.at, "numbering-restarts", reason)
