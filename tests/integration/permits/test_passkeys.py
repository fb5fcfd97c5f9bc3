"""A passkey's approval before the executor, the database and the verifier: taken as any other, and
refused by executor and verifier alike where it is of another site, person or thing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from adapters.keys.approvers import new_nonce
from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.permits.permit import OPENED, clock, confirm_permit, open_permit
from domain.approval.approvals import Gate, SignedApproval
from domain.approval.request import cut_effect, statement_for
from domain.change_set import CutContext
from domain.errors import ApprovalRefused
from domain.phases import Principal
from tests.support.live import LiveBench, scalar
from tests.support.passkeys import SoftPasskey
from tests.support.permits import PLAN, opened, permits
from tests.support.postgres import Connection

Signing = Callable[..., list[SignedApproval]]


@pytest.fixture
def soft(bench: LiveBench) -> SoftPasskey:
    """Pia's passkey, registered for SG_2."""
    made = SoftPasskey()
    with bench.database.connect() as admin:
        found = register_approver(
            admin, "Pia", made.public_key, (Gate.SG_2,), timedelta(days=1), "administrator"
        )
    assert found == made.key_id
    return made


@pytest.fixture
def both(
    ctx: CutContext, executor: Connection, pair: list[SignedApproval], soft: SoftPasskey
) -> Signing:
    """Ann's approval, and one that Pia's passkey has signed for."""

    def sign(**instead: Any) -> list[SignedApproval]:
        signer: SoftPasskey = instead.pop("signer", soft)
        wanted = statement_for(
            cut_effect(ctx, PLAN),
            Gate.SG_2,
            submitter="operator",
            approver="Pia",
            key_id=soft.key_id,
            nonce=new_nonce(),
            backup_key="F" * 40,
            now=clock(executor),
            approve_within=timedelta(hours=1),
            execute_within=timedelta(hours=1),
        )
        signed = signer.sign(wanted, **instead)
        return [pair[0], SignedApproval(signed.payload, soft.key_id, signed.signature)]

    return sign


def test_a_passkey_approves_as_any_other_key(
    bench: LiveBench, ctx: CutContext, executor: Connection, both: Signing
) -> None:
    effect = cut_effect(ctx, PLAN)
    permit = open_permit(executor, both(), effect, "operator")
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        confirm_permit(conn, ctx, effect)
        kept = conn.execute(
            statement("permit_approvals"), {"permit_id": permit.permit_id}
        ).fetchall()
    assert bytes(kept[1][2]).startswith(b"{")


ATTACKS: dict[str, dict[str, Any]] = {
    "on another site": {"client": {"origin": "https://approvals.example.evil"}},
    "for another site": {"authenticator_data": SoftPasskey().authenticator_data(rp_id="evil")},
    "something else": {"client": {"challenge": "A" * 43}},
    "nobody verified": {"authenticator_data": SoftPasskey().authenticator_data(flags=0x01)},
    "nobody there": {"authenticator_data": SoftPasskey().authenticator_data(flags=0x04)},
    "in a frame": {"client": {"crossOrigin": True}},
    "with another key": {"signer": SoftPasskey()},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_executor_and_verifier_each_refuse_what_a_passkey_signed(
    bench: LiveBench, ctx: CutContext, executor: Connection, both: Signing, attack: str
) -> None:
    effect = cut_effect(ctx, PLAN)
    forged = both(**{name: _copied(value) for name, value in ATTACKS[attack].items()})
    with pytest.raises(ApprovalRefused, match="does not cover"):
        open_permit(executor, forged, effect, "operator")
    assert permits(bench.database) == []
    payloads = [one.payload for one in forged]
    assert opened(executor, payloads, [one.signature for one in forged]) == OPENED
    with (
        closing(bench.connections.connect(Principal.VERIFY)) as conn,
        pytest.raises(ApprovalRefused, match=r"does not confirm it.*does not cover"),
    ):
        confirm_permit(conn, ctx, effect)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_permit WHERE confirmed_at IS NOT NULL") == 0


def test_the_database_takes_keys_and_signatures_of_the_two_kinds_only(
    bench: LiveBench, executor: Connection, both: Signing
) -> None:
    payloads = [one.payload for one in both()]
    for wrong in (b"x" * 65, b"{" * 5000, b"{", bytes(63)):
        with pytest.raises(psycopg.errors.CheckViolation):
            opened(executor, payloads, [bytes(64), wrong])
    register = statement("approver_register")
    for wrong in (b"x" * 33, b"{" * 3000, b"{", bytes(31)):
        values = {
            "person": "Gus",
            "public_key": wrong,
            "gates": ["SG_1"],
            "validity": timedelta(days=1),
            "registered_by": "administrator",
        }
        with (
            bench.database.connect() as admin,
            pytest.raises(psycopg.errors.CheckViolation),
        ):
            admin.execute(register, values)


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value
