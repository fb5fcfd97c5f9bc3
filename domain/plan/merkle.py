"""Merkle trees as RFC 6962 has them (section 2.1): one hash over many records, and a short proof
for each that it is one of them.

A leaf is hashed with a byte 0 before it and a node with a byte 1, so no node passes for a leaf. A
tree over n leaves is split at the largest power of two below n, so its shape follows from n.

>>> leaves = [leaf_hash(name.encode()) for name in "abcde"]
>>> root_hash(leaves) == root_from(leaves[3], 3, 5, audit_path(leaves, 3))
True
>>> [len(audit_path(leaves, place)) for place in range(5)]
[3, 3, 3, 3, 1]
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(record: bytes) -> bytes:
    """The hash of one record."""
    return hashlib.sha256(b"\x00" + record).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """The hash of the whole tree; of no leaves it is that of nothing.

    >>> root_hash([]).hex()[:8]
    'e3b0c442'
    """
    return levels_of(leaves)[-1][0] if leaves else hashlib.sha256().digest()


def audit_path(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    """What has to be hashed to the leaf at a place, from 0, to come to the root; nearest first.

    Raises IndexError for a place that is none.
    """
    return path_in(levels_of(leaves), place)


def path_in(levels: Sequence[Sequence[bytes]], place: int) -> tuple[bytes, ...]:
    """The same in a tree whose levels are known, as of one that many paths are asked of."""
    if not 0 <= place < len(levels[0]):
        raise IndexError(place)
    path = []
    for level in levels[:-1]:
        beside = place ^ 1
        if beside < len(level):
            path.append(level[beside])
        place //= 2
    return tuple(path)


def root_from(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to, None if it is not of the length that the place takes
    (RFC 9162, section 2.1.3.2).
    """
    if not 0 <= place < size:
        return None
    last, found, left = size - 1, leaf, list(path)
    while last:
        if place & 1 or place < last:
            if not left:
                return None
            beside = left.pop(0)
            found = _node(beside, found) if place & 1 else _node(found, beside)
        place, last = place // 2, last // 2
    return None if left else found


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The tree from its leaves up. A node without a neighbour goes up as it is, which gives the
    tree of the RFC: all that is left of a split is whole.
    """
    levels = [list(leaves)]
    while len(level := levels[-1]) > 1:
        pairs = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        levels.append([*pairs, *level[2 * len(pairs) :]])
    return levels


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
