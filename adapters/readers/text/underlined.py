"""Headings that a row of signs underlines, as reStructuredText and AsciiDoc write them, and many a
plain text:

    Voting
    ------

A row is as long as its heading, or nearly, and a blank line stands above the heading. The signs
that come first in a text are those of the highest headings.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.text.layout import Layout

_TITLE: Final = re.compile(
    r"(?:\A|(?<=\n)[ \t]*\r?\n(?:(?P<over>([=\-~^+])\2{2,})[ \t]*\r?\n)?)"
    r"(?P<title>[^\W_][^\r\n]{1,120})\r?\n"
    r"(?P<under>(?P<sign>[=\-~^+])(?P=sign){2,})[ \t]*(?=\r?\n|\Z)"
)
_LONGER: Final = 2  # signs that a row may be longer or shorter than its heading
_FEWEST: Final = 3  # headings; fewer may be the heads of tables


def scan_underlined(text: str) -> Layout | None:
    """The headings of a text that underlines them; None for any other text.

    >>> text = "Club\\n====\\n\\nAims\\n----\\nTo row.\\n\\nVotes\\n-----\\nBy hand.\\n"
    >>> scan_underlined(text).headings
    {0: 1, 11: 2, 30: 2}
    >>> scan_underlined("Name  Fee\\n---------\\nA     5\\n") is None
    True
    """
    depths: dict[str, int] = {}
    headings: dict[int, int] = {}
    for found in _TITLE.finditer(text):
        if abs(len(found["title"].rstrip()) - len(found["under"])) > _LONGER:
            continue
        sign = found["sign"] + ("'" if found["over"] else "")
        headings[found.start("title")] = depths.setdefault(sign, len(depths) + 1)
    return Layout((), headings) if len(headings) >= _FEWEST else None
