"""The text of a DOCX part, as Word would print it, from a stream of XML events.

One pass, no tree: memory does not grow with the markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from lxml import etree

from adapters.readers.docx.elements import ENDS, LEAVE_OUT, STARTS, Attributes
from adapters.readers.docx.state import PartState
from adapters.readers.text.limits import MAX_XML_DEPTH
from domain.errors import DocumentRefused

# Line ends and tabs inside w:t are white space of the XML, not of the document.
_TO_SPACE: Final = str.maketrans("\n\r\t", "   ")


def read_part(name: str, chunks: Iterator[bytes], state: PartState) -> PartState:
    """Read one part into a state.

    Raises `DocumentRefused` naming the part if its XML is not well-formed.
    """
    target = cast("etree.ParserTarget", _Target(state))
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        for chunk in chunks:
            parser.feed(chunk)
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentRefused(
            f"The part {name} of this DOCX is not well-formed XML ({error}); open it in Word "
            f"and save it again."
        ) from None
    return state


class _Target:
    """What lxml calls for each event."""

    def __init__(self, state: PartState) -> None:
        self._state = state
        self._depth = 0
        self._skip_at = 0  # the depth of the element that is being left out; 0: none

    def start(self, tag: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > MAX_XML_DEPTH:
            raise DocumentRefused(
                f"This DOCX nests more than {MAX_XML_DEPTH} elements deep, which no document does."
            )
        handler = STARTS.get(tag)
        if (
            handler is not None
            and not self._skip_at
            and handler(self._state, attributes) is LEAVE_OUT
        ):
            self._skip_at = self._depth

    def end(self, tag: str) -> None:
        if not self._skip_at:
            handler = ENDS.get(tag)
            if handler is not None:
                handler(self._state)
        elif self._skip_at == self._depth:
            self._skip_at = 0
        self._depth -= 1

    def data(self, text: str) -> None:
        state = self._state
        if self._skip_at:
            return
        if state.in_instruction and state.fields:
            state.fields[-1].instruction += text
        elif state.collect:
            state.put(text.translate(_TO_SPACE))

    def doctype(self, name: str | None, public: str | None, system: str | None) -> None:
        del name, public, system
        raise DocumentRefused(
            "This DOCX declares a document type in its XML, which a DOCX never does; it is not "
            "read."
        )

    def close(self) -> None:
        self._state.close()
