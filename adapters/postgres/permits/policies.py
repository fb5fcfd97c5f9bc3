"""The policy in the database: who must approve, as it was at a moment.

Putting one in force is an administrator's work; the database refuses it of any other login.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import Question, read_one, read_value
from domain.approval.approvals import ApproverKey
from domain.approval.policy import Policy
from domain.approval.signed_policy import SignedPolicy
from domain.errors import ApprovalRefused, BadInput

INSTALLED = "installed"
POLICY_NOW: Final[Question] = ("policy_now", None)
"""What `policy_now` asks."""


@translated("Reading who must approve")
def policy_on_record(conn: Connection, moment: datetime) -> SignedPolicy | None:
    """The policy that was in force at a moment, as it was signed; None if none was. It is not
    judged here.
    """
    return read_one(conn, SignedPolicy, "policy_in_force", {"moment": moment})


@translated("Reading who must approve")
def policy_at(
    conn: Connection, moment: datetime, target: str, keys: Mapping[str, ApproverKey]
) -> Policy | None:
    """The policy that was in force at a moment, its signature judged; None if none was.

    Raises `ApprovalRefused` for one that was not signed for SG_3 for this database: then nothing
    opens, until an administrator has put another in force.
    """
    found = policy_on_record(conn, moment)
    return None if found is None else found.judge(target, keys, signature_is_valid)


@translated("Reading who must approve")
def policy_judged(
    conn: Connection, change_set_id: uuid.UUID, target: str, keys: Mapping[str, ApproverKey]
) -> Policy | None:
    """The policy that was in force when the permit that a change set has now was opened, as
    `policy_at` answers.
    """
    found = read_one(conn, SignedPolicy, "judgement_policy", {"change_set_id": change_set_id})
    return None if found is None else found.judge(target, keys, signature_is_valid)


@translated("Reading who must approve")
def policy_now(
    conn: Connection, target: str, keys: Mapping[str, ApproverKey]
) -> tuple[datetime, Policy | None]:
    """The database's clock, by which approvals are judged, and the policy that is in force by it.

    Raises what `policy_at` raises, and `ApprovalRefused` if the database does not tell the time.
    """
    read = read_one(conn, _now, *POLICY_NOW)
    if read is None:
        raise ApprovalRefused(
            "Not approved: the database does not tell the time. Nothing was written."
        )
    now, found = read
    return now, None if found is None else found.judge(target, keys, signature_is_valid)


def _now(
    *, now: datetime, payload: bytes | None, key_id: str | None, signature: bytes | None
) -> tuple[datetime, SignedPolicy | None]:
    if payload is None or key_id is None or signature is None:
        return now, None
    return now, SignedPolicy(payload, key_id, signature)


@translated("Putting a policy in force")
def install_policy(conn: Connection, signed: SignedPolicy) -> None:
    """Put a policy in force from now on. `conn` is an administrator's.

    Raises `BadInput` with the database's reason.
    """
    values = {"payload": signed.payload, "key_id": signed.key_id, "signature": signed.signature}
    answer = read_value(conn, str, "policy_set", values)
    if answer != INSTALLED:
        raise BadInput(
            f"The policy is not put in force: {answer or 'the database did not answer'}."
        )
