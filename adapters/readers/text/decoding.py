"""From bytes to text: UTF-8, or UTF-16 and UTF-32 that say so; nothing added, nothing dropped."""

from __future__ import annotations

import codecs
from typing import Final

from adapters.readers.text.encodings import likely_encoding
from adapters.readers.text.mojibake import check_letters
from domain.errors import DocumentRefused

MAX_TEXT_BYTES: Final = 64 * 1024 * 1024
# The byte order mark of UTF-32 begins with that of UTF-16, so it comes first.
_MARKED: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD: Final = 4096  # bytes that tell whether every other byte is NUL
_HALF: Final = 0.4  # of them, as in UTF-16 of a Latin script


def decode_text(data: bytes) -> str:
    """The bytes decoded, a byte order mark kept: as UTF-8, or as its byte order mark says.

    Raises `DocumentRefused` for what is another encoding, or letters of one (see `mojibake`), with
    the command that converts it; for binary data; and beyond the limit.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise DocumentRefused(
            f"The document has {len(data)} bytes; texts are read up to {MAX_TEXT_BYTES} bytes. "
            f"Cut it into parts and plan each."
        )
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            text = _decode_marked(data, encoding)
            break
    else:
        text = _decode_utf8(data)
    check_letters(text)
    return text


def _decode_marked(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentRefused(
            f"The document begins like {encoding.upper()} and is none: the bytes at byte offset "
            f"{error.start} are no character."
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise DocumentRefused(
            f"The document holds a NUL character at character offset {nul}: it is binary, not text."
        )
    return text


def _decode_utf8(data: bytes) -> str:
    nul = data.find(b"\0")
    if nul >= 0:
        if encoding := _wide(data[:_HEAD]):
            raise DocumentRefused(
                f"The document is {encoding} without a byte order mark. {_command(encoding)}"
            )
        raise DocumentRefused(
            f"The document holds a NUL byte at byte offset {nul}: it is binary, not text."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = likely_encoding(data) or ""
        guess = f"; its letters look like {encoding}" if encoding else ""
        raise DocumentRefused(
            f"The document is not UTF-8: the byte at byte offset {error.start} is "
            f"0x{data[error.start]:02x}{guess}. {_command(encoding or 'ITS-ENCODING')}"
        ) from None


def _wide(head: bytes) -> str:
    """UTF-16LE or UTF-16BE, where every other byte is NUL as in a Latin script; "" for others."""
    even, odd = head[::2], head[1::2]
    if odd.count(0) > _HALF * len(odd) and even.count(0) == 0:
        return "UTF-16LE"
    return "UTF-16BE" if even.count(0) > _HALF * len(even) and odd.count(0) == 0 else ""


def _command(encoding: str) -> str:
    return f"Convert it to UTF-8 first: iconv -f {encoding} -t UTF-8 IN > OUT"
