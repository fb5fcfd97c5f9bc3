"""The review page of a revision: what has to be judged comes first, and every difference is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.review_page.render import render_review
from domain.approval.request import revision_effect
from domain.approval.short_code import short_code
from domain.errors import BadInput
from domain.reports.review_page import Comparison, Review
from tests.support.plans import context
from tests.support.revisions import made_revision

REVISION = made_revision()
MADE = datetime(2027, 1, 1, tzinfo=UTC)


def page() -> str:
    review = Review(
        REVISION.plan,
        context(REVISION),
        Comparison(REVISION.comparison),
        MADE,
        revision=REVISION,
    )
    return render_review(review)


def test_what_is_to_be_judged_stands_before_the_changes_and_the_digests() -> None:
    html = page()
    order = (
        "judge", "doubts", "document", "warnings", "hidden", "dates", "act", "changed",
        "renumbered", "runs", "text", "sign",
    )  # fmt: skip
    places = [html.index(f'id="{name}"') for name in order]
    assert places == sorted(places)
    ctx = context(REVISION)
    assert html.count(short_code(revision_effect(ctx, REVISION))) == 2
    assert "1 changed, 1 added, 1 repealed, 2 renumbered" in html


def test_the_doubts_of_the_whole_revision_are_counted() -> None:
    assert not REVISION.plan.doubts
    assert f"<dt>Doubts</dt>\n<dd>{len(REVISION.doubts)}</dd>" in page()


def test_words_days_and_disagreements_are_shown() -> None:
    html = page()
    assert "<del>twelve</del><ins>fourteen</ins>" in html
    assert "not known" in html
    assert "Gazette 12, of 2026" in html
    assert "act-disagrees" in html
    assert html.count(REVISION.base_digest) == 1


def test_what_is_unchanged_is_folded_at_the_end() -> None:
    before, _, folded = page().partition("<details><summary>All 6 units")
    kept = "keeps a register of every boat"
    assert kept not in before
    assert kept in folded
    assert folded.index('<ul class="tree">') < folded.index(kept)


def test_the_page_is_of_the_plan_that_is_signed() -> None:
    with pytest.raises(BadInput, match="is not of this plan"):
        Review(REVISION.plan, context(REVISION), Comparison(), MADE)
