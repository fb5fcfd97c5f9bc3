"""Look at the knowledge base without changing it: read-only, as the verifying principal.

Plain functions, no Prefect run.
"""

from __future__ import annotations

import uuid

from adapters.home.conformed import keep_conformed
from adapters.home.target import register_target, registered_target, require_target
from adapters.postgres.connection.identity import read_identity
from adapters.postgres.permits.permit import halts_in_force
from adapters.postgres.record.documents import (
    standing_gaps,
    standing_units,
    stored_document,
)
from adapters.postgres.record.status import change_sets
from adapters.postgres.rehearsal.conform import conform
from adapters.postgres.schema.doctor import compare_with_reference, foreign_port
from domain.change_set import TargetFingerprint
from domain.errors import CutterError
from domain.ledger.contract import ConformReport
from domain.ledger.drift import Difference, Severity
from domain.phases import Principal
from domain.reading.source import DocumentStore, StoredDocument
from domain.reports.standing import ChangeSetStatus
from domain.revision.units import Version
from tasks.app import App
from tasks.reading import verifier_connection


def status(app: App, change_set_id: uuid.UUID | None = None) -> list[ChangeSetStatus]:
    """Where change sets stand.

    Raises a connection's refusal, `ConfigMissing` or `DatabaseUnsuitable`.
    """
    with verifier_connection(app) as conn, conn.transaction():
        return change_sets(conn, change_set_id)


def document_store(app: App) -> DocumentStore:
    """Where `db:CODE` is read from: the source texts that the knowledge base keeps.

    Asking for one raises a connection's refusal, or `BadInput` if there is none.
    """

    def source_text(code: str) -> StoredDocument:
        with verifier_connection(app) as conn, conn.transaction():
            return stored_document(conn, code)

    return source_text


def standing_version(app: App, code: str) -> Version:
    """What stands of a document: its living units with their texts; none if it was never cut.

    Raises a connection's refusal.
    """
    with verifier_connection(app) as conn, conn.transaction():
        units = standing_units(conn, code)
        gaps = standing_gaps(conn, code)
    return Version(code, f"the knowledge base ({code})", units, gaps)


def diagnose(app: App, *, register: bool) -> tuple[TargetFingerprint, list[Difference]]:
    """Which database the settings name, and what forbids a cut there: halts in force, then every
    difference from what a cut needs. It is looked at whichever database is registered; that it is
    another one is a finding.

    `register` makes it the target of live runs if nothing would make one impossible or unsafe.
    """
    registered = registered_target(app.settings.state)
    with verifier_connection(app, any_target=True) as conn:
        target = read_identity(conn).fingerprint
        findings = [
            Difference(Severity.FAILS, "halt", str(halt.halt_no), f"{halt}.")
            for halt in halts_in_force(conn)
        ] + compare_with_reference(conn)
    if register and not any(finding.severity is Severity.FAILS for finding in findings):
        register_target(app.settings.state, target)
    elif not register and registered not in (None, target):
        findings.append(_another(target, registered))
    return target, findings


def _another(target: TargetFingerprint, registered: TargetFingerprint | None) -> Difference:
    message = f"This is database {target}, and the registered target is {registered}."
    return Difference(Severity.FAILS, "target", "registered", message)


def what_forbids_a_cut(app: App) -> tuple[str, ...]:
    """Why a live run would be refused by the registered database now; empty if nothing is known
    against it. A home without a target has no database to ask.

    One that can not be asked is a reason too: raises nothing.
    """
    if registered_target(app.settings.state) is None:
        return ()
    try:
        _, findings = diagnose(app, register=False)
    except CutterError as error:
        return (f"The database could not be examined: {error}",)
    return tuple(one.message for one in findings if one.severity is Severity.FAILS)


def conforms(app: App) -> ConformReport:
    """Whether the functions behind the port keep the contract, on the registered target.

    Tried as the login that can not commit. Where the units are a site's own it is kept in the home
    that they do, which live runs ask for. Raises what `require_target` and connecting raise.
    """
    target = require_target(app.settings.state)
    roles = {principal: app.settings.user_of(principal) for principal in Principal}
    report = conform(app.rehearsals(target), roles)
    with verifier_connection(app) as conn:
        port = foreign_port(conn)
    if port is not None and report.conforms:
        keep_conformed(app.settings.state, target, port)
    return report
