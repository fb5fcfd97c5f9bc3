"""What an XML law says of itself beside its title: its number, its day, and which work it is.

Sources: Akoma Ntoso 3.0 (FRBRWork: the work, not one version of it), USLM 2.1 (`citableAs`,
`approvedDate`), LexDania 2.1 (`DiesSigni`), and LIMS of Justice Canada (`ConsolidatedNumber`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

_PLACES: Final = (
    ("work", "FRBRWork/{*}FRBRuri", "value"),
    ("number", "FRBRWork/{*}FRBRnumber", "value"),
    ("date", "FRBRWork/{*}FRBRdate", "date"),
    ("number", "citableAs", ""),
    ("number", "ConsolidatedNumber", ""),
    ("date", "approvedDate", "date"),
    ("date", "approvedDate", ""),
    ("date", "DiesSigni", ""),
)
_DAY: Final = re.compile(r"(?:1[0-9]|20)\d\d-\d\d-\d\d")
_LONGEST: Final = 80


def imprint_in(root: etree._Element) -> dict[str, str]:
    """The `work`, `number` and `date` that the first part of a document says, those there are."""
    found: dict[str, str] = {}
    for name, value in _said(root):
        found.setdefault(name, value)
    return found


def _said(root: etree._Element) -> Iterator[tuple[str, str]]:
    for name, path, attribute in _PLACES:
        for element in root.iterfind(".//{*}" + path):
            value = element.get(attribute) if attribute else "".join(map(str, element.itertext()))
            value = " ".join((value or "").split())
            if name == "date":
                value = day[0] if (day := _DAY.match(value)) else ""
            if value and len(value) <= _LONGEST:
                yield name, value
                break
