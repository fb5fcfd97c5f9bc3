"""Look at the knowledge base without changing it: read-only, as the verifying principal.

Plain functions, no Prefect run.
"""

from __future__ import annotations

import uuid

from adapters.home.conformed import keep_conformed
from adapters.home.target import register_target, registered_target, require_target
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_identity
from adapters.postgres.permits.permit import halts_in_force
from adapters.postgres.record.documents import documents_alike, standing_text, stored_document
from adapters.postgres.record.status import change_sets
from adapters.postgres.revising.base import read_base, require_standing
from adapters.postgres.schema.doctor import compare_with_reference, foreign_port, may_read
from adapters.postgres.units.reader import PostgresUnits
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import BadInput, CutterError, UnitNotFound
from domain.ledger.contract import ConformReport
from domain.ledger.drift import Difference, Severity
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from domain.reading.source import DocumentStore, StoredDocument
from domain.reports.standing import ChangeSetStatus
from domain.revision.plan import RevisionPlan
from domain.revision.units import Version
from tasks.app import App
from tasks.reading import verifier_connection
from tasks.records.secrets_apart import pool_findings, sealing_findings, verifier_findings


def status(
    app: App, change_set_id: uuid.UUID | None = None, *, code: str | None = None
) -> list[ChangeSetStatus]:
    """Where change sets stand: all, one, or those of one document.

    Raises a connection's refusal, `ConfigMissing` or `DatabaseUnsuitable`.
    """
    with verifier_connection(app) as conn, conn.transaction():
        return change_sets(conn, change_set_id, code)


def document_store(app: App) -> DocumentStore:
    """Where `db:CODE` is read from: the source texts that the knowledge base keeps, else the text
    of the document that stands.

    Asking for one raises a connection's refusal, or `BadInput` if there is neither.
    """

    def asked(code: str) -> StoredDocument:
        with verifier_connection(app) as conn, conn.transaction():
            return source_text(conn, code)

    return asked


def source_text(conn: Connection, code: str) -> StoredDocument:
    """The source text that the knowledge base keeps of a document, else the text that stands.

    Raises `BadInput` if there is neither.
    """
    if kept := stored_document(conn, code):
        return kept
    reader = PostgresUnits(conn, "")
    try:
        about = reader.about(code)
        text = reader.whole_text(code).text
    except UnitNotFound:
        raise BadInput(
            f"The knowledge base has no source text for {code}, and nothing of it stands; name a "
            f"code of the table source_document, or one that `cutter units` lists."
        ) from None
    return StoredDocument(
        code, f"{code}.txt", text.encode(), about.publication_type, about.owner_ref, about.title
    )


def standing_version(app: App, code: str) -> Version:
    """What stands of a document: its living units with their texts; none if it was never cut.

    Raises a connection's refusal.
    """
    with verifier_connection(app) as conn, conn.transaction():
        return standing_text(conn, code)


def others_alike(app: App, plan: CutPlan) -> tuple[str, ...]:
    """The codes of other documents that stand with a plan's title or text: it may be a new version
    of one of them.

    Raises a connection's refusal.
    """
    with verifier_connection(app) as conn, conn.transaction():
        return documents_alike(conn, plan.document_code, plan.document.title, plan.text_sha256)


def require_standing_base(app: App, plan: object, ctx: CutContext) -> None:
    """That a revision which has not begun still starts from what stands: else no permit is opened.

    Once it has begun every phase looks itself, under the writers lock. Raises `PlanRefused` if the
    base has moved, and a connection's refusal.
    """
    if isinstance(plan, RevisionPlan) and not status(app, ctx.change_set_id):
        with verifier_connection(app) as conn, conn.transaction():
            require_standing(conn, plan.document_code)
            read_base(conn, plan)


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
            *_halts(conn),
            *compare_with_reference(conn),
            *verifier_findings(app, conn),
            *sealing_findings(app),
            *pool_findings(app),
        ]
    if register and not any(finding.severity is Severity.FAILS for finding in findings):
        register_target(app.settings.state, target)
    elif not register and registered not in (None, target):
        findings.append(_another(target, registered))
    return target, findings


def _halts(conn: Connection) -> list[Difference]:
    """The halts in force, each of which forbids a cut; none where cutter never was, or this session
    may read none: both are findings of their own.
    """
    if not may_read(conn, "cutter.cut_halt"):
        return []
    return [
        Difference(Severity.FAILS, "halt", str(halt.halt_no), f"{halt}.")
        for halt in halts_in_force(conn)
    ]


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
    from adapters.postgres.rehearsal.conform import conform

    target = require_target(app.settings.state)
    roles = {principal: app.settings.user_of(principal) for principal in Principal}
    report = conform(app.rehearsals(target), roles)
    with verifier_connection(app) as conn:
        port = foreign_port(conn)
    if port is not None and report.conforms:
        keep_conformed(app.settings.state, target, port)
    return report
