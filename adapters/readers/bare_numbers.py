"""Units that are headed by their number alone: `1. Introduction`, `2.1. General rules`, `A.4. Voting`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.readers.candidates import Candidate, heading_words
from adapters.readers.contents import headed_contents
from adapters.readers.evidence import line_width
from adapters.readers.lines import View
from adapters.readers.numbering import Order
from adapters.readers.profiles.base import Profile, Role
from adapters.readers.quotations import Quotations

Path = tuple[int, ...]

_LINE: Final = re.compile(
    r"\n(?P<indent>[ \t]*+)(?P<bold>[*_]{0,3})(?P<n>(?:\d{1,3}[A-Z]{0,2}|[A-Z])(?:\.\d{1,3}){0,5})"
    r"(?P<sep>[.)][*_]{0,3}|[*_]{0,3}[ \t]+[\-–—]|(?=[*_ \t]))[ \t]+(?=\S)"
)
_AFTER_NUMBERS: Final = 1000  # letters come after all numbers: appendix A after section 9
_HEADING_CHARS: Final = 90
_ENOUGH: Final = 1.5
_TERMINATED: Final = ".;:,"


def find_numbered(view: View, profile: Profile, quotations: Quotations) -> tuple[list[Candidate], list[tuple[int, int]]]:
    """The sections of a document that numbers alone head, in order, and the spans of its tables of contents.

    No section where no plausible sequence is found.
    """
    items = [c for m in _LINE.finditer(view.text) if (c := _candidate(view, m)) is not None]
    contents = headed_contents(view, profile, items)
    items = [c for c in items if not any(start <= c.at < end for start, end in contents)]
    width = line_width(view)
    for item in items:
        item.weight = _weight(view, item, width, quotations)
    paths = [_path(item.number) for item in items]
    seen = {path for path, item in zip(paths, items, strict=True) if item.weight >= _ENOUGH}
    good = [
        (item, path)
        for item, path in zip(items, paths, strict=True)
        if item.weight + (0.5 if _follows(path, seen) else -0.5) >= _ENOUGH
    ]
    chosen = _rising(good)
    for item, path in chosen:
        item.rank = 1000 + len(path)
    return [item for item, _ in chosen], contents


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
        role=Role.BASIC,
        label=label,
        number=m["n"],
        order=Order(whole),
        sep=m["sep"].strip(),
        rest=rest,
        quoted=False,
    )


def _weight(view: View, item: Candidate, width: int, quotations: Quotations) -> float:
    rest, before = item.rest, view.line_before(item.at)
    indent = len(view.text[item.at : item.rest_at]) - len(view.text[item.at : item.rest_at].lstrip())
    weight = 1.0 - 0.08 * min(indent, 10) + (0.5 if "." in item.number else 0.0)
    if quotations.holds(item.at):
        weight -= 3.0
    longest = _HEADING_CHARS if width <= 200 else 2 * _HEADING_CHARS  # an unwrapped text has its headings on one line
    if rest[:1].isupper() and len(rest) <= longest:
        weight += 1.0 if rest[-1] not in _TERMINATED or rest.endswith("etc.") else 0.3
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
    """A step's place: 12 is 12000, 12A is 12001, a letter comes after all numbers."""
    digits = part.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = part[len(digits) :]
    inserted = ord(letters[0]) - 64 if letters else 0
    return int(digits) * 1000 + inserted if digits else _AFTER_NUMBERS * 1000 + inserted * 1000


def _follows(path: Path, seen: set[Path]) -> bool:
    """True if the number before this one is there too, or the unit that it opens below."""
    *above, last = path
    return (*above, last - 1000) in seen or (last <= 1000 and (not above or tuple(above) in seen)) or last % 1000 > 0


def _rising(items: Sequence[tuple[Candidate, Path]]) -> list[tuple[Candidate, Path]]:
    """The heaviest sequence of rising numbers: patience over weights, by a Fenwick tree of maxima."""
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
