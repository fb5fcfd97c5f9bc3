"""A policy in a test's database, signed by Ann, and people who may sign besides."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.keys.approvers import ApproverSigner, new_nonce
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.permits.permit import clock
from adapters.postgres.permits.policies import install_policy
from domain.approval.approvals import Effect, Gate, SignedApproval
from domain.approval.policy import Policy, parse_policy
from domain.approval.request import statement_for
from domain.approval.signed_policy import PAYLOAD_TYPE, SignedPolicy, policy_statement
from tests.support.approvers import Approvers, new_signer
from tests.support.postgres import Database

BOARD = """
[groups]
legal = ["Ann", "Ben"]
board = ["Cara", "Dan"]
[rules]
default = { any = 2 }
law = { legal = 2, board = 1 }
"""
"""Of a law two of legal, which Ann and Ben are, and one of the board."""


def signed_policy(database: Database, approvers: Approvers, policy: Policy) -> SignedPolicy:
    """A policy signed by Ann for a database, not in force."""
    with database.connect() as admin:
        said = policy_statement(str(read_fingerprint(admin)), "Ann", clock(admin), policy)
    envelope = approvers.keys[Gate.SG_3].envelope(PAYLOAD_TYPE, said)
    return SignedPolicy(envelope.payload, envelope.key_id, envelope.signature)


def in_force(database: Database, approvers: Approvers, text: str = BOARD) -> SignedPolicy:
    """A policy that an administrator has put in force."""
    signed = signed_policy(database, approvers, parse_policy(text))
    with database.connect() as admin:
        install_policy(admin, signed)
    return signed


def registered(
    database: Database, person: str, *gates: Gate, signer: ApproverSigner | None = None
) -> ApproverSigner:
    """A new approver's key, registered."""
    key = signer or new_signer()
    with database.connect() as admin:
        register_approver(admin, person, key.public_key, gates, timedelta(days=9), "administrator")
    return key


def approval_by(
    person: str,
    signer: ApproverSigner,
    effect: Effect,
    now: datetime,
    *,
    gate: Gate = Gate.SG_2,
    submitter: str = "operator",
) -> SignedApproval:
    """One more approval, valid for an hour."""
    hour = timedelta(hours=1)
    statement = statement_for(
        effect,
        gate,
        submitter=submitter,
        approver=person,
        key_id=signer.key_id,
        nonce=new_nonce(),
        backup_key="F" * 40,
        now=now,
        approve_within=hour,
        execute_within=hour,
    )
    return signer.sign(statement)
