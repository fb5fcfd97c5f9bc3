"""A database that has gone back to an earlier state: found by the gate, accepted by SG_3."""

from __future__ import annotations

from pathlib import Path

from adapters.home.chain_heads import FILE_NAME
from adapters.home.restores import keep_acceptance, signed_acceptance
from adapters.home.target import registered_target
from adapters.keys.approvers import ApproverSigner
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.record.chain_heads import ChainFault, compare_heads, heads_now
from domain.approval.approvals import Gate
from domain.errors import ApprovalRefused, BadInput
from tasks.app import App
from tasks.reading import verifier_connection


def gone_back(app: App) -> list[ChainFault]:
    """Where the history is not what is kept outside the database; empty if all holds.

    Raises a connection's refusal or `ConfigMismatch`.
    """
    with verifier_connection(app) as conn:
        return compare_heads(conn, app.settings.state / FILE_NAME)


def accept_restore(app: App, signer: ApproverSigner, reason: str) -> Path:
    """Put on record, signed, that the database has gone back, and let runs begin again.

    The statement's file. Raises `BadInput` without a reason, or where nothing has gone back, and
    `ApprovalRefused` for a key that may not sign for SG_3.
    """
    if not reason.strip():
        raise BadInput("That a database has gone back is accepted for a reason; give --reason.")
    heads_file = app.settings.state / FILE_NAME
    with verifier_connection(app) as conn:
        now, known = clock(conn), registry(conn).get(signer.key_id)
        if known is None or Gate.SG_3 not in known.gates or not known.counts_at(now):
            raise ApprovalRefused(
                f"Not accepted: the key {signer.key_id[:12]} may not sign for SG_3; `cutter "
                "approver list` shows whose may."
            )
        faults, heads = compare_heads(conn, heads_file), heads_now(conn)
    if not faults:
        raise BadInput("Nothing to accept: the history is what is kept outside the database.")
    statement: dict[str, object] = {
        "target": str(registered_target(app.settings.state)),
        "reason": reason,
        "accepted_by": known.person,
        "key_id": signer.key_id,
        "accepted_at": now.isoformat(),
        "lost": [fault.message for fault in faults],
    }
    return keep_acceptance(heads_file, signed_acceptance(signer, statement), heads, now)
