"""Attached texts that no word heads: a regulation issued with a decree, told by the line
`(issued with Decree ...)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from adapters.readers.lines.candidates import MAX_TITLE_CHARS, Candidate
from adapters.readers.numbers.numbering import Order
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

_TITLE_LINES: Final = 6
_ANNEX, _BASIC = UnitRole.ANNEX, UnitRole.BASIC  # looking up a member takes long in an inner loop


def find_attachments(view: View, units: Sequence[Candidate], profile: Profile) -> list[Candidate]:
    """The heads of attached texts: where numbering starts again without an annex, and a line says
    with what it was issued.
    """
    pattern = _pattern(profile)
    if pattern is None:
        return []
    found = []
    since = 0
    annexed = False
    for unit in units:
        if unit.role is _ANNEX:
            annexed = True
        elif unit.role is _BASIC:
            if unit.restarts and not annexed:
                matches = list(pattern.finditer(view.text, since, unit.at))
                if matches:
                    found.append(_head(view, matches[-1].start() + 1, since))
            since, annexed = unit.rest_at, False
    return found


def _head(view: View, at: int, floor: int) -> Candidate:
    """The head starts with the lines in capitals above the line that tells."""
    start = at
    titles: list[str] = []
    while len(titles) < _TITLE_LINES:
        line = view.line_before(start)
        above = view.text.rfind("\n", 0, start - 1) + 1
        if not line.isupper() or above <= floor:
            break
        titles.append(line)
        start = above
    title = " ".join(reversed(titles))[:MAX_TITLE_CHARS]
    return Candidate(
        at=start,
        rest_at=at,
        word=None,
        kind="attachment",
        role=_ANNEX,
        label="",
        number="",
        order=Order(0),
        sep="",
        rest=title,
        quoted=False,
        title=title,
        title_end=view.line_end(at),
    )


@cache
def _pattern(profile: Profile) -> re.Pattern[str] | None:
    return (
        re.compile(rf"\n[ \t>*_]*(?:{'|'.join(profile.attachment)})")
        if profile.attachment
        else None
    )
