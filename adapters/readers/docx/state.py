"""Where the reading of a DOCX part stands: open paragraphs, fields, tables and content controls,
and the text so far.

What Word would not print is not text: deleted and moved-away runs, field instructions, hidden runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from adapters.readers.docx.numbering import Numbering
from adapters.readers.docx.styles import Styles
from adapters.readers.line_writer import LineWriter
from adapters.readers.numbers.raised_digits import joined
from domain.errors import DocumentRefused

_BODY_LEVEL = 8  # outline levels run from 0 to 8; beyond is body text
_NUMBER_FIELDS = ("LISTNUM", "SEQ", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT")
# Fonts that show Vietnamese letters in the place of others: `.VnTime`, `VNI-Times`.
_LEGACY_FONT = re.compile(r"\.Vn|VNI[- ]", re.IGNORECASE)
_LINKED = 0.6  # of a paragraph: so much of an entry of a table of contents links to its heading


@dataclass(slots=True)
class Paragraph:
    """A paragraph that is open."""

    parts: list[str] = field(default_factory=list)
    shifts: dict[int, int] = field(default_factory=dict)  # of parts raised or lowered
    style: str | None = None
    num_id: str | None = None
    level: int | None = None
    outline: int | None = None
    contents: bool = False  # part of a table of contents
    shown: int = 0  # characters, and how many of them are in links within the document
    linked: int = 0
    targets: set[str] = field(default_factory=set)  # of those links
    bookmarks: set[str] = field(default_factory=set)
    joined: bool = False  # its paragraph mark is deleted or hidden: it runs on into the next
    boxes: list[str] = field(default_factory=list)  # text boxes anchored in it

    def text(self, before: str = "") -> str:
        """What it shows after a text that stands before it, raised and lowered digits kept
        apart.
        """
        if not self.shifts:
            return before + "".join(self.parts)
        return joined([before, *self.parts], {i + 1: shift for i, shift in self.shifts.items()})

    @property
    def is_entry(self) -> bool:
        """True for what links elsewhere in the document, as entries of contents do.

        A heading may link to itself.
        """
        return (
            self.linked > 0
            and self.linked >= _LINKED * self.shown
            and self.targets.isdisjoint(self.bookmarks)
        )


@dataclass(slots=True)
class Run:
    """What the properties of a run say: its style, and its own shift where it has one (1 raised, -1
    lowered, 0 on the line).
    """

    style: str | None = None
    shift: int | None = None
    position: int | None = None
    font: str | None = None
    mark: bool = False  # it holds a mark of the author's own for a note


@dataclass(slots=True)
class Field:
    """A field that is open. `start` is where the text stood when it began."""

    start: int
    instruction: str = ""
    result: bool = False
    shown: bool = False  # its result has text

    @property
    def counts(self) -> bool:
        """True for a field whose result is a number that Word counts, and shows."""
        words = self.instruction.upper().split()
        return words[:1] != [] and words[0] in _NUMBER_FIELDS and "\\H" not in words

    @property
    def contents(self) -> bool:
        """True inside the result of a TOC field."""
        return self.result and self.instruction.split()[:1] == ["TOC"]


class PartState:
    """The state of one part.

    `notes` lists the foot- and endnotes it refers to, in order; `texts` holds notes by their id.
    """

    def __init__(self, numbering: Numbering, styles: Styles) -> None:
        self.writer = LineWriter()
        self.tables: list[tuple[int, int]] = []
        self.notes: list[tuple[str, str]] = []
        self.texts: dict[str, str] = {}
        self.hidden_chars = 0
        self.paragraphs: list[Paragraph] = []
        self.fields: list[Field] = []
        # Of what is open, the innermost last:
        self.rows: list[bool] = []  # is the row deleted?
        self.cells: list[int] = []  # cells begun in the row
        self.table_starts: list[int] = []
        self.controls: list[bool] = []  # is the content control a table of contents?
        self.alternatives: list[bool] = []  # was one of the alternatives taken?
        self.links: list[str] = []  # the bookmark that is linked to, "" for another document
        self.note: str | None = None  # the id of the foot- or endnote
        self.collect = False
        self.in_instruction = False
        self.in_paragraph_properties = False
        self.in_row_properties = False
        self.hidden = False
        self.run = Run()
        self.scripts: list[int] = []  # of the scripts of formulas and of ruby text that are open
        self.legacy_fonts: dict[str, int] = {}  # where the first text in each of them stands
        self.unstored: list[int] = []  # where numbers stand that Word counts and does not store
        self._carry = ""  # text of paragraphs that run on into the next
        self._lost_in_field = False  # text stood where a field has instructions
        self._numbering = numbering
        self._styles = styles

    def put(self, text: str, *, on_line: bool = False) -> None:
        """Add characters to the open paragraph, if Word would print them; `on_line` is for those
        that are never taken for raised ones.
        """
        if not self.paragraphs or self.in_paragraph_properties or any(self.rows):
            return
        if any(not f.result for f in self.fields):
            self._lost_in_field = True
            return
        if self.hidden:
            self.hidden_chars += len(text.strip())
            return
        paragraph = self.paragraphs[-1]
        if not on_line and (shift := self._shift(paragraph)):
            paragraph.shifts[len(paragraph.parts)] = shift
        if self.fields and text.strip():
            for open_field in self.fields:
                open_field.shown = True
        if not text.isascii():
            self._note_legacy_font(paragraph, text)
        paragraph.parts.append(text)
        paragraph.shown += len(text.strip())
        if self.links and self.links[-1]:
            paragraph.linked += len(text.strip())
            paragraph.targets.add(self.links[-1])
        if text.strip() and (any(self.controls) or any(f.contents for f in self.fields)):
            paragraph.contents = True

    def _note_legacy_font(self, paragraph: Paragraph, text: str) -> None:
        """Note a font whose letters are not those that the text has: Vietnamese before Unicode."""
        font = self.run.font
        if font is None:
            font = self._styles.font(self.run.style, paragraph.style)
        if _LEGACY_FONT.match(font) and any("\x80" <= c <= "\xff" for c in text):
            self.legacy_fonts.setdefault(font, self.writer.next_start())

    def _shift(self, paragraph: Paragraph) -> int:
        """Whether text that comes now is raised (1) or lowered (-1)."""
        if self.scripts:
            return self.scripts[0]
        if self.run.mark:
            return 1
        shift, position = self._styles.shift(self.run.style, paragraph.style)
        shift = shift if self.run.shift is None else self.run.shift
        position = position if self.run.position is None else self.run.position
        return shift or position

    def end_field(self) -> None:
        """The innermost field is over."""
        if self.fields:
            ended = self.fields.pop()
            if ended.counts and not ended.shown:
                self.unstored.append(self.writer.next_start())
        if not self.fields:
            self._lost_in_field = False

    def end_paragraph(self) -> None:
        """Write the innermost paragraph: its label, what deleted paragraph marks carried over, its
        text, its text boxes.
        """
        paragraph = self.paragraphs.pop()
        if any(self.rows):
            return
        if paragraph.joined and not self.paragraphs:
            self._carry = paragraph.text(self._carry)
            return
        label = self._numbering.label(paragraph.style, paragraph.num_id, paragraph.level)
        if self.paragraphs:
            self.paragraphs[-1].boxes += [paragraph.text(label), *paragraph.boxes]
            return
        text, self._carry = paragraph.text(label + self._carry), ""
        self._write(paragraph, text)
        for box in paragraph.boxes:
            self._write(paragraph, box)

    def flush(self) -> None:
        """Write what was carried over where nothing follows: at the end of a cell or of the
        part.
        """
        if self._carry and not self.paragraphs:
            text, self._carry = self._carry, ""
            self._write(Paragraph(), text)

    def start_cell(self) -> None:
        """A table cell begins; text boxes have no tabs between their cells."""
        if not self.cells:
            return
        if self.cells[-1] and not self.paragraphs:
            self.writer.next_cell()
        self.cells[-1] += 1

    def end_table(self) -> None:
        """Note the span of an outermost table."""
        start = self.table_starts.pop()
        if not self.table_starts and self.writer.length > start:
            self.tables.append((start, self.writer.length))

    def close(self) -> None:
        """The part is over.

        A field that never ended has either kept text from being read, which is refused, or marked
        all that follows as a table of contents, which is taken back.
        """
        if self.fields and self._lost_in_field:
            raise DocumentRefused(
                "This DOCX has a field that never ends; open it in Word, save it again and "
                "read that."
            )
        open_contents = [f.start for f in self.fields if f.contents]
        if open_contents:
            self.writer.excluded = [
                span for span in self.writer.excluded if span[0] < open_contents[0]
            ]
        self.flush()

    def _write(self, paragraph: Paragraph, text: str) -> None:
        if self.note is not None:
            before = self.texts.get(self.note)
            self.texts[self.note] = text if before is None else f"{before}\n{text}"
            return
        contents = (
            paragraph.contents or paragraph.is_entry or self._styles.is_contents(paragraph.style)
        )
        outline = (
            self._styles.outline(paragraph.style)
            if paragraph.outline is None
            else paragraph.outline
        )
        heading = (
            outline + 1 if outline is not None and outline <= _BODY_LEVEL and text.strip() else None
        )
        self.writer.block(text, heading=heading, excluded=contents)
