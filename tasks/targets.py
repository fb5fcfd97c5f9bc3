"""Targets of this home: asked for, signed, and found again by the deployment that a run is of.

Plain functions, no Prefect run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes
from adapters.home.signed_statements import TARGETS, keep_signed, kept_signed
from adapters.keys.approvers import ApproverSigner
from adapters.keys.signing import signature_is_valid
from adapters.planning import plan_document
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.permit import clock, registry
from blocks.deployed import deployments, table_of
from domain.approval.approvals import require_sg_3
from domain.approval.targets import (
    PAYLOAD_TYPE,
    SignedTarget,
    Target,
    require_target_fields,
    statement,
    statements_that_count,
    target_from,
    targets_that_count,
)
from domain.errors import BadInput, Refused
from domain.plan.cut_plan import CutPlan
from tasks.app import App
from tasks.reading import verifier_connection

REQUESTS: Final = "target-requests"


def signed_targets(app: App) -> Mapping[str, SignedTarget]:
    """The last word about each target of this home, as the registry of approvers judges it now.

    Raises a connection's refusal, and `ConfigMismatch` for a file that can not be read or is
    missing.
    """
    envelopes = kept_signed(app.settings.state / TARGETS)
    if not envelopes:
        return {}
    with verifier_connection(app) as conn:
        database, keys = str(read_fingerprint(conn)), registry(conn)
    return targets_that_count(envelopes, database, keys, signature_is_valid)


def standing_targets(app: App) -> list[Target]:
    """The targets that may be cut from the UI, by name."""
    found = signed_targets(app)
    return [one.target for _, one in sorted(found.items()) if one.target is not None]


def target_of(app: App, deployment: str | None, prefix: str) -> Target:
    """The signed target that a deployment is for, by its name; `prefix` is what the flow is for.

    Raises `Refused` where nobody has signed one, and what `signed_targets` raises.
    """
    name = (deployment or "").removeprefix(prefix)
    if not deployment or not deployment.startswith(prefix):
        raise Refused(f"This flow is for a deployment {prefix}NAME of a signed target.")
    found = signed_targets(app).get(name)
    if found is None or found.target is None:
        raise Refused(
            f"No target {name} is signed in this home; have it asked for by the flow add_target "
            f"and signed with `cutter target accept {name}`."
        )
    return found.target


def ask_for(app: App, target: Target) -> CutPlan:
    """Keep a request for a target, once its document could be planned; the plan.

    Raises `BadInput` for what can not be, and what planning raises.
    """
    plan = plan_document(require_free(app, target).document, target.reading)
    path = _request(app, target.name)
    keep_bytes(path, f"{json.dumps(target.fields(), indent=2, ensure_ascii=False)}\n".encode())
    return plan


def require_free(app: App, target: Target) -> Target:
    """The same. Raises `BadInput` if it can not be one, or prefect.yaml has its deployments."""
    require_target_fields(target)
    table = table_of(app.settings.home)
    taken = {one["name"] for one in deployments(table)} & set(target.deployments)
    if taken:
        raise BadInput(f"{table} has {', '.join(sorted(taken))} already; choose another name.")
    return target


def asked_for(app: App) -> list[Target]:
    """The requests that wait, by name. Raises `BadInput` naming a file that is none."""
    folder = app.settings.state / REQUESTS
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def requested(app: App, name: str) -> Target:
    """The request of that name. Raises `BadInput` if there is none."""
    for one in asked_for(app):
        if one.name == name:
            return one
    raise BadInput(f"Nobody has asked for a target {name[:80]!r}; `cutter target list` shows all.")


def accept_target(app: App, signer: ApproverSigner, shown: Target) -> SignedTarget:
    """Sign that a target that was asked for, as it was `shown`, may be cut from the UI.

    Raises `BadInput` if it was changed since, and `ApprovalRefused` for a key that may not.
    """
    if requested(app, shown.name) != shown:
        raise BadInput(f"The request for {shown.name} was changed since it was shown; look again.")
    signed = _sign(app, signer, require_free(app, shown), removed=False)
    _request(app, shown.name).unlink(missing_ok=True)
    return signed


def remove_target(app: App, signer: ApproverSigner, name: str) -> SignedTarget:
    """Sign that a target may be cut from the UI no longer.

    Raises `BadInput` if there is none, and `ApprovalRefused` for a key that may not.
    """
    found = signed_targets(app).get(name)
    if found is None or found.target is None:
        raise BadInput(f"No target {name[:80]!r} is signed; `cutter target list` shows all.")
    return _sign(app, signer, found.target, removed=True)


def _sign(app: App, signer: ApproverSigner, target: Target, *, removed: bool) -> SignedTarget:
    folder = app.settings.state / TARGETS
    with verifier_connection(app) as conn:
        now, database, keys = clock(conn), str(read_fingerprint(conn)), registry(conn)
    person = require_sg_3(keys, signer.key_id, now).person
    before = statements_that_count(kept_signed(folder), database, keys, signature_is_valid)
    after = max((one for _, one in before), key=lambda one: one.at).digest if before else None
    said = statement(database, person, now, target, after, removed=removed)
    envelope = signer.envelope(PAYLOAD_TYPE, said)
    keep_signed(folder, envelope, now)
    return SignedTarget(None if removed else target, person, now, envelope.digest, after)


def _request(app: App, name: str) -> Path:
    return app.settings.state / REQUESTS / f"{name}.json"


def _read(path: Path) -> Target:
    try:
        return require_target_fields(target_from(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{path} is no request for a target; delete it and ask again.") from None
