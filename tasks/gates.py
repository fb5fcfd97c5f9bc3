"""The last thing that has to hold before a live run: a permit, opened by two approvals or still
open from before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import psycopg

from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.connection.sqlstate import explain
from adapters.postgres.permits.permit import Permit, find_permit, open_permit
from domain.approval.approvals import GATES_OF, ApprovalRefused, Effect, SignedApproval, same_person
from domain.errors import PhaseStop
from domain.phases import CutContext, Principal


def authorise(
    connections: ConnectionProvider,
    ctx: CutContext,
    effect: Effect,
    approvals: Sequence[SignedApproval],
) -> CutContext:
    """The context with the approved effect in it, once the change set has a permit.

    Asks as the executor.

    A permit that is open already serves a run that is resumed, and one that was used a run that
    only replays: neither uses an approval again. Raises `ApprovalRefused`, `PhaseStop` or a
    connection's refusal; nothing was written then.
    """
    conn = connections.connect(Principal.EXEC)
    try:
        permit = _standing(conn, ctx, effect) or _opened(conn, ctx, effect, approvals)
    except psycopg.Error as error:
        raise PhaseStop(explain(error, "Opening the permit"), sqlstate=error.sqlstate) from None
    finally:
        conn.close()
    return replace(ctx, approved_effect_digest=permit.effect_digest)


def _standing(conn: psycopg.Connection[object], ctx: CutContext, effect: Effect) -> Permit | None:
    """The permit that the change set has already, if it still serves.

    Raises `ApprovalRefused` if it is for something else.
    """
    permit = find_permit(conn, effect.change_set_id)
    if permit is None or (permit.expired and permit.used_at is None):
        return None
    if (permit.kind, permit.plan_digest, permit.effect_digest) != (
        effect.kind,
        effect.plan_digest,
        effect.effect_digest,
    ):
        raise ApprovalRefused(
            f"Not approved: change set {effect.change_set_id} has a permit for another plan or "
            f"effect; take it back with "
            "`cutter halt` and have this one approved. Nothing was written."
        )
    if permit.used_at is None and not same_person(permit.submitter, ctx.actor):
        raise ApprovalRefused(
            f"Not approved: what is open for change set {effect.change_set_id} is a run by "
            f"{permit.submitter}, "
            f"and this one was started by {ctx.actor}; {permit.submitter} has to resume it. "
            f"Nothing was written."
        )
    return permit


def _opened(
    conn: psycopg.Connection[object],
    ctx: CutContext,
    effect: Effect,
    approvals: Sequence[SignedApproval],
) -> Permit:
    if not approvals:
        gates = " and ".join(sorted(GATES_OF[effect.kind]))
        raise ApprovalRefused(
            f"Not approved: a live {effect.kind} needs {gates}; let two people sign with "
            f"`cutter approve`. Nothing was written."
        )
    return open_permit(conn, approvals, effect, ctx.actor)
