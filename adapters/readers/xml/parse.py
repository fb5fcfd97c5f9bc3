"""From the bytes of an XML document to a tree, without loading, expanding or guessing anything.

The parser loads no DTD, no entity and no file, and has no network. A document that declares
entities is refused before it is parsed, so there is nothing to expand.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from adapters.readers.text.limits import MAX_XML_DEPTH, MIB, check_document_size
from domain.errors import DocumentRefused

MAX_TAGS: Final = 1_500_000
"""Start tags and end tags.

A tree costs some 100 bytes an element: the bound keeps the densest document within 300 MiB.
"""

_PIECE_BYTES: Final = 64 * 1024  # of a document: small enough to stay in the processor's cache
# The XML declaration with an encoding: `<?xml version="1.0" encoding="UTF-8"?>`.
_DECLARATION: Final = re.compile(
    rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']"
)
_ENCODINGS: Final = re.compile(
    r"utf-?8|utf-?16(-?[bl]e)?|us-ascii|ascii|iso-?8859-\d+|latin-?\d+|windows-125\d|cp125\d",
    re.IGNORECASE,
)
# White space that only a tree will have: `&#9;`, `&#10;`, `&#13;`, decimal or hexadecimal.
_SPACE_REFERENCE: Final = re.compile(rb"&#(?:0*(?:9|10|13)|[xX]0*[9aAdD]);")
_ASCII_BASED: Final = ("utf-8", "us-ascii", "ascii")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What may stand before the root element and the DOCTYPE: a byte order mark, white space, processing
# instructions, comments.
_PROLOG_BYTES: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_TAG_BYTES: Final = 3  # the least that a tag takes: <a>


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a document that passed the checks which need no tree.

    Made by `checked_source`.
    """

    data: bytes
    encoding: str
    has_doctype: bool

    @property
    def ascii_based(self) -> bool:
        """Whether each byte of a tag and of white space is that character."""
        return self.encoding in _ASCII_BASED

    @property
    def plain_space(self) -> bool:
        """Whether spaces are all the white space that the tree will have."""
        return self.ascii_based and (
            b"&#" not in self.data or not _SPACE_REFERENCE.search(self.data)
        )


def checked_source(data: bytes) -> Source:
    """A document's bytes, to be parsed.

    Refuses what could not be read whole, with `DocumentRefused`.

    That is a broken encoding, declared entities, and more bytes or tags than a law has.
    """
    check_document_size(len(data), "The XML document")
    encoding = _encoding(data)
    # Without a DOCTYPE the parser refuses entities itself.
    return Source(data, encoding, has_doctype=_check_text(data, encoding))


def parse_whole(source: Source) -> tuple[etree._Element, bool]:
    """The root element, and whether spaces are all the white space that the tree has.

    Raises `DocumentRefused`.
    """
    plain_space = source.plain_space
    try:
        root = (
            _parse_spaced(source)
            if source.ascii_based
            else etree.fromstring(source.data, parser_of(source))
        )
    except (etree.XMLSyntaxError, ValueError):
        root = _parse_again(source)
        plain_space = False
    if source.has_doctype and (entity := next(root.iter(etree.Entity), None)) is not None:
        raise DocumentRefused(
            f"The XML uses the entity {entity.text}, which it does not hold; replace it by its "
            f"text."
        )
    return root, plain_space


def _parse_spaced(source: Source) -> etree._Element:
    parser = parser_of(source)
    for piece in spaced(source.data, 0, len(source.data)):
        parser.feed(piece)
    return parser.close()


def spaced(data: bytes, at: int, end: int) -> Iterator[bytes]:
    """A stretch of an ASCII based document in pieces, each with spaces for all white space.

    White space is one space in a law, however long: bytes are replaced faster here than in a tree,
    which gets smaller. Pieces end with a tag, so that white space is cut only where one begins.
    """
    while at < end:
        stop = data.find(b">", at + _PIECE_BYTES, end) + 1 or end
        lines = data[at:stop].split(b"\n")
        before = b" " if data[at : at + 1].isspace() and at else b""
        yield before + b" ".join(filter(None, map(bytes.strip, lines))).replace(
            b"\t", b" "
        ).replace(b"\r", b" ")
        at = stop


def _parse_again(source: Source) -> etree._Element:
    """Parse a document with its lines, so that the refusal names the line."""
    try:
        return etree.fromstring(source.data, parser_of(source))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentRefused(_why(error)) from None


def parser_of(source: Source, *, recover: bool = False) -> etree.XMLParser:
    """A parser for a document's encoding.

    `recover` makes it list errors rather than raise the first.
    """
    return etree.XMLParser(
        encoding=None if source.encoding == "utf-16" else source.encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def _why(error: Exception) -> str:
    """One sentence about what the parser stopped at."""
    said = " ".join(str(error).replace(", try XML_PARSE_HUGE", "").split())
    if "xcessive depth" in said:
        return (
            f"The XML nests elements deeper than {MAX_XML_DEPTH} levels; laws need some 30, so "
            f"this is no law."
        )
    line = getattr(error, "lineno", None)
    return (
        f"The XML is not well formed{f' at line {line}' if line else ''}: "
        f"{said.partition(', line ')[0][:200]}."
    )


def _encoding(data: bytes) -> str:
    """The encoding that a document declares, limited to those in which laws come."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    if data[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        return "utf-16le" if data[0] else "utf-16be"  # as libxml2 spells them
    declared = _DECLARATION.match(data[:400])
    name = declared[1].decode().lower().replace("utf8", "utf-8") if declared else "utf-8"
    if not _ENCODINGS.fullmatch(name):
        raise DocumentRefused(
            f"The XML declares the encoding {name!r}, which is not read; save it as UTF-8."
        )
    return name


def _check_text(data: bytes, encoding: str) -> bool:
    """Whether there is a DOCTYPE.

    Refuses a broken encoding, declared entities, and more tags than a law has.
    """
    if encoding not in _ASCII_BASED:
        data = _as_utf8(data, encoding)
    prolog = _PROLOG_BYTES.match(data)
    has_doctype = data.startswith(b"<!DOCTYPE", prolog.end() if prolog else 0)
    if has_doctype and b"<!ENTITY" in data:
        raise DocumentRefused(
            "The XML declares entities, which are never expanded here; replace them by their text."
        )
    tags = data.count(b"<") if len(data) > MAX_TAGS * _TAG_BYTES else 0
    if tags > MAX_TAGS:
        raise DocumentRefused(
            f"The XML has {tags:,} tags in {len(data) / MIB:,.1f} MiB and {MAX_TAGS:,} are the "
            f"most that is read; split it."
        )
    return has_doctype


def _as_utf8(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except (UnicodeError, LookupError) as error:
        where = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise DocumentRefused(
            f"The XML is not in the encoding {encoding} that it declares{where}; save it as UTF-8."
        ) from None
