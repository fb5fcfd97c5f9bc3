"""Choose the reader of a document by what it holds and what it is called."""

from __future__ import annotations

from typing import Final

from adapters.readers.bluebell import BluebellReader
from adapters.readers.docx import DocxReader
from adapters.readers.html import HtmlReader
from adapters.readers.markdown import MarkdownReader
from adapters.readers.plain_text import PlainTextReader
from adapters.readers.xml import XmlReader
from domain.errors import DocumentRefused
from domain.marks import Granularity, ReadDocument, Reader

READERS: Final[tuple[Reader, ...]] = (
    DocxReader(),
    XmlReader(),
    HtmlReader(),
    BluebellReader(),
    MarkdownReader(),
    PlainTextReader(),
)
"""In the order they are asked: the first that accepts a document reads it. Plain text comes last and accepts any text."""

HEAD_BYTES: Final = 65_536


def read_document(
    data: bytes, *, name: str, granularity: Granularity = Granularity.BASIC, profile: str | None = None
) -> ReadDocument:
    """Read a document with the reader that fits it. Raises `DocumentRefused` naming the document and the reason."""
    if not data.strip():
        raise DocumentRefused(f"{name} is empty: there is nothing to cut.")
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    for reader in READERS:
        if reader.accepts(data[:HEAD_BYTES], suffix):
            return reader.read(data, granularity=granularity, profile=profile)
    raise DocumentRefused(f"{name} is in a format that no reader knows.")
