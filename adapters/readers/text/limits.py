"""How large a document may be, for every reader.

A document beyond a limit is refused by name, never cut short.

The largest laws known to us are a few MiB of text; the limits are a generous multiple of that, and
small enough that refusing takes neither time nor memory: a refusal comes within 5 seconds and 300
MiB.
"""

from __future__ import annotations

from typing import Final

from domain.errors import DocumentRefused

MIB: Final = 1024 * 1024

MAX_DOCUMENT_BYTES: Final = 64 * MIB
"""Of a source as it is stored, whatever its format.

Sources should check it before they load the whole.
"""

MAX_XML_DEPTH: Final = 250
"""Of nested elements.

Just below libxml2's own limit of 256, so that our sentence comes first; laws nest some 30 deep.
"""

MAX_HTML_DEPTH: Final = 1_000
"""Of nested elements. Web pages with unclosed font tags nest far deeper than XML does."""

MAX_HTML_NESTING_WORK: Final = 1_000_000_000
"""Sum of the depths of all tags: the HTML5 algorithm looks up the stack of open elements at each of
them.
"""

MAX_HTML_OPTIONS: Final = 10_000
"""Of the choices in a page's forms: their parsing takes quadratic time."""

MAX_HTML_ATTRIBUTES: Final = 2_000
"""Of one tag: looking for duplicates takes quadratic time."""

MAX_PACKAGE_ENTRIES: Final = 10_000
"""Of a ZIP package, such as a DOCX. Documents with an image a page have some hundreds."""

MAX_DIRECTORY_BYTES: Final = 2 * MIB
"""Of a ZIP package's central directory, checked before it is parsed: its entry count may lie."""

MAX_PART_BYTES: Final = 128 * MIB
"""Of one part of a package when unpacked. Word writes some 20 to 40 bytes of markup a character."""

MAX_SIDE_PART_BYTES: Final = 16 * MIB
"""Of a part that is parsed into a tree: styles, numbering, relationships."""

MAX_PART_RATIO: Final = 200
"""Unpacked to packed size of a part. Word's own parts stay below 60; deflate can reach 1,032."""

PART_RATIO_FROM: Final = 8 * MIB
"""Below this unpacked size the ratio is not asked: a small part is harmless, and short laws in
large forms repeat a lot.
"""

MAX_TEXT_CHARS: Final = 64 * MIB
"""Of the text that a document unpacks to."""


def check_document_size(size: int, kind: str) -> None:
    """Refuse a document of more than `MAX_DOCUMENT_BYTES` bytes; `kind` names it in the message.

    >>> check_document_size(10, "The page")
    """
    if size > MAX_DOCUMENT_BYTES:
        raise DocumentRefused(
            f"{kind} has {size / MIB:,.0f} MiB and documents may have "
            f"{MAX_DOCUMENT_BYTES // MIB} MiB at most; split it."
        )
