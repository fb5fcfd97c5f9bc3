"""`cutter review`: the page that approvers read before they sign."""

from __future__ import annotations

import getpass
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from adapters.home.target import registered_target
from adapters.planning import plan_document
from cli.documents.planning import refuse_warnings
from cli.json_output import as_json_line
from cli.services import home_settings, quiet, the_app, without_prefect
from domain.phases import Mode
from domain.reading.doubts import doubt_in_words, signed_doubts
from domain.reading.options import ReadingOptions
from domain.runs.run_plan import DocumentPlan, cut_plan_of

if TYPE_CHECKING:
    from tasks.records.review_page import WrittenReview


def review_command(
    console: Console,
    document: str,
    reading: ReadingOptions,
    *,
    html: Path | None,
    attempt: int,
    strict: bool,
    as_json: bool,
) -> None:
    """Plan, write the page and print what is signed.

    Raises what planning and `tasks.records.review_page.write_review` raise.
    """
    quiet()
    wants_database = (
        document.startswith("db:") or registered_target(home_settings().state) is not None
    )
    with without_prefect() if wants_database else nullcontext():
        from tasks.change_sets import context_of
        from tasks.records.review_page import with_knowledge_base, write_review
        from tasks.records.revisions import planned

        app = the_app()
        plan: DocumentPlan = (
            planned(app, document, reading, attempt=attempt)
            if wants_database
            else plan_document(document, reading)
        )
        if strict:
            refuse_warnings(cut_plan_of(plan))
        ctx = context_of(app, plan, Mode.DRYRUN, attempt, getpass.getuser())
        written = write_review(
            app,
            plan,
            ctx,
            path=html.absolute() if html else None,
            compare=with_knowledge_base(app),
        )
    if as_json:
        print(review_json(written))
    else:
        show_review(console, written)


def review_json(written: WrittenReview) -> str:
    """Where the page is and what is signed, as one JSON object."""
    review = written.review
    return as_json_line(
        {
            "path": str(written.path),
            "size": written.size,
            "change_set_id": str(review.ctx.change_set_id),
            "plan_digest": review.ctx.plan_digest,
            "effect_digest": review.effect_digest,
            "target": str(review.ctx.target),
            "doubts": [doubt_in_words(one) for one in signed_doubts(review.whole.doubts)],
            "attempt": review.ctx.attempt,
            "units": review.units,
            "backup_key": review.backup_key,
            "catalog_digest": review.comparison.catalog_digest,
            "warnings": len(review.plan.warnings),
            "hidden_characters": sum(hidden.count for hidden in review.hidden),
            "not_compared": review.comparison.why_not or None,
            "alerts": review.alerts,
        },
    )


def show_review(console: Console, written: WrittenReview) -> None:
    """The same for a person."""
    review = written.review
    comparison = review.comparison
    counts = comparison.diff.counts if comparison.diff else {}
    compared = ", ".join(
        f"{max(both):,} {change.value}" for change, both in counts.items() if any(both)
    )
    doubts = ", ".join(map(doubt_in_words, signed_doubts(review.whole.doubts)))
    lines = (
        ("review page", f"{written.path}, {written.size:,} bytes"),
        ("change set", str(review.ctx.change_set_id)),
        ("plan digest", review.ctx.plan_digest),
        ("effect digest", review.effect_digest),
        ("target", str(review.ctx.target)),
        ("doubts", doubts or "none"),
        ("attempt", str(review.ctx.attempt)),
        ("units", f"{review.units:,}"),
        ("backup key", review.backup_key or "not set"),
        ("catalog digest", comparison.catalog_digest or "not known"),
        ("compared", compared or f"no: {comparison.why_not}"),
        ("warnings", f"{len(review.plan.warnings):,}"),
        ("hidden characters", f"{sum(hidden.count for hidden in review.hidden):,}"),
    )
    for name, value in lines:
        console.print(f"{name:17} {value}", highlight=False, markup=False)
    for alert in review.alerts:
        console.print(f"Look: {alert}", style="yellow", highlight=False, markup=False)
