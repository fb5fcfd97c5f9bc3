"""XML laws: Akoma Ntoso, USLM and Formex, told apart by namespace and root element."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.readers.account.declared import judge_declared
from adapters.readers.units.openings import with_opening
from adapters.readers.xml.dialects import CITED, dialect_of
from adapters.readers.xml.exported import is_exported, read_exported
from adapters.readers.xml.imprint import imprint_in
from adapters.readers.xml.parse import Source, checked_source
from adapters.readers.xml.parts import Part, PartsUnfit, PartWriter, is_long, parts_of, whole
from adapters.readers.xml.roles import Dialect, ElementRole, UnitRule
from adapters.readers.xml.stylesheet import Stylesheet, stylesheet_of
from adapters.readers.xml.text import FoundText, find_units
from adapters.readers.xml.units import marks_of
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, ReadDocument

_SUFFIXES: Final = (".xml", ".akn", ".uslm", ".fmx", ".fmx4")
# What may stand before the root element, and the name of the root element or of its DOCTYPE.
_PROLOG: Final = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_ROOT: Final = re.compile(r"<(?:!DOCTYPE\s+)?([^\s/>!?\[]+)")
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_MAX_TITLE: Final = 500  # characters


class XmlReader:
    """Reads XML laws.

    A dialect that no table knows is refused by its namespace and root element.
    """

    name = "xml"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for what is called XML or starts like it, HTML apart."""
        root = _root_name(head)
        if root.rpartition(":")[2].lower() == "html":
            return False
        return (
            suffix in _SUFFIXES
            or root.rpartition(":")[2] == "akomaNtoso"
            or (bool(root) and _declared(head))
        )

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read a whole document. Raises `DocumentRefused` naming what is wrong and where.

        What cutter has exported is read as it was cut, whatever the granularity.
        """
        source = checked_source(data)
        if is_exported(source) and (exported := read_exported(source, profile)):
            return exported
        about, found = _read(source, granularity)
        text, declared, warnings = marks_of(found, granularity)
        marks = tuple(with_opening(text, declared, profile or about.language))
        judged = judge_declared(text, marks, profile or about.language)
        return ReadDocument(
            text,
            marks,
            about.dialect.name,
            profile or about.language,
            warnings,
            about.metadata,
            doubts=judged.doubts,
            account=judged.account,
        )


class _About:
    """What a document says about itself, gathered from its parts."""

    def __init__(self, root: etree._Element) -> None:
        name = etree.QName(root)
        self.namespace = name.namespace or ""
        self.dialect = dialect_of(self.namespace, name.localname)
        self._said = ""
        self._declared = (root.get(_XML_LANG) or root.get("Lang") or "").lower().split("-")[0]
        self._titles: dict[str, str] = {}  # the first of each element that may hold one
        self._imprint = imprint_in(root)

    @property
    def language(self) -> str:
        """The document's language as it declares it, two or three letters; "" where it does not."""
        return self._said or self._declared

    @property
    def metadata(self) -> MappingProxyType[str, str]:
        """The document's title, number, day and work, those it has."""
        titles = [self._titles[local] for local in self.dialect.titles if local in self._titles]
        return MappingProxyType(self._imprint | ({"title": titles[0]} if titles else {}))

    def read(self, root: etree._Element) -> None:
        """Look at a part of the document."""
        self._said = self._said or _language(root)
        for local in self.dialect.titles:
            if local not in self._titles and (title := _title(root, local)):
                self._titles[local] = title
            if local in self._titles:
                return  # what comes after it in the table stands in only where it is missing


def _read(source: Source, granularity: Granularity) -> tuple[_About, FoundText]:
    """Text and units of a document, those of every level where only they tell which is the basic
    one.
    """
    try:
        about, raw, style = _write(parts_of(source), granularity)
    except (PartsUnfit, DocumentRefused):
        if not is_long(source):
            raise  # it was read as a whole
        about, raw, style = _write(whole(source), granularity)
    found = find_units(raw, style)
    return (about, found) if found else _read(source, Granularity.SUB)


def _write(parts: Iterator[Part], granularity: Granularity) -> tuple[_About, bytes, Stylesheet]:
    """A document's text with signs, and the stylesheet that wrote it. Raises `PartsUnfit`."""
    first = next(parts)
    about = _About(first.root)
    if not _has_cited(first.root, about.dialect):
        granularity = Granularity.SUB  # it would be read a second time
    style = stylesheet_of(about.dialect.name, about.namespace, granularity, first.plain_space)
    writer = PartWriter(style)
    written: list[bytes] = []
    for part in chain((first,), parts):
        about.read(part.root)
        written.append(writer.write(part))
    return about, b"".join(written), style


def _has_cited(root: etree._Element, dialect: Dialect) -> bool:
    """Whether there are elements that may be articles or sections."""
    rules = {name: rule for name, rule in dialect.roles.items() if isinstance(rule, UnitRule)}
    names = ["{*}" + name for name, rule in rules.items() if rule.kind in CITED or rule.by_name]
    for element in root.iter(*names):
        rule: UnitRule | ElementRole = rules[etree.QName(element).localname]
        if isinstance(rule, UnitRule) and rule.by_name:
            rule = dialect.named.get(element.get("name") or "", rule)
        if isinstance(rule, UnitRule) and rule.kind in CITED:
            return True
    return False


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
    wide = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or head[:4] in (
        b"<\x00?\x00",
        b"\x00<\x00?",
    )
    encoding = (
        ("utf-16-be" if head[:1] == b"\x00" or head[:2] == codecs.BOM_UTF16_BE else "utf-16-le")
        if wide
        else "utf-8"
    )
    return head.decode(encoding, "replace")


def _language(root: etree._Element) -> str:
    for element in root.iter("{*}FRBRlanguage", "{*}LG.DOC"):
        said = element.get("language") or element.text or ""
        if said.strip():
            return said.strip().lower()[:3]
    return ""


def _title(root: etree._Element, local: str) -> str:
    for element in root.iter("{*}" + local):
        if title := " ".join("".join(map(str, element.itertext())).split()):
            return title[:_MAX_TITLE]
    return ""
