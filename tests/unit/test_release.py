"""A release: its root pins every change set of it, and a path proves one and nothing else."""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.releases import MANIFEST, keep_release, kept_release
from domain.approval.approvals import Effect
from domain.errors import BadInput, ConfigMismatch
from domain.phases import Kind
from domain.plan.merkle import audit_path, leaf_hash, root_hash
from domain.release.manifest import Release, belongs, leaf_record, release_of

TARGET = "knowledge:16384@7000000000000000001"
OTHER: dict[str, Any] = {
    "kind": Kind.REVERT,
    "change_set_id": uuid.UUID(int=77),
    "document_code": "law.99",
    "plan_digest": "f" * 64,
    "effect_digest": "e" * 64,
    "target": "another:1@2",
    "attempt": 7,
    "units": 99,
    "doubts": ("large-gap 1 " + "a" * 64,),
    "units_root": "d" * 64,
    "base_digest": "c" * 64,
    "changes": ("create 7",),
    "dates": ("unknown 7",),
    "publication_type": "decree",
}


def effect(number: int) -> Effect:
    return Effect(
        kind=Kind.REVISION if number % 3 == 0 else Kind.CUT,
        change_set_id=uuid.UUID(int=number + 1),
        document_code=f"law.{number:02}",
        plan_digest=f"{number:064x}",
        effect_digest=f"{number + 1:064x}",
        target=TARGET,
        attempt=1,
        units=number + 1,
        doubts=(f"large-gap 1 {number:064x}", f"oversized-unit 2 {number:064x}"),
        units_root=f"{number + 2:064x}",
        base_digest=f"{number + 3:064x}" if number % 3 == 0 else "",
    )


def release(count: int) -> Release:
    return release_of([effect(number) for number in reversed(range(count))])


def test_the_same_change_sets_are_the_same_release_in_whatever_order() -> None:
    one, other = release(9), release_of([effect(number) for number in range(9)])
    assert (one.release_id, one.root, one.effects) == (other.release_id, other.root, other.effects)
    assert release(8).release_id != one.release_id
    leaves = [leaf_hash(leaf_record(effect(number), 9)) for number in range(9)]
    assert one.root == root_hash(leaves).hex()
    assert one.path_of(4) == tuple(step.hex() for step in audit_path(leaves, 4))


def test_a_path_of_a_document_costs_the_same_in_a_large_release() -> None:
    effects = [replace(effect(1), document_code=f"law.{number:05}") for number in range(4096)]
    large = Release(tuple(effects))
    begun = time.process_time()
    root = large.root  # makes the tree
    made = time.process_time() - begun
    paths = [large.path_of(place) for place in range(large.count)]
    assert time.process_time() - begun < 20 * made  # a tree for each path took thousands of times
    assert {len(path) for path in paths} == {12}
    assert all(
        belongs(effects[place], place, 4096, paths[place], root) for place in range(0, 4096, 512)
    )


@pytest.mark.parametrize("name", [field.name for field in fields(Effect)])
def test_the_root_pins_everything_that_an_approval_names(name: str) -> None:
    """A field that is new in what approvers sign has to be in the leaf."""
    changed = replace(effect(1), **{name: OTHER[name]})
    assert leaf_record(changed, 4) != leaf_record(effect(1), 4)


@pytest.mark.parametrize(
    ("effects", "says"),
    [
        ((), "at least one"),
        ((effect(1), replace(effect(2), target="another:1@2")), "one database"),
        ((effect(1), effect(1)), "each once"),
        ((effect(2), effect(1)), "sorted"),
    ],
)
def test_what_is_no_release(effects: tuple[Effect, ...], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Release(effects)


def test_fields_can_not_run_into_each_other() -> None:
    for change in ({"document_code": "a\x1fb"}, {"doubts": ("a,b",)}, {"target": "a\x1e"}):
        with pytest.raises(BadInput, match="can not be in a release"):
            leaf_record(replace(effect(1), **change), 4)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_each_change_set_is_proved_by_its_path(count: int) -> None:
    made = release(count)
    for place, one in enumerate(made.effects):
        assert belongs(one, place, count, made.path_of(place), made.root)


def test_ten_thousand_mutated_proofs_prove_nothing() -> None:
    """Another field, place, count, root, or path: of one of the release or of another."""
    chance = random.Random(19)  # noqa: S311 -- the same cases every time
    made = [release(count) for count in range(1, 24)]
    accepted = [tried for tried in range(10_000) if _mutated(chance, chance.choice(made))]
    assert accepted == []


def _mutated(chance: random.Random, made: Release) -> bool:
    """Whether one proof still proves what it does after one change that changes it."""
    place = chance.randrange(made.count)
    one, path, count, root = made.effects[place], list(made.path_of(place)), made.count, made.root
    match chance.randrange(8):
        case 0:
            name = chance.choice([field.name for field in fields(Effect)])
            one = replace(one, **{name: OTHER[name]})
        case 1:
            place = chance.choice([n for n in range(-1, count + 2) if n != place])
        case 2:
            count = chance.choice([n for n in range(70) if n != count])
        case 3:
            root = f"{chance.randrange(2**256):064x}"
        case 4:
            path.insert(chance.randrange(len(path) + 1), f"{chance.randrange(2**256):064x}")
        case 5:
            one = effect(50 + chance.randrange(20))
        case 6 if path:
            path[chance.randrange(len(path))] = f"{chance.randrange(2**256):064x}"
        case _ if path:
            path.pop(chance.randrange(len(path)))
        case _:
            root = root.upper() if root.upper() != root else "0" * 64
    return belongs(one, place, count, path, root)


def test_a_manifest_comes_back_as_it_was_kept_or_not_at_all(tmp_path: Path) -> None:
    made = release(5)
    path = keep_release(tmp_path, made)
    assert kept_release(tmp_path, made.release_id) == made
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    for damaged in (
        "",
        "{}\n",
        "".join(lines[:-1]),
        "".join([lines[0], *lines[2:], lines[1]]),
        whole.replace("law.02", "law.2x"),
        whole + lines[-1],
        whole.replace('"count": 5', '"count": 6'),
    ):
        path.write_text(damaged)
        with pytest.raises(ConfigMismatch, match="was changed"):
            kept_release(tmp_path, made.release_id)


def test_a_manifest_of_another_release_does_not_stand_in(tmp_path: Path) -> None:
    made, other = release(5), release(4)
    path, there = keep_release(tmp_path, made), keep_release(tmp_path, other)
    path.write_text(there.read_text())
    with pytest.raises(ConfigMismatch, match=MANIFEST):
        kept_release(tmp_path, made.release_id)
    with pytest.raises(BadInput, match="No release"):
        kept_release(tmp_path, uuid.UUID(int=5))
