"""Choose the reader of a document by what it holds and what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Final, cast

from adapters.collector import collector_paused
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, ReadDocument, Reader

HEAD_BYTES: Final = 65_536
_NOT_READ: Final = {b"{\\rtf": "an RTF document"}
"""Formats that would pass for plain text, by how their files begin."""
# A web archive is a mail of several parts: `MIME-Version: 1.0`, `Content-Type: multipart/related`.
_WEB_ARCHIVE: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z\-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"content-type:[ \t]*multipart/(?:related|alternative)",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(rb"<(?:\?xml\b|!doctype\b|html\b)", re.IGNORECASE)
_BEFORE_START: Final = b"\xef\xbb\xbf \t\r\n"  # a byte order mark and white space
_TEXT_SUFFIXES: Final = frozenset({"", ".md", ".markdown", ".text", ".txt"})


def _anything(_head: bytes, _suffix: str) -> bool:
    return True


def _packed(head: bytes, suffix: str) -> bool:
    """A package, or what is called one and is no page or XML, which portals hand out as .docx."""
    if head.startswith((b"PK", b"\xd0\xcf")):
        return True
    plain = head[:4096].replace(b"\0", b"").lstrip(b"\xff\xfe" + _BEFORE_START)
    return suffix not in _TEXT_SUFFIXES and not _MARKUP.match(plain)


def _paged(head: bytes, _suffix: str) -> bool:
    return b"%PDF-" in head[:1024]


def _marked_up(head: bytes, suffix: str) -> bool:
    return b"<" in head[:4096] or suffix not in _TEXT_SUFFIXES


@dataclass(frozen=True)
class Listed:
    """A reader by name, imported when a document could be its: importing all of them takes longer
    than reading a law.

    `could_be` may say yes too often and never no too often; the reader's own `accepts` decides.
    """

    module: str
    reader_class: str
    could_be: Callable[[bytes, str], bool] = _anything

    @cached_property
    def reader(self) -> Reader:
        """The reader itself."""
        return cast(
            "Reader", getattr(import_module(f"adapters.readers.{self.module}"), self.reader_class)()
        )


READERS: Final = (
    Listed("pdf.reader", "PdfReader", _paged),
    Listed("docx.reader", "DocxReader", _packed),
    Listed("xml.reader", "XmlReader", _marked_up),
    Listed("html.reader", "HtmlReader", _marked_up),
    Listed("bluebell", "BluebellReader"),
    Listed("markdown", "MarkdownReader"),
    Listed("plain_text", "PlainTextReader"),
)
"""In the order they are asked: the first that accepts a document reads it.

Plain text comes last and accepts any text.
"""


@collector_paused()
def read_document(
    data: bytes,
    *,
    name: str,
    granularity: Granularity = Granularity.BASIC,
    profile: str | None = None,
) -> ReadDocument:
    """Read a document with the reader that fits it.

    Raises `DocumentRefused` naming the document and the reason.
    """
    if not data.strip():
        raise DocumentRefused(f"{name} is empty: there is nothing to cut.")
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    head = data[:HEAD_BYTES]
    for start, kind in _NOT_READ.items():
        if head.lstrip(_BEFORE_START).startswith(start):
            raise DocumentRefused(
                f"{name} is {kind}, which is not read; save it as DOCX, HTML or plain text."
            )
    if _WEB_ARCHIVE.match(head[:4096].lstrip(_BEFORE_START)):
        raise DocumentRefused(
            f"{name} is a web archive (MHTML), which is not read; open it in a browser or in Word "
            f"and save it as HTML or DOCX."
        )
    for listed in READERS:
        if listed.could_be(head, suffix) and listed.reader.accepts(head, suffix):
            return listed.reader.read(data, granularity=granularity, profile=profile)
    raise DocumentRefused(f"{name} is in a format that no reader knows.")
