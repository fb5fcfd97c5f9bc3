"""What an XML law says of itself beside its title: its number, its day, and which work it is.

Sources: Akoma Ntoso 3.0 (FRBRWork: the work, not one version of it), USLM 2.1 (`citableAs`,
`docNumber`, `approvedDate`, and `identifier`, which begins with the work: section 6 of its user
guide), LexDania 2.1 (`DiesSigni`), and LIMS of Justice Canada (`ConsolidatedNumber`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

_PLACES: Final = (
    ("work", "FRBRWork/FRBRuri", "value"),
    ("number", "FRBRWork/FRBRnumber", "value"),
    ("date", "FRBRWork/FRBRdate", "date"),
    ("number", "citableAs", ""),
    ("number", "docNumber", ""),
    ("number", "ConsolidatedNumber", ""),
    ("date", "approvedDate", "date"),
    ("date", "approvedDate", ""),
    ("date", "DiesSigni", ""),
)
_USLM_WORK: Final = re.compile(
    r"/us/(?:pl/\d+/\d+|pvtl/\d+/\d+|bill/\d+/[a-z]+/\d+|sComp/\d+/\d+)(?=/|$)"
)
"""A law, a bill or a compilation, in front of the step of its part. A title of the code is a work
only where the whole document is one, since its chapters are published alone too.
"""
_USLM_TITLE: Final = re.compile(r"/us/usc/t\w+")
_DAY: Final = re.compile(r"(?:1[0-9]|20)\d\d-\d\d-\d\d")
_LONGEST: Final = 80


def imprint_in(root: etree._Element) -> dict[str, str]:
    """The `work`, `number` and `date` that the first part of a document says, those there are."""
    found: dict[str, str] = {}
    for name, value in _said(root):
        found.setdefault(name, value)
    return found


def _said(root: etree._Element) -> Iterator[tuple[str, str]]:
    if work := _uslm_work(root):
        yield "work", work
    for name, path, attribute in _PLACES:
        for element in _at(root, path):
            value = element.get(attribute) if attribute else "".join(map(str, element.itertext()))
            value = " ".join((value or "").split())
            if name == "date":
                value = day[0] if (day := _DAY.match(value)) else ""
            if value and len(value) <= _LONGEST:
                yield name, value
                break


def _at(root: etree._Element, path: str) -> Iterator[etree._Element]:
    """The elements at a place. The first work is the document's own; those that come later are of
    what is attached to it.
    """
    parent, _, child = path.rpartition("/")
    if not parent:
        yield from root.iterfind(".//{*}" + child)
    elif (own := root.find(".//{*}" + parent)) is not None:
        yield from own.iterfind("{*}" + child)


def _uslm_work(root: etree._Element) -> str:
    """The address of the work that a USLM document is, by its own identifier, that of its first
    part, or a public law's congress and number; "" where it is none.
    """
    if not isinstance(root.tag, str) or "/uslm" not in root.tag:
        return ""
    own = root.get("identifier", "")
    if _USLM_TITLE.fullmatch(own):
        return own
    first = next((one.get("identifier", "") for one in root.iterfind(".//*[@identifier]")), "")
    if found := _USLM_WORK.match(own or first):
        return found[0]
    if etree.QName(root).localname != "pLaw":
        return ""
    numbers = [root.findtext(f".//{{*}}{name}", "").strip() for name in ("congress", "docNumber")]
    return f"/us/pl/{'/'.join(numbers)}" if all(map(str.isdecimal, numbers)) else ""
