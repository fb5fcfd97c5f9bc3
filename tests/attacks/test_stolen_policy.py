"""Who must approve is nobody's to say who has a principal's password: neither installs a policy,
changes one, nor takes it back.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from adapters.postgres.permits.permit import OPENED, clock
from domain.approval.policy import parse_policy
from domain.approval.request import cut_effect
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, scalar
from tests.support.permits import opened
from tests.support.policies import in_force, signed_policy
from tests.support.postgres import Connection

Steal = Callable[[Principal], Connection]
LOOSE = "[rules]\ndefault = { any = 2 }"


@pytest.mark.parametrize("principal", [Principal.EXEC, Principal.VERIFY])
def test_a_stolen_login_installs_no_policy(
    bench: LiveBench, steal: Steal, plan: CutPlan, principal: Principal
) -> None:
    """Not even one that SG_3 has signed: that is an administrator's."""
    signed = in_force(bench.database, bench.approvers)
    loose = signed_policy(bench.database, bench.approvers, parse_policy(LOOSE))
    thief = steal(principal)
    values = (loose.payload, loose.key_id, loose.signature)
    for call in (
        "SELECT cutter.fn_policy_set(%s, %s, %s)",
        "INSERT INTO cutter.approval_policy VALUES ('x', %s, %s, %s, 'mallory', now())",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            thief.execute(call.encode(), values)
    for call in (
        "UPDATE cutter.approval_policy SET installed_at = 'infinity'",
        "DELETE FROM cutter.approval_policy",
        "TRUNCATE cutter.approval_policy",
        "DROP TABLE cutter.approval_policy",
        "SELECT cutter.fn_policy_fault('cut', 'law', '{}', now())",
        "SELECT cutter.fn_approvals_fault('run', '{}', '{}', '{}', '{}', now())",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            thief.execute(call.encode())
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT array_agg(policy_sha256) FROM cutter.approval_policy") == [
            signed.digest
        ]


def test_the_executors_password_does_not_get_by_the_policy(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    """Two forged approvals open a permit where no policy is; here they do not even that."""
    in_force(bench.database, bench.approvers)
    ctx, thief = bench.context(plan, approved=False), steal(Principal.EXEC)
    forged = bench.approvers.sign(cut_effect(ctx, plan), clock(thief), submitter=ctx.actor)
    said = opened(thief, [one.payload for one in forged])
    assert said != OPENED
    assert said == "the policy asks for 1 of board"
