"""How a document is to be read: the options that decide which plan, and so which digest, it
gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What a person says about a document. None: the document itself says it, or it is detected.

    `granularity` is basic (articles or sections are units) or sub (paragraphs and points below them
    too). The same options have to be used for each run of one plan.
    """

    code: str | None = None
    profile: str | None = None
    granularity: str = "basic"
    publication_type: str | None = None
    owner_ref: str | None = None

    def items(self) -> Iterator[tuple[str, str | None]]:
        """Each option by name.

        >>> dict(ReadingOptions(code="x").items())["code"]
        'x'
        """
        return ((field.name, getattr(self, field.name)) for field in fields(self))


AS_IT_IS = ReadingOptions()
"""Nothing is said about the document."""
