"""Evidence and audit of the knowledge base: read-only, as the verifying principal.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from adapters.evidence.collect import keep_evidence
from adapters.evidence.heads import sealed_heads
from adapters.home import chain_heads
from adapters.home.plans import find_plan
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.record.audit import audit_database
from adapters.postgres.record.bundle_records import context_on_record, reverted_by
from adapters.postgres.reverting.plan import read_revert_plan
from domain.change_set import CutContext
from domain.errors import BadInput, RevertRefused
from domain.evidence.audit import AuditReport
from domain.phases import Principal
from domain.runs.run_plan import RunPlan
from tasks.adopted import accepted_by_now
from tasks.app import App
from tasks.reading import verifier_connection


def make_evidence(app: App, change_set_id: UUID) -> Path:
    """Collect what is on record of a change set into a new bundle, sealed with the executor's key;
    the bundle's folder.

    Raises `BadInput` if the change set is not on record or its plan is not kept any more,
    `RevertRefused` if a revert's plan can not be read back as it was approved, and a connection's
    refusal.
    """
    with verifier_connection(app) as conn:
        ctx = context_on_record(conn, change_set_id)
        if ctx is None:
            raise BadInput(f"Change set {change_set_id} is not on record in this knowledge base.")
        plan = _plan_of(conn, ctx, app.settings.state)
        return keep_evidence(conn, app.settings.runs, ctx, plan, app.signer(Principal.EXEC))


def _plan_of(conn: Connection, ctx: CutContext, state: Path) -> RunPlan:
    """A cut's plan as it was kept; a revert's is read from the ledger, and has to be the one that
    was approved.
    """
    reverts = reverted_by(conn, ctx.change_set_id)
    if reverts is None:
        return find_plan(state, ctx.document_code, ctx.plan_digest)
    plan = read_revert_plan(conn, reverts)
    if plan.plan_digest != ctx.plan_digest:
        raise RevertRefused(
            f"Change set {reverts} is not what its revert {ctx.change_set_id} was planned for "
            f"any more, so no evidence of it "
            "can be made; `cutter audit` names what has changed."
        )
    return plan


def audit(app: App) -> AuditReport:
    """Audit the whole knowledge base against itself and the chain heads kept outside, in `state`
    and in the bundles of runs.

    A change outside that somebody has accepted is none. Changes nothing. Raises a connection's
    refusal, or `ConfigMismatch` if the file of heads, or what was accepted, can not be read.
    """
    sealed, state = sealed_heads(app.settings.runs), app.settings.state
    with verifier_connection(app) as conn:
        target = read_fingerprint(conn)
        accepted = accepted_by_now(conn, state, target)
        return audit_database(conn, target, state / chain_heads.FILE_NAME, sealed, accepted)
