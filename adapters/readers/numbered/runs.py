"""Numbers that start again under headings without a word, and numbers that stand alone.

    I. PRINCIPLES        heading
    1. Equality          section 1
    2. Publicity         section 2
    II. DUTIES           heading
    1. Of members        section 1 again
    2. Of the chair      section 2 again

These are runs if there are at least two, each with at least two sections that count from 1 on, each
right below a line that reads like a heading, and if the first number of all begins one. What is
indented deeper than the first of its run is a list in a section, if the run goes on at its own
depth. Anything less regular is a list or a sequence of another kind, and is left to `sections`.

Numbers alone on their lines are mostly figures of tables and pages. They are sections where they
count 1, 2, 3 and so on without a gap, from near the beginning to near the end, all above text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.readers.lines.candidates import MAX_TITLE_CHARS, Candidate, heading_words
from adapters.readers.numbers.numbering import Order, roman_value
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

_LONGEST: Final = 110  # characters of a heading
_BLANK_LINES: Final = 4  # lines above the first number in which its heading is sought
_FEWEST: Final = 2  # runs, and sections of a run
_GOES_ON: Final = 3  # numbers in order behind some that are left out ...
_LEFT_OUT: Final = 4  # ... so many at most
_TAB: Final = 4  # columns that a tabulator counts for
_FEWEST_ALONE: Final = 3  # numbers alone on their lines
_SHORTEST: Final = 20  # characters below one of them
_MOST: Final = 0.5  # of the text is what they must head
_ROMAN: Final = re.compile(r"[ \t*_#]*(?P<n>[IVXL]+)[.)][ \t]+(?=\S)")  # `I. PRINCIPLES`
# Where `II.` begins a line, `I.` and `V.` are Roman numbers and no letters.
_SECOND: Final = re.compile(r"\n[ \t*_#]*II[.)][ \t]")
_ROMAN_NUMBER: Final = re.compile(r"[IVXL]+")
_RULES: Final = "-=~—"  # a line of them underlines a heading
_UNFINISHED: Final = ".;:,"


def runs_under_headings(
    view: View, items: Sequence[Candidate], end: int
) -> list[tuple[Candidate, list[Candidate]]]:
    """The runs of numbered lines, each with its heading; none unless the document is divided so.

    A run starts before `end`, at a 1 that is indented as far as the first one.
    """
    if _SECOND.search(view.text):
        items = [item for item in items if not _ROMAN_NUMBER.fullmatch(item.number)]
    if not items or items[0].number != "1":
        return []
    depth = _indent(view, items[0].at)
    starts: list[tuple[int, Candidate]] = []
    for i, item in enumerate(items):
        if item.number == "1" and item.at < end and abs(_indent(view, item.at) - depth) <= 1:
            heading = _heading_above(
                view, item.at, {other.at for other in items[max(i - 1, 0) : i]}
            )
            if heading is not None:
                starts.append((i, heading))
    if len(starts) < _FEWEST or starts[0][0] != 0:
        return []
    ends = [*(i for i, _ in starts[1:]), len(items)]
    runs = [
        (heading, _counted(_of_its_depth(view, items[i:j])))
        for (i, heading), j in zip(starts, ends, strict=True)
    ]
    return runs if all(len(run) >= _FEWEST for _, run in runs) else []


def counted_alone(
    view: View, items: Sequence[Candidate]
) -> list[tuple[Candidate, tuple[int, ...]]]:
    """The numbers alone on their lines that are sections, each with its place; none unless all are.

    >>> from adapters.readers.numbered.lines import lone_numbers
    >>> text = "\\n".join(f"{n}\\nThe board keeps the {n} rules." for n in ("I", "II", "III"))
    >>> view = View(text)
    >>> [item.number for item, _ in counted_alone(view, lone_numbers(view))]
    ['I', 'II', 'III']
    """
    roman = bool(items) and items[0].number == "I"
    values = [roman_value(i.number) if roman else i.order.whole for i in items]
    if len(items) < _FEWEST_ALONE or values != list(range(1, len(items) + 1)):
        return []
    ends = [*(i.at for i in items[1:]), len(view.text)]
    bodies = [view.text[i.rest_at : end].strip() for i, end in zip(items, ends, strict=True)]
    if not all(len(body) > _SHORTEST and not body[0].islower() for body in bodies):
        return []
    holds = sum(map(len, bodies)) >= _MOST * len(view.text)
    return [(i, (value,)) for i, value in zip(items, values, strict=True)] if holds else []


def _of_its_depth(view: View, items: Sequence[Candidate]) -> Sequence[Candidate]:
    """The lines of a run without those of lists in its sections, which are indented deeper."""
    depth = _indent(view, items[0].at)
    own = [item for item in items if _indent(view, item.at) <= depth + 1]
    return own if len(own) >= _FEWEST else items


def _counted(items: Sequence[Candidate]) -> list[Candidate]:
    """Those that count from 1 on, each the next number; none where a number has parts, or where one
    is left out and others count on behind it.
    """
    counted: list[Candidate] = []
    beyond: list[int] = []
    for item in items:
        if not item.number.isdecimal():
            return []
        number = int(item.number)
        if number == len(counted) + 1:
            counted.append(item)
        elif beyond and number == beyond[-1] + 1:
            beyond.append(number)
        elif len(counted) + 1 < number <= len(counted) + 1 + _LEFT_OUT and len(beyond) < _GOES_ON:
            beyond = [number]
    left_out = bool(beyond) and beyond[0] > len(counted) + 1
    return [] if left_out and len(beyond) >= _GOES_ON else counted


def _heading_above(view: View, at: int, taken: set[int]) -> Candidate | None:
    """The heading above the line at `at`, blank lines and underlines in between.

    None where the line above is `taken` by a numbered line, or does not read like a heading.
    """
    start = at
    for _ in range(_BLANK_LINES):
        line_end = start - 1
        start = view.text.rfind("\n", 0, max(line_end, 0)) + 1
        if line_end <= 0 or start in taken:
            return None
        line = heading_words(view.line(start).lstrip(" \t#*_"))
        if line.strip(_RULES):
            return _heading(view, start, line) if _reads_like_heading(view, start, line) else None
    return None


def _reads_like_heading(view: View, at: int, line: str) -> bool:
    """True for a short line without a stop that is in capitals, has a Roman number, or follows a
    blank line.
    """
    alone = line.isupper() or not view.line_before(at) or _ROMAN.match(line) is not None
    return alone and len(line) <= _LONGEST and line[-1] not in _UNFINISHED and not line[0].islower()


def _heading(view: View, at: int, line: str) -> Candidate:
    found = _ROMAN.match(view.text, at)
    number = found["n"] if found else ""
    return Candidate(
        at=at,
        rest_at=found.end() if found else at,
        word=None,
        kind="heading",
        role=UnitRole.CONTAINER,
        label=f"{number}." if number else "",
        number=number,
        order=Order(roman_value(number)),
        sep="." if number else "",
        rest=(heading_words(view.line(found.end())) if found else line)[:MAX_TITLE_CHARS],
        quoted=False,
    )


def _indent(view: View, at: int) -> int:
    line = view.line(at).expandtabs(_TAB)
    return len(line) - len(line.lstrip())
