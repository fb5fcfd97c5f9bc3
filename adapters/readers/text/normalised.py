"""A normalised view of a text: what patterns are matched on, with every line start mapped back to
the text itself.

The text of a plan is the document's own, character by character, so it can not be cleaned. Patterns
would have to allow for every kind of line end, space and decomposed letter; the view has one of
each instead, and for an entity of HTML the character that it stands for. Characters that do not
print (soft hyphens, zero width spaces) and marks of the format are left out: they would hide a
heading word.
"""

from __future__ import annotations

import copy
import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Collection, Container, Sequence
from itertools import accumulate
from typing import Final

# One character for one, so that offsets stay.
_CONTROLS: Final = (("\f", "\n"), ("\v", "\n"))  # line ends
_SAME_LENGTH: Final = (
    # line ends
    ("\x85", "\n"),
    ("\u2028", "\n"),
    ("\u2029", "\n"),
    # spaces
    ("\xa0", " "),
    ("\u2007", " "),
    *((chr(code), " ") for code in range(0x2000, 0x200B)),  # quads, en, em and thin spaces
    ("\u202f", " "),
    ("\u205f", " "),
    ("\u3000", " "),
    # hyphens
    ("\u2010", "-"),
    ("\u2011", "-"),
    ("\xd0", "\u0110"),  # the Icelandic Eth that looks like the Vietnamese D with stroke
)
_ASCII: Final = bytes(range(128))
_FEW: Final = 8  # a text with one character beyond ASCII in so many holds few different ones
# Characters that do not print. Joiners (U+200C, U+200D) stay: in some scripts they are spelling.
_INVISIBLE: Final = (
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_BREAK: Final = re.compile(r"<wbr[ ]?/?>")  # a place to break a word, left in text
# What HTML leaves in text: `&sect; 1`, `&#167;`, `&nbsp;`. One character each.
_ENTITY: Final = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|[A-Za-z]{2,24}\d{0,2});")
_SEPARATORS: Final = frozenset(("Cc", "Zl", "Zp", "Zs"))  # categories: in a line, a space
_ESCAPED_DOT: Final = re.compile(r"(?<=\d)\\(?=[.)])")  # `1\.`: Markdown that was saved as text
_BROKEN: Final = re.compile(r"[^\W\d_]-$")  # a word that goes on in the next line
# Words that stand between two halves of which the first ends with a hyphen: `Land- und Seewege`.
_JOINS: Final = re.compile(r"(?:und|oder|bzw|sowie|and|or|en|of|och|og|eller|ja|és|vagy|et|ou)\b")

Clean = Callable[[str], str]
"""Takes the marks of a format out of a text, and keeps its lines. See `text.markup`."""


class View:
    """The view of one text: line ends of every kind are line feeds, spaces of every kind are the
    usual one, letters are composed (NFC), and what does not print is left out.

    `text` begins with a line feed that the source does not have, so that every line follows one.
    All this may change the length of a line but moves nothing to another, so the starts of lines
    map exactly, and any other offset by its line.

    >>> View("Ar\xadti\u200bcle 5\\r\\nA").text
    '\\nArticle 5 \\nA'
    """

    def __init__(self, source: str, clean: Clean | None = None) -> None:
        self.source = source
        same = "\n" + source
        if "\r" in same:
            # Each by as many characters. CR CR LF is what converting line ends twice leaves.
            same = same.replace("\r\r\n", "  \n").replace("\r\n", " \n").replace("\r", "\n")
        for old, new in _CONTROLS:
            if old in same:
                same = same.replace(old, new)
        held = _beyond_ascii(same)
        for old, new in _SAME_LENGTH:
            if old in held:
                same = same.replace(old, new)
        plain = _without_invisible(same, held)
        if clean:
            plain = clean(plain)
        added = clean or "&" in same  # entities, and what a format's marks stand for
        composed = plain.isascii() or (not added and _composed_all(held))
        composed = composed or unicodedata.is_normalized("NFC", plain)
        self.text = plain if composed else unicodedata.normalize("NFC", plain)
        # Starts of lines in the view and in the source; None where they are the same.
        self._starts: tuple[list[int], list[int]] | None = None
        if not composed or len(plain) != len(same):
            self._starts = (_line_starts(self.text), _line_starts(same))
        self._own: list[int] | None = None  # starts of lines in both, found when asked for
        self._lines: list[int] | None = None  # numbers of the lines, where some were left out

    def without_lines(self, left_out: Collection[int]) -> View:
        """The view without some of its lines, counted from 1: those of page furniture.

        >>> view = View("a\\n- 3 -\\nb").without_lines([2])
        >>> view.text, view.to_source(3), view.line_number(2)
        ('\\na\\nb', 8, 3)
        """
        out = set(left_out)
        view = copy.copy(self)
        lines = self.text.split("\n")
        kept = [i for i in range(len(lines)) if i not in out]
        view.text = "\n".join([lines[i] for i in kept])
        before = self._source_starts()
        view._starts = (_line_starts(view.text), [before[i] for i in kept])
        view._lines = kept
        return view

    def with_lines_joined(self, going_on: Collection[int]) -> View:
        """The view with some of its source's lines, from 1, joined to the lines before them: those
        that a printed line's end broke off. A word that was broken with a hyphen is whole.

        >>> view = View("Boats and ves-\\nsels\\nfloat").with_lines_joined([2])
        >>> view.text, view.to_source(19), view.line_number(2)
        ('\\nBoats and vessels\\nfloat', 20, 3)
        """
        lines = self.text.split("\n")
        kept: list[int] = []
        joined: list[str] = []
        for i, line in enumerate(lines):
            if kept and kept[-1] and self.line_number(i) in going_on:
                joined[-1] = _joined(joined[-1], line)
            else:
                kept.append(i)
                joined.append(line)
        view = copy.copy(self)
        view.text = "\n".join(joined)
        before = self._source_starts()
        view._starts = (_line_starts(view.text), [before[i] for i in kept])
        view._lines = [self.line_number(i) for i in kept]
        return view

    def line_number(self, line: int) -> int:
        """The number in the source, from 1, of a line of the view, counted in the same way."""
        return self._lines[line] if self._lines else line

    def line_of(self, offset: int) -> int:
        """The line of the view, counted from 1, that an offset in the source is on."""
        return bisect_right(self._source_starts(), offset + 1) - 1

    def spans_of(self, lines: Sequence[int]) -> list[tuple[int, int]]:
        """The spans in the source of lines in order, counted from 1, each with its line feed; those
        of neighbours are one.
        """
        if not lines:
            return []
        starts = [start - 1 for start in self._source_starts()]
        starts.append(len(self.source))
        spans: list[tuple[int, int]] = []
        for line in lines:
            start = starts[line]
            if spans and spans[-1][1] == start:
                start = spans.pop()[0]
            spans.append((start, starts[line + 1]))
        return spans

    def lines_after_form_feeds(self) -> list[int]:
        """The lines of the view, from 1, that begin a page."""
        starts = self._source_starts()
        feeds = re.finditer("\f", self.source)
        return sorted({bisect_right(starts, feed.start() + 2) - 1 for feed in feeds})

    def line_starts(self) -> list[int]:
        """Where the lines of the view start, the empty one at its beginning first."""
        if self._starts:
            return self._starts[0]
        if self._own is None:
            self._own = _line_starts(self.text)
        return self._own

    def _source_starts(self) -> list[int]:
        """Where they start in the source, counted from 1."""
        return self._starts[1] if self._starts else self.line_starts()

    def to_source(self, offset: int) -> int:
        """The offset in the source of a line start of the view.

        >>> View("A\\u0309\\nb").to_source(3), View("a\\r\\nb").to_source(4)
        (3, 3)
        """
        if self._starts is None:
            return max(offset - 1, 0)
        line = bisect_right(self._starts[0], offset) - 1
        return max(self._starts[1][line] - 1, 0)

    def to_sources(self, offsets: Sequence[int]) -> list[int]:
        """The offsets in the source of line starts of the view."""
        if self._starts is None:
            return [offset - 1 if offset else 0 for offset in offsets]
        return [self.to_source(offset) for offset in offsets]

    def from_source(self, offset: int) -> int:
        """The start in the view of the line that a source offset is on."""
        if self._starts is None:
            return offset + 1
        line = bisect_right(self._starts[1], offset + 1) - 1
        return self._starts[0][line]

    def line_end(self, offset: int) -> int:
        """Where the line that `offset` is on ends: its line feed, or the end of the view."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def line(self, offset: int) -> str:
        """The rest of the line from `offset`, without blanks at its end."""
        return self.text[offset : self.line_end(offset)].rstrip()

    def line_before(self, offset: int) -> str:
        """The line before the one that starts at `offset`; "" where that line is blank or there is
        none.
        """
        end = offset - 1
        start = self.text.rfind("\n", 0, max(end, 0)) + 1
        return self.text[start:end].strip() if end > start else ""


def _beyond_ascii(text: str) -> Container[str]:
    """What tells which characters beyond ASCII a text holds.

    Three dozen of them are asked for. Each question takes a pass over the text, but for a set of
    those that it has, which is soon made where they are few.

    >>> "\xa0" in _beyond_ascii("Article\xa05 of this law, and no other"), "a" in _beyond_ascii("a")
    (True, False)
    """
    if text.isascii():
        return frozenset()
    others = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    if len(others) > len(text) // _FEW:
        return text
    return frozenset(others.decode("utf-8", "surrogatepass"))


def _composed_all(held: Container[str]) -> bool:
    """Whether no text of these characters has anything to compose: Latin letters and punctuation.

    >>> words = "a letter of the law, an “e”, in a line that is long enough"
    >>> _composed_all(_beyond_ascii(words)), _composed_all("e\u0301")
    (True, False)
    """
    return isinstance(held, frozenset) and all(
        c < "\u0300" or "\u1e00" <= c < "\u1f00" or "\u2010" <= c < "\u2060" for c in held
    )


def _without_invisible(text: str, held: Container[str]) -> str:
    for character in _INVISIBLE:
        if character in held:
            text = text.replace(character, "")
    if "\\" in text:
        text = _ESCAPED_DOT.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    return _BREAK.sub("", text) if "<wbr" in text else text


def _character(entity: re.Match[str]) -> str:
    """What an entity stands for, as the view has it; one that is none stays."""
    found = html.unescape(entity[0])
    if found in _INVISIBLE:
        return ""
    if unicodedata.category(found[0]) in _SEPARATORS:
        return " "
    return found.replace("\u2010", "-").replace("\u2011", "-")


def _joined(line: str, following: str) -> str:
    """Two printed lines as one.

    A hyphen at the end of the first stays before a capital or a digit, which it joins to, and
    before a word that joins two (`Land- und`).
    """
    line, following = line.rstrip(), following.lstrip()
    if not _BROKEN.search(line):
        return f"{line} {following}"
    if _JOINS.match(following):
        return f"{line} {following}"
    return (line[:-1] if following[:1].islower() else line) + following


def _line_starts(text: str) -> list[int]:
    """Where the lines of a text start. Sums of their lengths are found many times faster than the
    line feeds one by one.

    >>> _line_starts("a\\n\\nbc")
    [0, 2, 3]
    """
    lengths = map((1).__add__, map(len, text.split("\n")))
    starts = [0, *accumulate(lengths)]
    starts.pop()
    return starts


class LineCounter:
    """Line numbers, from 1, of offsets asked for in rising order.

    Linear in the text however many are asked for.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def line_of(self, offset: int) -> int:
        """The line that `offset` is on.

        >>> counter = LineCounter("a\\nb\\nc")
        >>> counter.line_of(2), counter.line_of(4), counter.line_of(0)
        (2, 3, 1)
        """
        if offset < self._at:
            self._at, self._line = 0, 1
        self._line += self._text.count("\n", self._at, offset)
        self._at = offset
        return self._line
