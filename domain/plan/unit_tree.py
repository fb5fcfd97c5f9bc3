"""The tree over the units that a plan writes: its root is in what approvers sign, so that a single
unit can be proved by its own text and some twenty hashes, without the rest of the plan.

A leaf is what is written for one unit, as fields of text; `docs/verify_citation.py` makes it again.
The plan digest pins the same and more, but to compute it takes the hash of every unit.

>>> leaf = UnitLeaf(1, "create", "xx.1~art_1", "article", "body", "law", "0" * 64, "",
...                 "1" * 64, "2" * 64, 1, "")
>>> leaf.record().decode().split(FIELD)[:4]
['iu-cutter unit 1', '1', 'create', 'xx.1~art_1']
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from domain.digests import FIELD, text_sha256
from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.plan.merkle import audit_path, leaf_hash, root_hash

FORMAT: Final = "iu-cutter unit 1"
CREATE: Final = "create"


class UnitLeaf(NamedTuple):
    """What is written for one unit. `follows` is the number of the version that it replaces, 0 for
    a unit that did not stand; `in_force_from` is a date as ISO 8601, "" where it is not known.
    """

    seq: int
    act: str
    canonical_address: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner_sha256: str
    parent_ref: str
    title_sha256: str
    body_sha256: str
    follows: int
    in_force_from: str

    @property
    def fields(self) -> list[str]:
        """The format, then every field as text, in order."""
        return [FORMAT, *map(str, self)]

    def record(self) -> bytes:
        """The bytes that are hashed: the fields as `domain.digests` joins them."""
        return FIELD.join(self.fields).encode()


def leaf_of(row: CutplanRow) -> UnitLeaf:
    """The leaf of a unit that a cut creates: nothing stood there, and its plan has no date."""
    return UnitLeaf(
        row.seq,
        CREATE,
        row.canonical_address,
        row.unit_kind,
        row.section_type,
        row.publication_type,
        text_sha256(row.owner_ref),
        row.parent_ref or "",
        row.title_sha256,
        row.body_sha256,
        0,
        "",
    )


def leaves_of(plan: CutPlan) -> tuple[UnitLeaf, ...]:
    """The leaves of a cut, in plan order."""
    return tuple(map(leaf_of, plan.rows))


@lru_cache(maxsize=1)  # executor and verifier of one run ask, with a plan each that is the same
def units_root(plan: CutPlan) -> str:
    """The root of a cut's tree, hexadecimal."""
    return root_of_leaves(leaves_of(plan))


def root_of_leaves(leaves: Sequence[UnitLeaf]) -> str:
    """The root over leaves, hexadecimal."""
    return root_hash(_hashes(leaves)).hex()


def path_of(leaves: Sequence[UnitLeaf], place: int) -> tuple[str, ...]:
    """The hashes that lead from one leaf to the root, hexadecimal, nearest first."""
    return tuple(step.hex() for step in audit_path(_hashes(leaves), place))


def _hashes(leaves: Sequence[UnitLeaf]) -> list[bytes]:
    return [leaf_hash(leaf.record()) for leaf in leaves]
