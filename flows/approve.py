"""What is put before an approver: the request of a change set, gathered without writing anything. Plain functions."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.approval_keys import new_nonce
from adapters.planning import plan_document
from adapters.postgres.permit import clock, registry
from adapters.run_folder import DRY_RUN, REHEARSAL, find_json
from blocks.settings import load_settings
from domain.approval_request import cut_effect, statement_for
from domain.approvals import ApprovalRefused, ApprovalStatement, Effect, Gate
from domain.phases import Mode
from flows.cut import context_of
from flows.knowledge_base import source_text, verifier_connection
from flows.revert import as_uuid, request_for


@dataclass(frozen=True, slots=True)
class Request:
    """One change set that is to be approved. `dry_run` and `rehearsal` say in words what they showed."""

    effect: Effect
    title: str
    addresses: tuple[str, ...]
    state: Path
    submitter: str
    backup_key: str
    dry_run: str
    rehearsal: str
    alerts: tuple[str, ...]


def request_for_cut(document: str, *, attempt: int = 1, **reading: Any) -> Request:
    """Plan a document as its live run would, and gather what is known of the run. Raises what planning and the target raise."""
    plan = plan_document(document, database=source_text, **reading)
    ctx = context_of(plan, Mode.LIVE, attempt, getpass.getuser())
    alerts = [f"line {w.line}: {w.reason} ({w.code})" for w in plan.warnings]
    return _request(cut_effect(ctx, plan), plan.document.title, [row.canonical_address for row in plan.rows], alerts)


def request_for_revert(change_set: str, *, attempt: int = 1) -> Request:
    """What reverting a change set would do, read from the database. Raises what planning a revert raises."""
    found = request_for(as_uuid(change_set), Mode.LIVE, getpass.getuser(), attempt)
    addresses = [unit.canonical_address for unit in found.plan.units]
    return _request(found.effect, f"revert of change set {change_set}", addresses, [])


def _request(effect: Effect, title: str, addresses: Sequence[str], alerts: Sequence[str]) -> Request:
    settings = load_settings()
    shown = {name: find_json(settings.runs, effect.change_set_id, name) for name in (DRY_RUN, REHEARSAL)}
    others = [f"the {name} had another effect than this plan" for name, run in shown.items() if run and not _same(run, effect)]
    return Request(
        effect=effect,
        title=title,
        addresses=tuple(addresses),
        state=settings.state,
        submitter=str((shown[DRY_RUN] or {}).get("actor") or getpass.getuser()),
        backup_key=(settings.backup_gpg_fpr or "").strip(),
        dry_run=_in_words(shown[DRY_RUN], effect),
        rehearsal=_in_words(shown[REHEARSAL], effect),
        alerts=(*alerts, *others),
    )


def statement_of(
    request: Request, gate: Gate, key_id: str, submitter: str | None, approve_within: timedelta, execute_within: timedelta
) -> ApprovalStatement:
    """The statement that the holder of a key would sign. Raises `ApprovalRefused` if the key is not registered for the gate.

    Times count from the database's clock, which is the one that judges them.
    """
    with verifier_connection() as conn:
        key, now = registry(conn).get(key_id), clock(conn)
    if key is None:
        raise ApprovalRefused(
            f"The key {key_id[:12]} is not an approver's; an administrator registers it: `cutter approver add`."
        )
    if gate not in key.gates:
        raise ApprovalRefused(f"{key.person} may sign for {', '.join(sorted(key.gates))}, not for {gate}.")
    return statement_for(
        request.effect,
        gate,
        submitter=submitter or request.submitter,
        approver=key.person,
        key_id=key_id,
        nonce=new_nonce(),
        backup_key=request.backup_key,
        now=now,
        approve_within=approve_within,
        execute_within=execute_within,
    )


def _same(run: Mapping[str, object], effect: Effect) -> bool:
    return (run.get("plan_digest"), run.get("effect_digest")) == (effect.plan_digest, effect.effect_digest)


def _in_words(run: Mapping[str, object] | None, effect: Effect) -> str:
    if run is None:
        return "none on record here"
    agrees = "the same plan and effect" if _same(run, effect) else "ANOTHER plan or effect"
    return f"{run.get('finished_at', '')}, {run.get('units', '?')} units, {agrees}"
