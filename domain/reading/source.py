"""A source text that the knowledge base keeps, and where one comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A source text that the knowledge base keeps, byte for byte, and what it says about the
    document.
    """

    document_code: str
    file_name: str
    content: bytes
    publication_type: str
    owner_ref: str
    title: str


@dataclass(frozen=True, slots=True)
class StandingDocument:
    """What a document that stands is, by its units; each word once. Its title, "" for none.

    A new version takes over what nobody says of it.
    """

    publication_types: tuple[str, ...]
    owners: tuple[str, ...]
    title: str


DocumentStore = Callable[[str], StoredDocument]
"""Gives the live source text of a document code. Raises an error of `domain.errors`."""
