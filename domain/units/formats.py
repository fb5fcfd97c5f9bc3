"""The formats in which a document is written."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What a document is written as."""

    AKN = "akn"
    HTML = "html"
    JSON = "json"
    MD = "md"
