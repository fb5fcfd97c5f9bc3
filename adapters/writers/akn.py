"""A document as Akoma Ntoso 3.0 (OASIS LegalDocumentML, akomantoso30.xsd): its text with its tree,
its versions, and from when they are in force.

An eId is the steps of the address. The rules by which a unit's own text is written, so that it can
be read again letter for letter, stand in `adapters.readers.xml.exported`. A character that XML has
not is a `marker`. Dates that are not known are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from adapters.readers.xml.exported import AKN, HIERARCHY, OURS
from adapters.writers.akn_meta import meta_of, names_of, period_of
from domain.revision.units import own_start
from domain.units.records import REPEALED, SUSPENDED, DocumentText, UnitText

# What XML 1.0 has not (section 2.2): most control characters, halves of pairs, two noncharacters.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STATUS: Final = {REPEALED: "removed", SUSPENDED: "temporarily removed"}


def akn_of(document: DocumentText) -> str:
    """The document as one XML text."""
    return "".join(_pieces(document))


def _pieces(document: DocumentText) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<akomaNtoso xmlns="{AKN}" xmlns:iu="{OURS}">\n'
    yield f"<act name={quoteattr(document.publication_type)}>\n"
    yield from meta_of(document)
    if document.title.strip():
        title = _inline(" ".join(document.title.split()))
        yield (
            f'<preface><longTitle eId="longTitle"><p><docTitle>{title}</docTitle></p></longTitle>'
            f"</preface>\n"
        )
    owner = quoteattr(_escaped(document.owner_ref))
    yield f"<body iu:code={quoteattr(document.code)} iu:owner={owner}>\n"
    yield from _tree(document.units)
    yield "</body>\n</act>\n</akomaNtoso>\n"


def _tree(units: Sequence[UnitText]) -> Iterator[str]:
    """The units nested as they contain each other. One whose parent is not open any more stands
    beside, and names it.
    """
    holders = {unit.parent for unit in units}
    names = names_of(units)
    opened: list[tuple[str, str]] = []  # address and element of each open unit
    for unit, name in zip(units, names, strict=True):
        while opened and opened[-1][0] != unit.parent:
            if all(address != unit.parent for address, _ in opened):
                yield from _closed(opened, 0)
                break
            yield from _closed(opened, len(opened) - 1)
        element = unit.unit_kind if unit.unit_kind in HIERARCHY else "hcontainer"
        beside = unit.parent is not None and not opened
        yield from _start(unit, element, name, beside)
        yield from _text(unit, unit.address in holders)
        opened.append((unit.address, element))
    yield from _closed(opened, 0)


def _closed(opened: list[tuple[str, str]], left: int) -> Iterator[str]:
    while len(opened) > left:
        yield f"</{opened.pop()[1]}>\n"


def _start(unit: UnitText, element: str, name: str, beside: bool) -> Iterator[str]:
    yield f"<{element}"
    if element == "hcontainer":
        yield f" name={quoteattr(unit.unit_kind)}"
    yield f" eId={quoteattr(name)}"
    local = _local(unit.address)
    if local != f"~{name}":
        yield f" iu:address={quoteattr(local)}"
    if beside and unit.parent is not None:
        yield f" iu:parent={quoteattr(_local(unit.parent))}"
    yield f" iu:section={quoteattr(unit.section_type)}"
    if period := period_of(unit):
        yield f" period={quoteattr('#' + period)}"
    if status := _STATUS.get(unit.version.state):
        yield f" status={quoteattr(status)}"


def _text(unit: UnitText, holds: bool) -> Iterator[str]:
    """The rest of a unit's start tag, and its own text."""
    number, heading, rest = _parted(unit)
    form = []
    if number or heading:
        if rest.startswith("\n"):
            rest = rest[1:]
        else:
            form.append("run")
    if rest and not rest.endswith("\n"):
        form.append("open")
    if heading != unit.title:
        yield f" iu:title={quoteattr(_escaped(unit.title))}"
    if form:
        yield f' iu:form="{" ".join(form)}"'
    yield ">\n"
    for name, text in (("num", number), ("heading", heading)):
        if text:
            yield f"<{name}>{_inline(text).replace(chr(10), '<eol/>')}</{name}>"
    if rest:
        holder = "intro" if holds else "content"
        lines = _inline(rest.removesuffix("\n")).replace("\n", "</p><p>")
        yield f"<{holder}><p>{lines}</p></{holder}>\n"


def _parted(unit: UnitText) -> tuple[str, str, str]:
    """Number, heading and the rest of a unit's text: joined they are the text."""
    start = own_start(unit.body, unit.label, "")
    number, rest = unit.body[:start], unit.body[start:]
    after = rest[len(unit.title) :]
    if unit.title and rest.startswith(unit.title) and after[:1] in ("", "\n"):
        return number, unit.title, after
    kept = number.rstrip()
    if "\n" in number[len(kept) :]:
        number, rest = kept, number[len(kept) :] + rest
    return number, "", rest


def _inline(text: str) -> str:
    """Text as XML has it: a character that XML has not is a marker."""
    plain = escape(text, {"\r": "&#13;"})
    return _NO_XML.sub(_marker, plain)


def _marker(found: re.Match[str]) -> str:
    return f'<marker name="U+{ord(found[0]):04X}"/>'


def _escaped(text: str) -> str:
    """A text as an attribute of ours holds it: what XML has not, and what would be taken for it, is
    named by its number.
    """
    return re.sub(
        _NO_XML.pattern + r"|\\(?=u\{)", lambda found: f"\\u{{{ord(found[0]):04X}}}", text
    )


def _local(address: str) -> str:
    """An address without the document's code."""
    head, _, steps = address.partition("~")
    component = head.partition("!")[2]
    return f"!{component}~{steps}" if component else f"~{steps}"
