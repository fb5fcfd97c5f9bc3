"""A database that has gone back to an earlier state, found by the gate and accepted by SG_3; and a
home that is lost, of which the database gives back what it knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from adapters.home.chain_heads import FILE_NAME
from adapters.home.plans import save_plan
from adapters.home.restores import keep_acceptance, signed_acceptance
from adapters.home.target import register_target, registered_target
from adapters.home.used_approvals import FILE_NAME as USED
from adapters.home.used_approvals import keep_used
from adapters.keys.approvers import ApproverSigner
from adapters.postgres.apart.from_record import plan_on_record
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.permit import clock, registry, used_nonces
from adapters.postgres.record.bundle_records import context_on_record
from adapters.postgres.record.chain_heads import ChainFault, compare_heads, heads_now, keep_heads
from adapters.postgres.record.status import change_sets
from domain.approval.approvals import require_sg_3
from domain.errors import BadInput, CutterError, StopInvariantFailed
from domain.runs.run_plan import DocumentPlan
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
        now = clock(conn)
        known = require_sg_3(registry(conn), signer.key_id, now)
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


@dataclass(frozen=True, slots=True)
class RestoredHome:
    """What a home was given back: the target, how many chains and used approvals it remembers now,
    and which plans it has again. `not_kept` says of each change set whose plan is gone why.
    """

    target: str
    chains: int
    used_approvals: int
    plans: tuple[str, ...]
    not_kept: tuple[str, ...]
    unfinished: tuple[str, ...]


def restore_home(app: App) -> RestoredHome:
    """Give a new home what the database knows of the lost one, and register the database.

    Raises `BadInput` for a home that knows a database or a history already: what it knows, is a
    witness against the database and is not overwritten from there; `StopInvariantFailed` for a
    history that does not hold in itself; a connection's refusal.
    """
    state = app.settings.state
    if registered_target(state) is not None or (state / FILE_NAME).exists():
        raise BadInput(
            f"The home {app.settings.home} is not lost: it knows a database and its history. This "
            f"is for a new home, made by `cutter init`, in place of one that is gone."
        )
    with verifier_connection(app, any_target=True) as conn:
        target = read_fingerprint(conn)
        standing = change_sets(conn)
        nonces = used_nonces(conn)
        kept, gone = [], []
        for one in standing:
            if one.reverts is None:
                try:
                    plan = _rebuilt(conn, one.change_set_id)
                except CutterError as why:
                    gone.append(f"{one.change_set_id} of {one.document_code}: {why}")
                else:
                    kept.append(plan)
        chains = keep_heads(conn, state / FILE_NAME)
    keep_used(state / USED, str(target), nonces)
    for plan in kept:
        save_plan(plan, state)
    register_target(state, target)  # last: what was interrupted before is done again
    return RestoredHome(
        str(target),
        len(chains),
        len(nonces),
        tuple(f"{plan.document_code} {plan.plan_digest[:12]}" for plan in kept),
        tuple(gone),
        tuple(
            f"{one.change_set_id} of {one.document_code}: {one.next_step}"
            for one in standing
            if not one.ended
        ),
    )


def _rebuilt(conn: Connection, change_set_id: UUID) -> DocumentPlan:
    ctx = context_on_record(conn, change_set_id)
    if ctx is None:
        raise StopInvariantFailed("it has written nothing yet, so its plan is not on record.")
    return plan_on_record(conn, ctx)
