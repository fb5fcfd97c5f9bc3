"""Units that were there before cutter was and were changed outside: seen, and accepted by SG_3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from adapters.home.signed_statements import keep_changes, kept_changes
from adapters.keys.approvers import ApproverSigner
from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.record.audit import adopted_changes
from domain.approval.adopted import AcceptedState, AdoptedUnit, acceptance, accepted_states
from domain.approval.approvals import require_sg_3
from domain.change_set import TargetFingerprint
from domain.errors import BadInput
from tasks.app import App
from tasks.reading import verifier_connection


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted: the statement's file, and the units that it names."""

    kept: Path
    units: tuple[AdoptedUnit, ...]


def accepted_by_now(
    conn: Connection, state: Path, target: TargetFingerprint
) -> Mapping[UUID, AcceptedState]:
    """How each unit was last accepted, by the signed statements that are kept and count."""
    return accepted_states(kept_changes(state), str(target), registry(conn), signature_is_valid)


def changed_now(conn: Connection, state: Path) -> list[AdoptedUnit]:
    """The units that are neither as they were when cutter was let in nor as somebody has accepted
    them.
    """
    return adopted_changes(conn, accepted_by_now(conn, state, read_fingerprint(conn)))


def changed_outside(app: App) -> list[AdoptedUnit]:
    """What `changed_now` finds. Raises a connection's refusal or `ConfigMismatch`."""
    with verifier_connection(app) as conn:
        return changed_now(conn, app.settings.state)


def accept_changes(
    app: App, signer: ApproverSigner, reason: str, shown: Sequence[AdoptedUnit]
) -> Accepted:
    """What `accept_as_shown` puts on record. Raises what it raises, and a connection's refusal."""
    with verifier_connection(app) as conn:
        return accept_as_shown(conn, app.settings.state, signer, reason, shown)


def accept_as_shown(
    conn: Connection,
    state: Path,
    signer: ApproverSigner,
    reason: str,
    shown: Sequence[AdoptedUnit],
) -> Accepted:
    """Put on record, signed, that the units as they were `shown` are right.

    Raises `BadInput` without a reason, where nothing was changed, or where something was changed
    since it was shown, and `ApprovalRefused` for a key that may not sign for SG_3.
    """
    if not reason.strip():
        raise BadInput("A change outside is accepted for a reason; give --reason.")
    now = clock(conn)
    known = require_sg_3(registry(conn), signer.key_id, now)
    units = changed_now(conn, state)
    if not units:
        raise BadInput("Nothing to accept: every unit is as it was when cutter was let in.")
    if units != list(shown):
        raise BadInput("Units were changed again since they were shown; look again.")
    said = acceptance(str(read_fingerprint(conn)), known.person, reason, now, units)
    return Accepted(keep_changes(state, signer, said, now), tuple(units))
