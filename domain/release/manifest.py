"""The manifest of a release: every change set of it, in the order of the document codes, and the
root of the tree over them (RFC 6962, section 2.1; `domain.plan.merkle`).

A leaf says of one change set all that an approval of that change set alone would say of it, so
whoever holds the root and a leaf's path knows exactly what happens to one document, without the
others. It says of how many it is one too, and the order follows from the codes: nothing can be
added, left out or exchanged without another root.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain.approval.approvals import Effect
from domain.change_set import CHANGE_SET_NAMESPACE
from domain.digests import FIELD
from domain.errors import BadInput
from domain.phases import Kind
from domain.plan.merkle import leaf_hash, levels_of, path_in, root_from

FORMAT: Final = "iu-cutter release 1"
_LIST: Final = ","
"""Joins what is a list: doubts, acts and dates have no comma, which `leaf_record` holds."""


def release_id_of(target: str, count: int, root: str) -> uuid.UUID:
    """The id of the release over so many change sets for a target that has this root."""
    return uuid.uuid5(CHANGE_SET_NAMESPACE, FIELD.join((FORMAT, target, str(count), root)))


def release_id_from(text: str) -> uuid.UUID:
    """The id that a person has typed. Raises `BadInput`."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a release's id; `cutter corpus plan` prints it.") from None


def leaf_record(effect: Effect, count: int) -> bytes:
    """The bytes of a leaf, one of `count`: its fields as text, as `domain.digests` joins them.

    Raises `BadInput` for a field that holds what joins fields: two effects could have one leaf.
    """
    return FIELD.join((FORMAT, str(count), *leaf_fields(effect))).encode()


def leaf_fields(effect: Effect) -> tuple[str, ...]:
    """What a leaf says of a change set, as texts in their order; the database makes the leaf of
    them itself (`cutter.fn_release_place_open`). Raises what `leaf_record` raises.
    """
    lists = (effect.doubts, effect.changes, effect.dates)
    fields = (
        effect.document_code,
        effect.kind.value,
        str(effect.change_set_id),
        str(effect.attempt),
        effect.plan_digest,
        effect.effect_digest,
        effect.base_digest,
        effect.target,
        str(effect.units),
        effect.units_root,
        *map(_LIST.join, lists),
        effect.publication_type,
    )
    clean = all(field.isprintable() for field in fields)
    if not clean or any(_LIST in item for items in lists for item in items):
        raise BadInput(f"{effect.document_code!r} can not be in a release: a field is no text.")
    return fields


def effect_from(fields: Sequence[str]) -> Effect:
    """The effect that the fields of a leaf say. Raises ValueError unless they are exactly one's."""
    code, kind, change_set, attempt, plan, effect_digest, base, target, units, *rest = fields
    root, *lists, publication_type = rest
    doubts, changes, dates = (tuple(one.split(_LIST)) if one else () for one in lists)
    effect = Effect(
        Kind(kind),
        uuid.UUID(change_set),
        code,
        plan,
        effect_digest,
        target,
        int(attempt),
        int(units),
        doubts=doubts,
        units_root=root,
        base_digest=base,
        changes=changes,
        dates=dates,
        publication_type=publication_type,
    )
    if leaf_fields(effect) != tuple(fields):
        raise ValueError("not the fields of a leaf")
    return effect


@dataclass(frozen=True)
class Release:
    """Change sets for one database, at most one of each document, by document code.

    Raises `BadInput` for none, for two targets, for a code twice, and for another order.
    """

    effects: tuple[Effect, ...]

    def __post_init__(self) -> None:
        codes = [one.document_code for one in self.effects]
        if not codes:
            raise BadInput("A release needs at least one document.")
        if len({one.target for one in self.effects}) > 1:
            raise BadInput("The change sets of a release are for one database.")
        if codes != sorted(set(codes)):
            raise BadInput("The documents of a release are sorted by code, each once.")

    @property
    def count(self) -> int:
        """How many change sets it has."""
        return len(self.effects)

    @property
    def target(self) -> str:
        """The database that it is for."""
        return self.effects[0].target

    @cached_property
    def root(self) -> str:
        """The root over its leaves, hexadecimal."""
        return self._levels[-1][0].hex()

    @cached_property
    def change_sets(self) -> frozenset[uuid.UUID]:
        """The ids of its change sets."""
        return frozenset(one.change_set_id for one in self.effects)

    @property
    def release_id(self) -> uuid.UUID:
        """The same change sets always have the same id, in whatever order they were found."""
        return release_id_of(self.target, self.count, self.root)

    def path_of(self, place: int) -> tuple[str, ...]:
        """What leads from the leaf at a place, from 0, to the root; hexadecimal, nearest first."""
        return tuple(step.hex() for step in path_in(self._levels, place))

    @cached_property
    def _levels(self) -> list[list[bytes]]:
        """Its tree, made once: a path is asked for each document."""
        return levels_of([leaf_hash(leaf_record(one, self.count)) for one in self.effects])


def release_of(effects: Sequence[Effect]) -> Release:
    """The release of change sets in whatever order. Raises what `Release` raises."""
    return Release(tuple(sorted(effects, key=lambda one: one.document_code)))


def belongs(effect: Effect, place: int, count: int, path: Sequence[str], root: str) -> bool:
    """Whether a path proves that a change set is the one at a place of a release with this root and
    this count.
    """
    try:
        steps = [bytes.fromhex(step) for step in path]
        found = root_from(leaf_hash(leaf_record(effect, count)), place, count, steps)
    except (ValueError, BadInput):
        return False
    exact = [step.hex() for step in steps] == list(path) and all(len(one) == 32 for one in steps)
    return exact and found is not None and found.hex() == root
