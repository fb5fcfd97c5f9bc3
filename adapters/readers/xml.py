"""XML laws: Akoma Ntoso, USLM and Formex, told apart by namespace and root element.

The parser loads nothing: no DTD, no entity, no network, and no file beside the document. A document that declares entities is
refused before it is parsed, so there is nothing to expand.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.readers.limits import MAX_XML_DEPTH, MIB, check_document_size
from adapters.readers.xml_dialects import CITED, Dialect, Role, UnitRule, dialect_of
from adapters.readers.xml_stylesheet import stylesheet_of
from adapters.readers.xml_text import FoundText, find_units, leaves_units_out, write_tree
from adapters.readers.xml_units import marks_of
from domain.errors import DocumentRefused
from domain.marks import Granularity, ReadDocument

MAX_TAGS: Final = 1_500_000
"""Start tags and end tags. A tree costs some 100 bytes an element: the bound keeps the densest document within 300 MiB."""

_PIECE_BYTES: Final = 64 * 1024  # of a document: small enough to stay in the processor's cache
_SUFFIXES: Final = (".xml", ".akn", ".uslm", ".fmx", ".fmx4")
_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']")
_ENCODINGS: Final = re.compile(
    r"utf-?8|utf-?16(-?[bl]e)?|us-ascii|ascii|iso-?8859-\d+|latin-?\d+|windows-125\d|cp125\d", re.IGNORECASE
)
_SPACE_REFERENCE: Final = re.compile(rb"&#(?:0*(?:9|10|13)|[xX]0*[9aAdD]);")
_ASCII_BASED: Final = ("utf-8", "us-ascii", "ascii")
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PROLOG: Final = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_PROLOG_BYTES: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_TAG_BYTES: Final = 3  # the least that a tag takes: <a>
_ROOT: Final = re.compile(r"<(?:!DOCTYPE\s+)?([^\s/>!?\[]+)")


class XmlReader:
    """Reads XML laws. A dialect that no table knows is refused by its namespace and root element."""

    name = "xml"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for what is called XML or starts like it, HTML apart."""
        root = _root_name(head)
        if root.rpartition(":")[2].lower() == "html":
            return False
        return suffix in _SUFFIXES or root.rpartition(":")[2] == "akomaNtoso" or (bool(root) and _declared(head))

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read a whole document. Raises `DocumentRefused` naming what is wrong and where."""
        about, found = _read(data, granularity)
        text, marks, warnings = marks_of(found, granularity)
        return ReadDocument(text, marks, about.dialect, profile or about.language, warnings, about.metadata)


@dataclass(frozen=True, slots=True)
class _About:
    """What a document says about itself."""

    dialect: str
    language: str
    metadata: MappingProxyType[str, str]


def _read(data: bytes, granularity: Granularity) -> tuple[_About, FoundText]:
    """Text and units of a document, those of every level where only they tell which is the basic one."""
    root, plain_space = _parse(data)
    name = etree.QName(root)
    dialect = dialect_of(name.namespace or "", name.localname)
    about = _About(dialect.name, _language(root), _metadata(root, dialect))
    if not _has_cited(root, dialect):
        granularity = Granularity.SUB  # it would be read a second time
    style = stylesheet_of(dialect.name, name.namespace or "", granularity, plain_space)
    raw = write_tree(root, style)
    if leaves_units_out(raw, style):
        style = stylesheet_of(dialect.name, name.namespace or "", Granularity.SUB, plain_space)
        raw = write_tree(root, style)
    del root  # a tree is several times its text: let it go before the units are found
    found = find_units(raw, style)
    return (about, found) if found else _read(data, Granularity.SUB)


def _has_cited(root: etree._Element, dialect: Dialect) -> bool:
    """Whether there are elements that may be articles or sections."""
    rules = {name: rule for name, rule in dialect.roles.items() if isinstance(rule, UnitRule)}
    names = ["{*}" + name for name, rule in rules.items() if rule.kind in CITED or rule.by_name]
    for element in root.iter(*names):
        rule: UnitRule | Role = rules[etree.QName(element).localname]
        if isinstance(rule, UnitRule) and rule.by_name:
            rule = dialect.named.get(element.get("name") or "", rule)
        if isinstance(rule, UnitRule) and rule.kind in CITED:
            return True
    return False


def parse_xml(data: bytes) -> etree._Element:
    """The root element of a document, parsed without entities, DTD and network. Raises `DocumentRefused`."""
    return _parse(data)[0]


def _parse(data: bytes) -> tuple[etree._Element, bool]:
    """The root element, and whether spaces are all the white space that the tree has."""
    check_document_size(len(data), "The XML document")
    encoding = _encoding(data)
    has_doctype = _check_text(data, encoding)
    plain_space = encoding in _ASCII_BASED and (b"&" not in data or not _SPACE_REFERENCE.search(data))
    try:
        root = _parse_spaced(data, encoding) if encoding in _ASCII_BASED else etree.fromstring(data, _parser(encoding))
    except (etree.XMLSyntaxError, ValueError):
        root = _parse_again(data, encoding)
        plain_space = False
    if has_doctype and (entity := next(root.iter(etree.Entity), None)) is not None:
        raise DocumentRefused(f"The XML uses the entity {entity.text}, which it does not hold; replace it by its text.")
    return root, plain_space


def _parse_spaced(data: bytes, encoding: str) -> etree._Element:
    """Parse a document piece by piece, each with spaces for all white space.

    White space is one space in a law, however long: bytes are replaced faster here than in a tree, which gets smaller. Pieces
    end with a tag, so that white space is cut only where one begins.
    """
    parser, at = _parser(encoding), 0
    while at < len(data):
        end = data.find(b">", at + _PIECE_BYTES) + 1 or len(data)
        lines = data[at:end].split(b"\n")
        before = b" " if data[at : at + 1].isspace() and at else b""
        parser.feed(before + b" ".join(filter(None, map(bytes.strip, lines))).replace(b"\t", b" ").replace(b"\r", b" "))
        at = end
    return parser.close()


def _parse_again(data: bytes, encoding: str) -> etree._Element:
    """Parse a document with its lines, so that the refusal names the line."""
    try:
        return etree.fromstring(data, _parser(encoding))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentRefused(_why(error)) from None


def _parser(encoding: str) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=None if encoding == "utf-16" else encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def _why(error: Exception) -> str:
    """One sentence about what the parser stopped at."""
    said = " ".join(str(error).replace(", try XML_PARSE_HUGE", "").split())
    if "xcessive depth" in said:
        return f"The XML nests elements deeper than {MAX_XML_DEPTH} levels; laws need some 30, so this is no law."
    line = getattr(error, "lineno", None)
    return f"The XML is not well formed{f' at line {line}' if line else ''}: {said.partition(', line ')[0][:200]}."


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
        raise DocumentRefused(f"The XML declares the encoding {name!r}, which is not read; save it as UTF-8.")
    return name


def _check_text(data: bytes, encoding: str) -> bool:
    """Refuse what could not be read whole: a broken encoding, declared entities, more tags than a law has.

    Returns whether there is a DOCTYPE: without one the parser refuses entities itself.
    """
    if encoding not in _ASCII_BASED:
        data = _as_utf8(data, encoding)
    prolog = _PROLOG_BYTES.match(data)
    has_doctype = data.startswith(b"<!DOCTYPE", prolog.end() if prolog else 0)
    if has_doctype and b"<!ENTITY" in data:
        raise DocumentRefused("The XML declares entities, which are never expanded here; replace them by their text.")
    tags = data.count(b"<") if len(data) > MAX_TAGS * _TAG_BYTES else 0
    if tags > MAX_TAGS:
        raise DocumentRefused(
            f"The XML has {tags:,} tags in {len(data) / MIB:,.1f} MiB and {MAX_TAGS:,} are the most that is read; split it."
        )
    return has_doctype


def _as_utf8(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except (UnicodeError, LookupError) as error:
        where = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise DocumentRefused(f"The XML is not in the encoding {encoding} that it declares{where}; save it as UTF-8.") from None


def _declared(head: bytes) -> bool:
    text = _head_text(head)
    return text.lstrip("\ufeff").startswith("<?xml") or 'xmlns="' in text


def _root_name(head: bytes) -> str:
    text = _head_text(head)
    at = _PROLOG.match(text.lstrip("\ufeff"))
    rest = text.lstrip("\ufeff")[at.end() if at else 0 :]
    found = _ROOT.match(rest)
    return found[1] if found else ""


def _head_text(head: bytes) -> str:
    wide = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or head[:4] in (b"<\x00?\x00", b"\x00<\x00?")
    encoding = ("utf-16-be" if head[:1] == b"\x00" or head[:2] == codecs.BOM_UTF16_BE else "utf-16-le") if wide else "utf-8"
    return head.decode(encoding, "replace")


def _language(root: etree._Element) -> str:
    """The document's language as it declares it, two or three letters; "" where it does not."""
    for element in root.iter("{*}FRBRlanguage", "{*}LG.DOC"):
        said = element.get("language") or element.text or ""
        if said.strip():
            return said.strip().lower()[:3]
    return (root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()[:2]


def _metadata(root: etree._Element, dialect: Dialect) -> MappingProxyType[str, str]:
    for local in dialect.titles:
        for element in root.iter("{*}" + local):
            if title := " ".join("".join(map(str, element.itertext())).split()):
                return MappingProxyType({"title": title[:500]})
    return MappingProxyType({})
