"""AsciiDoc: a line scanner for what decides where units may start: headings, and blocks that hold
none. Wikis write headings alike (`== Members ==`), so that they are read as well.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.text.layout import Layout

_LINE: Final = re.compile(
    r"\n(?:(?P<equals>={1,6})[ \t]+(?=\S)"
    r"|(?P<fence>-{4,}|\.{4,}|/{4,}|\+{4,}|[|!,:]===)[ \t]*\r*(?=\n|\Z))"  # code, comments, tables
)
_FEWEST: Final = 2  # headings; one line of equals signs is no document in AsciiDoc


def scan_asciidoc(text: str) -> Layout | None:
    """The headings and the blocks of a text in AsciiDoc; None for any other text.

    >>> scan_asciidoc("= Club\\n== Members\\n----\\n== no\\n----\\n")
    Layout(excluded=((18, 34),), headings={0: 1, 7: 2})
    >>> scan_asciidoc("Article 1. Members\\n") is None
    True
    """
    if not text.startswith("=") and "\n==" not in text:
        return None
    excluded: list[tuple[int, int]] = []
    headings: dict[int, int] = {}
    at = 0
    lines = "\n" + text  # every line follows a line feed, and offsets are those of the line feeds
    for found in _LINE.finditer(lines):
        if found.start() < at:
            continue  # inside a block
        if found["equals"]:
            headings[found.start()] = len(found["equals"])
            continue
        end = re.compile(rf"\n{re.escape(found['fence'])}[ \t]*\r*(?=\n|\Z)").search(
            lines, found.end()
        )
        if end:
            at = end.end()
            excluded.append((found.start(), min(at, len(text))))
    return Layout(tuple(excluded), headings) if len(headings) >= _FEWEST else None
