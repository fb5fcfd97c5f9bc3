"""Ranks: which of two units that follow each other holds the other.

A unit belongs to the last unit before it that has a lower rank. From the outside in:

    -2, -1                    heads of annexes and attachments (set in `units.tree`)
    10 + n                    containers that only their words tell; n is the order of their kinds
    DEPTH_STEP * depth + n    containers that the format declares as headings of a depth from 1
    declared_rank(depth)      declared headings without a word of the profile: below the containers
                              that are declared as deep, above those one deeper
    BASIC_RANK                what people cite
    BASIC_RANK + n            units below those: section 2.1 below section 2, a § below its article
"""

from __future__ import annotations

from typing import Final

BASIC_RANK: Final = 1000
"""Of a basic unit: larger than the rank of any container less than 31 headings deep."""
DEPTH_STEP: Final = 32
"""Between the ranks of two declared depths: larger than the number of container kinds that a
profile has.
"""
WORD_RANK: Final = 10
"""Of the highest container that only its word tells; above it there is room for annexes."""


def declared_rank(depth: int) -> int:
    """The rank of a heading that the format declares and that has no word of the profile.

    >>> 2 * DEPTH_STEP < declared_rank(2) < 3 * DEPTH_STEP < BASIC_RANK
    True
    """
    return (depth + 1) * DEPTH_STEP - 1
