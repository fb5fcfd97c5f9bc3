"""Two approvers and a run's real permit, opened the way that production opens one."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.keys.approvers import ApproverSigner, new_nonce
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.permits.permit import clock, confirm_permit, find_permit, open_permit
from domain.approval.approvals import GATES_OF, ApproverKey, Effect, Gate, SignedApproval
from domain.approval.request import statement_for
from domain.change_set import CutContext
from domain.phases import Principal

Connection = psycopg.Connection[Any]


def new_signer() -> ApproverSigner:
    """A fresh approver's key."""
    return ApproverSigner(Ed25519PrivateKey.generate())


@dataclass(frozen=True)
class Approvers:
    """Ann may sign for SG_1 and SG_3, Ben for SG_2."""

    keys: dict[Gate, ApproverSigner] = field(default_factory=dict)
    people: dict[Gate, str] = field(
        default_factory=lambda: {Gate.SG_1: "Ann", Gate.SG_2: "Ben", Gate.SG_3: "Ann"}
    )

    def __post_init__(self) -> None:
        ann, ben = new_signer(), new_signer()
        self.keys.update({Gate.SG_1: ann, Gate.SG_2: ben, Gate.SG_3: ann})

    def register(self, admin: Connection) -> None:
        """Register both keys, as an administrator does once."""
        year = timedelta(days=365)
        register_approver(
            admin,
            "Ann",
            self.keys[Gate.SG_1].public_key,
            (Gate.SG_1, Gate.SG_3),
            year,
            "administrator",
        )
        register_approver(
            admin, "Ben", self.keys[Gate.SG_2].public_key, (Gate.SG_2,), year, "administrator"
        )

    def registry(self, now: datetime) -> dict[str, ApproverKey]:
        """The same as a registry in memory, valid a day around `now`."""
        day = timedelta(days=1)
        of = {"Ann": frozenset({Gate.SG_1, Gate.SG_3}), "Ben": frozenset({Gate.SG_2})}
        found = {}
        for gate, signer in self.keys.items():
            person = self.people[gate]
            key_id = hashlib.sha256(signer.public_key).hexdigest()
            found[key_id] = ApproverKey(
                key_id, person, signer.public_key, of[person], now - day, now + day
            )
        return found

    def sign(
        self, effect: Effect, now: datetime, *, submitter: str = "operator", hours: float = 1
    ) -> list[SignedApproval]:
        """Both approvals that a change set of this kind needs."""
        return [
            self.sign_one(effect, gate, now, submitter=submitter, hours=hours)
            for gate in sorted(GATES_OF[effect.kind])
        ]

    def sign_one(
        self,
        effect: Effect,
        gate: Gate,
        now: datetime,
        *,
        submitter: str = "operator",
        hours: float = 1,
    ) -> SignedApproval:
        """One approval, valid for some hours."""
        signer, within = self.keys[gate], timedelta(hours=hours)
        statement = statement_for(
            effect,
            gate,
            submitter=submitter,
            approver=self.people[gate],
            key_id=signer.key_id,
            nonce=new_nonce(),
            backup_key="F" * 40,
            now=now,
            approve_within=within,
            execute_within=within,
        )
        return signer.sign(statement)

    def permit(self, connections: ConnectionProvider, ctx: CutContext, effect: Effect) -> None:
        """Open the permit of a change set as the executor, unless it has one, and confirm it as the
        verifier.
        """
        with closing(connections.connect(Principal.EXEC)) as conn:
            permit = find_permit(conn, ctx.change_set_id)
            if permit is None or (permit.expired and permit.used_at is None):
                signed = self.sign(effect, clock(conn), submitter=ctx.actor)
                open_permit(conn, signed, effect, ctx.actor)
        with closing(connections.connect(Principal.VERIFY)) as conn:
            confirm_permit(conn, ctx, effect)
