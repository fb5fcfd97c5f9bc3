"""What a document is to the knowledge base: new, cut already, or a new version of what stands.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.home.target import registered_target
from adapters.postgres.record.documents import may_restate, may_revise
from domain.change_set import run_context
from domain.errors import BadInput, ConfigMissing, PlanRefused
from domain.phases import EntryStatus, Mode
from domain.plan.cut_plan import CutPlan
from domain.reading.options import AS_IT_IS, ReadingOptions, RevisingOptions
from domain.reading.source import StandingDocument
from domain.revision.compare import compare
from domain.revision.dates import Dates, parse_dates, parse_day
from domain.revision.plan import RevisionPlan
from domain.revision.settled import parse_settled
from domain.revision.units import Version, about_changes, stands_as, version_of
from domain.runs.run_plan import DocumentPlan
from tasks.app import App
from tasks.reading import verifier_connection
from tasks.records.knowledge_base import document_store, standing_version, status


def planned(
    app: App,
    document: str,
    reading: ReadingOptions = AS_IT_IS,
    *,
    attempt: int = 1,
    live: bool = False,
) -> DocumentPlan:
    """How a document would be cut; where it stands already, how it would be revised.

    A cut that is on record and not taken back stays that cut, so that it can be resumed and
    replayed, unless other text stands by now. A home without a registered target knows of nothing
    that stands. Raises what reading and planning raise, `BadInput` for what is said about a
    revision and does not fit, and a connection's refusal.
    """
    from adapters.planning import plan_document

    cut = plan_document(document, reading, database=document_store(app))
    if registered_target(app.settings.state) is None:
        _refuse_revising(cut, reading.revising)
        return cut
    standing = _what_stands(app, cut.document_code, live=live)
    if standing is None or not (standing.units or standing.taken):
        _refuse_revising(cut, reading.revising)
        return cut
    if shared := standing.shared_steps:
        cut = plan_document(document, reading, database=document_store(app), shared_steps=True)
    if not reading.revising and _is_this_cut(app, cut, standing, attempt):
        return cut
    if any(about_changes(standing, cut)) or not cut.document.title:
        stands = _standing_document(standing)
        cut = plan_document(
            document,
            reading,
            database=document_store(app),
            stands=stands,
            shared_steps=shared,
        )
    plan = revision_of(cut, standing, reading.revising)
    _require_restating(app, plan)
    return plan


def _what_stands(app: App, code: str, *, live: bool) -> Version | None:
    """What stands of a document; None where a setting is missing, which the run itself names before
    anything is opened.

    Raises a connection's refusal.
    """
    try:
        if live:
            app.settings.require_live()
        return standing_version(app, code)
    except ConfigMissing:
        return None


def revision_of(cut: CutPlan, standing: Version, said: RevisingOptions) -> RevisionPlan:
    """The plan that leads from what stands to a new text, with what a person has said about it.

    Raises `BadInput` or `DocumentRefused` for what can not be read or does not fit.
    """
    from adapters.amending_act import beside_act
    from adapters.likeness import RapidLikeness

    settled = [parse_settled(one) for one in said.matches]
    comparison = compare(standing, version_of(cut), RapidLikeness(), settled)
    agreement = beside_act(comparison, said.amended_by, cut.profile)
    undated = RevisionPlan(cut, comparison, agreement=agreement)
    return replace(undated, dates=_dates(undated, said))


def _dates(plan: RevisionPlan, said: RevisingOptions) -> Dates:
    for_all = parse_day(said.in_force_from) if said.in_force_from else None
    if said.dates is None:
        return Dates(for_all)
    path = Path(said.dates)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"The file of dates {path} can not be read; it has a line for each unit: address, "
            f"date, source."
        ) from None
    return Dates(for_all, parse_dates(text, path.name, [step.address for step in plan.steps]))


def why_no_revisions(app: App) -> str:
    """Why the knowledge base takes no revision, in one sentence; "" if it takes them.

    Raises a connection's refusal.
    """
    with verifier_connection(app) as conn:
        if may_revise(conn):
            return ""
    return (
        "This knowledge base has no functions that write versions, so a document that stands can "
        "not be revised: `cutter db upgrade` brings a base of an earlier version up to date; a "
        "site whose units are its own has to map them (docs/contract.md)."
    )


def _refuse_revising(cut: CutPlan, said: RevisingOptions) -> None:
    if said:
        raise BadInput(
            f"{cut.document_code} does not stand in the knowledge base, so there is nothing to "
            f"revise; leave --in-force-from, --dates, --match and --amended-by out."
        )


def _is_this_cut(app: App, cut: CutPlan, standing: Version, attempt: int) -> bool:
    """Whether what is on record of the document is this very cut, under way or done."""
    target = registered_target(app.settings.state)
    if target is None:
        return False
    ctx = run_context(cut.document_code, cut.plan_digest, Mode.DRYRUN, target, "", attempt)
    for one in status(app, ctx.change_set_id):
        if not one.ended:
            return True
        if one.status == EntryStatus.ENACTED:
            return _same_text(standing, cut)
    return False


def _same_text(standing: Version, new: CutPlan) -> bool:
    """Whether a document stands just as a plan would cut it."""
    return (
        (standing.digest, standing.taken) == (version_of(new).digest, ())
        and all(map(stands_as, standing.units, new.rows))
        and not any(about_changes(standing, new))
    )


def _standing_document(standing: Version) -> StandingDocument:
    """What the units that stand say of their document."""
    return StandingDocument(
        tuple(sorted({unit.publication_type for unit in standing.units} - {""})),
        tuple(sorted({unit.owner_ref for unit in standing.units} - {""})),
        standing.title,
    )


def _require_restating(app: App, plan: RevisionPlan) -> None:
    """Raises `PlanRefused` for another type or owner where the port can not write them."""
    if not plan.restates:
        return
    with verifier_connection(app) as conn:
        if may_restate(conn):
            return
    said = "; ".join(str(one) for one in plan.about if one.units)
    raise PlanRefused(
        f"This knowledge base has no cutter.fn_iu_restate, so units of {plan.document_code} keep "
        f"their publication type and owner ({said}); propose it without that (docs/contract.md)."
    )
