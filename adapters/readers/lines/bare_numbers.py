"""Units that are headed by their number alone: `1.

Introduction`, `2.1. General rules`, `A.4. Voting`.
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
from adapters.readers.lines.weights import line_width
from adapters.readers.numbers.numbering import Order, roman_value
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

Path = tuple[int, ...]

_LINE: Final = re.compile(
    r"\n(?P<indent>[ \t]*+)(?P<bold>[*_]{0,3}|\d{0,2}\[)"
    r"(?P<n>(?:\d{1,3}[A-Z]{0,2}|[IVXL]{2,7}|[A-Z])(?:\.\d{1,3}){0,5})"
    r"(?P<sep>[.)][*_]{0,3}|[*_]{0,3}[ \t]+[\-–—]|(?=[*_ \t]))(?:[ \t]+(?=\S)|(?=[—–]\(1\)))"
)
_AFTER_NUMBERS: Final = 1000  # letters come after all numbers: appendix A after section 9
_HEADING_CHARS: Final = 90
_ENOUGH: Final = 1.5
_SHORT_RUN: Final = 2
_TERMINATED: Final = ".;:,"
_FIRST_PARAGRAPH: Final = ("(1) ", "—(1)", "–(1)", "[Repealed")


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
    """The sections of a document that numbers alone head: none where no plausible sequence is
    found.

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
    paths = [_path(item.number) for item in items]
    seen = {path for path, item in zip(paths, items, strict=True) if item.weight >= _ENOUGH}
    good = []
    for item, path in zip(items, paths, strict=True):
        if item.weight + (0.5 if _follows(path, seen) else -0.5) >= _ENOUGH:
            good.append((item, path))
            seen.add(path)
    runs = runs_under_headings(
        view, [item for item, _ in good], len(view.text) if end is None else end
    )
    chosen = [(item, (item.order.whole,)) for _, run in runs for item in run] or _chosen(good)
    for item, path in chosen:
        item.rank = BASIC_RANK + len(path)
    return Numbered([item for item, _ in chosen], [heading for heading, _ in runs], contents)


def _chosen(good: Sequence[tuple[Candidate, Path]]) -> list[tuple[Candidate, Path]]:
    """The run I, II, III, ... where there is one and other numbers only stand below it; else the
    others.
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
    """The heaviest rising sequence.

    Letters between two numbers that follow each other are a list in the first.
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
    """True for II and XIV, and where the numbers of a run are Roman for I and V, too."""
    return item.number.isalpha() and roman_value(item.number) > 0 and (run or len(item.number) > 1)


def _candidate(view: View, m: re.Match[str]) -> Candidate | None:
    rest = heading_words(view.line(m.end()))
    if not m["sep"].strip() and ("." not in m["n"] and (m["indent"] or not m["n"][0].isdigit())):
        return None  # "A person who ..." and "12 months" are text
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
    weight = 1.0 - 0.08 * min(indent, 10) + (0.5 if "." in item.number else 0.0)
    if quotations.holds(item.at):
        weight -= 3.0
    longest = (
        _HEADING_CHARS if width <= 200 else 2 * _HEADING_CHARS
    )  # an unwrapped text has its headings on one line
    if rest[:1].isupper() and len(rest) <= longest:
        weight += 1.0 if rest[-1] not in _TERMINATED or rest.endswith("etc.") else 0.3
    elif rest.startswith(_FIRST_PARAGRAPH):
        weight += 0.5
    elif rest[:1].islower():
        weight -= 1.5
    if not before:
        weight += 0.5
    elif before[-1].isalnum() and len(before) >= max(0.6 * width, 40) and width <= 200:
        weight -= 1.5
    following = view.line_end(item.rest_at) + 1
    if not view.line(following).strip():
        weight += 0.3
    return weight


def _path(number: str) -> Path:
    return tuple(_step(part) for part in number.split("."))


def _step(part: str) -> int:
    """A step's place: 12 is 12000, 12A is 12001, a letter comes after all numbers, then what has
    several.
    """
    if len(part) > 1 and part.isalpha():
        return (2 * _AFTER_NUMBERS + roman_value(part)) * 1000
    digits = part.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = part[len(digits) :]
    inserted = ord(letters[0]) - 64 if letters else 0
    return int(digits) * 1000 + inserted if digits else _AFTER_NUMBERS * 1000 + inserted * 1000


def _follows(path: Path, seen: set[Path]) -> bool:
    """True if the number before this one is there too, or the unit that it opens below."""
    *above, last = path
    return (
        (*above, last - 1000) in seen
        or (last <= 1000 and (not above or tuple(above) in seen))
        or last % 1000 > 0
    )


def _rising(items: Sequence[tuple[Candidate, Path]]) -> list[tuple[Candidate, Path]]:
    """The heaviest sequence of rising numbers: patience over weights, by a Fenwick tree of
    maxima.
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
