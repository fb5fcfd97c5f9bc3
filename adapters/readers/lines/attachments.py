"""Attached texts that no heading word announces: a regulation issued with a decree.

Such a text is told by two signs together: numbering starts again without an annex, and a line
before that says with which act the text was issued. The line alone would not do, since acts mention
what was issued with others. Example (Vietnamese):

    Điều 5. Hiệu lực                                   last article of the decree
    QUY CHẾ                                            head of the attachment: lines in capitals
    QUẢN LÝ NƯỚC                                       above ...
    (Ban hành kèm theo Nghị định số 1/2015/NĐ-CP)      ... the line that tells
    Điều 1. Phạm vi                                    numbering starts again
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from adapters.readers.lines.candidates import MAX_TITLE_CHARS, Candidate, wordless
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

_TITLE_LINES: Final = 6  # of the head, at most
_ANNEX, _BASIC = UnitRole.ANNEX, UnitRole.BASIC  # looking up a member takes long in an inner loop


def find_attachments(view: View, units: Sequence[Candidate], profile: Profile) -> list[Candidate]:
    """The heads of attached texts. `units` are accepted units in order, with their restarts."""
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
    """The head of an attachment: the lines in capitals above the line that tells, and that line.

    `floor` is where the text of the unit before begins.
    """
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
    return wordless(view, start, at, _ANNEX, "attachment", title)


@cache
def _pattern(profile: Profile) -> re.Pattern[str] | None:
    """A line that says a text is issued with an act, with marks of Markdown before it."""
    return (
        re.compile(rf"\n[ \t>*_]*(?:{'|'.join(profile.attachment)})")
        if profile.attachment
        else None
    )
