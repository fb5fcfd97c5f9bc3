"""The plan of a revert: what pins it, what is approved, and how a refusal reads."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from adapters.keys.approvers import new_nonce
from domain.approval.approvals import GATES_OF, Gate, judge
from domain.approval.request import revert_effect, statement_for
from domain.change_set import SIMULATED_TARGET, change_set_id
from domain.errors import ApprovalRefused, RevertRefused
from domain.phases import Kind, Mode, Phase, spec_of
from domain.plan.revert import (
    NAMED,
    RevertFault,
    RevertPlan,
    RevertUnit,
    planned_revert_effect,
    require_revertible,
    revert_context,
)
from domain.reports.run import phase_report
from domain.results import WithdrawBatchResult
from tests.support.approvers import Approvers

ZEROS = "0" * 64


def unit(seq: int) -> RevertUnit:
    return RevertUnit(
        seq=seq,
        canonical_address=f"test.law~art_{seq}",
        unit_id=uuid.UUID(int=seq),
        version_id=uuid.UUID(int=100 + seq),
        lifecycle="enacted",
        title_sha256="1" * 64,
        body_sha256="2" * 64,
        unit_kind="article",
        section_type="body",
        publication_type="law",
        owner_sha256="3" * 64,
        parent_ref=None,
        start=seq * 10,
        end=seq * 10 + 5,
    )


def revert_plan(*units: RevertUnit, **changes: object) -> RevertPlan:
    made = RevertPlan(
        document_code="test.law",
        title="A law",
        reverts=uuid.UUID(int=1),
        entry_id=uuid.UUID(int=2),
        status="enacted",
        attempt=1,
        text_sha256=ZEROS,
        units=units or (unit(1), unit(2)),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]  # whatever the test changes


UNIT_CHANGES: dict[str, object] = {
    "canonical_address": "test.law~art_9",
    "unit_id": uuid.UUID(int=9),
    "version_id": uuid.UUID(int=9),
    "lifecycle": "draft",
    "title_sha256": "9" * 64,
    "body_sha256": "9" * 64,
    "unit_kind": "section",
    "section_type": "annex",
    "publication_type": "decree",
    "owner_sha256": "9" * 64,
    "parent_ref": "test.law~chp_1",
    "start": 11,
    "end": 99,
    "seq": 3,
    "action": "restored",
}
PLAN_CHANGES: dict[str, object] = {
    "document_code": "other.law",
    "reverts": uuid.UUID(int=9),
    "entry_id": uuid.UUID(int=9),
    "status": "reviewed",
    "text_sha256": "9" * 64,
}


def test_every_field_of_a_unit_is_tried() -> None:
    assert set(UNIT_CHANGES) == {field.name for field in dataclasses.fields(RevertUnit)}


@pytest.mark.parametrize("name", UNIT_CHANGES)
def test_the_digest_pins_every_field_of_every_unit(name: str) -> None:
    changed = revert_plan(unit(1), dataclasses.replace(unit(2), **{name: UNIT_CHANGES[name]}))  # type: ignore[arg-type]  # any field
    assert changed.plan_digest != revert_plan().plan_digest
    assert planned_revert_effect(changed) != planned_revert_effect(revert_plan())


@pytest.mark.parametrize("name", PLAN_CHANGES)
def test_the_digest_pins_what_is_reverted(name: str) -> None:
    assert revert_plan(**{name: PLAN_CHANGES[name]}).plan_digest != revert_plan().plan_digest


def test_the_digest_pins_the_order_and_the_number_of_units() -> None:
    digests = {
        plan.plan_digest
        for plan in (revert_plan(), revert_plan(unit(2), unit(1)), revert_plan(unit(1)))
    }
    assert len(digests) == 3


def test_the_change_set_is_made_as_every_other() -> None:
    plan = revert_plan()
    ctx = revert_context(plan, Mode.LIVE, SIMULATED_TARGET, "operator", 2)
    assert ctx.change_set_id == change_set_id(SIMULATED_TARGET, "test.law", plan.plan_digest, 2)
    effect = revert_effect(ctx, plan)
    assert (effect.kind, effect.units, effect.attempt) == (Kind.REVERT, 2, 2)
    assert effect.effect_digest == planned_revert_effect(plan)
    assert GATES_OF[Kind.REVERT] == {Gate.SG_3, Gate.SG_2}
    assert plan.recut_attempt == 2


@pytest.mark.parametrize("gates", [(Gate.SG_1, Gate.SG_2), (Gate.SG_3,), (Gate.SG_3, Gate.SG_3)])
def test_no_other_gates_authorise_a_revert(gates: tuple[Gate, ...]) -> None:
    approvers, now, plan = Approvers(), datetime.now(UTC), revert_plan()
    effect = revert_effect(revert_context(plan, Mode.LIVE, SIMULATED_TARGET, "operator"), plan)
    hour = timedelta(hours=1)
    signed = [
        approvers.keys[gate].sign(
            statement_for(
                effect,
                gate,
                submitter="operator",
                approver=approvers.people[gate],
                key_id=approvers.keys[gate].key_id,
                nonce=new_nonce(),
                backup_key="",
                now=now,
                approve_within=hour,
                execute_within=hour,
            )
        )
        for gate in gates
    ]
    with pytest.raises(ApprovalRefused):
        judge(signed, effect, approvers.registry(now), "operator", now, lambda *_: True)


def test_a_refusal_names_the_first_units_and_counts_the_rest() -> None:
    require_revertible(uuid.UUID(int=1), [])
    faults = [RevertFault(f"test.law~art_{n}", "has gained the child x") for n in range(NAMED + 2)]
    with pytest.raises(RevertRefused) as refusal:
        require_revertible(uuid.UUID(int=1), faults)
    said = str(refusal.value)
    assert "test.law~art_0 has gained the child x; test.law~art_1 has" in said
    assert f"test.law~art_{NAMED} " not in said
    assert said.endswith("and 2 more. Nothing was written.")
    assert refusal.value.exit_status == 3


def test_what_a_withdrawal_counts() -> None:
    answer = WithdrawBatchResult(uuid.UUID(int=1), 7)
    report = phase_report(spec_of(Phase.CUT_LEG_A), answer, 0.0, replayed=False)
    assert (report.count, report.counted) == (7, "units withdrawn")
