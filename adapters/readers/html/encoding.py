"""The text of a page from its bytes: byte order mark, then what the page declares, then UTF-8 (HTML
standard, 13.2.3).
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from domain.errors import DocumentRefused
from domain.reading.marks import PlanWarning

# `<meta charset="utf-8">`, `<meta ... content="text/html; charset=utf-8">`, or an XML declaration.
_DECLARED: Final = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{1,40})"""
    rb"""|<\?xml[^>]{0,200}?encoding=["']([^"']{1,40})""",
    re.IGNORECASE,
)
_PRESCAN: Final = 4096  # bytes at the start in which the declaration is sought
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The encoding standard: these labels all mean windows-1252, and a page that says UTF-16 in its
# ASCII bytes is UTF-8.
_ALIASES: Final = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "utf-16": "utf-8",
}


def decode_page(data: bytes) -> tuple[str, list[PlanWarning]]:
    """A page's text, and a warning where its encoding had to be guessed.

    Raises `DocumentRefused` for bytes that do not fit.

    >>> decode_page("<meta charset=windows-1252>\u00e9".encode("cp1252"))[0][-1]
    'é'
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data, encoding), []
    declared = _DECLARED.search(data[:_PRESCAN])
    if declared:
        label = (declared[1] or declared[2]).decode("ascii", "replace").lower()
        return _decode(data, _known(_ALIASES.get(label, label))), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        reason = "the page declares no encoding and is not UTF-8; it is read as windows-1252"
        return _decode(data, "cp1252"), [PlanWarning("encoding-guessed", 1, reason)]


def _known(label: str) -> str:
    """A codec for text by its label; codecs for other things than text (such as zip) are not
    known.
    """
    try:
        "".encode(label)
        return codecs.lookup(label).name
    except (LookupError, UnicodeError, ValueError):
        raise DocumentRefused(
            f"This page declares the encoding {label!r}, which is unknown; save it as UTF-8."
        ) from None


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentRefused(
            f"This page is not {encoding} as it should be: byte {error.start:,} does not fit; "
            f"save it as UTF-8."
        ) from None
