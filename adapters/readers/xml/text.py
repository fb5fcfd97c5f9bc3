"""From an element tree to the text that people read, with the places where units start and end.

The stylesheet of the dialect (`stylesheet`) writes the tree as text with signs: a sign is a
character for what starts or ends at that place. Here the signs are read, in one pass, by these
rules:

1. Text. Every character of text content is kept, in document order.
2. White space. Between two texts stands the strongest that was there: nothing at the start of a
   line, else a space, a tab (after a table cell), a line break (where a block starts or ends), and
   strongest of all the one space after a number, for a number stays in the line of what it numbers,
   however the markup breaks lines.
3. Units. An element with a `UnitRule` is a unit. Inside a note, a number, a heading or a recital it
   is not: an article named in a heading is a mention. The enacting part counts only outside of
   units.
4. Numbers and headings of a unit are those before its first other text. Later ones belong to its
   text, as in a table of amendments.
5. Label and title. A number is the label. So is the first line of an element that holds both
   number and heading, if it has a number or the word of a kind (Formex: `CHAPTER I`, then its
   heading). All else is the title. This is asked for kept units only (`FoundUnit.name`).

6. Flat headings. A heading beside its units is a unit around them: it ends before the next heading
   as high, or with the element around it.

The same file always gives the same text.

>>> root = etree.fromstring(
...     "<akomaNtoso><body><article><num>Art. 5</num><heading>Scope</heading>"
...     "<p>Text with <i>words</i>.</p></article></body></akomaNtoso>"
... )
>>> style = sign.stylesheet_of("akn", "", Granularity.BASIC, plain_space=True)
>>> raw = write_tree(root, style)
>>> raw  # # starts the body, 3 an article; n..N is a number, h..H a heading, e ends a unit
b'\\n=\\r#=\\r3=\\rnArt. 5=\\rN\\n=\\rhScope\\n=\\rH\\nText with words.\\n=\\re=\\re\\n'
>>> found = find_units(raw, style)
>>> found.texts, found.events
(['', '', 'Art. 5 Scope\\nText with words.\\n', '', ''], [0, 1, None, None])
>>> article = found.units[1]
>>> article.name()
>>> article.label, article.title
('Art. 5', 'Scope')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from lxml import etree

from adapters.readers.xml import stylesheet as sign
from adapters.readers.xml.dialects import CITED, KIND_WORDS
from adapters.readers.xml.numbers import number_of
from adapters.readers.xml.pieces import pieces_of
from adapters.readers.xml.raised import keep_apart
from adapters.readers.xml.roles import ElementRole, Family, UnitRule
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity

_NO_TEXT: Final = 2  # characters of a piece without text: its sign and the one that ends it
# Number and heading in one line, as Japanese and Chinese laws have them: `第一章　総則`.
_CJK_LABEL: Final = re.compile(r"(第\S{1,12}?[編部章節款目](?:の\S{1,3})?) (\S.*)")
_NUMBERED: Final = "  "  # after a number; of what waits before the next text only the first counts
# The sign that ends what a sign begins.
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
    """A unit as the markup declares it, or another element whose start and end matter: data about
    the document, the enacting part, what stands aside in it.
    """

    kind: str
    family: Family | None  # of a unit
    role: ElementRole | None  # of another element
    parent: int | None  # the unit around it, an index
    heads: list[tuple[str, str]]  # its numbers and headings: the sign that ended each, and the text
    blank: bool = True  # it holds no text
    label: str = ""
    title: str = ""

    def name(self) -> None:
        """Rule 5: fill label, title and, for a container, the kind from what is printed."""
        for kind, read in self.heads:
            lines = _lines(read)
            if kind == sign.NUM_END:
                lines = [" ".join(lines)]
            if lines and kind == sign.HEADS_END and (parts := _CJK_LABEL.fullmatch(lines[0])):
                lines[:1] = parts.groups()
            if lines and not self.label and kind != sign.HEADING_END and _is_label(lines[0], kind):
                self.label = lines.pop(0)
            # Also of a number: some converters write the heading of an article as a second one.
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
        # The text of the result's root: serialised, it would be in memory three times.
        text = style.run(root).getroot().text or ""
    except etree.XSLTError as error:
        raise DocumentRefused(f"The XML can not be turned into text: {str(error)[:200]}.") from None
    if "\ufdd0" in text:
        raise DocumentRefused(
            "The XML holds the noncharacter U+FDD0, which no text may hold; remove it."
        )
    return keep_apart(text).encode()


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
    """One pass over text and signs: opens and closes units, and reads their numbers and headings on
    the way.
    """

    def __init__(self, rules: Mapping[str, UnitRule | ElementRole]) -> None:
        self.rules = rules
        self.found = FoundText()
        # The open elements with signs: the unit, or None for one that is none (rule 3), and the
        # values of `inside` and `head` before it.
        self.open: list[tuple[int | None, int | None, FoundUnit | None]] = []
        self.flat: dict[int, int] = {}  # the depths of open flat headings, by their unit
        self.ended: set[int] = set()  # those of them whose own element is over
        self.inside: int | None = None  # the innermost open unit
        self.noted = 0  # open notes
        self.head: FoundUnit | None = None  # the unit whose number and heading may still come
        self.region = ""  # the sign that ends the number or heading being read
        self.read: list[str] = []  # the number or heading being read
        self.numbers = 0  # open numbers
        self.number_at = 0  # texts before the outermost open number
        self.held: list[str] = []  # text since the last event
        self.white = ""  # what stands before the next text (rule 2)
        self.solid = 0  # texts before the last event
        self.solid_at: list[int] = []  # the same when each unit started

    def find(self, pieces: Iterator[str]) -> FoundText | None:
        """Read the pieces: each is a sign's character, the text up to the next sign, and the first
        character of that sign, to be left out.

        The first piece has no sign. A line ends after the last text, even where no sign says so.
        None if a unit is `DEEP`.
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
        self._close_flat(1)
        self._line_end()
        self._flush()
        return self.found

    def _text(self, piece: str) -> None:
        """Rules 1, 2 and 4: keep the text of a piece, with what stands before it.

        The piece's own white space at its start and end counts like that of signs.
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
        """White space was read: keep the strongest. A line break already kept stays, and so do the
        start of a line and the end of a number.
        """
        if self.white == " " or self.white == "\t":  # noqa: PLR1714  (in an inner loop)
            self.white = "\n" if "\n" in space else "\t" if "\t" in space else self.white

    def _headed_by(self, text: str) -> None:
        """Text of a unit whose number and heading may still come: part of them, or their end."""
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
        """A line break around an element that could have been a unit. It ends a line even after a
        number, as the sign `LINE` does where the stylesheet leaves units out.
        """
        if self.white == _NUMBERED:
            self._line_end()
        else:
            self._blank("\n")

    def _note(self, more: int) -> None:
        self.noted += more

    def _number(self) -> None:
        self.numbers += 1
        if self.numbers == 1:  # a number inside a number is part of it
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
        # Rule 3. An enacting part or an aside in a unit is text of that unit.
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
            if rule.flat:
                self._close_flat(rule.flat)
                inside = self.inside
                self.flat[len(self.found.units)] = rule.flat
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
        self._close_flat(1)
        number = self.open[-1][0]
        if number in self.flat:  # its units follow
            self._line_end()
            self.ended.add(number)
            self.head = None
        else:
            self._close()

    def _close_flat(self, depth: int) -> None:
        """Rule 6: close the innermost units that are flat headings of this depth or below it, whose
        own elements are over.
        """
        while self.open and (number := self.open[-1][0]) in self.ended:
            if self.flat[number] < depth:
                break
            self.ended.discard(number)
            del self.flat[number]
            self._close()

    def _close(self) -> None:
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
        """Close the text before an event."""
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
