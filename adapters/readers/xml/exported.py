"""Akoma Ntoso that cutter has written (`adapters.writers.akn`): the units are read as they were,
letter for letter, with the addresses that they have.

It is told by an attribute of the body. What belongs to a unit's own text is written
by these rules, which are turned round here:

1. The text of `num`, then of `heading`, then the lines, each a `p` in `content` or `intro`.
2. Before the first line there is a line end if there is a number or a heading, and after each line
   there is one. `form` names what is otherwise: `run` for no line end before the first line, `open`
   for none after the last.
3. A line end within `num` or `heading` is an `eol`, and a character that XML has not is a `marker`
   that names it.

Everything about a unit that Akoma Ntoso has no place for is an attribute in the namespace of ours:
its title where it is not the heading, its section type, its address where the eId is not its steps,
and its parent where that is not the element around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.readers.xml.numbers import number_of
from adapters.readers.xml.parse import Source, parser_of
from domain.errors import BadInput, DocumentRefused
from domain.reading.address import Address, parse_address
from domain.reading.marks import Level, Mark, ReadDocument
from domain.reading.vocabulary import SECTION_TYPES, UNIT_KINDS

AKN: Final = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
OURS: Final = "urn:x-iu-cutter:akn:1"
FORM, TITLE, SECTION, ADDRESS, PARENT, CODE, OWNER = (
    f"{{{OURS}}}{name}"
    for name in ("form", "title", "section", "address", "parent", "code", "owner")
)
HIERARCHY: Final = frozenset(
    """
    article book chapter clause division paragraph part point rule section subchapter subclause
    subdivision subparagraph subpart subsection subtitle title
    """.split()  # noqa: SIM905  # a list of names takes eighteen lines
)
"""Kinds that Akoma Ntoso has an element for; the others are an `hcontainer` of that name."""

_A: Final = f"{{{AKN}}}"
_HEAD_BYTES: Final = 4096  # the document's element begins within these
_ESCAPED: Final = re.compile(r"\\u\{([0-9A-F]{1,6})\}")
_MARKER: Final = re.compile(r"U\+([0-9A-F]{1,6})")
_RUN, _OPEN = "run", "open"
_PLACEHOLDER: Final = "x"  # the code stands before the address only once the document's is known


def is_exported(source: Source) -> bool:
    """Whether a document says that cutter has written it."""
    return (
        not source.has_doctype
        and source.encoding == "utf-8"
        and OURS.encode() in source.data[:_HEAD_BYTES]
    )


def read_exported(source: Source, profile: str | None) -> ReadDocument | None:
    """The units of such a document, None if it is none after all.

    Raises `DocumentRefused` for what cutter does not write.
    """
    try:
        root = etree.fromstring(source.data, parser_of(source))
    except (etree.XMLSyntaxError, ValueError):
        return None  # read as any other, which words the refusal
    act = next(iter(root), None)
    body = None if act is None else act.find(f"{_A}body")
    if root.tag != f"{_A}akomaNtoso" or act is None or body is None or body.get(CODE) is None:
        return None
    said = {
        "document_code": body.get(CODE, ""),
        "publication_type": act.get("name", ""),
        "owner": _unescaped(body.get(OWNER, "")),
        "title": act.findtext(f"{_A}preface/{_A}longTitle/{_A}p/{_A}docTitle") or "",
    }
    return _document(list(_units(body)), said, profile)


@dataclass(frozen=True, slots=True)
class _Unit:
    """One unit as it is written."""

    address: Address
    kind: str
    section: str
    label: str
    title: str
    body: str
    parent: str | None  # the eId of the unit around it, or the address that it names


def _units(body: etree._Element) -> Iterator[_Unit]:
    """The units in the order of the text. A list holds the nesting: it is as deep as XML may be."""
    waiting: list[tuple[etree._Element, str | None]] = [(one, None) for one in reversed(body)]
    while waiting:
        element, around = waiting.pop()
        unit = _unit(element, around)
        if unit is None:
            continue
        yield unit
        own = _local(unit.address)
        waiting.extend((one, own) for one in reversed(element))


def _unit(element: etree._Element, around: str | None) -> _Unit | None:
    name = etree.QName(element).localname
    kind = element.get("name", "") if name == "hcontainer" else name
    if element.get(SECTION) is None:  # number, heading, text
        return None
    if kind not in UNIT_KINDS or element.get(SECTION) not in SECTION_TYPES:
        raise _refused(f"a {kind[:40]!r} in {str(element.get(SECTION))[:40]!r}")
    local = element.get(ADDRESS) or f"~{element.get('eId', '')}"
    try:
        address = parse_address(_PLACEHOLDER + local)
    except BadInput:
        raise _refused(f"the address {local[:80]!r}") from None
    if address.steps[-1].unit_kind != kind:
        raise _refused(f"a {kind} at {local[:80]!r}")
    label, heading, text = _text(element)
    title = element.get(TITLE)
    return _Unit(
        address,
        kind,
        element.get(SECTION, ""),
        label,
        heading if title is None else _unescaped(title),
        text,
        element.get(PARENT, around),
    )


def _text(element: etree._Element) -> tuple[str, str, str]:
    """Label, heading and whole text of a unit."""
    num, heading = element.find(f"{_A}num"), element.find(f"{_A}heading")
    number = "" if num is None else _inline(num)
    headed = "" if heading is None else _inline(heading)
    holder = element.find(f"{_A}content")
    holder = element.find(f"{_A}intro") if holder is None else holder
    form = element.get(FORM, "").split()
    lines = [] if holder is None else [_inline(line) for line in holder]
    text = "\n".join(lines) + ("\n" if lines and _OPEN not in form else "")
    between = "\n" if (number or headed) and _RUN not in form else ""
    return number.strip(), headed, number + headed + between + text


def _inline(element: etree._Element) -> str:
    pieces = [element.text or ""]
    for child in element:
        name = etree.QName(child).localname
        if name == "eol":
            pieces.append("\n")
        elif name == "marker" and (found := _MARKER.fullmatch(child.get("name", ""))):
            pieces.append(_character(found[1]))
        else:
            raise _refused(f"a {name[:40]!r} in a line")
        pieces.append(child.tail or "")
    return "".join(pieces)


def _unescaped(title: str) -> str:
    return _ESCAPED.sub(lambda found: _character(found[1]), title)


def _character(code: str) -> str:
    number = int(code, 16)
    if not 0 < number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise _refused(f"the character U+{code}")
    return chr(number)


def _document(units: list[_Unit], said: Mapping[str, str], profile: str | None) -> ReadDocument:
    places: dict[str, int] = {}
    marks: list[Mark] = []
    at = 0
    for place, unit in enumerate(units):
        own = _local(unit.address)
        if own in places:
            raise _refused(f"the address {own} twice")
        if unit.parent is not None and unit.parent not in places:
            raise _refused(f"{own} before its parent {unit.parent[:80]!r}")
        places[own] = place
        parent = None if unit.parent is None else places[unit.parent]
        marks.append(
            Mark(
                at,
                at + len(unit.body),
                _level(unit),
                unit.kind,
                unit.label,
                number_of(unit.label),
                unit.title,
                parent,
                unit.address.component or ("annex" if unit.section == "annex" else ""),
            )
        )
        at += len(unit.body)
    return ReadDocument(
        "".join(unit.body for unit in units),
        tuple(marks),
        "akn",
        profile or "und",
        metadata=MappingProxyType({name: value for name, value in said.items() if value}),
        addresses=tuple(places),
    )


def _level(unit: _Unit) -> Level:
    """What a unit is for the cut, of which its section type is made again."""
    if unit.section == "annex":
        return Level.SUB if unit.address.component else Level.ANNEX
    if unit.section in ("preamble", "conclusions"):
        return Level.OTHER
    if unit.section == "container":
        return Level.CONTAINER
    return Level.BASIC if len(unit.address.steps) == 1 else Level.SUB


def _local(address: Address) -> str:
    """An address without the document's code."""
    return str(address).removeprefix(_PLACEHOLDER)


def _refused(what: str) -> DocumentRefused:
    return DocumentRefused(
        f"The document says that cutter has written it, and holds {what}, which cutter does not "
        f"write; export it again."
    )
