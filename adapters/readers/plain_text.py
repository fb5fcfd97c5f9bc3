"""Plain text: UTF-8, headings told by their words and numbers alone, or by the signs of AsciiDoc
and the rows that underline them.

Front matter between `---` lines is metadata.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.engine import mark_text
from adapters.readers.text.asciidoc import scan_asciidoc
from adapters.readers.text.decoding import decode_text
from adapters.readers.text.front_matter import read_front_matter
from adapters.readers.text.markup import without_asciidoc
from adapters.readers.text.underlined import scan_underlined
from domain.reading.marks import Granularity, ReadDocument

_SUFFIXES: Final = (".txt", ".text", "")


class PlainTextReader:
    """Reads any text. It is asked last."""

    name = "plain_text"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for everything: what is not text is refused while reading, by byte offset."""
        return True

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read the text.

        Raises `DocumentRefused` for bytes that are not UTF-8, for NUL bytes and beyond the size
        limit.
        """
        text = decode_text(data)
        front = read_front_matter(text)
        layout = scan_asciidoc(text) or scan_underlined(text)
        excluded = ((0, front.end),) if front.end else ()
        found = mark_text(
            text,
            profile=profile,
            granularity=granularity,
            excluded=layout.excluded if layout else excluded,
            headings=layout.headings if layout else None,
            trusted_headings=layout is not None,
            clean=without_asciidoc if layout else None,
            paged=True,
        )
        return found.as_read(text, self.name, front.metadata)
