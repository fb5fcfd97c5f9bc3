"""From bytes to text: UTF-8, nothing added, nothing dropped."""

from __future__ import annotations

from typing import Final

from domain.errors import DocumentRefused

MAX_TEXT_BYTES: Final = 64 * 1024 * 1024


def decode_text(data: bytes) -> str:
    """The bytes decoded as UTF-8, a byte order mark kept.

    Raises `DocumentRefused` naming the offset of the first byte that is not text, or the limit that
    the document exceeds.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise DocumentRefused(
            f"The document has {len(data)} bytes; texts are read up to {MAX_TEXT_BYTES} bytes. "
            f"Cut it into parts and plan each."
        )
    nul = data.find(b"\0")
    if nul >= 0:
        raise DocumentRefused(
            f"The document holds a NUL byte at byte offset {nul}: it is binary, not text."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentRefused(
            f"The document is not UTF-8: the byte at byte offset {error.start} is "
            f"0x{data[error.start]:02x}. "
            "Convert it to UTF-8 first."
        ) from None
