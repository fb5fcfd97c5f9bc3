"""One approval for many change sets: each permit opens by its place, once, and is a permit like any
other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from adapters.keys.signing import signature_is_valid
from adapters.postgres.permits.permit import clock, find_permit, halt, registry
from adapters.postgres.permits.releases import find_release_permit, open_release
from adapters.postgres.record.bundle_records import read_permits
from domain.approval.approvals import Gate
from domain.errors import ApprovalRefused, ProductionExecutionNotAuthorized
from domain.evidence.permits import judge_permit
from domain.phases import Phase, Principal
from domain.release.approval import ReleaseRoot
from domain.release.manifest import FORMAT, leaf_fields
from tasks.gates import open_at_place
from tests.support.apart import Worker, serving
from tests.support.live import LiveBench, answers_of, run_phases, scalar
from tests.support.many import Many, sign_gate, sign_release
from tests.support.postgres import Connection

OTHER_ROOT = ReleaseRoot(uuid.UUID(int=5), "a" * 64, 3, "elsewhere:1@2")


@contextmanager
def as_principal(bench: LiveBench, principal: Principal) -> Iterator[Connection]:
    with closing(bench.connections.connect(principal)) as conn:
        yield conn


def statuses(bench: LiveBench) -> dict[str, str]:
    with bench.database.connect() as admin:
        found = admin.execute("SELECT document_code, status FROM decision_backlog_entry").fetchall()
    return dict(found)


@pytest.mark.one_quick
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_every_document_of_a_release_is_cut_under_one_approval(
    bench: LiveBench, count: int
) -> None:
    many = Many.of(bench, count)
    permit = many.approve()
    for place in range(count):
        ctx = many.ctx(place)
        effect = many.release.effects[place]
        approved = open_at_place(bench.connections, ctx, effect, many.at(permit, place))
        assert approved.approved_effect_digest == effect.effect_digest
        run_phases(bench.adapter, approved, many.plans[place])
    assert statuses(bench) == {plan.document_code: "enacted" for plan in many.plans}
    with as_principal(bench, Principal.VERIFY) as conn:
        for effect in many.release.effects:
            (on_record,) = read_permits(conn, effect.change_set_id)
            signed = judge_permit(on_record, effect, signature_is_valid)
            assert {one.approver for one in signed} == {"Ann", "Ben"}


def test_a_resumed_run_finds_its_permit_and_a_place_opens_once(bench: LiveBench) -> None:
    many = Many.of(bench, 3)
    permit, ctx, effect = many.approve(), many.ctx(1), many.release.effects[1]
    first = open_at_place(bench.connections, ctx, effect, many.at(permit, 1))
    run_phases(bench.adapter, first, many.plans[1], Phase.CUT_LEG_A)
    again = open_at_place(bench.connections, ctx, effect, many.at(permit, 1))
    run_phases(bench.new_adapter(), again, many.plans[1])
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_permit") == 1
        assert scalar(admin, "SELECT count(*) FROM release_place") == 1
    with as_principal(bench, Principal.EXEC) as conn:
        admin_revokes = "UPDATE cutter.release_place SET place = 2"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(admin_revokes)


def test_a_permit_that_nobody_confirmed_yet_waits_and_allows_nothing(bench: LiveBench) -> None:
    """A worker that was killed between opening and confirming: the next one goes on."""
    many = Many.of(bench, 2)
    permit, ctx, effect = many.approve(), many.ctx(0), many.release.effects[0]
    with as_principal(bench, Principal.EXEC) as conn:
        assert opened_at(conn, many, permit.release_permit_id, 0) == "opened"
        found = find_permit(conn, ctx.change_set_id)
    assert found is not None
    assert (found.confirmed, found.expired) == (False, False)
    with pytest.raises(ProductionExecutionNotAuthorized):
        run_phases(bench.adapter, ctx, many.plans[0])
    approved = open_at_place(bench.connections, ctx, effect, many.at(permit, 0))
    run_phases(bench.adapter, approved, many.plans[0])
    assert statuses(bench) == {"law.000": "enacted"}


def opened_at(conn: Connection, many: Many, permit: uuid.UUID, place: int, **other: Any) -> str:
    """What the function itself answers."""
    values = {
        "leaf": list(leaf_fields(many.release.effects[place])),
        "path": [bytes.fromhex(step) for step in many.release.path_of(place)],
        "place": place,
        **other,
    }
    call = "SELECT cutter.fn_release_place_open(%s, %s, %s, %s, %s)"
    leaf, path, at = values["leaf"], values["path"], values["place"]
    return str(scalar(conn, call, uuid.uuid4(), permit, at, leaf, path))


def test_a_halt_ends_a_release_for_good(bench: LiveBench) -> None:
    many = Many.of(bench, 2)
    permit, ctx, effect = many.approve(), many.ctx(0), many.release.effects[0]
    approved = open_at_place(bench.connections, ctx, effect, many.at(permit, 0))
    with as_principal(bench, Principal.EXEC) as conn:
        assert halt(conn, "Ann", "wrong corpus") == 1
        for lift in (False, True):
            if lift:
                bench.lift()
            assert find_release_permit(conn, many.release.release_id) is None
            with pytest.raises(ApprovalRefused, match="halted"):
                open_at_place(
                    bench.connections, many.ctx(1), many.release.effects[1], many.at(permit, 1)
                )
    with pytest.raises(ProductionExecutionNotAuthorized):
        run_phases(bench.adapter, approved, many.plans[0])
    anew = many.approve()
    approved = open_at_place(bench.connections, many.ctx(0), effect, many.at(anew, 0))
    run_phases(bench.adapter, approved, many.plans[0])
    assert statuses(bench) == {"law.000": "enacted"}


def test_approvals_of_a_release_are_judged_before_they_are_used(bench: LiveBench) -> None:
    many = Many.of(bench, 2)
    with as_principal(bench, Principal.EXEC) as conn:
        now, keys = clock(conn), registry(conn)
        one, two = many.sign(now)
        wrong = {
            "approves another": sign_release(bench.approvers, OTHER_ROOT, now),
            "needs one approval each": [one],
            "has submitted this run": many.sign(now, submitter="Ann"),
            "was started by operator": many.sign(now, submitter="somebody"),
            "belongs to Ben": [one, sign_as(bench, many, now)],
        }
        for why, signed in wrong.items():
            with pytest.raises(ApprovalRefused, match=why):
                open_release(conn, signed, many.root, "operator", keys, now)
        assert open_release(conn, [one, two], many.root, "operator", keys, now)
        with pytest.raises(ApprovalRefused, match="used before"):
            open_release(conn, [one, two], many.root, "operator", keys, now)


def sign_as(bench: LiveBench, many: Many, now: Any) -> Any:
    """Ann's own key once more, for the other gate."""
    bench.approvers.people[Gate.SG_2] = "Ann"
    try:
        return sign_gate(bench.approvers, many.root, Gate.SG_2, now)
    finally:
        bench.approvers.people[Gate.SG_2] = "Ben"


def test_the_database_computes_the_roots_that_the_program_does(bench: LiveBench) -> None:
    from domain.plan.merkle import audit_path, leaf_hash, root_hash

    with bench.database.connect() as admin:
        for count in (*range(1, 18), 31, 32, 33, 100):
            records = [f"{FORMAT} {number}".encode() for number in range(count)]
            leaves = [leaf_hash(record) for record in records]
            root = root_hash(leaves)
            for place in range(count):
                path = list(audit_path(leaves, place))
                call = "SELECT cutter.fn_merkle_root(%s, %s, %s, %s)"
                assert scalar(admin, call, records[place], place, count, path) == root
                other = scalar(admin, call, records[place], (place + 1) % count, count, path)
                assert other != root or count == 1


@pytest.mark.slow
def test_a_verifier_apart_confirms_and_verifies_a_release(bench: LiveBench) -> None:
    many, worker = Many.of(bench, 3), Worker(bench)
    permit = many.approve()
    with serving(bench) as said:
        for place, effect in enumerate(many.release.effects):
            ctx = many.ctx(place)
            approved = open_at_place(
                worker.connections, ctx, effect, many.at(permit, place), worker.asked
            )
            answers_of(worker.adapter(), approved, many.plans[place], Phase.LIFECYCLE_ENACT)
    assert set(statuses(bench).values()) == {"enacted"}
    assert not [line for line in said if line.startswith("Refused")]
