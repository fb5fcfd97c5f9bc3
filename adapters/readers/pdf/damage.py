"""Is a PDF whole? PDFium mends what it can and says nothing, so that a file that was cut short
would read as a shorter law.

1. It ends with its end mark, and that follows the place of the table of its objects.
2. The table is where the file says.
3. Each packed stream unpacks to its end, by its checksum.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from adapters.readers.text.limits import MIB
from domain.errors import DocumentRefused

MAX_UNPACKED: Final = 512 * MIB
"""Bytes that all streams of a file may unpack to."""

_TAIL: Final = 2048  # bytes in which a file ends: PDF 2.0, annex I, and some room
_END: Final = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_TABLE: Final = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_STREAM: Final = re.compile(rb">>\s*stream\r?\n")
_PACKED: Final = re.compile(rb"/Filter\s*\[?\s*/(?:FlateDecode|Fl)\b")
_DICTIONARY: Final = 4096  # bytes before a stream in which its dictionary stands
_CHUNK: Final = 65_536
_AGAIN: Final = "get it again from where it comes from, or mend it: qpdf IN.pdf OUT.pdf"


def check_whole(data: bytes) -> None:
    """Raises `DocumentRefused` for a file that is cut short, damaged or unpacks without end."""
    ends = list(_END.finditer(data, max(0, len(data) - _TAIL)))
    if not ends:
        raise DocumentRefused(f"This PDF is cut short: its end is missing; {_AGAIN}")
    begin = max(data.find(b"%PDF-"), 0)
    place = int(ends[-1][1])
    if not any(_TABLE.match(data, at) for at in (place, begin + place) if at < len(data)):
        raise DocumentRefused(
            f"This PDF is damaged or cut short: the table of its objects is not where it says; "
            f"{_AGAIN}"
        )
    if b"/Encrypt" not in data:  # what is encrypted looks damaged
        _check_streams(data)


def _check_streams(data: bytes) -> None:
    """Rule 3."""
    unpacked = 0
    for found in _STREAM.finditer(data):
        before = data[max(0, found.start() - _DICTIONARY) : found.start()]
        if _PACKED.search(before[before.rfind(b"obj") + 1 :]):
            unpacked += _unpacked(data, found.end(), MAX_UNPACKED - unpacked)


def _unpacked(data: bytes, start: int, most: int) -> int:
    """How many bytes the stream at that place unpacks to."""
    stream = zlib.decompressobj()
    count, at, rest = 0, start, b""
    while not stream.eof:
        chunk = rest or data[at : at + _CHUNK]
        at += 0 if rest else len(chunk)
        if not chunk:
            raise DocumentRefused(
                f"This PDF is cut short within the stream at byte {start}; {_AGAIN}"
            )
        try:
            count += len(stream.decompress(chunk, MIB))
        except zlib.error:
            raise DocumentRefused(
                f"This PDF is damaged: its stream at byte {start} does not unpack; {_AGAIN}"
            ) from None
        rest = stream.unconsumed_tail
        if count > most:
            raise DocumentRefused(
                f"This PDF unpacks to more than {MAX_UNPACKED // MIB} MiB, which no law does; it "
                f"is not read."
            )
    return count
