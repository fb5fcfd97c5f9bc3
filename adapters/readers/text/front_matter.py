"""Front matter: the `key: value` lines between two `---` lines at the top of a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_OPENING: Final = re.compile(r"\ufeff?---[ \t]*\r*\n")  # `---` alone on the first line
# `---` or `...` alone on a line.
_CLOSING: Final = re.compile(r"\n(?:---|\.\.\.)[ \t]*\r*(?:\n|\Z)")
_MAX_CHARS: Final = 32_768  # in which it has to be closed; else the first line is a mere rule
# `publication type: law`. What is not one of these (nested YAML, comments) is passed over.
_PAIR: Final = re.compile(r"(?P<key>[A-Za-z][\w -]{0,60}?)[ \t]*:[ \t]+(?P<value>\S.*)")
# Other names of the keys that count.
_KNOWN: Final = {
    "document_code": "document_code",
    "code": "document_code",
    "publication_type": "publication_type",
    "type": "publication_type",
    "owner": "owner",
    "owner_ref": "owner",
    "title": "title",
}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What front matter says, and the character offset where it ends; 0 where there is none."""

    end: int = 0
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_front_matter(text: str) -> FrontMatter:
    """The front matter of a text.

    The keys that count are `document_code`, `publication_type`, `owner` and `title`; others are
    kept.

    >>> read_front_matter("---\\nTitle: 'On Water'\\n---\\nText").metadata["title"]
    'On Water'
    """
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end() - 1, _MAX_CHARS) if opening else None
    if opening is None or closing is None:
        return FrontMatter()
    metadata: dict[str, str] = {}
    for line in text[opening.end() : closing.start() + 1].splitlines():
        pair = _PAIR.match(line)
        if pair:
            key = pair["key"].strip().lower().replace("-", "_").replace(" ", "_")
            metadata.setdefault(_KNOWN.get(key, key), pair["value"].strip().strip("\"'"))
    return FrontMatter(closing.end(), MappingProxyType(metadata))
