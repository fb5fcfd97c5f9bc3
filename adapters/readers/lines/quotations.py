"""Quoted blocks: text inside quotation marks belongs to another act, so no unit of this one starts
there.

An amending law quotes whole articles and chapters of the law that it amends. The rules, for each
pair of marks of the language:

1. A mark that opens a line, or follows a colon, opens a block, which may be long. Any other opens a
   quotation within a paragraph, which is short.
2. It ends where its depth comes back to nothing. Opening marks inside go deeper, closing marks come
   back.
3. A block that does not end so is read once more with the opening marks of its paragraphs as no new
   depth: French and English laws set one before each paragraph and close only once.
4. A block that still does not end is reported as unbalanced, and ends with the first closing mark
   at the end of a line, if there is one.
5. Marks that look the same on both sides (`"`) are paired by lines: a line with an odd number of
   them that begins with one opens a block, the next odd line that ends with one closes it.

Each search has a bound, since a mark that was forgotten would swallow the rest of the law.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_BLOCK_CHARS: Final = 60_000  # a block may be whole chapters
_INLINE_CHARS: Final = 1_200  # one within a paragraph: longer, and its closing mark was forgotten
_MAX_FAILURES: Final = 40  # a text that leaves more open uses its marks for something else
_AT_LINE_END: Final = re.compile(r"[ \t]*[.;,:]*[ \t]*(?:\n|\Z)")  # the rest of a line after `”.`


@dataclass(frozen=True, slots=True)
class Quotations:
    """Half-open spans of the view in text order, and where quotations open that never close."""

    spans: tuple[tuple[int, int], ...]
    unbalanced: tuple[int, ...]

    def holds(self, offset: int) -> bool:
        """True if the offset lies inside a quotation."""
        i = bisect_right(self.spans, (offset, 1 << 60)) - 1
        return i >= 0 and self.spans[i][0] < offset < self.spans[i][1]


def find_quotations(view: str, pairs: Sequence[tuple[str, str]]) -> Quotations:
    """The quotations of a view by the quotation marks of its language, by the rules at the head of
    this file.

    >>> text = "\\n1. Replace:\\n“Article 5\\nThe “first” owner.”\\n2. Next"
    >>> find_quotations(text, [("“", "”")]).spans
    ((13, 43),)
    """
    spans: list[tuple[int, int]] = []
    unbalanced: list[int] = []
    for opening, closing in pairs:
        if opening in view:
            find = _same_marks if opening == closing else _paired_marks
            for start, end in find(view, opening, closing):
                if end:
                    spans.append((start, end))
                else:
                    unbalanced.append(start)
    return Quotations(tuple(_outermost(spans)), tuple(sorted(unbalanced)))


def _offsets_of(view: str, mark: str) -> Iterator[int]:
    at = view.find(mark)
    while at >= 0:
        yield at
        at = view.find(mark, at + 1)


def _paired_marks(view: str, opening: str, closing: str) -> Iterator[tuple[int, int]]:
    """Rules 1 to 4: every quotation as (start, end); the end is 0 where none is found."""
    marks = sorted([*_offsets_of(view, opening), *_offsets_of(view, closing)])
    if closing == "’":  # an apostrophe stands between letters
        marks = [at for at in marks if view[at] == opening or not view[at + 1 : at + 2].isalnum()]
    i = failures = 0
    while i < len(marks) and failures < _MAX_FAILURES:
        start = marks[i]
        block = view[start] == opening and _opens_block(view, start)
        end = _end_of(view, marks, i, opening, block=block) if view[start] == opening else 0
        if not end and view[start] == opening:
            failures += 1
        if not end and block:
            end = _first_end(view, marks, i, closing)
            yield (start, 0)
        if end:
            yield (start, end)
            i = bisect_right(marks, end - 1)
        else:
            i += 1


def _end_of(view: str, marks: Sequence[int], i: int, opening: str, *, block: bool) -> int:
    """Rules 2 and 3: the end of the quotation that mark `i` opens, 0 where none is found."""
    limit = marks[i] + (_BLOCK_CHARS if block else _INLINE_CHARS)
    end = _balanced_end(view, marks, i, opening, limit)
    return end or (_balanced_end(view, marks, i, opening, limit, reopens=True) if block else 0)


def _opens_block(view: str, at: int) -> bool:
    """Rule 1: only white space and marks of Markdown stand before it on its line, or a colon."""
    before = view[max(at - 40, 0) : at].rstrip(" \t#>*_\\")
    return not before or before[-1] in "\n:"


def _balanced_end(
    view: str, marks: Sequence[int], i: int, opening: str, limit: int, *, reopens: bool = False
) -> int:
    """Where the quotation's depth comes back to nothing; 0 if not before the limit.

    A block that `reopens` has an opening mark on each of its paragraphs and is closed once.
    """
    depth = 0
    for k in range(i, len(marks)):
        at = marks[k]
        if at > limit:
            return 0
        if view[at] != opening:
            depth -= 1
        elif not (reopens and depth and _opens_block(view, at)):
            depth += 1
        if depth == 0:
            return at + 1
    return 0


def _first_end(view: str, marks: Sequence[int], i: int, closing: str) -> int:
    """Rule 4."""
    for k in range(i + 1, len(marks)):
        at = marks[k]
        if at > marks[i] + _BLOCK_CHARS:
            return 0
        if view[at] == closing and _AT_LINE_END.match(view, at + 1):
            return at + 1
    return 0


def _same_marks(view: str, mark: str, _: str) -> Iterator[tuple[int, int]]:
    """Rule 5. A line with an even number of marks quotes within itself."""
    opened = -1  # where the open block starts
    for start, end in _lines_with(view, mark):
        line = view[start:end]
        if line.count(mark) % 2 == 0:
            continue
        if opened >= 0:
            if _AT_LINE_END.match(line, line.rindex(mark) + 1):
                yield (opened, start + line.rindex(mark) + 1)
                opened = -1
            elif start - opened > _BLOCK_CHARS:
                yield (opened, 0)
                opened = -1
        if opened < 0 and line.lstrip(" \t#>*_\\").startswith(mark):
            opened = start + line.index(mark)
    if opened >= 0:
        yield (opened, 0)


def _lines_with(view: str, mark: str) -> Iterator[tuple[int, int]]:
    """The lines that hold a mark, as (start, end)."""
    at = view.find(mark)
    while at >= 0:
        end = view.find("\n", at)
        end = len(view) if end < 0 else end
        yield (view.rfind("\n", 0, at) + 1, end)
        at = view.find(mark, end)


def _outermost(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans in order without those that begin inside of another."""
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            yield (start, end)
            at = end
