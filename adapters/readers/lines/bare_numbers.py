"""Units that their number alone heads: `1. Introduction`, `2.1. General rules`, `A.4. Voting`.

Without a heading word, numbers are all there is, and most lines with a number are items of lists or
figures. The rules, in this order:

1. A line that begins with a number is a candidate (`_LINE`, `_candidate`). What a table of contents
   lists is left out.
2. Each is weighed by how its line is set (`_weight`).
3. A candidate is good if it weighs `_ENOUGH`, with `_NEIGHBOUR` more where the number before it (or
   the unit that it is the first of) is there as well, and as much less where it is not. So a clear
   heading counts wherever it stands, a less clear one only in its place.
4. Where numbers start again under headings (`numbered_runs`), those runs are the units.
5. Else, where Roman numbers form a run above all others, those are the units.
6. Else it is the rising sequence with the highest sum of weights. Letters between two numbers that
   follow each other are a list in the first.

A number with parts belongs to the one that it continues: 2.1 to 2. Example: of the lines

    1. Introduction         unit
    2. Scope                unit
    2.1. Who is bound       unit below 2
       3 apples and pears   text: indented, and no separator
    2.2. Exceptions         unit below 2
    3. Duties               unit

five are units.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate, heading_words
from adapters.readers.lines.contents import headed_contents
from adapters.readers.lines.numbered_runs import runs_under_headings
from adapters.readers.lines.quotations import Quotations
from adapters.readers.lines.ranks import BASIC_RANK
from adapters.readers.lines.weights import QUOTED, UNWRAPPED_CHARS, fills_line, line_width
from adapters.readers.numbers.numbering import Order, roman_value
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

Path = tuple[int, ...]
"""A number by its parts, which compare as numbers stand: 2.1 is (2000, 1000). See `_step`."""

# A line that begins with a number. Examples: `1. Introduction`, `**2.1** Scope`, `A.4 - Voting`.
_LINE: Final = re.compile(
    r"\n(?P<indent>[ \t]*+)"
    r"(?P<bold>[*_]{0,3}|\d{0,2}\[)"  # marks of Markdown; `[` or `2[` opens what an amendment wrote
    r"(?P<n>(?:\d{1,3}[A-Z]{0,2}|[IVXL]{2,7}|[A-Z])"  # 12, 12A, XIV, A
    r"(?:\.\d{1,3}){0,5})"  # 2.1.4, A.4
    r"(?P<sep>[.)][*_]{0,3}"  # `1.`, `1)`, `**1.**`
    r"|[*_]{0,3}[ \t]+[\-–—]"  # `1 -`
    r"|(?=[*_ \t]))"  # nothing: `2.1 Scope`
    r"(?:[ \t]+(?=\S)"  # then words
    r"|(?=[—–]\(1\)))"  # or the first subsection at once: `1.—(1) A person ...`
)
_AFTER_NUMBERS: Final = 1000  # letters come after all numbers: appendix A after section 9
_SHORT_RUN: Final = 2  # so many Roman numbers may be letters or items of a list
_TERMINATED: Final = ".;:,"
# How the text of a section begins that has its heading above the number, or none.
_FIRST_PARAGRAPH: Final = ("(1) ", "—(1)", "–(1)", "[Repealed")
_HEADING_CHARS: Final = 90  # a longer line is a sentence; twice that where lines are not wrapped

# A line begins with 1 and has to come to this, `_NEIGHBOUR` included: `3. Duties` in its place does
# by its title alone (1 + 1), one that begins with a small letter never does (1 - 1.5 + 0.5 + ...).
_ENOUGH: Final = 1.5
_NEIGHBOUR: Final = 0.5  # for the number before being there; as much is lost where it is not
_PARTS: Final = 0.5  # for a number with parts: lists rarely count so
_INDENT: Final = -0.08  # for each column of indentation, up to 10: lists are indented
_TITLE: Final = 1.0  # for a title: a capital, no stop at the end, short
_STOPPED_TITLE: Final = 0.3  # for the same with a stop: it may as well be a short item of a list
_OPENS_TEXT: Final = 0.5  # for the first paragraph of a section
_SMALL_LETTER: Final = -1.5  # for a small letter: an item of a list or the rest of a sentence
_BLANK_BEFORE: Final = 0.5  # for a blank line before
_RUNS_ON: Final = -1.5  # for a full line before that ends within a sentence
_BLANK_AFTER: Final = 0.3  # for a blank line after, which lists seldom have


class Numbered(NamedTuple):
    """The sections that numbers alone head, in order, the headings of their runs and the spans of
    tables of contents.
    """

    sections: list[Candidate]
    headings: list[Candidate]
    contents: list[tuple[int, int]]


def find_numbered(
    view: View,
    profile: Profile,
    quotations: Quotations,
    allowed: Callable[[Sequence[Candidate]], list[Candidate]],
    end: int | None = None,
) -> Numbered:
    """Find the sections, none where there is no plausible sequence.

    Of all lines with a number, `allowed` gives those that may be sections. Numbers start again only
    before `end`, where annexes start.
    """
    items = allowed(
        [c for m in _LINE.finditer(view.text) if (c := _candidate(view, m)) is not None]
    )
    contents = headed_contents(view, profile, items)
    items = [c for c in items if not any(start <= c.at < end for start, end in contents)]
    width = line_width(view)
    for item in items:
        item.weight = _weight(view, item, width, quotations)
    good = _good(items)
    runs = runs_under_headings(
        view, [item for item, _ in good], len(view.text) if end is None else end
    )
    chosen = [(item, (item.order.whole,)) for _, run in runs for item in run] or _chosen(good)
    for item, path in chosen:
        item.rank = BASIC_RANK + len(path)
    return Numbered([item for item, _ in chosen], [heading for heading, _ in runs], contents)


def _good(items: Sequence[Candidate]) -> list[tuple[Candidate, Path]]:
    """Rule 3: the candidates that are clear enough, alone or by the number before them."""
    paths = [_path(item.number) for item in items]
    seen = {path for path, item in zip(paths, items, strict=True) if item.weight >= _ENOUGH}
    good = []
    for item, path in zip(items, paths, strict=True):
        if item.weight + (_NEIGHBOUR if _follows(path, seen) else -_NEIGHBOUR) >= _ENOUGH:
            good.append((item, path))
            seen.add(path)
    return good


def _chosen(good: Sequence[tuple[Candidate, Path]]) -> list[tuple[Candidate, Path]]:
    """Rules 5 and 6: the run I, II, III ... where it begins before all other numbers, else those.

    If the others are more and count through the whole document, people cite them, and the Roman
    numbers only group them.
    """
    romans: list[tuple[Candidate, Path]] = []
    for item, _ in good:
        if item.number.isalpha() and roman_value(item.number) == len(romans) + 1:
            romans.append((item, (len(romans) + 1,)))
    run = len(romans) > _SHORT_RUN
    others = _without_lists([pair for pair in good if not _is_roman(pair[0], run=run)])
    counts_through = [path for _, path in others if len(path) == 1] == [
        (1000 * i,) for i in range(1, len(others) + 1)
    ]
    is_above = run and (not others or romans[0][0].at < others[0][0].at)
    return romans if is_above and not (counts_through and len(others) > len(romans)) else others


def _without_lists(good: Sequence[tuple[Candidate, Path]]) -> list[tuple[Candidate, Path]]:
    """Rule 6: the heaviest rising sequence, without letters that are a list in one of its units.

    Those are letters after which the numbers go on: 3, A, B, 4, 5.
    """
    chosen = _rising(good)
    lettered = [item.at for item, _ in chosen if not item.number[0].isdigit()]
    if not lettered:
        return chosen
    counted = _rising([pair for pair in good if pair[0].number[0].isdigit()])
    before = [path[0] for item, path in counted if item.at < lettered[0]]
    after = [path[0] for item, path in counted if item.at > lettered[0]]
    goes_on = bool(before and after) and after[0] == before[-1] + 1000 and len(after) > 1
    return counted if goes_on else chosen


def _is_roman(item: Candidate, *, run: bool) -> bool:
    """True for II and XIV; for I and V, which are letters as well, where there is a Roman run."""
    return item.number.isalpha() and roman_value(item.number) > 0 and (run or len(item.number) > 1)


def _candidate(view: View, m: re.Match[str]) -> Candidate | None:
    rest = heading_words(view.line(m.end()))
    if not m["sep"].strip() and ("." not in m["n"] and (m["indent"] or not m["n"][0].isdigit())):
        return None  # `A person who ...` is text, and so is an indented `12 months`
    label = m["n"] + ("." if m["sep"].startswith(".") else "")
    whole = int(m["n"].split(".")[0]) if m["n"].split(".")[0].isdigit() else 0
    return Candidate(
        at=m.start() + 1,
        rest_at=m.end(),
        word=None,
        kind="section",
        role=UnitRole.BASIC,
        label=label,
        number=m["n"],
        order=Order(whole),
        sep=m["sep"].strip(),
        rest=rest,
        quoted=False,
    )


def _weight(view: View, item: Candidate, width: int, quotations: Quotations) -> float:
    rest, before = item.rest, view.line_before(item.at)
    indent = len(view.text[item.at : item.rest_at]) - len(
        view.text[item.at : item.rest_at].lstrip()
    )
    weight = 1.0 + _INDENT * min(indent, 10) + (_PARTS if "." in item.number else 0.0)
    if quotations.holds(item.at):
        weight += QUOTED
    # Where lines are not wrapped, a heading is on one line however long it is.
    longest = _HEADING_CHARS if width <= UNWRAPPED_CHARS else 2 * _HEADING_CHARS
    if rest[:1].isupper() and len(rest) <= longest:
        is_open = rest[-1] not in _TERMINATED or rest.endswith("etc.")
        weight += _TITLE if is_open else _STOPPED_TITLE
    elif rest.startswith(_FIRST_PARAGRAPH):
        weight += _OPENS_TEXT
    elif rest[:1].islower():
        weight += _SMALL_LETTER
    if not before:
        weight += _BLANK_BEFORE
    elif before[-1].isalnum() and fills_line(before, width):
        weight += _RUNS_ON
    following = view.line_end(item.rest_at) + 1
    if not view.line(following).strip():
        weight += _BLANK_AFTER
    return weight


def _path(number: str) -> Path:
    return tuple(_step(part) for part in number.split("."))


def _step(part: str) -> int:
    """One part of a path: thousands, so that inserted numbers find room between them.

    Single letters come after all numbers, and Roman numbers of several letters after those.

    >>> [_step(part) for part in ("12", "12A", "13", "A", "B", "II")]
    [12000, 12001, 13000, 1001000, 1002000, 2002000]
    """
    if len(part) > 1 and part.isalpha():
        return (2 * _AFTER_NUMBERS + roman_value(part)) * 1000
    digits = part.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = part[len(digits) :]
    inserted = ord(letters[0]) - 64 if letters else 0
    return int(digits) * 1000 + inserted if digits else _AFTER_NUMBERS * 1000 + inserted * 1000


def _follows(path: Path, seen: set[Path]) -> bool:
    """True if the number before this one is there too, or the unit that it is the first of; always
    for one that was inserted (12A).

    >>> two, two_one = _path("2"), _path("2.1")
    >>> _follows(two, {_path("1")}), _follows(two_one, {two}), _follows(two_one, set())
    (True, True, False)
    """
    *above, last = path
    return (
        (*above, last - 1000) in seen
        or (last <= 1000 and (not above or tuple(above) in seen))
        or last % 1000 > 0
    )


def _rising(items: Sequence[tuple[Candidate, Path]]) -> list[tuple[Candidate, Path]]:
    """The sequence of rising numbers with the highest sum of weights.

    A Fenwick tree of maxima over the ranks of numbers gives the best sequence below each number in
    log n steps.
    """
    ranks = {path: i for i, path in enumerate(sorted({path for _, path in items}))}
    size = len(ranks) + 1
    best: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)
    before: list[int] = []
    end = (0.0, -1)
    for j, (item, path) in enumerate(items):
        at, top = ranks[path], (0.0, -1)
        while at > 0:
            top, at = max(top, best[at]), at - (at & -at)
        before.append(top[1])
        mine = (top[0] + item.weight, j)
        end = max(end, mine, key=lambda pair: pair[0])
        at = ranks[path] + 1
        while at <= size:
            best[at] = max(best[at], mine)
            at += at & -at
    chosen, j = [], end[1]
    while j >= 0:
        chosen.append(items[j])
        j = before[j]
    return chosen[::-1]
