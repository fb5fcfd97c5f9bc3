"""The review page of a plan: what is known of it is gathered and set on one page.

A plain function; a flow may call it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes
from adapters.home.runs import DRY_RUN, REHEARSAL, find_json, folder_of
from adapters.home.target import registered_target
from adapters.likeness import RapidLikeness
from adapters.postgres.connection.driver import Connection
from adapters.postgres.record.documents import standing_gaps, standing_units
from adapters.postgres.schema.doctor import catalog_digest
from adapters.review_page.render import render_review
from blocks.artifacts import publish_review
from blocks.settings import CutterSettings
from domain.change_set import CutContext
from domain.errors import CutterError
from domain.plan.cut_plan import CutPlan
from domain.reports.review_page import NO_DATABASE, Comparison, Review, RunOnRecord, run_on_record
from domain.revision.compare import compare
from domain.revision.plan import RevisionPlan
from domain.revision.units import Version, version_of
from domain.runs.run_plan import DocumentPlan, cut_plan_of
from tasks.app import App
from tasks.reading import verifier_connection

NAME: Final = "review.html"

Compare = Callable[[CutPlan], Comparison]
"""Puts a plan beside what the knowledge base holds.

Raises an error of `domain.errors` if it can not.
"""


@dataclass(frozen=True, slots=True)
class WrittenReview:
    """A review page on disk, its size in bytes, and what is on it."""

    path: Path
    size: int
    review: Review


def write_review(
    app: App,
    plan: DocumentPlan,
    ctx: CutContext,
    *,
    path: Path | None = None,
    compare: Compare | None = None,
) -> WrittenReview:
    """Write the page, whole or not at all, and in a flow run publish where it is.

    It goes to `runs/<change set>/review.html` if no path is given. `compare` is
    that of `with_knowledge_base` or another; without it, or when it fails, the page says
    that nothing was compared and why. Raises `BadInput` if the page can not be written or a run on
    record can not be read.
    """
    settings = app.settings
    review = Review(
        cut_plan_of(plan),
        ctx,
        _compared(plan, compare, settings),
        app.clock(),
        backup_key=(settings.backup_gpg_fpr or "").strip() or None,
        dry_run=_run(settings.runs, ctx, DRY_RUN),
        rehearsal=_run(settings.runs, ctx, REHEARSAL),
        revision=plan if isinstance(plan, RevisionPlan) else None,
    )
    page = render_review(review).encode()
    place = path or folder_of(settings.runs, ctx.change_set_id) / NAME
    keep_bytes(place, page)
    written = WrittenReview(place, len(page), review)
    pages = settings.approvals_address(0) if settings.approvals_url else None
    publish_review(review, place, pages)
    return written


def with_knowledge_base(app: App) -> Compare:
    """A way to compare with the registered database, read-only, as the verifying principal.

    Comparing raises a connection's refusal.
    """

    def compare(plan: CutPlan) -> Comparison:
        with verifier_connection(app) as conn:
            return compared_over(conn, plan)

    return compare


def compared_over(conn: Connection, plan: CutPlan) -> Comparison:
    """Compare over a connection that is not inside a transaction."""
    with conn.transaction():
        units = standing_units(conn, plan.document_code)
        gaps = standing_gaps(conn, plan.document_code)
    standing = Version(plan.document_code, "the knowledge base", units, gaps)
    diff = compare(standing, version_of(plan), RapidLikeness())
    return Comparison(diff, catalog_digest=catalog_digest(conn))


def _compared(plan: DocumentPlan, compare: Compare | None, settings: CutterSettings) -> Comparison:
    """A page is worth reading without a comparison too, so what forbids one is said on it.

    A revision is compared already: what is shown is what is signed.
    """
    if isinstance(plan, RevisionPlan):
        found = _compared(plan.plan, compare, settings)
        return Comparison(plan.comparison, catalog_digest=found.catalog_digest)
    if compare is None:
        return Comparison(why_not="it was not asked for. `cutter review` compares.")
    try:
        return compare(plan) if registered_target(settings.state) else NO_DATABASE
    except CutterError as error:
        return Comparison(why_not=str(error))


def _run(runs: Path, ctx: CutContext, name: str) -> RunOnRecord | None:
    found = find_json(runs, ctx.change_set_id, name)
    return (
        None
        if found is None
        else run_on_record(found, str(folder_of(runs, ctx.change_set_id) / f"{name}.json"))
    )
