"""What the marks of a text format say about its lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets of the source: spans in which no unit starts, in order, and the depth of each
    heading by its line start.
    """

    excluded: tuple[tuple[int, int], ...]
    headings: dict[int, int]
