"""Small PDF files, written by hand: text in the fonts that every viewer has, pictures, and what is
wrong on purpose.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

WIDTH: Final = 595  # points: A4
HEIGHT: Final = 842
LEFT: Final = 70
TOP: Final = 770
STEP: Final = 14  # from line to line
SIZE: Final = 11
LETTER: Final = 0.6
"""How wide each letter of the font is, as a share of its size."""
FULL: Final = 68
"""Letters that fill a line in this size over the page's width."""

_FONTS: Final = ("Courier", "Courier-Bold")


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a place; `y` is the height of its line above the foot of the page."""

    x: float
    y: float
    text: str
    size: float = SIZE
    bold: bool = False
    invisible: bool = False
    upwards: bool = False  # at right angles to the rest

    @property
    def drawn(self) -> bytes:
        """The operators that draw it."""
        matrix = f"0 1 -1 0 {self.x} {self.y}" if self.upwards else f"1 0 0 1 {self.x} {self.y}"
        letters = self.text.encode("cp1252").replace(b"\\", b"\\\\")
        letters = letters.replace(b"(", b"\\(").replace(b")", b"\\)")
        font, mode = int(self.bold), 3 if self.invisible else 0
        return b"BT /F%d %g Tf %d Tr %s Tm (%s) Tj ET\n" % (
            font,
            self.size,
            mode,
            matrix.encode(),
            letters,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page; `picture` is how much of its width and height a picture covers."""

    texts: Sequence[Text] = ()
    picture: float = 0.0
    note: str = ""  # of an annotation over the page
    drawn: bytes = field(default=b"")  # further operators


def column(
    lines: Iterable[str], *, x: float = LEFT, y: float = TOP, size: float = SIZE, step: float = STEP
) -> list[Text]:
    """Lines below each other; an empty one leaves half of its room."""
    texts = []
    for line in lines:
        if line:
            texts.append(Text(x, y, line, size))
        y -= step if line else step / 2
    return texts


def wrapped(text: str, letters: int = FULL) -> list[str]:
    """A text in lines of at most so many letters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def flowing(paragraphs: Iterable[str], letters: int = FULL) -> list[str]:
    """Paragraphs in lines, with an empty line between two of them."""
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [*([""] if lines else []), *wrapped(paragraph, letters)]
    return lines


def pdf(pages: Sequence[Page], *, encrypted: bool = False, count: int | None = None) -> bytes:
    """A PDF of these pages. `count` is the number of pages that it says it has."""
    bodies: list[bytes] = [b"", b""]  # the catalog and the pages come last

    def add(body: bytes) -> int:
        bodies.append(body)
        return len(bodies)

    fonts = b" ".join(
        b"/F%d %d 0 R"
        % (
            i,
            add(
                b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % name.encode()
            ),
        )
        for i, name in enumerate(_FONTS)
    )
    picture = add(
        stream(
            b"\x80",
            b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
        )
    )
    kids = [add(_page(page, add, fonts, picture)) for page in pages]
    bodies[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    bodies[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (
        len(kids) if count is None else count,
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
    return assembled(bodies, encrypted=encrypted)


def _page(page: Page, add, fonts: bytes, picture: int) -> bytes:  # type: ignore[no-untyped-def]
    drawn = b"".join(text.drawn for text in page.texts) + page.drawn
    if page.picture:
        drawn += b"q %g 0 0 %g 0 0 cm /P Do Q\n" % (page.picture * WIDTH, page.picture * HEIGHT)
    content = add(stream(drawn))
    notes = b""
    if page.note:
        note = b"<</Type/Annot/Subtype/FreeText/Rect[90 90 300 120]/DA(/F0 9 Tf)/Contents(%s)>>"
        notes = b"/Annots[%d 0 R]" % add(note % page.note.encode())
    return (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R%s"
        b"/Resources<</Font<<%s>>/XObject<</P %d 0 R>>>>>>"
        % (WIDTH, HEIGHT, content, notes, fonts, picture)
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A packed stream with these entries in its dictionary."""
    return packed_stream(zlib.compress(content), entries)


def packed_stream(packed: bytes, entries: bytes = b"") -> bytes:
    """A stream that is packed already."""
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (
        entries,
        len(packed),
        packed,
    )


def assembled(bodies: Sequence[bytes], *, encrypted: bool = False) -> bytes:
    """A file of these objects, numbered from 1, the first of which is the catalog."""
    data = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    lock = (
        b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>"
        % (b"61" * 32, b"62" * 32)
        if encrypted
        else b""
    )
    data += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(bodies) + 1,
        lock,
        table,
    )
    return bytes(data)
