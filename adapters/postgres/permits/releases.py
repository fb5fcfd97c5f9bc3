"""Releases in the database: their approvals, and the permit of each change set, which opens by its
place in one.

The database makes the leaf and the root itself; this asks it, and the verifier judges again what it
has stored.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_value
from adapters.postgres.permits.policies import policy_at
from domain.approval.approvals import ApproverKey, Effect
from domain.approval.policy import Policy
from domain.approval.stated import refuse
from domain.errors import PhaseStop
from domain.phases import Kind
from domain.release.approval import (
    Place,
    ReleaseRoot,
    SignedRelease,
    judge_release,
    require_place,
)
from domain.release.manifest import effect_from, leaf_fields

OPENED = "opened"
NO_ANSWER = "the database did not answer"
ANOTHER_PERMIT = "its change set has another permit by now"
JUST_OPENED = "another run has just opened this"


@dataclass(frozen=True, slots=True)
class ReleasePermit:
    """Leave for the change sets of a release. By itself it lets nothing run."""

    release_permit_id: uuid.UUID
    release_id: uuid.UUID
    root: str
    documents: int
    submitter: str
    opened_at: datetime
    execute_by: datetime


@dataclass(frozen=True, slots=True)
class OpenedPlace(ReleasePermit):
    """The place that a permit was opened at, with the proof that the database has checked."""

    place: int
    leaf: list[str]
    path: list[bytes]

    @property
    def effect(self) -> Effect:
        """What its leaf says. Raises `ApprovalRefused` for a leaf that says nothing exactly."""
        try:
            return effect_from(self.leaf)
        except ValueError:
            refuse("what is stored of the release is no leaf")

    def of(self, target: str) -> Place:
        """The place in the domain's words, for one database."""
        root = ReleaseRoot(self.release_id, self.root, self.documents, target)
        return Place(root, self.place, tuple(step.hex() for step in self.path))


@translated("Asking for the approval of a release", PhaseStop)
def find_release_permit(conn: Connection, release_id: uuid.UUID) -> ReleasePermit | None:
    """The leave for a release that is neither over nor halted, or None."""
    return read_one(conn, ReleasePermit, "release_permit_in_force", {"release_id": release_id})


@translated("Putting the approval of a release on record", PhaseStop)
def open_release(
    conn: Connection,
    approvals: Sequence[SignedRelease],
    wanted: ReleaseRoot,
    actor: str,
    keys: Mapping[str, ApproverKey],
    now: datetime,
    runs: Iterable[tuple[Kind, str]] = (),
) -> ReleasePermit:
    """Judge approvals of a release, signatures and all, and put them on record.

    `conn` is the executor's, in autocommit; `now` is the database's clock. `runs` are the kinds
    and publication types of its change sets, by which a policy goes: the database asks it again
    where each permit opens. Raises `ApprovalRefused` naming the first fault.
    """
    policy = policy_at(conn, now, wanted.target, keys)
    judge_release(approvals, wanted, keys, actor, now, signature_is_valid, policy, runs)
    values = {
        "release_permit_id": uuid.uuid4(),
        "payloads": [one.payload for one in approvals],
        "signatures": [one.signature for one in approvals],
    }
    try:
        answer = read_value(conn, str, "release_open", values) or NO_ANSWER
    except psycopg.errors.UniqueViolation:
        answer = JUST_OPENED
    found = find_release_permit(conn, wanted.release_id) if answer == OPENED else None
    if found is None:
        refuse(answer)
    return found


@translated("Opening the permit of a change set of a release", PhaseStop)
def open_place(
    conn: Connection, release_permit_id: uuid.UUID, wanted: Effect, place: Place
) -> None:
    """Open the permit of a change set by its place; again is no change.

    `conn` is the executor's, in autocommit. Raises `ApprovalRefused`.
    """
    require_place(wanted, place)
    values = {
        "permit_id": uuid.uuid4(),
        "release_permit_id": release_permit_id,
        "place": place.place,
        "leaf": list(leaf_fields(wanted)),
        "path": [bytes.fromhex(step) for step in place.path],
    }
    try:
        answer = read_value(conn, str, "release_place_open", values) or NO_ANSWER
    except psycopg.errors.UniqueViolation:
        answer = JUST_OPENED
    if answer != OPENED:
        refuse(answer)


def place_of(conn: Connection, permit_id: uuid.UUID) -> OpenedPlace | None:
    """The place of a release that a permit was opened at; None for one with approvals of its
    own.
    """
    return read_one(conn, OpenedPlace, "release_place_of_permit", {"permit_id": permit_id})


def place_judged(
    conn: Connection, change_set_id: uuid.UUID, permit_id: uuid.UUID
) -> OpenedPlace | None:
    """The same, found by the change set whose permit this is. Raises `ApprovalRefused` if it has
    another permit by now.
    """

    def of_this(*, permit_id: uuid.UUID, **columns: Any) -> tuple[uuid.UUID, OpenedPlace]:
        return permit_id, OpenedPlace(**columns)

    found = read_one(conn, of_this, "judgement_place", {"change_set_id": change_set_id})
    if found is None:
        return None
    if found[0] != permit_id:
        refuse(ANOTHER_PERMIT)
    return found[1]


def judge_place(
    conn: Connection,
    found: OpenedPlace,
    wanted: Effect,
    keys: Mapping[str, ApproverKey],
    policy: Policy | None = None,
) -> datetime:
    """The verifier's own judgement of a permit's place, from the signed bytes that are stored;
    until when the release may be run.

    Keys and times are judged as of when the release was put on record, and `policy` is the one
    that was in force when the permit was opened. Raises `ApprovalRefused`.
    """
    place = found.of(wanted.target)
    require_place(wanted, place)
    statements = judge_release(
        approvals_of_release(conn, found.release_permit_id),
        place.release,
        keys,
        found.submitter,
        found.opened_at,
        signature_is_valid,
        policy,
        [(wanted.kind, wanted.publication_type)],
    )
    return min(one.execute_by for one in statements)


def approvals_of_release(conn: Connection, release_permit_id: uuid.UUID) -> list[SignedRelease]:
    """The signed approvals of a release, in the order of their gates."""
    keys = {"release_permit_id": release_permit_id}
    return read_all(conn, SignedRelease, "release_approvals", keys)
