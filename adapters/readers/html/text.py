"""The text of a page as a browser shows it, one line per block, with the spans in which no unit
starts.

Each node is entered and left once, in document order. A block ends the line that is open and begins
one; what is inline adds to the line. White space is folded as a browser does, but in `pre` and its
like. What CSS or a list would show before an item (its number) is written, since it is text to
whoever cites it: `<ol type="a"><li>Boats` becomes `a. Boats`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.readers.html.elements import (
    BLOCKS,
    DROPPED,
    STRUCK,
    VERBATIM,
    Attributes,
    heading_depth,
    is_block,
    is_hidden,
    list_form,
    numbers_what_follows,
    refers_to_note,
    stands_apart,
)
from adapters.readers.html.lines import Line, PageLines
from adapters.readers.html.shifts import RAISED, Shifts, is_divisor
from adapters.readers.numbers.list_numerals import numeral

_SPACE: Final = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")  # whatever is not yet one space
# An item of a list that is printed with a number of its own: `1.`, `(a)`, `b)`, `Art. 5`.
_OWN_LABEL: Final = re.compile(r"[\W_]*(?:\(?[0-9]+[.)\w]|\(?[a-zA-Zđ]{1,4}[.)]|\w+\.?\s+[0-9])")
_NOTE_MARK: Final = re.compile(r"\[?(?:\d{1,4}|[a-z*†‡]{1,3})\]?")  # of a footnote: 1, [12], *, a
_LETTERED_MARK: Final = re.compile(r"[A-Z]{1,2}\d{1,4}")  # of an amendment: F1, C12
# The mark of an amendment before a heading: `►M1 Article 2a`. It gets a line of its own.
_AMENDED: Final = re.compile(r"([►▼] ?[A-Z]\d{1,3}) (?=\w)")
_COLUMN_BLOCKS: Final = 4  # a cell with so many blocks is a column of the page
_QUOTES: Final = ("“", "”")


@dataclass(slots=True)
class _Open:
    """An element that is open, with what its end has to undo."""

    node: LexborNode
    tag: str
    block: bool
    apart_from: int | None = None
    heading: bool = False
    linked: bool = False
    shifted: bool = False
    id: str | None = None


@dataclass(slots=True)
class _Table:
    start: int
    presentation: bool
    rows: int = 0
    cells: int = 0


@dataclass(slots=True)
class _List:
    form: str | None
    next: int = 1


@dataclass(slots=True)
class _Depths:
    """How many open elements of a kind there are."""

    verbatim: int = 0
    struck: int = 0
    linked: int = 0
    shifts: list[int] = field(default_factory=list)  # of what is raised or lowered
    headings: list[int] = field(default_factory=list)


class PageReader:
    """Walks a parsed page without recursion and writes its lines."""

    def __init__(self) -> None:
        self.lines = PageLines()
        self.hidden_chars = 0
        self._open: list[_Open] = []
        self._depths = _Depths()
        self._tables: list[_Table] = []
        self._lists: list[_List] = []
        self._line = Line()
        self._label = ""
        self._item = 0  # the number in that label
        self._shifts: Shifts

    def read(self, tree: LexborHTMLParser) -> PageLines:
        """All lines of the page's body."""
        self._shifts = Shifts(tree)
        node = tree.body
        while node is not None:
            child = self._enter(node)
            node = child if child is not None else self._next(node)
        self._flush()
        return self.lines

    def _next(self, node: LexborNode) -> LexborNode | None:
        """The node after this one and its children, closing what ends in between."""
        while True:
            if self._open and self._open[-1].node is node:
                self._leave(self._open[-1])
                self._open.pop()
            if not self._open:
                return None
            after = node.next
            if after is not None:
                return after
            node = self._open[-1].node

    def _enter(self, node: LexborNode) -> LexborNode | None:
        """Take a node in; returns its first child, or None for a node that has or shows none."""
        if node.is_text_node:
            self._text(node.text_content or "")
            return None
        tag = node.tag or ""
        if not node.is_element_node or tag in DROPPED:
            return None
        attributes = node.attributes
        if is_hidden(tag, attributes):
            self.hidden_chars += len(node.text(deep=True).strip())
            return None
        if tag == "a" and self._note_mark(node, attributes):
            return None
        self._start(node, tag, attributes)
        return node.first_child

    def _text(self, text: str) -> None:
        if not self._depths.verbatim:
            text = _SPACE.sub(" ", text)
        depths = self._depths
        self._line.add(
            text,
            linked=depths.linked > 0,
            struck=depths.struck > 0,
            shift=depths.shifts[0] if depths.shifts else 0,
        )

    def _note_mark(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the reference to a note with brackets, so that it never looks like part of a
        number.
        """
        if not (attributes.get("href") or "").startswith("#") or self._depths.verbatim:
            return False
        text = node.text(deep=True).strip()
        raised = RAISED in self._depths.shifts[:1] or node.css_first("sup") is not None
        if not (raised or refers_to_note(attributes)):
            return False
        if _NOTE_MARK.fullmatch(text):
            self._line.add(text if text.startswith("[") else f"[{text}]")
        elif _LETTERED_MARK.fullmatch(text) and not self._line.text(verbatim=False).strip("[ "):
            self._line.add(f"{text}\n")  # of `[F12A Boats` the mark is F1 and the number 2A
        else:
            return False
        return True

    def _start(self, node: LexborNode, tag: str, attributes: Attributes) -> None:
        element = _Open(
            node, tag, is_block(tag, attributes), id=attributes.get("id") or attributes.get("name")
        )
        if tag == "span" and self._line.numbered:  # its text goes on after the number
            element.block = False
        if element.block:
            self._flush()
            self._start_block(element, attributes)
        elif element.id:
            self._line.ids.add(element.id)
        if tag == "a" and (href := attributes.get("href")):
            element.linked = True
            self._depths.linked += 1
            self._line.links.add(href)
        if not element.block and (shift := self._shifts.of(node, tag, attributes)):
            element.shifted = True
            self._depths.shifts.append(shift)
        self._start_inline(tag)
        if tag.startswith("m") and is_divisor(node):
            self._line.add("/")
        self._open.append(element)

    def _start_inline(self, tag: str) -> None:
        if tag == "br":
            self._line.add("\n")
        elif tag in STRUCK:
            self._depths.struck += 1
        elif tag == "q":
            self._line.add(_QUOTES[0])

    def _start_block(self, element: _Open, attributes: Attributes) -> None:
        tag = element.tag
        if stands_apart(tag, attributes):
            element.apart_from = self.lines.writer.next_start()
        depth = heading_depth(tag, attributes)
        if depth is not None:
            element.heading = True
            self._depths.headings.append(depth)
        if tag in VERBATIM:
            self._depths.verbatim += 1
        if tag == "table":
            presentation = attributes.get("role") in ("presentation", "none")
            self._tables.append(_Table(self.lines.writer.next_start(), presentation))
        elif self._tables:
            self._start_cell(element)
        self._start_list(tag, attributes)

    def _start_cell(self, element: _Open) -> None:
        table, tag = self._tables[-1], element.tag
        if tag == "tr":
            table.rows += 1
            table.cells = 0
            self.lines.writer.next_line()
        elif tag in ("td", "th"):
            if table.cells and not _is_column(element.node):
                self.lines.writer.next_cell()
            else:
                self.lines.writer.next_line()
            table.cells += 1

    def _start_list(self, tag: str, attributes: Attributes) -> None:
        if tag in ("ol", "ul", "menu"):
            self._lists.append(
                _List(list_form(tag, attributes), _number(attributes.get("start"), 1))
            )
        elif tag == "li" and self._lists:
            items = self._lists[-1]
            items.next = _number(attributes.get("value"), items.next)
            self._label = f"{numeral(items.next, items.form)}. " if items.form else ""
            self._item = items.next
            items.next += 1

    def _leave(self, element: _Open) -> None:
        if element.block:
            self._flush()
            self._leave_block(element)
        if element.linked:
            self._depths.linked -= 1
        if element.shifted:
            self._depths.shifts.pop()
        if element.tag in STRUCK:
            self._depths.struck -= 1
        elif element.tag == "q":
            self._line.add(_QUOTES[1])
        elif not element.block and numbers_what_follows(element.node.attributes):
            self._line.numbered = True

    def _leave_block(self, element: _Open) -> None:
        tag = element.tag
        if element.apart_from is not None:
            self.lines.stand_apart(element.apart_from)
        if element.heading:
            self._depths.headings.pop()
        if tag in VERBATIM:
            self._depths.verbatim -= 1
        if tag == "table":
            table = self._tables.pop()
            self.lines.table(table.start, rows=table.rows, presentation=table.presentation)
        elif tag in ("ol", "ul", "menu") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._label = ""

    def _flush(self) -> None:
        """Write the line that is open, if it shows anything."""
        line, self._line = self._line, Line()
        text = line.text(verbatim=self._depths.verbatim > 0)
        if not text:
            return
        if mark := _AMENDED.match(text):
            text = f"{mark[1]}\n{text[mark.end() :]}"
        item = self._item if self._label else 0
        if item and not _OWN_LABEL.match(text):
            text = self._label + text
        self._label = ""
        heading = self._depths.headings[-1] if self._depths.headings else None
        self.lines.add(text, line, heading=heading, own_ids=set(self._open_ids()), item=item)

    def _open_ids(self) -> Iterator[str]:
        """The ids of the nearest open elements: a heading that links to itself is no entry of a
        table of contents.
        """
        return (element.id for element in self._open[-4:] if element.id)


def _is_column(cell: LexborNode) -> bool:
    """True for a cell of several blocks: a column of the page, whose text does not go on from the
    cell before.
    """
    child, blocks = cell.first_child, 0
    while child is not None and blocks < _COLUMN_BLOCKS:
        blocks += child.tag in BLOCKS
        child = child.next
    return blocks >= _COLUMN_BLOCKS


def _number(value: str | None, default: int) -> int:
    value = (value or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 7 else default
