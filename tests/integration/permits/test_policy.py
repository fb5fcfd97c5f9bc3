"""A policy is held by the executor, by the database and by the verifier, each by itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from adapters.keys.signing import signature_is_valid
from adapters.postgres.permits.permit import (
    OPENED,
    approvals_of,
    clock,
    confirm_permit,
    find_permit,
    open_permit,
    registry,
)
from adapters.postgres.permits.policies import install_policy, policy_on_record
from adapters.postgres.permits.releases import open_release
from adapters.postgres.record.bundle_records import read_permits
from domain.approval.approvals import Gate, SignedApproval
from domain.approval.policy import parse_policy
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import ApprovalRefused, BadInput
from domain.evidence.permits import judge_permit
from domain.phases import Kind, Principal
from tests.support.live import LiveBench, run_phases, scalar
from tests.support.many import Many
from tests.support.permits import PLAN, opened, permits
from tests.support.policies import BOARD, approval_by, in_force, registered, signed_policy
from tests.support.postgres import Connection

MISSES = "asks for 1 of board"
NO_BOARD = BOARD.replace(", board = 1", "")


@pytest.fixture
def cara(
    bench: LiveBench, ctx: CutContext, executor: Connection
) -> Callable[[Gate], SignedApproval]:
    """Cara of the board, who may sign for each gate of a cut."""
    key = registered(bench.database, "Cara", Gate.SG_1, Gate.SG_2)
    effect, now = cut_effect(ctx, PLAN), clock(executor)
    return lambda gate: approval_by("Cara", key, effect, now, gate=gate)


def payloads(approvals: list[SignedApproval]) -> list[bytes]:
    return [one.payload for one in approvals]


def answer(conn: Connection, approvals: list[SignedApproval]) -> str:
    """What the function itself answers to a program that checks nothing before."""
    return opened(conn, payloads(approvals), [bytes(64)] * len(approvals))


def confirm(bench: LiveBench, ctx: CutContext) -> None:
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        confirm_permit(conn, ctx, cut_effect(ctx, PLAN))


def test_one_person_in_two_spellings_is_counted_once(bench: LiveBench) -> None:
    in_force(bench.database, bench.approvers)
    fault = "SELECT cutter.fn_policy_fault('cut', %s, %s, clock_timestamp())"
    with bench.database.connect() as admin:
        for type_, people, missing in (
            ("law", ["Ann", "ANN", "Cara"], "the policy asks for 2 of legal"),
            ("law", ["Ann", "Ben", "CARA"], None),
            ("decree", ["Ann", "A\u200bNN"], "the policy asks for 2 people"),
            ("decree", ["Ann", "Eve"], None),
        ):
            assert scalar(admin, fault, type_, people) == missing


@pytest.mark.parametrize("gate", [Gate.SG_1, Gate.SG_2])
def test_a_permit_that_misses_a_group_is_refused_by_executor_and_database(
    bench: LiveBench,
    ctx: CutContext,
    executor: Connection,
    pair: list[SignedApproval],
    cara: Callable[[Gate], SignedApproval],
    gate: Gate,
) -> None:
    effect = cut_effect(ctx, PLAN)
    in_force(bench.database, bench.approvers)
    with pytest.raises(ApprovalRefused, match="the policy for a law asks for 1 more of board"):
        open_permit(executor, pair, effect, "operator")
    assert answer(executor, pair) == f"the policy {MISSES}"
    assert permits(bench.database) == []
    permit = open_permit(executor, [*pair, cara(gate)], effect, "operator")
    confirm(bench, ctx)
    assert len(approvals_of(executor, permit.permit_id)) == 3
    run_phases(bench.adapter, ctx, PLAN)


def test_the_verifier_refuses_by_itself_what_misses_a_group(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    """The database's own rule is taken out, and the program is not asked."""
    in_force(bench.database, bench.approvers)
    with bench.database.connect() as admin:
        admin.execute(
            "CREATE OR REPLACE FUNCTION cutter.fn_policy_fault(kind text, publication_type text, "
            "people text[], moment timestamptz) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'"
        )
    assert opened(executor, payloads(pair), [one.signature for one in pair]) == OPENED
    with pytest.raises(ApprovalRefused, match="asks for 1 more of board"):
        confirm(bench, ctx)
    permit = find_permit(executor, ctx.change_set_id)
    assert permit is not None
    assert not permit.confirmed


def test_a_policy_asks_for_particular_people_too(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    eve = registered(bench.database, "Eve", Gate.SG_2)
    effect = cut_effect(ctx, PLAN)
    in_force(bench.database, bench.approvers, NO_BOARD)
    by_eve = approval_by("Eve", eve, effect, clock(executor))
    assert answer(executor, [pair[0], by_eve]) == "the policy asks for 2 of legal"
    assert answer(executor, pair) == OPENED


def test_more_approvals_keep_all_the_rules_of_two(
    bench: LiveBench,
    ctx: CutContext,
    executor: Connection,
    pair: list[SignedApproval],
    cara: Callable[[Gate], SignedApproval],
) -> None:
    assert answer(executor, [*pair, cara(Gate.SG_2)]) == "two approvals are needed"  # no policy
    in_force(bench.database, bench.approvers)
    third = cara(Gate.SG_2)

    def with_third(**changes: object) -> str:
        content = json.loads(third.payload) | changes
        given = [*payloads(pair), json.dumps(content).encode()]
        return opened(executor, given, [bytes(64)] * 3)

    assert with_third(submitter="Cara") == "the two approvals are not for the same run"
    assert with_third(publication_type="decree") == "the two approvals are not for the same run"
    assert with_third(nonce=pair[0].statement.nonce).startswith("an approval was used before")
    assert with_third(gate="SG_3") == "the gates are not the two that this needs"
    assert with_third(approver="Ann").startswith("an approver is not registered")
    assert with_third(approve_by="2020-01-01T00:00:00Z").startswith("an approval has expired")
    second = registered(bench.database, "ann", Gate.SG_2)
    twice = approval_by("ann", second, cut_effect(ctx, PLAN), clock(executor))
    assert answer(executor, [*pair, twice]) == "two different people have to approve"
    assert permits(bench.database) == []


def test_approvals_count_by_the_policy_that_is_in_force_when_the_permit_opens(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    first = in_force(bench.database, bench.approvers)
    assert answer(executor, pair) == f"the policy {MISSES}"
    second = in_force(bench.database, bench.approvers, NO_BOARD)
    open_permit(executor, pair, cut_effect(ctx, PLAN), "operator")
    in_force(bench.database, bench.approvers)  # again as it was: what is open stays so
    confirm(bench, ctx)
    run_phases(bench.adapter, ctx, PLAN)
    (on_record,) = read_permits(executor, ctx.change_set_id)
    assert on_record.policy is not None
    assert on_record.policy.envelope == second.envelope() != first.envelope()


def test_evidence_has_the_policy_and_is_judged_by_it(
    bench: LiveBench,
    ctx: CutContext,
    executor: Connection,
    pair: list[SignedApproval],
    cara: Callable[[Gate], SignedApproval],
) -> None:
    import dataclasses

    signed, effect = in_force(bench.database, bench.approvers), cut_effect(ctx, PLAN)
    open_permit(executor, [*pair, cara(Gate.SG_2)], effect, "operator")
    (on_record,) = read_permits(executor, ctx.change_set_id)
    assert on_record.policy is not None
    assert on_record.policy.envelope == signed.envelope()
    assert len(judge_permit(on_record, effect, signature_is_valid)) == 3
    without = [one for one in on_record.approvals if one.person != "Cara"]
    with pytest.raises(ApprovalRefused, match="1 more of board"):
        judge_permit(
            dataclasses.replace(on_record, approvals=tuple(without)), effect, signature_is_valid
        )


def test_what_sg_3_has_not_signed_opens_nothing(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    """An administrator alone, without the key: the database takes it, executor and verifier do not
    count by it, so nothing runs until a signed one is in force.
    """
    import dataclasses

    loose = parse_policy("[rules]\ndefault = { any = 2 }")
    forged = dataclasses.replace(
        signed_policy(bench.database, bench.approvers, loose), signature=bytes(64)
    )
    with bench.database.connect() as admin:
        install_policy(admin, forged)
    with pytest.raises(ApprovalRefused, match="not signed by a registered key"):
        open_permit(executor, pair, cut_effect(ctx, PLAN), "operator")
    assert opened(executor, payloads(pair), [one.signature for one in pair]) == OPENED
    with pytest.raises(ApprovalRefused, match="not signed by a registered key"):
        confirm(bench, ctx)


def test_a_policy_is_for_here_and_for_now(bench: LiveBench, executor: Connection) -> None:
    policy = parse_policy(BOARD)
    older = signed_policy(bench.database, bench.approvers, policy)
    in_force(bench.database, bench.approvers, NO_BOARD)
    ben = bench.approvers.keys[Gate.SG_2]

    def refusal(key_id: str = older.key_id, **changes: object) -> str:
        said = json.loads(signed_policy(bench.database, bench.approvers, policy).payload) | changes
        with bench.database.connect() as admin:
            call = "SELECT cutter.fn_policy_set(%s, %s, %s)"
            return str(scalar(admin, call, json.dumps(said).encode(), key_id, bytes(64)))

    with bench.database.connect() as admin, pytest.raises(BadInput, match="signed after it"):
        install_policy(admin, older)
    assert refusal(target="elsewhere") == "it is for another database"
    assert refusal(format="x") == "this is no policy"
    assert refusal(ben.key_id, signed_by="Ben").startswith("its key is not registered for SG_3")
    assert refusal(signed_by="Ben").startswith("its key is not registered for SG_3")
    assert refusal(signed_at="2020-01-01T00:00:00+00:00").startswith("it was not signed just now")
    assert refusal(signed_at="2999-01-01T00:00:00+00:00").startswith("it was not signed just now")
    found = policy_on_record(executor, clock(executor))
    assert found is not None
    assert found.policy == parse_policy(NO_BOARD)


def test_a_release_that_misses_a_group_opens_no_place(bench: LiveBench) -> None:
    many = Many.of(bench, 2)
    permit = many.approve()  # before there was a policy
    in_force(bench.database, bench.approvers)
    with closing(bench.connections.connect(Principal.EXEC)) as conn:
        leaf = (many.release.effects[0].publication_type, Kind.CUT)
        assert leaf == ("law", Kind.CUT)
        from domain.release.manifest import leaf_fields

        call = "SELECT cutter.fn_release_place_open(%s, %s, %s, %s, %s)"
        path = [bytes.fromhex(step) for step in many.release.path_of(0)]
        values = uuid.uuid4(), permit.release_permit_id, 0
        said = scalar(conn, call, *values, list(leaf_fields(many.release.effects[0])), path)
        assert said == f"the policy {MISSES}"
        now = clock(conn)
        runs = {(one.kind, one.publication_type) for one in many.release.effects}
        with pytest.raises(ApprovalRefused, match="1 more of board"):
            open_release(conn, many.sign(now), many.root, "operator", registry(conn), now, runs)
    assert permits(bench.database) == []


def test_a_policy_is_never_changed_in_place(bench: LiveBench) -> None:
    in_force(bench.database, bench.approvers)
    for change in ("DELETE FROM", "TRUNCATE", "UPDATE"):
        what = "SET installed_at = now()" if change == "UPDATE" else ""
        with bench.database.connect() as admin, pytest.raises(psycopg.Error) as refused:
            admin.execute(f"{change} cutter.approval_policy {what}".encode())
        assert refused.value.sqlstate == "IU002"
