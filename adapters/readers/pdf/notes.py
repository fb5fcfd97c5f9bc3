"""Footnotes: the small lines at the foot of a page or a column that a raised mark in its text
refers to.

1. They are smaller than the document's text, and nothing but notes stands below them.
2. The first begins with a mark: a raised one, or one that stands raised in the text of that page.
3. Where the page before ends with notes, small lines without a mark go on with the last of these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from adapters.readers.pdf.columns import Line

_SMALLER: Final = 0.93  # of the size of the text
# A mark at the start of a note: `¹ See`, `1) See`, `[1] See`, `* See`.
_MARK: Final = re.compile(
    r"(?P<raised>[⁽]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+[⁾]?)|[\[(]?(?P<plain>\d{1,3}|[*†‡§]{1,3}|[a-z])[\])]?(?=[\s.]|\b)"
)
_PLAIN: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾", "0123456789()")


def text_size(pages: Sequence[Sequence[Line]]) -> float:
    """The size of most letters of a document."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.em, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def note_lines(pages: Sequence[Sequence[Line]]) -> list[set[int]]:
    """For each page, the indices of its lines that are notes."""
    size = text_size(pages)
    found: list[set[int]] = []
    for lines in pages:
        before = bool(found and found[-1])
        own: set[int] = set()
        marks = {mark.strip("()[]⁽⁾ ") for line in lines for mark in line.raised}
        for region in {line.region for line in lines}:
            members = [i for i, line in enumerate(lines) if line.region == region]
            own.update(_notes(members, lines, marks, size, before=before))
        found.append(own)
    return found


def _notes(
    members: Sequence[int], lines: Sequence[Line], marks: set[str], size: float, *, before: bool
) -> Sequence[int]:
    at = len(members)
    while at and lines[members[at - 1]].em <= _SMALLER * size:
        at -= 1
    small = members[at:]
    if before and small and at > 0:
        return small if any(_begins(lines[i], marks) for i in small) or len(small) < 4 else []
    for k, i in enumerate(small):
        if _begins(lines[i], marks):
            return small[k:]
    return []


def _begins(line: Line, marks: set[str]) -> bool:
    """True for a line that begins with the mark of a note."""
    found = _MARK.match(line.text)
    if found is None:
        return False
    if found["raised"]:
        return True
    first = found["plain"]
    # A mark that is raised at the start of its line is its number, so it is written as one.
    return first in marks
