"""What comparing needs from outside: how alike two texts are, and which words differ.

Both are old problems with fast solutions in compiled code, so they are a port;
`adapters.likeness` fulfils it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Edit(NamedTuple):
    """One stretch that differs: `old[old_start:old_end]` became `new[new_start:new_end]`."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


class Likeness(Protocol):
    """Compares texts and sequences of words. It is pure: the same is always answered alike."""

    def ratio(self, old: str, new: str, *, at_least: float) -> float:
        """How alike two texts are, from 0 to 100; 0 where it is less than `at_least`.

        It is 200 times what both have in common, in order, by their joint length.
        """
        ...

    def edits(self, old: Sequence[str], new: Sequence[str]) -> list[Edit]:
        """The stretches that differ, in order; what is between them is equal."""
        ...
