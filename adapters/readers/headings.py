"""Headings that a format declares and that no profile word explains: policies, constitutions without law words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from adapters.readers.candidates import MAX_TITLE_CHARS, Candidate, heading_words
from adapters.readers.lines import View
from adapters.readers.numbering import Order, clean_number, order_of, roman
from adapters.readers.profiles.base import Role

_NUMBER: Final = re.compile(
    r"(?:\(XXXX\)[ ]*)?(?P<n>(?:\d+|[A-Z])(?:\.\d+)+\.?|\d+[ ]?[a-z]?[.)]|[A-Z][.)]|[IVXLC]+[ ]?[a-z]?[.)]|[a-z]\))"
    r"[ \t]*[\-–—:]?[ \t]+(?=\S)"
)
_LEAD: Final = re.compile(r"[ \t#>*_\\]*")


def find_headings(view: View, depths: Mapping[int, int], taken: set[int]) -> list[Candidate]:
    """A candidate for every declared heading whose line start is not taken. `depths` maps line starts of the view."""
    return [_heading(view, at, depth) for at, depth in sorted(depths.items()) if at not in taken]


def _heading(view: View, at: int, depth: int) -> Candidate:
    lead = _LEAD.match(view.text, at)
    start = lead.end() if lead else at
    line = view.text[start : view.line_end(start)]
    found = _NUMBER.match(line)
    rest_at = start + (found.end() if found else 0)
    label = found["n"].strip() if found else ""
    number = clean_number(label.rstrip(".)"))
    return Candidate(
        at=at,
        rest_at=rest_at,
        word=None,
        kind="heading",
        role=Role.CONTAINER,
        label=label,
        number=number,
        order=order_of(number) if number[:1].isdigit() else Order(roman(number)),
        sep="." if label else "",
        rest=heading_words(view.line(rest_at))[:MAX_TITLE_CHARS],
        quoted=False,
        depth=depth,
        weight=3.0,
    )


def place_headings(headings: Sequence[Candidate], units: Sequence[Candidate]) -> list[Candidate]:
    """Headings beside units with law words: those above the units group them; the first alone on its depth is the title."""
    basic, annex_role = Role.BASIC, Role.ANNEX
    floor = max((u.depth for u in units if u.depth and u.role is basic), default=0)
    annexes = [u for u in units if u.role is annex_role]
    placed = []
    for heading in headings:
        annex = next((a for a in reversed(annexes) if a.at < heading.at), None)
        if _is_title(heading, headings):
            heading.role = Role.HEADING
        elif annex is not None and (not annex.depth or heading.depth > annex.depth):
            continue  # a heading inside an annex is part of it
        elif heading.depth >= floor:
            heading.role = Role.HEADING
        placed.append(heading)
    return placed


def _is_title(heading: Candidate, headings: Sequence[Candidate]) -> bool:
    return heading is headings[0] and heading.depth == 1 and sum(h.depth == 1 for h in headings) == 1


def plain_headings(view: View, headings: Sequence[Candidate]) -> list[Candidate]:
    """Headings alone as units. A depth whose headings mostly have no text before the next depth groups; others are cited."""
    body = [h for h in headings if not _is_title(h, headings)]
    grouping = _grouping_depths(view, body)
    for heading, after in zip(body, [*body[1:], None][: len(body)], strict=True):
        parent = after is not None and after.depth > heading.depth
        heading.role = Role.CONTAINER if parent and heading.depth in grouping else Role.BASIC
        heading.kind = "heading" if heading.role is Role.CONTAINER else "section"
        heading.rank = heading.depth
    for heading in headings:
        if _is_title(heading, headings):
            heading.role = Role.HEADING
    return list(headings)


def _grouping_depths(view: View, headings: Sequence[Candidate]) -> set[int]:
    with_text: dict[int, int] = {}
    for heading, after in pairwise(headings):
        if after.depth > heading.depth:
            has = bool(view.text[view.line_end(heading.rest_at) : after.at].strip())
            with_text[heading.depth] = with_text.get(heading.depth, 0) + (1 if has else -1)
    return {depth for depth, balance in with_text.items() if balance < 0}


def declared_depths(view: View, headings: Mapping[int, int] | None) -> dict[int, int]:
    """Headings by the view's line starts."""
    return {view.from_source(at): depth for at, depth in (headings or {}).items()}
