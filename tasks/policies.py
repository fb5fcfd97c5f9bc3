"""Who must approve in the knowledge base of this home, and a new policy signed for it.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from datetime import datetime

from adapters.keys.approvers import ApproverSigner
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.permits.policies import policy_at, policy_on_record
from domain.approval.approvals import Gate, require_sg_3
from domain.approval.people import same_person
from domain.approval.policy import Policy
from domain.approval.signed_policy import PAYLOAD_TYPE, SignedPolicy, policy_statement
from domain.errors import BadInput
from domain.phases import Kind
from tasks.app import App
from tasks.reading import verifier_connection


def policy_now(app: App) -> Policy | None:
    """The policy in force, its signature judged; None where any two people approve.

    Raises `ApprovalRefused` for one that does not count, and a connection's refusal.
    """
    with verifier_connection(app) as conn:
        return _judged(conn, clock(conn))


def signed_policy_now(app: App) -> SignedPolicy | None:
    """The policy in force as it was signed. Raises what `policy_now` raises."""
    with verifier_connection(app) as conn:
        now = clock(conn)
        _judged(conn, now)
        return policy_on_record(conn, now)


def never_met(app: App, kind: Kind, publication_type: str, submitter: str) -> str | None:
    """Why nobody could meet the policy for a run, whoever signs; None if they can.

    By the people whose keys count now, without the submitter. Raises what `policy_now` raises.
    """
    with verifier_connection(app) as conn:
        now = clock(conn)
        policy = _judged(conn, now)
        able = [one for one in _able(conn, now) if not same_person(one, submitter)]
    if policy is None:
        return None
    if not (missing := policy.missing(kind, publication_type, able)):
        return None
    return (
        f"The policy can not be met: even if all sign whose keys count, without {submitter}, there "
        f"is missing {' and '.join(missing)}. `cutter policy show` shows what it asks for."
    )


def sign_policy(app: App, signer: ApproverSigner, policy: Policy) -> SignedPolicy:
    """A policy signed by somebody who may sign for SG_3, not yet in force.

    Raises `BadInput` for one that those whose keys count could not meet, `ApprovalRefused` for a
    key that may not, and a connection's refusal.
    """
    with verifier_connection(app) as conn:
        now = clock(conn)
        person = require_sg_3(registry(conn), signer.key_id, now).person
        if unmet := policy.unmet(_able(conn, now)):
            raise BadInput(
                f"Nothing could run by this policy: {'; '.join(unmet)}. Register the people first: "
                f"`cutter approver add`."
            )
        said = policy_statement(str(read_fingerprint(conn)), person, now, policy)
    envelope = signer.envelope(PAYLOAD_TYPE, said)
    return SignedPolicy(envelope.payload, envelope.key_id, envelope.signature)


def _judged(conn: Connection, now: datetime) -> Policy | None:
    return policy_at(conn, now, str(read_fingerprint(conn)), registry(conn))


def _able(conn: Connection, now: datetime) -> list[str]:
    """Whoever has a key that counts for SG_1 or SG_2."""
    keys = registry(conn).values()
    return [key.person for key in keys if key.gates & {Gate.SG_1, Gate.SG_2} and key.counts_at(now)]
