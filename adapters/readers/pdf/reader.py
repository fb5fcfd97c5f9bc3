"""PDF: the text layer in the order of reading, and the units in it.

The text that is planned and signed is made here, from the lines that a process of its own took out
of the file (`process`, `child`):

1. Each printed line is a line, its hyphen at the end kept. A distance between lines is an empty
   one. Which lines go on with the one before them is told to the engine beside the text.
2. What stands apart follows the text, outside of every unit, each line with its page: footnotes,
   then what the margins of the pages hold.

Since the text is not the file's own, the file's hash is signed with it.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from adapters.readers.line_writer import WrittenText, read_written
from adapters.readers.pdf.process import PdfText, read_pdf
from adapters.readers.text.limits import check_document_size
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, PlanWarning, ReadDocument

_MARK: Final = b"%PDF-"
_BEFORE: Final = b"\xef\xbb\xbf \t\r\n"
_HEAD: Final = 1024  # bytes in which a file says that it is a PDF
# An entry of a contents list: its page at the end of a line of dots. No unit starts there.
_LISTED: Final = re.compile(
    r"^[^\n]*?(?:(?:[.·][ ]?){5,}|…{2,}|_{5,})[ .]*(?:\d{1,4}|[ivxlc]{1,7})?[ ]*$", re.MULTILINE
)
# The same with a tabulator: `1 Fees	5`. Only a list of such lines is one.
_TABBED: Final = re.compile(r"(?:^[^\n\t]{2,120}\t\d{1,4}[ ]*\n(?:[ ]*\n)*){3,}", re.MULTILINE)
_PAGE: Final = re.compile(r"\t(\d{1,4})[ ]*$", re.MULTILINE)
# Entries between two of them whose titles leave no room for dots: `§ 3 Rights and duties 2`.
_BETWEEN: Final = re.compile(r"\s*(?:[^\n]{1,120}\n\s*){0,2}[^\n]{0,120}[ \t]\d{1,4}\s*")
_MOST_PAGES: Final = 8  # numbers of pages that a warning names
_NOTICES: Final = {
    "hidden-text": "text that the page does not show is left out",
    "recognised-text": (
        "the text comes from a recognition of pictures; read it against them before you sign"
    ),
    "page-is-a-picture": "what is shown is a picture, whose text is not read",
    "turned-text": "text that is printed at right angles to the rest is left out",
    "letters-not-said": "the file does not say what some letters are; they stand as \ufffd",
    "annotations-left-out": "notes, stamps or form fields over the page are left out",
}
"""What is said of pages, by the code of the warning."""


class PdfReader:
    """Reads PDF files that hold text, and refuses scans."""

    name = "pdf"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for what begins like a PDF, and for what is called one and has that beginning a
        little later.
        """
        begins = head.lstrip(_BEFORE).startswith(_MARK)
        return begins or (suffix == ".pdf" and _MARK in head[:_HEAD])

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read a PDF.

        Raises `DocumentRefused` for what is encrypted, damaged, a scan or beyond the limits.
        """
        check_document_size(len(data), "This PDF")
        written = written_text(read_pdf(data))
        found = read_written(
            written,
            reader=self.name,
            granularity=granularity,
            profile=profile,
            metadata=MappingProxyType({}),
        )
        return replace(found, file_sha256=hashlib.sha256(data).hexdigest())


def written_text(found: PdfText) -> WrittenText:
    """The text of a PDF, and what stands apart from it."""
    text = "".join(f"{line}\n" for line in found.lines)
    if not text.strip():
        raise DocumentRefused(
            "This PDF holds no text beside its margins; if its pages are pictures, recognise their "
            "text first: ocrmypdf -l LANG IN.pdf OUT.pdf"
        )
    apart = [f"[page {page}] {line}\n" for page, line in (*found.notes, *found.margins)]
    return WrittenText(
        text=text,
        excluded=_contents(text),
        notes="".join(apart),
        warnings=list(_warnings(found)),
        paged=True,
        going_on=frozenset(index + 1 for index in found.going_on),
    )


def _contents(text: str) -> list[tuple[int, int]]:
    """The spans of contents lists, by the numbers of pages at the ends of their lines."""
    spans = [found.span() for found in _LISTED.finditer(text)]
    for found in _TABBED.finditer(text):
        pages = [int(page) for page in _PAGE.findall(found[0])]
        if pages == sorted(pages) and pages[0] < pages[-1]:
            spans.append(found.span())
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if apart and (start < apart[-1][1] or _BETWEEN.fullmatch(text[apart[-1][1] : start])):
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _warnings(found: PdfText) -> Iterator[PlanWarning]:
    for code, pages in sorted(found.notices.items()):
        if code in _NOTICES and pages:
            line = min(bisect_left(found.pages, pages[0]), len(found.pages) - 1) + 1
            yield PlanWarning(code, line, f"{_named(pages)}: {_NOTICES[code]}")


def _named(pages: Sequence[int]) -> str:
    """The pages in words.

    >>> _named([3]), _named([3, 5]), _named(range(1, 30))
    ('Page 3', 'Pages 3, 5', 'Pages 1, 2, 3, 4, 5, 6, 7, 8 and 21 more')
    """
    shown = ", ".join(map(str, pages[:_MOST_PAGES]))
    more = len(pages) - _MOST_PAGES
    return f"Page{'s' if len(pages) > 1 else ''} {shown}{f' and {more} more' if more > 0 else ''}"
