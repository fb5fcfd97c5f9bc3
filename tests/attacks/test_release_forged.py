"""With the executor's login and the whole of a release in hand: ten thousand manifests, proofs,
counts and signatures that are not what two people have signed, and none is accepted.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

import psycopg
import pytest

from adapters.postgres.permits.permit import OPENED, clock, confirm_permit, find_permit
from domain.errors import ApprovalRefused
from domain.phases import Kind, Principal
from domain.release.approval import ReleaseRoot, SignedRelease
from domain.release.manifest import Release, leaf_fields, release_of
from tests.support.live import LiveBench, scalar
from tests.support.many import Many, sign_release
from tests.support.postgres import Connection

pytestmark = pytest.mark.slow

Steal = Callable[[Principal], Connection]

PLACES: Final = 9_000
RELEASES: Final = 1_000
DOCUMENTS: Final = 13
PLACE_OPEN: Final = "SELECT cutter.fn_release_place_open(%s, %s, %s, %s, %s)"


def answer(conn: Connection, call: str, *values: object) -> str:
    """What the database answers; an error is a refusal too."""
    try:
        return str(scalar(conn, call, *values))
    except psycopg.Error as error:
        return f"error {error.sqlstate}"


def test_a_place_opens_for_nothing_that_was_not_signed(bench: LiveBench, steal: Steal) -> None:
    many, chance = Many.of(bench, DOCUMENTS), random.Random(19)  # noqa: S311  # repeatable, no secret
    permit, thief = many.approve().release_permit_id, steal(Principal.EXEC)
    said: dict[str, int] = {}
    for _ in range(PLACES):
        place, leaf, path = mutated_place(many.release, chance)
        found = answer(thief, PLACE_OPEN, uuid.uuid4(), permit, place, leaf, path)
        assert found != OPENED, (place, leaf, path)
        said[found] = said.get(found, 0) + 1
    assert sum(said.values()) == PLACES
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_permit") == 0
    # and the true one does open, so that it was not refused for something else
    true = leaf_fields(many.release.effects[4])
    path = [bytes.fromhex(step) for step in many.release.path_of(4)]
    assert answer(thief, PLACE_OPEN, uuid.uuid4(), permit, 4, list(true), path) == OPENED


def mutated_place(release: Release, chance: random.Random) -> tuple[Any, Any, Any]:
    """A place, a leaf and a path that do not belong together, or to the release."""
    place = chance.randrange(release.count)
    leaf = list(leaf_fields(release.effects[place]))
    path = [bytes.fromhex(step) for step in release.path_of(place)]
    true = (place, list(leaf), list(path))
    while (place, leaf, path) == true:
        match chance.randrange(9):
            case 0:
                at = chance.randrange(len(leaf))
                leaf[at] = leaf[at][:-1] + chance.choice("0f9") if leaf[at] else "x"
            case 1:
                one, two = chance.sample(range(len(leaf)), 2)
                leaf[one], leaf[two] = leaf[two], leaf[one]
            case 2:  # what joins fields, moved into one
                at = chance.randrange(len(leaf) - 1)
                leaf[at : at + 2] = [f"{leaf[at]}\x1f{leaf[at + 1]}", ""]
            case 3:
                leaf = list(leaf_fields(chance.choice(release.effects)))
            case 4:
                other = chance.randrange(release.count)
                path = [bytes.fromhex(step) for step in release.path_of(other)]
            case 5:
                place = chance.choice([chance.randrange(-2, release.count + 40), 2**31 - 1])
            case 6:
                at = chance.randrange(len(path))
                bit = bytearray(path[at])
                bit[chance.randrange(32)] ^= 1 << chance.randrange(8)
                path[at] = bytes(bit)
            case 7:
                path.insert(chance.randrange(len(path) + 1), chance.randbytes(32))
            case _:
                path.pop(chance.randrange(len(path))) if chance.random() < 0.5 else leaf.pop()
    return place, leaf, path


def test_a_release_that_nobody_signed_confirms_nothing(bench: LiveBench, steal: Steal) -> None:
    """The database can not check a signature, so a forged release may open places; the verifier
    confirms none of them.
    """
    many, chance = Many.of(bench, DOCUMENTS), random.Random(20)  # noqa: S311  # repeatable, no secret
    thief = steal(Principal.EXEC)
    with closing(bench.connections.connect(Principal.VERIFY)) as verifier:
        signed = many.sign(clock(verifier))
        opened = 0
        for number in range(RELEASES):
            forged, release = mutated_release(bench, many, signed, number, chance)
            permit = uuid.uuid4()
            scalar(thief, "SELECT cutter.fn_permits_revoke('thief', 'room for the next')")
            call = "SELECT cutter.fn_release_open(%s, %s, %s)"
            payloads = [one.payload for one in forged]
            signatures = [one.signature for one in forged]
            if answer(thief, call, permit, payloads, signatures) != OPENED:
                continue
            place = chance.randrange(release.count)
            effect = release.effects[place]
            leaf = list(leaf_fields(effect))
            path = [bytes.fromhex(step) for step in release.path_of(place)]
            if answer(thief, PLACE_OPEN, uuid.uuid4(), permit, place, leaf, path) != OPENED:
                continue
            opened += 1
            ctx = replace(
                many.ctx(0),
                change_set_id=effect.change_set_id,
                document_code=effect.document_code,
                plan_digest=effect.plan_digest,
            )
            assert find_permit(verifier, ctx.change_set_id) is not None
            try:
                confirm_permit(verifier, ctx, effect)
            except ApprovalRefused:
                continue
            raise AssertionError((number, forged))
    assert opened > RELEASES // 4  # the verifier was asked, not only the database
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_permit WHERE confirmed_at IS NOT NULL") == 0


def mutated_release(
    bench: LiveBench,
    many: Many,
    signed: list[SignedRelease],
    number: int,
    chance: random.Random,
) -> tuple[list[SignedRelease], Release]:
    """Approvals that are not what was signed, and the release that they would let through."""
    effects = list(many.release.effects)
    match chance.randrange(4):
        case 0:  # one more
            more = replace(effects[0], document_code=f"law.x{number}")
            effects.append(replace(more, change_set_id=uuid.UUID(int=number + 1)))
        case 1:  # one less
            effects.pop(chance.randrange(len(effects)))
        case 2:  # one exchanged
            at = chance.randrange(len(effects))
            effects[at] = replace(
                effects[at], plan_digest=f"{number:064x}", change_set_id=uuid.UUID(int=number + 1)
            )
        case _:  # the true ones, by signatures that are not over them
            at = chance.randrange(len(effects))
            effects[at] = replace(effects[at], kind=Kind.CUT)
    release = release_of(effects)
    if release.root == many.release.root:
        return [edited(one, number, chance, many.root) for one in signed], release
    if chance.random() < 0.5:
        return [edited(one, number, chance, ReleaseRoot.of(release)) for one in signed], release
    stranger = type(bench.approvers)()  # keys of the right names that nobody has registered
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        made = sign_release(stranger, ReleaseRoot.of(release), clock(conn))
    ids = [one.key_id for one in signed]
    return [
        edited(one, number, chance, ReleaseRoot.of(release), key_id=key)
        for one, key in zip(made, ids, strict=True)
    ], release


def edited(
    one: SignedRelease,
    number: int,
    chance: random.Random,
    root: ReleaseRoot,
    key_id: str | None = None,
) -> SignedRelease:
    """An approval with another root and nonce below its signature, or with another signature."""
    content = json.loads(one.payload)
    content |= {
        "release_id": str(root.release_id),
        "root": root.root,
        "documents": root.documents,
        "nonce": uuid.UUID(int=chance.getrandbits(128)).hex,
    }
    if key_id:
        content["key_id"] = key_id
    payload = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    signature = one.signature if number % 3 else chance.randbytes(64)
    return SignedRelease(payload, key_id or one.key_id, signature)
