"""The letters of a page as PDFium finds them, each with where it stands.

Coordinates are points (1/72 inch) from a corner of the page, y downwards, turned so that the page's
main text runs from left to right or from right to left.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pypdfium2.raw as pdfium

_HYPHEN: Final = 2  # what PDFium makes of a hyphen at the end of a line
_NOT_MAPPED: Final = "\ufffd"
_SURROGATES: Final = range(0xD800, 0xE000)
_QUARTER: Final = math.pi / 2
_INVISIBLE: Final = frozenset((3, 7))  # ways to draw text that leave no ink: PDF 2.0, table 104
_UPRIGHT: Final = 0.2  # of a quarter turn: how far from it a letter may be turned
_NEAR: Final = 8  # signs in the order of the file, between a letter and its accent
# Accents as signs of their own, with the marks that Unicode composes with a letter.
_ACCENTS: Final = {
    "`": "\u0300",
    "´": "\u0301",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¯": "\u0304",
    "˘": "\u0306",
    "˙": "\u0307",
    "¨": "\u0308",
    "˚": "\u030a",
    "˝": "\u030b",
    "ˇ": "\u030c",
    "¸": "\u0327",
    "˛": "\u0328",
}
_DOTLESS: Final = {"ı": "i", "ȷ": "j"}  # what an accent is drawn over in the place of a dot
_OUTSIDE: Final = 2.0  # points: how far letters may stand out of the page


class Glyph(NamedTuple):
    """A letter, or a blank."""

    text: str
    left: float  # of its ink
    right: float
    start: float  # of the room that it takes in its line
    end: float
    base: float  # of the line that it stands on
    em: float  # its size
    weight: int  # how bold it is, by PDFium's measure

    @property
    def is_blank(self) -> bool:
        """True for white space, which has no ink."""
        return self.text == " "


@dataclass(slots=True)
class PageGlyphs:
    """What a page shows."""

    glyphs: list[Glyph] = field(default_factory=list)  # in the order of the file
    turned: list[str] = field(default_factory=list)  # texts at right angles to the others
    hidden: int = 0  # letters that a reader of the page does not see
    not_mapped: int = 0  # letters that the file does not say


_Box = tuple[float, float, float, float]
"""Left, right, bottom and top."""


class _Raw(NamedTuple):
    """A letter in the page's own coordinates."""

    text: str
    box: _Box  # of its ink
    room: _Box
    origin: tuple[float, float]
    em: float
    weight: int
    turn: int  # quarters


def page_glyphs(page: Any, text_page: Any, hidden_text: Callable[[Any, int], bool]) -> PageGlyphs:
    """The letters of a page.

    `hidden_text` tells of a letter, by its number, whether it leaves no ink.
    """
    found = PageGlyphs()
    raw = _read(text_page, found, hidden_text, _page_box(page))
    turns = Counter(letter.turn for letter in raw if letter.text != " ")
    main = turns.most_common(1)[0][0] if turns else 0
    found.turned = _turned(raw, main)
    found.glyphs = [_placed(letter, main) for letter in raw if letter.turn == main]
    return found


def _page_box(page: Any) -> _Box:
    """Left, right, bottom and top of what is shown of a page."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, box):
        return (-math.inf, math.inf, -math.inf, math.inf)
    return (box.left, box.right, box.bottom, box.top)


class _Reader:
    """Asks PDFium for one letter after the other, with places for its answers."""

    def __init__(self, text_page: Any) -> None:
        self.page = text_page
        self._numbers = [ctypes.c_double() for _ in range(6)]
        self._room = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()

    def letter(self, i: int, text: str) -> _Raw:
        """The letter of that number."""
        left, right, bottom, top, x, y = self._numbers
        room, matrix = self._room, self._matrix
        pdfium.FPDFText_GetCharBox(self.page, i, left, right, bottom, top)
        pdfium.FPDFText_GetCharOrigin(self.page, i, x, y)
        pdfium.FPDFText_GetLooseCharBox(self.page, i, room)
        pdfium.FPDFText_GetMatrix(self.page, i, matrix)
        scale = math.hypot(matrix.c, matrix.d)
        turn = round(math.atan2(matrix.b, matrix.a) / _QUARTER) % 4 if matrix.b else 0
        if not matrix.b and matrix.a < 0 and matrix.d < 0:
            turn = 2
        return _Raw(
            text,
            (left.value, right.value, bottom.value, top.value),
            (room.left, room.right, room.bottom, room.top),
            (x.value, y.value),
            pdfium.FPDFText_GetFontSize(self.page, i) * scale,
            pdfium.FPDFText_GetFontWeight(self.page, i),
            turn,
        )


def _read(
    text_page: Any,
    found: PageGlyphs,
    hidden_text: Callable[[Any, int], bool],
    page: _Box,
) -> list[_Raw]:
    reader = _Reader(text_page)
    letters: list[_Raw] = []
    high = ""  # the first half of a character beyond the first plane
    for i in range(pdfium.FPDFText_CountChars(text_page)):
        code = pdfium.FPDFText_GetUnicode(text_page, i)
        if code in (10, 13):
            continue
        if code in _SURROGATES and not high:
            high = chr(code)
            continue
        text, high = _character(code, high), ""
        if pdfium.FPDFText_HasUnicodeMapError(text_page, i) == 1:
            text = _NOT_MAPPED
        found.not_mapped += text == _NOT_MAPPED
        letter = reader.letter(i, text)
        if text == " " and letter.box[0] == letter.box[1] and letter.box[2] == letter.box[3]:
            continue  # PDFium's own guess, and not the file's
        if text != " " and (_is_outside(letter, page) or hidden_text(text_page, i)):
            found.hidden += 1
        elif letters and text != " " and _is_same_sign(letters[-1], letter):
            letters[-1] = _together(letters[-1], letter)
        else:
            letters.append(letter)
    return _with_accents(_without_doubles(letters))


def _is_same_sign(last: _Raw, letter: _Raw) -> bool:
    """True for two letters that one sign shows: `ff`, a letter with its accents."""
    if last.text in _ACCENTS or letter.text in _ACCENTS:  # see `_with_accents`
        return False
    return letter.origin == last.origin and last.text != " " and letter.turn == last.turn


def _together(last: _Raw, letter: _Raw) -> _Raw:
    text = last.text + letter.text
    return last._replace(
        text=text, box=_around(last.box, letter.box), room=_around(last.room, letter.room)
    )


def _around(a: _Box, b: _Box) -> _Box:
    return (min(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), max(a[3], b[3]))


def _without_doubles(letters: list[_Raw]) -> list[_Raw]:
    """The letters without those that a file says twice: some programs give both a letter and the
    accent over it, which are two signs, the text of the two.
    """
    kept: list[_Raw] = []
    for letter in letters:
        if len(letter.text) == 1 or not any(map(unicodedata.combining, letter.text)):
            kept.append(letter)
            continue
        near = kept[-_NEAR:]
        if not any(other.text == letter.text and _stands_over(letter, other) for other in near):
            kept.append(letter)
    return kept


def _with_accents(letters: list[_Raw]) -> list[_Raw]:
    """The letters with the accents that are drawn over them as signs of their own, before or after
    them: `¨` over `O` is `Ö`.
    """
    if not any(letter.text in _ACCENTS for letter in letters):
        return letters
    kept: list[_Raw] = []
    for letter in letters:
        made = _composed(letter, kept[-1]) if kept else None
        if made is not None:
            kept[-1] = made
        else:
            kept.append(letter)
    return kept


def _composed(a: _Raw, b: _Raw) -> _Raw | None:
    """One letter of an accent and the letter that it is drawn over, in either order."""
    accent, base = (a, b) if a.text in _ACCENTS else (b, a)
    mark = _ACCENTS.get(accent.text)
    if mark is None or len(base.text) != 1 or not base.text.isalpha() or accent.turn != base.turn:
        return None
    text = unicodedata.normalize("NFC", _DOTLESS.get(base.text, base.text) + mark)
    (left, right), (start, end) = _along(accent.box, base.turn), _along(base.box, base.turn)
    if math.dist(accent.origin, base.origin) > base.em:  # of another line
        return None
    if len(text) != 1 or not start <= (left + right) / 2 <= end:
        return None
    return base._replace(text=text, box=_around(base.box, accent.box))


def _stands_over(letter: _Raw, other: _Raw) -> bool:
    middle, slack = (letter.box[0] + letter.box[1]) / 2, letter.em / 2
    level = abs(letter.origin[1] - other.origin[1]) < slack
    return level and other.room[0] - slack / 2 <= middle <= other.room[1] + slack / 2


def _character(code: int, high: str) -> str:
    """A letter by its code; " " for all white space and for what is no letter.

    >>> _character(0xDC00, chr(0xD83D)), _character(2, ""), _character(9, "")
    ('\U0001f400', '-', ' ')
    """
    if code == _HYPHEN:
        return "-"
    if high:
        pair = (high + chr(code)).encode("utf-16-le", "surrogatepass")
        return pair.decode("utf-16-le", "replace")[:1]
    text = chr(code)
    return " " if text.isspace() or code < 32 else text


def _is_outside(letter: _Raw, page: _Box) -> bool:
    left, right, bottom, top = letter.box
    return (
        right < page[0] - _OUTSIDE
        or left > page[1] + _OUTSIDE
        or top < page[2] - _OUTSIDE
        or bottom > page[3] + _OUTSIDE
    )


def _turned(letters: list[_Raw], main: int) -> list[str]:
    """The letters at right angles to the others, as one text for each direction."""
    texts: dict[int, list[str]] = {}
    for letter in letters:
        if letter.turn != main:
            texts.setdefault(letter.turn, []).append(letter.text)
    joined = (" ".join("".join(parts).split()) for parts in texts.values())
    return [text for text in joined if text]


def _placed(letter: _Raw, turn: int) -> Glyph:
    """A letter of a page that is turned by that many quarters, turned back."""
    left, right = _along(letter.box, turn)
    start, end = _along(letter.room, turn)
    x, y = letter.origin
    base = (-y, x, y, -x)[turn]
    return Glyph(letter.text, left, right, start, end, base, letter.em, letter.weight)


def _along(box: _Box, turn: int) -> tuple[float, float]:
    """Where a box begins and ends along its line."""
    left, right, bottom, top = box
    return ((left, right), (bottom, top), (-right, -left), (-top, -bottom))[turn]


class HiddenText:
    """Which letters of a page are drawn without ink."""

    def __init__(self, *, asked: bool) -> None:
        self._asked = asked

    def __call__(self, text_page: Any, i: int) -> bool:
        if not self._asked:
            return False
        drawn = pdfium.FPDFText_GetTextObject(text_page, i)
        return bool(drawn) and pdfium.FPDFTextObj_GetTextRenderMode(drawn) in _INVISIBLE
