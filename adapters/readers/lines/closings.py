"""Signature blocks: where the last article of a law ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbers.numbering import Order
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View


def find_conclusions(view: View, units: Sequence[Candidate], profile: Profile) -> list[Candidate]:
    """The signature block after the last basic unit of the main body, where the profile knows how
    one opens.
    """
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
    return (
        re.compile(rf"\n[ \t>*_|]*(?:{'|'.join(profile.closings)})") if profile.closings else None
    )
