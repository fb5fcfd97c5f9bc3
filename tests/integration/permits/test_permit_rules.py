"""Each single rule of the functions that open, take back and lift, where only that rule stands
between a call and success.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.permits.permit import OPENED, clock, halt, open_permit
from domain.approval.approvals import Gate, SignedApproval
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from tests.support.approvers import Approvers, new_signer
from tests.support.live import LiveBench, scalar
from tests.support.permits import PLAN, edited, opened, permits
from tests.support.postgres import Connection, Database


def registered(database: Database, person: str, *gates: Gate) -> str:
    """A new key of a person, for a day; its id."""
    with database.connect() as admin:
        return register_approver(
            admin, person, new_signer().public_key, gates, timedelta(days=1), "administrator"
        )


def planted(
    database: Database, change_set: uuid.UUID, ends_in: timedelta, change: str = "kind = 'cut'"
) -> None:
    """A permit that was opened two hours ago, and what has become of it."""
    with database.connect() as admin:
        admin.execute(
            "INSERT INTO cut_permit (permit_id, change_set_id, kind, document_code, "
            "plan_digest, effect_digest, submitter,"
            " opened_at, execute_by) SELECT gen_random_uuid(), %s, 'cut', 'test.law', d, d, "
            "'x', now() - interval '2 hours',"
            " now() + %s FROM repeat('0', 64) AS d",
            (change_set, ends_in),
        )
        admin.execute(
            f"UPDATE cut_permit SET {change} WHERE change_set_id = %s".encode(), (change_set,)
        )  # ours


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("field", ["approver", "key_id", "nonce", "approve_by", "execute_by"])
def test_an_approval_that_lacks_something_is_not_complete(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], field: str, number: int
) -> None:
    assert opened(executor, edited(pair, number, **{field: None})) == "an approval is not complete"
    assert permits(bench.database) == []


@pytest.mark.parametrize(
    "field", ["kind", "change_set_id", "document_code", "plan_digest", "effect_digest", "attempt"]
)
def test_what_both_approvals_leave_open_they_do_not_agree_on(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], field: str
) -> None:
    answer = opened(executor, edited(pair, **{field: None}))
    assert answer in (
        "the two approvals are not for the same run",
        "the gates are not the two that this needs",
    )
    assert permits(bench.database) == []


def test_each_key_is_for_the_gates_that_it_was_registered_for(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval]
) -> None:
    """Ann may not sign for SG_2, nor Ben for SG_1, though both are approvers."""
    ann, ben = pair
    swapped = [
        edited([ann], gate=ben.statement.gate.value)[0],
        edited([ben], gate=ann.statement.gate.value)[0],
    ]
    for payloads in (swapped, swapped[::-1]):
        assert (
            opened(executor, payloads)
            == "an approver is not registered for this gate, or not any more"
        )
    second = registered(bench.database, "Carl", Gate.SG_1, Gate.SG_3)
    carl = edited(pair, 1, key_id=second, approver="Carl")
    assert opened(executor, carl) == "an approver is not registered for this gate, or not any more"
    assert permits(bench.database) == []


def test_either_nonce_counts_as_used(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    """After a halt only the nonces stand between the old approvals and another permit."""
    open_permit(executor, pair, cut_effect(ctx, PLAN), "operator")
    halt(executor, "operator", "a test")
    bench.lift("operator", "the test goes on")
    fresh = bench.approvers.sign(cut_effect(ctx, PLAN), clock(executor))
    for mixed in ([pair[0], fresh[1]], [fresh[0], pair[1]]):
        said = opened(executor, [approval.payload for approval in mixed])
        assert said == "an approval was used before; have it signed again"
    assert opened(executor, [approval.payload for approval in fresh]) == OPENED


SPELLINGS = (
    "aNN LEE",
    "  Ann Lee ",
    "Ann   Lee",
    "Ann\u2003Lee",
    "Ａｎｎ Lee",
    "Ann\u00a0\u00a0Lee",
)


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_person_in_two_spellings_is_one_person(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval], name: str
) -> None:
    first = registered(bench.database, "Ann Lee", Gate.SG_1)
    second = registered(bench.database, name, Gate.SG_2)
    keys = {Gate.SG_1: ("Ann Lee", first), Gate.SG_2: (name, second)}
    payloads = [
        edited(pair, number, approver=person, key_id=key)[number]
        for number, (person, key) in enumerate(keys[approval.statement.gate] for approval in pair)
    ]
    assert opened(executor, payloads) == "two different people have to approve"
    assert opened(executor, edited(pair, submitter=f" {name}")) == OPENED, (
        "who is neither of the two may submit"
    )


def test_a_submitter_is_neither_of_the_two(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval]
) -> None:
    for approval in pair:
        for spelling in (
            approval.statement.approver,
            approval.statement.approver.upper(),
            f"\t{approval.statement.approver}",
        ):
            assert (
                opened(executor, edited(pair, submitter=spelling))
                == "who submits a run can not approve it"
            )
    assert permits(bench.database) == []


def test_a_permit_ends_with_the_earlier_of_its_approvals_and_nobody_elses_is_touched(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    early = clock(executor).replace(microsecond=0) + timedelta(minutes=5)
    for number in (0, 1):
        run = str(uuid.UUID(int=number))
        nonces = [uuid.uuid4().hex, uuid.uuid4().hex]
        payloads = edited(pair, number, execute_by=early.strftime("%Y-%m-%dT%H:%M:%SZ"))
        own = [text.replace(str(ctx.change_set_id).encode(), run.encode()) for text in payloads]
        own = [
            text.replace(pair[at].statement.nonce.encode(), nonces[at].encode())
            for at, text in enumerate(own)
        ]
        assert opened(executor, own) == OPENED
        with bench.database.connect() as admin:
            assert (
                scalar(admin, "SELECT execute_by FROM cut_permit WHERE change_set_id = %s", run)
                == early
            )
    assert [why for *_, why in permits(bench.database)] == [None, None]


def test_an_expired_permit_makes_way_and_one_of_another_run_stays_as_it_is(
    bench: LiveBench, ctx: CutContext, executor: Connection, pair: list[SignedApproval]
) -> None:
    for change_set in (ctx.change_set_id, uuid.UUID(int=8)):
        planted(bench.database, change_set, timedelta(hours=-1))
    open_permit(executor, pair, cut_effect(ctx, PLAN), "operator")
    found = sorted(permits(bench.database), key=str)
    assert sorted((change_set == ctx.change_set_id, str(why)) for change_set, _, why in found) == [
        (False, "None"),
        (True, "None"),
        (True, "expired"),
    ]


def test_an_open_permit_does_not_make_way(
    bench: LiveBench, ctx: CutContext, executor: Connection
) -> None:
    effect = cut_effect(ctx, PLAN)
    open_permit(executor, bench.approvers.sign(effect, clock(executor)), effect, "operator")
    again = bench.approvers.sign(effect, clock(executor))
    assert (
        opened(executor, [approval.payload for approval in again])
        == "this change set has a permit already"
    )
    assert [why for *_, why in permits(bench.database)] == [None]


def test_taking_back_names_who_and_why_and_counts_the_open_ones_alone(
    bench: LiveBench, executor: Connection
) -> None:
    fates = (
        "used_at = now(), confirmed_at = now()",
        "revoked_at = now(), revoked_by = 'x', revoke_reason = 'y'",
        "kind = 'cut'",
        "kind = 'cut'",
    )
    for number, fate in enumerate(fates):
        planted(bench.database, uuid.UUID(int=number), timedelta(hours=1), fate)
    assert scalar(executor, "SELECT cutter.fn_permits_revoke('Carl', 'smoke')") == 2
    with bench.database.connect() as admin:
        rows = admin.execute(
            "SELECT used_at IS NOT NULL, revoked_by, revoke_reason FROM cut_permit ORDER BY "
            "change_set_id"
        )
        assert rows.fetchall() == [
            (True, None, None),
            (False, "x", "y"),
            (False, "Carl", "smoke"),
            (False, "Carl", "smoke"),
        ]
    assert scalar(executor, "SELECT cutter.fn_permits_revoke('Carl', 'again')") == 0


def test_lifting_touches_the_halts_in_force_alone_and_says_how_many(
    bench: LiveBench, executor: Connection
) -> None:
    assert bench.lift("Ann", "nothing was halted") == 0
    for halts, lifter, why in ((1, "Carl", "no smoke"), (2, "Dora", "no fire")):
        for _ in range(halts):
            halt(executor, "operator", "a test")
        assert bench.lift(lifter, why) == halts
    with bench.database.connect() as admin:
        rows = admin.execute(
            "SELECT lifted_by, lift_reason FROM cut_halt ORDER BY halt_no"
        ).fetchall()
    assert rows == [("Carl", "no smoke"), ("Dora", "no fire"), ("Dora", "no fire")]


def test_a_forged_registry_does_not_help(
    bench: LiveBench, executor: Connection, pair: list[SignedApproval]
) -> None:
    """Two people whom no administrator has registered sign as correctly as can be."""
    strangers = Approvers()
    signed = strangers.sign(pair[0].statement.effect, clock(executor))
    said = opened(
        executor,
        [approval.payload for approval in signed],
        [approval.signature for approval in signed],
    )
    assert said == "an approver is not registered for this gate, or not any more"
    assert permits(bench.database) == []
