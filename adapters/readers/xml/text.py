"""From an element tree to the text that people read, with the places where units start and end.

The text is every character of text content in document order. A run of white space becomes one
space, or one line break where a block starts or ends; numbers stay in the line of what they number.
The same file always gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from lxml import etree

from adapters.readers.xml import stylesheet as sign
from adapters.readers.xml.dialects import CITED, KIND_WORDS, ElementRole, Family, UnitRule
from adapters.readers.xml.numbers import number_of
from adapters.readers.xml.pieces import pieces_of
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity

_NO_TEXT: Final = 2  # the characters of a piece that has only its sign
_NUMBERED: Final = "  "  # after a number: one space, whatever block comes next
_REGIONS: Final = {
    sign.NUM: sign.NUM_END,
    sign.HEADING: sign.HEADING_END,
    sign.HEADS: sign.HEADS_END,
}
# Names of their own: looking up a member takes long in an inner loop.
_CONTAINER, _FRAME, _RECITAL = Family.CONTAINER, Family.FRAME, Family.RECITAL
_META, _BODY, _ASIDE = ElementRole.META, ElementRole.BODY, ElementRole.ASIDE


@dataclass(slots=True)
class FoundUnit:
    """A unit as the markup declares it.

    `role` is set instead for the enacting part and what stands aside in it.
    """

    kind: str
    family: Family | None
    role: ElementRole | None
    parent: int | None
    heads: list[
        tuple[str, str]
    ]  # its printed numbers and headings: the sign that ended each, and the text
    blank: bool = True
    label: str = ""
    title: str = ""

    def name(self) -> None:
        """Fill label, title and, for a container, the kind from what is printed.

        Only kept units need it.
        """
        for kind, read in self.heads:
            lines = _lines(read)
            if kind == sign.NUM_END:
                lines = [" ".join(lines)]
            if lines and not self.label and kind != sign.HEADING_END and _is_label(lines[0], kind):
                self.label = lines.pop(0)
            # What follows is heading; some converters write the heading of an article as a second
            # number.
            if lines:
                self.title = " ".join([self.title, *lines] if self.title else lines)
        if self.family is _CONTAINER and self.label:
            self.kind = KIND_WORDS.get(_first_word(self.label), self.kind)


@dataclass(slots=True)
class FoundText:
    """The text, cut where units start and end: one text more than events, each event between two
    texts.

    An event is the index of the unit that starts, or None: the innermost open unit ends.
    """

    texts: list[str] = field(default_factory=list)
    events: list[int | None] = field(default_factory=list)
    units: list[FoundUnit] = field(default_factory=list)


def write_tree(root: etree._Element, style: sign.Stylesheet) -> bytes:
    """A tree as text with signs, in UTF-8.

    Raises `DocumentRefused` where the tree can not be written as text.
    """
    try:
        text = (
            style.run(root).getroot().text or ""
        )  # writing it out would have it three times in memory
    except etree.XSLTError as error:
        raise DocumentRefused(f"The XML can not be turned into text: {str(error)[:200]}.") from None
    if "\ufdd0" in text:
        raise DocumentRefused(
            "The XML holds the noncharacter U+FDD0, which no text may hold; remove it."
        )
    return text.encode()


def find_units(raw: bytes, style: sign.Stylesheet) -> FoundText | None:
    """The text that a tree was written as, and its units.

    None where a stylesheet for `BASIC` left out what may be units: no article or section has a
    number or heading, or one is below what the stylesheet left out.
    """
    whole = style.granularity is Granularity.SUB
    found = _Finder(style.rules).find(pieces_of(raw))
    return (
        found
        if found and (whole or any(unit.kind in CITED and unit.heads for unit in found.units))
        else None
    )


class _Finder:
    """One pass over text and signs: opens and closes units, and reads their labels and headings on
    the way.
    """

    def __init__(self, rules: Mapping[str, UnitRule | ElementRole]) -> None:
        self.rules = rules
        self.found = FoundText()
        self.open: list[
            tuple[int | None, int | None, FoundUnit | None]
        ] = []  # unit or None; what was inside and head before
        self.inside: int | None = None
        self.noted = 0
        self.head: FoundUnit | None = None  # the unit whose number and heading may still come
        self.region = ""  # the sign that ends the number or heading being read
        self.read: list[str] = []
        self.numbers = 0  # that are open
        self.number_at = 0
        self.held: list[str] = []  # text since the last event
        self.white = (
            ""  # what stands before the next text: "" at the start of a line, else at least a space
        )
        self.solid = 0  # texts so far
        self.solid_at: list[int] = []  # the same when each unit started

    def find(self, pieces: Iterator[str]) -> FoundText | None:
        """Read the pieces: each is a sign's character, the text up to the next sign, and one
        character to leave out.

        The first has no sign. A line ends after the last text, even where no sign says so. None if
        a unit is `DEEP`.
        """
        rules = self.rules
        actions: Mapping[str, Callable[[], None]] = {
            sign.END: self._end,
            sign.NUM: self._number,
            sign.NUM_END: self._number_end,
            sign.HEADING: partial(self._region, sign.HEADING),
            sign.HEADING_END: partial(self._heading_end, sign.HEADING_END),
            sign.HEADS: partial(self._region, sign.HEADS),
            sign.HEADS_END: partial(self._heading_end, sign.HEADS_END),
            sign.NOTE: partial(self._note, 1),
            sign.NOTE_END: partial(self._note, -1),
            sign.LINE_END: self._line_end,
        }
        self._text(" " + next(pieces))
        for piece in pieces:
            kind = piece[0]
            if kind in actions:
                actions[kind]()
            elif kind in rules:
                self._start(rules[kind])
            else:
                return None
            if len(piece) > _NO_TEXT:
                self._text(piece)
        self._line_end()
        self._flush()
        return self.found

    def _text(self, piece: str) -> None:
        """Keep the text of a piece.

        A line break is stronger than a tab, a tab than a space, a number's end than all.
        """
        plain = piece[1:-1].strip(" \n\t")
        spaced = len(plain) + _NO_TEXT != len(piece)
        if spaced and (not plain or piece[1] in " \n\t"):
            self._blank(piece[1 : piece.index(plain[0], 1)] if plain else piece)
        if not plain:
            return
        white, held = self.white, self.held
        if self.head is not None:
            self._headed_by(plain)
        if white:
            held.append(white[0])
        held.append(plain)
        self.white = " "
        if spaced:
            piece = piece[:-1]
            self._blank(piece[len(piece.rstrip(" \n\t")) :])

    def _blank(self, space: str) -> None:
        if self.white == " " or self.white == "\t":  # noqa: PLR1714  (in an inner loop)
            self.white = "\n" if "\n" in space else "\t" if "\t" in space else self.white

    def _headed_by(self, text: str) -> None:
        if self.noted:
            return
        if self.region:
            self.read += (self.white[:1], text)
        else:
            self.head = None

    def _line_end(self) -> None:
        """End the line here, before what comes next, so that a unit starts with its own text."""
        if self.white:
            self.held.append("\n")
            self.white = ""

    def _line(self) -> None:
        """What a `LINE` is in the text of a document whose units are left out: a line break, and
        one that follows a number.
        """
        if self.white == _NUMBERED:
            self._line_end()
        else:
            self._blank("\n")

    def _note(self, more: int) -> None:
        self.noted += more

    def _number(self) -> None:
        self.numbers += 1
        if self.numbers == 1:  # a number within a number is part of it
            self.number_at = self.solid + len(self.held)
            self._region(sign.NUM)

    def _number_end(self) -> None:
        self.numbers -= 1
        if self.numbers:
            return
        if self.solid + len(self.held) > self.number_at and self.white:
            self.white = _NUMBERED
        if self.region in (sign.NUM_END, sign.HEADS_END):
            self._headed(sign.NUM_END)

    def _heading_end(self, kind: str) -> None:
        if self.region == kind:
            self._headed(kind)

    def _region(self, kind: str) -> None:
        if not (self.region or self.noted):
            self.region, self.read = _REGIONS[kind], []

    def _start(self, rule: UnitRule | ElementRole) -> None:
        inside = self.inside
        # Nothing is a unit in a note, a heading or a recital; an enacting part or an aside in a
        # unit is its text.
        ignored = self.noted or self.region
        if inside is not None:
            ignored = (
                ignored or self.found.units[inside].family is _RECITAL or rule in (_BODY, _ASIDE)
            )
        if ignored:
            self._line()
            self.open.append((None, inside, self.head))
            return
        self._line_end()
        if isinstance(rule, UnitRule):
            unit = FoundUnit(rule.kind, rule.family, None, inside, [])
        else:
            unit = FoundUnit("", None, rule, inside, [])
        number = len(self.found.units)
        self.open.append((number, inside, self.head))
        self.head = unit if unit.family not in (None, _FRAME) else None
        if unit.family:
            self.inside = number
        self._flush()
        self.found.events.append(number)
        self.found.units.append(unit)
        self.solid_at.append(self.solid)

    def _end(self) -> None:
        number, self.inside, head = self.open.pop()
        if number is None:
            self._line()
        else:
            self._line_end()
            self._flush()
            self.found.events.append(None)
            self.head = head if self.found.units[number].role is _META else None
            self.found.units[number].blank = self.solid == self.solid_at[number]

    def _flush(self) -> None:
        held = self.held
        self.solid += len(held)
        self.found.texts.append("".join(held))
        held.clear()

    def _headed(self, kind: str) -> None:
        """A number or heading has been read: give it to its unit."""
        if kind == self.region:
            self.region = ""
        if self.head is not None and self.read:
            self.head.heads.append((kind, "".join(self.read)))
            self.read = []


def _is_label(line: str, kind: str) -> bool:
    return kind == sign.NUM_END or bool(number_of(line)) or _first_word(line) in KIND_WORDS


def _lines(text: str) -> list[str]:
    return [" ".join(words) for line in text.split("\n") if (words := line.split())]


def _first_word(label: str) -> str:
    return label.split(" ", 1)[0].strip("()[]").casefold()
