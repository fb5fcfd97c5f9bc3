"""Signature blocks: where the last article of the main body ends.

The block opens with a line that the profile knows, such as `Done at Brussels, 5 May 2015`. It is
sought from the title of the last basic unit before the first annex or restart, and ends with that
unit's text: further in front the same words are a sentence of the law.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbers.numbering import Order
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View


def find_conclusions(view: View, units: Sequence[Candidate], profile: Profile) -> list[Candidate]:
    """The signature block of the main body, if it has one that no heading word announces."""
    pattern = _pattern(profile)
    roles = [u.role for u in units]
    if pattern is None or UnitRole.CONCLUSIONS in roles:
        return []
    annex = UnitRole.ANNEX
    head = next((i for i, u in enumerate(units) if u.restarts or u.role is annex), len(units))
    last = next((i for i in range(head - 1, -1, -1) if roles[i] is UnitRole.BASIC), None)
    if last is None:
        return []
    end = units[last + 1].at if last + 1 < len(units) else len(view.text)
    found = pattern.search(view.text, max(units[last].title_end, units[last].at), end)
    if found is None or found.start() + 1 >= end:
        return []
    at = found.start() + 1
    return [
        Candidate(
            at,
            at,
            None,
            "conclusions",
            UnitRole.CONCLUSIONS,
            "",
            "",
            Order(0),
            "",
            "",
            quoted=False,
            title_end=view.line_end(at),
        )
    ]


@cache
def _pattern(profile: Profile) -> re.Pattern[str] | None:
    """A line that opens a signature block, with marks of Markdown or of a table before it."""
    return (
        re.compile(rf"\n[ \t>*_|]*(?:{'|'.join(profile.closings)})") if profile.closings else None
    )
