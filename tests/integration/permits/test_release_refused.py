"""What the database itself refuses of a release, asked as by a program that checks nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
import pytest
from psycopg import IsolationLevel

from adapters.postgres.permits.approvers import retire_approver
from adapters.postgres.permits.permit import OPENED, clock, halt
from domain.approval.approvals import Gate
from domain.plan.merkle import audit_path, leaf_hash, root_hash
from domain.release.approval import SignedRelease
from domain.release.manifest import leaf_fields
from tests.support.live import LiveBench, scalar
from tests.support.many import Many
from tests.support.permits import UNSIGNED
from tests.support.postgres import Connection
from tests.support.tamper import guards_off

PLACE_OPEN: Final = "SELECT cutter.fn_release_place_open(%s, %s, %s, %s, %s)"


@pytest.fixture
def many(bench: LiveBench) -> Many:
    """A release of three documents."""
    return Many.of(bench, 3)


@pytest.fixture
def signed(many: Many, executor: Connection) -> list[SignedRelease]:
    """Both approvals of it."""
    return many.sign(clock(executor))


def edited(
    signed: list[SignedRelease], number: int | None = None, **changes: object
) -> list[bytes]:
    """The payloads with some fields set otherwise, in one or in both; None takes a field out."""
    contents = [json.loads(one.payload) for one in signed]
    for at, content in enumerate(contents):
        if number in (None, at):
            content.update(changes)
            for name in [name for name, value in changes.items() if value is None]:
                del content[name]
    return [json.dumps(content).encode() for content in contents]


def opened(conn: Connection, payloads: list[bytes], signatures: Any = UNSIGNED) -> str:
    """What the function itself answers."""
    call = "SELECT cutter.fn_release_open(%s, %s, %s)"
    return str(scalar(conn, call, uuid.uuid4(), payloads, list(signatures)))


def on_record(bench: LiveBench) -> int:
    with bench.database.connect() as admin:
        return int(scalar(admin, "SELECT count(*) FROM release_permit"))


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


BOTH: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "an approval of a change set": ({"format": "iu-cutter approval 1"}, "no approval of a release"),
    "no format": ({"format": None}, "not for the same release"),
    "another database": ({"target": "elsewhere:1@2"}, "for another database"),
    "a submitter who approves": ({"submitter": " bEN "}, "who submits a run can not approve it"),
    "no root": ({"root": None}, "not for the same release"),
    "no count": ({"documents": None}, "not for the same release"),
    "no submitter": ({"submitter": None}, "not for the same release"),
    "no end": ({"execute_by": None}, "is not complete"),
    "one number": ({"nonce": "a" * 32}, "was used before"),
    "one gate": ({"gate": "SG_1"}, "gates are not the two"),
}


@pytest.mark.parametrize("what", BOTH)
def test_a_release_is_refused_for_what_both_approvals_say(
    bench: LiveBench, executor: Connection, signed: list[SignedRelease], what: str
) -> None:
    changes, says = BOTH[what]
    assert says in opened(executor, edited(signed, **changes))
    assert on_record(bench) == 0


ONE: Final = {
    "release_id": (str(uuid.UUID(int=8)), "not for the same release"),
    "root": ("c" * 64, "not for the same release"),
    "documents": (4, "not for the same release"),
    "target": ("elsewhere:1@2", "not for the same release"),
    "submitter": ("somebody", "not for the same release"),
    "gate": ("SG_3", "gates are not the two"),
    "key_id": ("0" * 64, "is not registered for this gate"),
    "approver": ("Carl", "is not registered for this gate"),
    "approve_by": ("2020-01-01T00:00:00Z", "has expired"),
    "execute_by": ("2020-01-01T00:00:00Z", "has expired"),
    "nonce": (None, "is not complete"),
}


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("field", ONE)
def test_a_release_is_refused_for_what_one_approval_says(
    bench: LiveBench, executor: Connection, signed: list[SignedRelease], field: str, number: int
) -> None:
    value, says = ONE[field]
    assert says in opened(executor, edited(signed, number, **{field: value}))
    assert on_record(bench) == 0


def test_a_release_takes_each_approver_for_a_gate_of_theirs(
    executor: Connection, signed: list[SignedRelease]
) -> None:
    bens, anns = edited(signed, 0, gate="SG_2")[0], edited(signed, 1, gate="SG_1")[1]
    assert "not registered for this gate" in opened(executor, [bens, anns])


@pytest.mark.parametrize("number", [0, 1])
def test_a_release_is_not_approved_for_longer_than_a_week(
    executor: Connection, signed: list[SignedRelease], number: int
) -> None:
    end = text(clock(executor) + timedelta(days=9))
    assert "valid for too long" in opened(executor, edited(signed, number, execute_by=end))


def test_a_release_takes_two_approvals_of_two_people(
    bench: LiveBench, executor: Connection, signed: list[SignedRelease]
) -> None:
    one, two = (approval.payload for approval in signed)
    for payloads in ([one], [one, two, one], []):
        assert "two approvals are needed" in opened(executor, payloads)
    assert "two approvals are needed" in opened(executor, [one, two], UNSIGNED[:1])
    ben = bench.approvers.keys[Gate.SG_2].key_id
    with guards_off(bench.database) as admin:
        admin.execute("UPDATE approver_key SET gates = '{SG_1,SG_2}' WHERE key_id = %s", (ben,))
    alone = edited(signed, 0, approver="Ben", key_id=ben)
    assert "two different people" in opened(executor, alone)


@pytest.mark.parametrize(
    "change",
    ["valid_until = now() - interval '1 second'", "valid_from = now() + interval '1 hour'"],
)
def test_a_release_takes_no_key_before_or_after_its_time(
    bench: LiveBench, executor: Connection, signed: list[SignedRelease], change: str
) -> None:
    with guards_off(bench.database) as admin:
        admin.execute(
            "UPDATE approver_key SET valid_from = now() - interval '2 days' WHERE person = 'Ben'"
        )
        admin.execute(f"UPDATE approver_key SET {change} WHERE person = 'Ben'".encode())
    assert "not registered for this gate" in opened(executor, [one.payload for one in signed])


def test_a_release_takes_no_retired_key_no_halt_no_old_snapshot_and_no_number_twice(
    bench: LiveBench, executor: Connection, signed: list[SignedRelease]
) -> None:
    payloads = [one.payload for one in signed]
    with bench.database.connect() as stale:
        stale.isolation_level = IsolationLevel.REPEATABLE_READ
        assert "READ COMMITTED only" in opened(stale, payloads)
    halt(executor, "Ann", "stop")
    assert "halted" in opened(executor, payloads)
    bench.lift()
    assert opened(executor, payloads) == OPENED
    assert "used before" in opened(executor, payloads)
    with bench.database.connect(autocommit=True) as admin:
        retire_approver(admin, bench.approvers.keys[Gate.SG_2].key_id)
    anew = edited(signed, 0, nonce="a" * 32), edited(signed, 1, nonce="b" * 32)
    assert "not registered for this gate" in opened(executor, [anew[0][0], anew[1][1]])
    assert on_record(bench) == 1


# --- a place
# ----------------------------------------------------------------------------------------------


def at_place(many: Many, permit: object, conn: Connection, place: int = 1, **other: Any) -> str:
    """What the database answers to a place, with the true leaf and path unless others are given."""
    leaf = other.get("leaf", list(leaf_fields(many.release.effects[place])))
    path = other.get("path", [bytes.fromhex(step) for step in many.release.path_of(place)])
    return str(scalar(conn, PLACE_OPEN, uuid.uuid4(), permit, other.get("at", place), leaf, path))


def other_leaf(at: int, value: str) -> Callable[[list[str]], list[str]]:
    return lambda leaf: [*leaf[:at], value, *leaf[at + 1 :]]


LEAVES: Final[dict[str, tuple[Callable[[list[str]], object], str]]] = {
    "one field less": (lambda leaf: leaf[:-1], "this is no leaf"),
    "one field more": (lambda leaf: [*leaf, ""], "this is no leaf"),
    "none": (lambda _leaf: None, "this is no leaf"),
    "a field that is missing": (lambda leaf: [*leaf[:-1], None], "this is no leaf"),
    "two fields in one": (
        lambda leaf: [f"{leaf[0]}\x1f{leaf[1]}", *leaf[2:], ""],
        "this is no leaf",
    ),
    "a revert": (other_leaf(1, "revert"), "cuts and revisions only"),
    "another database": (other_leaf(7, "elsewhere:1@2"), "for another database"),
    "another plan": (other_leaf(4, "c" * 64), "not what was approved"),
    "another effect": (other_leaf(5, "c" * 64), "not what was approved"),
}


@pytest.mark.parametrize("what", LEAVES)
def test_a_place_is_refused_for_what_its_leaf_says(
    many: Many, executor: Connection, what: str
) -> None:
    permit = many.approve().release_permit_id
    change, says = LEAVES[what]
    leaf = change(list(leaf_fields(many.release.effects[1])))
    assert says in at_place(many, permit, executor, leaf=leaf)
    assert at_place(many, permit, executor) == OPENED  # and the true one is not


def test_a_signed_revert_or_leaf_for_elsewhere_opens_nothing_either(
    bench: LiveBench, many: Many, executor: Connection
) -> None:
    """As by a program that had people sign what it should not have: the root is right."""
    for at, value, says in (
        (1, "revert", "cuts and revisions only"),
        (7, "elsewhere:1@2", "for another database"),
    ):
        leaf = other_leaf(at, value)(list(leaf_fields(many.release.effects[0])))
        fields = "\x1f".join(("iu-cutter release 1", "1", *leaf)).encode()
        root = root_hash([leaf_hash(fields)]).hex()
        signed = many.sign(clock(executor))
        payloads = edited(signed, root=root, documents=1)
        permit = uuid.uuid4()
        call = "SELECT cutter.fn_release_open(%s, %s, %s)"
        assert scalar(executor, call, permit, payloads, list(UNSIGNED)) == OPENED
        path = list(audit_path([leaf_hash(fields)], 0))
        assert says in at_place(many, permit, executor, 0, leaf=leaf, path=path)


def test_a_place_opens_for_an_approved_release_in_force_only(
    bench: LiveBench, many: Many, executor: Connection
) -> None:
    assert "no such release" in at_place(many, uuid.uuid4(), executor)
    permit = many.approve().release_permit_id
    with bench.database.connect() as stale:
        stale.isolation_level = IsolationLevel.REPEATABLE_READ
        assert "READ COMMITTED only" in at_place(many, permit, stale)
    assert "this is no leaf" in at_place(many, permit, executor, at=None)
    assert "not what was approved" in at_place(many, permit, executor, at=0)
    with guards_off(bench.database) as admin:
        admin.execute("UPDATE release_permit SET execute_by = now() - interval '1 second'")
    assert "has expired" in at_place(many, permit, executor)
    with guards_off(bench.database) as admin:
        admin.execute("UPDATE release_permit SET execute_by = now() + interval '1 hour'")
    halt(executor, "Ann", "stop")
    assert "was halted" in at_place(many, permit, executor)
    bench.lift()
    assert "was halted" in at_place(many, permit, executor)


def test_a_change_set_has_one_permit_whatever_opens_it(
    bench: LiveBench, many: Many, executor: Connection
) -> None:
    first, second = many.approve().release_permit_id, many.approve().release_permit_id
    assert at_place(many, first, executor) == OPENED
    assert "has a permit already" in at_place(many, second, executor)
    with guards_off(bench.database) as admin:
        admin.execute("UPDATE cut_permit SET confirmed_at = now(), used_at = now()")
    assert "was run before" in at_place(many, second, executor)
    with guards_off(bench.database) as admin:
        admin.execute(
            "UPDATE cut_permit SET used_at = NULL, revoked_at = now(), revoked_by = 'a', "
            "revoke_reason = 'b'"
        )
    assert "opened before" in at_place(many, first, executor)
    assert at_place(many, second, executor) == OPENED


def test_the_executor_writes_no_release_beside_its_functions(executor: Connection) -> None:
    for table in ("release_permit", "release_approval", "release_place"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            executor.execute(f"INSERT INTO cutter.{table} DEFAULT VALUES".encode())
        executor.rollback()
