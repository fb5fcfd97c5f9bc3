"""A PDF as PDFium opens it: its pages, one after the other, and what of them is no text."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pypdfium2.raw as pdfium

from adapters.readers.pdf.glyphs import HiddenText, PageGlyphs, page_glyphs
from domain.errors import DocumentRefused

MAX_PAGES: Final = 5_000
"""Of a document: the largest laws have some 2,000."""

MAX_LETTERS: Final = 8_000_000
"""Of a document."""

_DEEPEST: Final = 4  # of drawings in drawings, on the search for pictures
_COVERED: Final = 0.5  # of a page: where a picture is its content
_FEW_LETTERS: Final = 200  # on it: a stamp, a running head
_MOST: Final = 0.5  # of the pages are pictures in a scan
_NOT_MAPPED: Final = 0.02  # of the letters: more can not be read
_INVISIBLE: Final = frozenset((3, 7))
# Annotations that draw text of their own over the page: notes, boxes, stamps, fields.
_WRITING: Final = frozenset((1, 3, 13, 20))
_ERRORS: Final = {
    pdfium.FPDF_ERR_PASSWORD: (
        "This PDF is encrypted; take its password off: "
        "qpdf --decrypt --password=PASSWORD IN.pdf OUT.pdf"
    ),
    pdfium.FPDF_ERR_SECURITY: (
        "This PDF is protected in a way that is not read; print it into a PDF without protection."
    ),
}
_DAMAGED: Final = (
    "This PDF is damaged and can not be opened; get it again from where it comes from."
)


@dataclass(slots=True)
class Notices:
    """What a person should know about the pages, by code: the numbers of pages, from 1."""

    pages: dict[str, list[int]] = field(default_factory=dict)

    def add(self, code: str, page: int) -> None:
        """Note a page."""
        self.pages.setdefault(code, []).append(page)


@dataclass(slots=True)
class _Drawn:
    """What a page shows beside text."""

    covered: float = 0.0  # share of the page that pictures cover
    invisible: bool = False  # some text has no ink


def read_pages(data: bytes, notices: Notices) -> Iterator[PageGlyphs]:
    """The letters of each page.

    Raises `DocumentRefused` for what PDFium can not open, for forms that a program draws, and
    beyond the limits; at the end for a scan, and for letters that the file does not say.
    """
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise DocumentRefused(_ERRORS.get(pdfium.FPDF_GetLastError(), _DAMAGED))
    count = _page_count(document)
    letters = lost = pictures = 0
    for i in range(count):
        found, drawn = _read_page(document, i, notices)
        inked = sum(not glyph.is_blank for glyph in found.glyphs)
        letters, lost = letters + inked, lost + found.not_mapped
        if letters > MAX_LETTERS:
            raise DocumentRefused(f"This PDF holds more than {MAX_LETTERS:,} letters; split it.")
        if drawn.covered >= _COVERED and inked < _FEW_LETTERS:
            pictures += 1
            notices.add("page-is-a-picture", i + 1)
        yield found
    _check_readable(count, pictures, letters, lost)


def _page_count(document: Any) -> int:
    if pdfium.FPDF_GetFormType(document) in (
        pdfium.FORMTYPE_XFA_FULL,
        pdfium.FORMTYPE_XFA_FOREGROUND,
    ):
        raise DocumentRefused(
            "This PDF is a form whose pages a program draws (XFA); print it into a plain PDF."
        )
    count: int = pdfium.FPDF_GetPageCount(document)
    if count > MAX_PAGES:
        raise DocumentRefused(
            f"This PDF has {count:,} pages and {MAX_PAGES:,} are read at most; split it."
        )
    if count < 1:
        raise DocumentRefused(_DAMAGED)
    return count


def _check_readable(count: int, pictures: int, letters: int, lost: int) -> None:
    if not letters and not pictures:
        raise DocumentRefused(
            "This PDF holds no text. If its letters are drawings, recognise them first, and read "
            "the text against the pages: ocrmypdf -l LANG IN.pdf OUT.pdf"
        )
    if pictures > _MOST * count or not letters:
        raise DocumentRefused(
            f"This PDF is a scan: {pictures} of its {count} pages are pictures without "
            f"text. Recognise their text first, and read it against the pictures: "
            f"ocrmypdf -l LANG IN.pdf OUT.pdf"
        )
    if lost > _NOT_MAPPED * letters:
        raise DocumentRefused(
            f"This PDF does not say which letters {lost} of its {letters} signs are. Recognise its "
            f"text anew, and read it against the pages: ocrmypdf --force-ocr -l LANG IN.pdf OUT.pdf"
        )


def _read_page(document: Any, i: int, notices: Notices) -> tuple[PageGlyphs, _Drawn]:
    page = pdfium.FPDF_LoadPage(document, i)
    if not page:
        raise DocumentRefused(
            f"Page {i + 1} of this PDF can not be read: the file is damaged or cut short; get it "
            f"again from where it comes from."
        )
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        raise DocumentRefused(f"The text of page {i + 1} of this PDF can not be read.")
    try:
        drawn = _drawn(page)
        recognised = drawn.invisible and drawn.covered >= _COVERED
        hidden = HiddenText(asked=drawn.invisible and not recognised)
        found = page_glyphs(page, text_page, hidden)
        _note(found, i + 1, notices)
        if recognised:
            notices.add("recognised-text", i + 1)
        if _has_writing(page):
            notices.add("annotations-left-out", i + 1)
        return found, drawn
    finally:
        pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)


def _note(found: PageGlyphs, number: int, notices: Notices) -> None:
    if found.hidden:
        notices.add("hidden-text", number)
    if found.turned:
        notices.add("turned-text", number)
    if found.not_mapped:
        notices.add("letters-not-said", number)


def _drawn(page: Any) -> _Drawn:
    """Pictures and invisible text of a page."""
    found = _Drawn()
    area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page) or 1.0
    bounds = [ctypes.c_float() for _ in range(4)]
    for drawn in _objects(page):
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            found.invisible |= pdfium.FPDFTextObj_GetTextRenderMode(drawn) in _INVISIBLE
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE and pdfium.FPDFPageObj_GetBounds(drawn, *bounds):
            left, bottom, right, top = (bound.value for bound in bounds)
            found.covered += abs((right - left) * (top - bottom)) / area
    return found


def _objects(page: Any) -> Iterator[Any]:
    for i in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _with_inner(pdfium.FPDFPage_GetObject(page, i), 0)


def _with_inner(drawn: Any, depth: int) -> Iterator[Any]:
    yield drawn
    if depth < _DEEPEST and pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_FORM:
        for i in range(pdfium.FPDFFormObj_CountObjects(drawn)):
            yield from _with_inner(pdfium.FPDFFormObj_GetObject(drawn, i), depth + 1)


def _has_writing(page: Any) -> bool:
    """True if something is written over the page that is no part of its text."""
    for i in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, i)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind in _WRITING:
            return True
    return False
