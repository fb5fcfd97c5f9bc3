"""HTML: the text that a browser would show, and the units in it.

Headings are hints. Navigation, tables of contents, notes and tables are kept as text, and no unit
starts in them.
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from adapters.readers.html.encoding import decode_page
from adapters.readers.html.nesting import check_effort, check_nesting
from adapters.readers.html.text import PageReader
from adapters.readers.line_writer import WrittenText, read_written
from adapters.readers.text.limits import check_document_size
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, PlanWarning, ReadDocument

_SUFFIXES: Final = (".html", ".htm", ".xhtml", ".shtml")
_TEXT_SUFFIXES: Final = (".txt", ".md", ".markdown")
# How a page begins: with a doctype or its root element, after declarations and comments.
_PAGE: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_ALLOWED_CONTROLS: Final = 0.01  # of the characters of a page; more are binary data


class HtmlReader:
    """Reads pages as browsers do, however broken their markup."""

    name = "html"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for what is called HTML, and for what starts like a page under any name but that of
        a text.
        """
        if suffix in _SUFFIXES:
            return True
        for mark in _MARKS:
            head = head.removeprefix(mark)
        return suffix not in _TEXT_SUFFIXES and bool(_PAGE.match(head.replace(b"\x00", b"")[:4096]))

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read a page.

        Raises `DocumentRefused` for binary data, unknown encodings, too deep nesting and pages
        without text.
        """
        written, title = html_text(data)
        metadata = {"title": title} if title else {}
        return read_written(
            written, reader=self.name, granularity=granularity, profile=profile, metadata=metadata
        )


def html_text(data: bytes) -> tuple[WrittenText, str]:
    """The text of a page with the spans where no unit starts, and the page's title ("" without
    one).
    """
    check_document_size(len(data), "This page")
    html, warnings = decode_page(data)
    if len(_NOT_TEXT.findall(html)) > _ALLOWED_CONTROLS * len(html):
        raise DocumentRefused(
            "This is called a page but holds binary data; check the file and its suffix."
        )
    check_effort(html)
    check_nesting(html)
    tree = LexborHTMLParser(html)
    reader = PageReader()
    lines = reader.read(tree)
    text = lines.writer.text()
    if not text.strip():
        raise DocumentRefused(
            "This page holds no text; if a script draws it, save the page from a browser and "
            "read that."
        )
    if reader.hidden_chars:
        reason = (
            f"{reader.hidden_chars} hidden characters, which a browser does not show, are left out"
        )
        warnings.append(PlanWarning("hidden-text", 1, reason))
    written = WrittenText(
        text=text,
        excluded=lines.excluded(text),
        tables=lines.tables(text),
        headings=lines.writer.headings,
        warnings=warnings,
    )
    title = tree.css_first("head > title")
    return written, " ".join(title.text(deep=True).split()) if title is not None else ""
