"""Sets a review on a page: one HTML file without script, without anything from outside, under a
policy that forbids both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final

from markupsafe import Markup

from adapters.likeness import RapidLikeness
from adapters.review_page.comparison import (
    ShownVerdict,
    disagreements,
    layout_only,
    outside_units,
    sections,
    shown_verdicts,
)
from adapters.review_page.layout import (
    Places,
    account_by_place,
    in_groups,
    parts_of,
    tree_steps,
    warnings_by_place,
)
from adapters.review_page.page import content_security_policy, environment, lang_of, style
from domain.approval.request import run_effect
from domain.approval.short_code import short_code
from domain.phases import Kind
from domain.plan.cut_plan import CutPlan
from domain.reading.doubts import doubt_in_words, signed_doubts
from domain.reports.rehearsal import CAN_NOT_PROVE
from domain.reports.review_page import Review, RunOnRecord
from domain.revision.dates import said
from domain.revision.pairing import bare
from domain.revision.plan import RevisionPlan
from domain.revision.verdicts import Comparison
from domain.runs.run_plan import changes_of, revision_fields

SHOWN_LARGEST: Final = 3
SHOWN_HIDDEN: Final = 50
OPEN_TREE: Final = 200


@dataclass(frozen=True, slots=True)
class SignedValue:
    """A value that approvals name.

    Its groups, joined, are the value; without any, the meaning says why there is none.
    """

    name: str
    groups: list[str]
    meaning: str


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A dry run or a rehearsal as it is shown, or how to get one."""

    name: str
    run: RunOnRecord | None
    mismatches: tuple[str, ...]
    how: str
    can_not_prove: tuple[str, ...] = ()


def render_review(review: Review) -> str:
    """The page. Time and size are linear in the text and in the number of units."""
    plan = review.plan
    parts = parts_of(plan)
    places = Places(parts)
    diff, likeness = review.comparison.diff, RapidLikeness()
    # What is compared with nothing is all new, and stands below anyway.
    shown = shown_verdicts(diff, likeness) if diff and diff.old.units else []
    revision = review.revision
    return (
        environment()
        .get_template("revision.html.j2" if revision else "review.html.j2")
        .render(
            **(_of_revision(revision, shown) if revision else {}),
            review=review,
            plan=plan,
            code=plan.document_code,
            policy=content_security_policy(),
            style=Markup(style()),  # noqa: S704 -- our own file
            lang=lang_of(plan.profile),
            signed=list(_signed(review)),
            short_code=_short_code(review),
            facts=list(_facts(review)),
            reading=list(_reading(review)),
            parts=parts,
            places=places,
            warned=warnings_by_place(plan, places),
            accounted=account_by_place(plan, places),
            hidden_count=sum(hidden.count for hidden in review.hidden),
            shown_hidden=review.hidden[:SHOWN_HIDDEN],
            tree=tree_steps(plan.rows),
            tree_open=Markup(" open") if len(plan.rows) <= OPEN_TREE else "",
            seq_of={row.canonical_address: row.seq for row in plan.rows},
            difference_words=_difference_words(diff) if diff else "",
            changes=_change_words(diff) if diff else {},
            sections=list(sections(shown)),
            doubtful=[one for one in shown if one.verdict.doubts],
            layout=layout_only(shown),
            outside=outside_units(diff, likeness) if diff and shown else "",
            runs=_runs(review),
        )
    )


def _of_revision(revision: RevisionPlan, shown: Sequence[ShownVerdict]) -> dict[str, Any]:
    """What the page of a revision shows besides."""
    days = [one.split() for one in revision_fields(revision)["dates"]]
    return {
        "revision": revision,
        "agreement": revision.agreement,
        "disagreements": disagreements(revision.agreement, shown),
        "changes_said": ", ".join(changes_of(revision)),
        "acts": [(act.value, count) for act, count in revision.counts.items() if count],
        "days": [(day, int(count)) for day, count in days],
        "single_dates": [
            (bare(address).removeprefix("~"), said(one.in_force_from), one.source)
            for address, one in sorted(revision.dates.single.items())
        ],
    }


def _short_code(review: Review) -> str:
    """The code that `cutter approve` shows for the same."""
    kind = Kind.REVISION if review.revision else Kind.CUT
    return short_code(run_effect(review.ctx, kind, review.effect_digest, review.units))


def _signed(review: Review) -> Iterator[SignedValue]:
    ctx = review.ctx
    if review.revision is None:
        about = "Every unit, title, parent and gap, their order, and the source text."
    else:
        about = "What stands, the whole new text, what differs, what was settled, and the days."
    yield SignedValue("Plan digest", in_groups(ctx.plan_digest), about)
    for name, value, meaning in _signed_of_revision(review.revision):
        yield SignedValue(name, [value], meaning)
    yield SignedValue(
        "Effect digest",
        in_groups(review.effect_digest),
        "What the tables will hold when the cut is done.",
    )
    yield SignedValue(
        "Change set",
        in_groups(str(ctx.change_set_id), 36),
        "This cut of this plan into this database.",
    )
    yield SignedValue(
        "Target",
        in_groups(str(ctx.target), 255),
        "The database: name:oid@system identifier of its server.",
    )
    doubts = ", ".join(map(doubt_in_words, signed_doubts(review.whole.doubts)))
    yield SignedValue(
        "Doubts",
        [doubts or "none"],
        "How many of each code, and the beginning of the digest of their places.",
    )
    yield SignedValue(
        "Attempt", [str(ctx.attempt)], "Counts up only when a reverted plan is cut again."
    )
    if review.backup_key:
        yield SignedValue(
            "Backup key",
            in_groups(review.backup_key, 4),
            "Fingerprint of the key that the backup is encrypted to.",
        )
    else:
        yield SignedValue(
            "Backup key", [], "Not set: without `BACKUP_GPG_FPR` a live run is refused."
        )
    if digest := review.comparison.catalog_digest:
        yield SignedValue(
            "Catalog digest",
            in_groups(digest),
            "The database's tables, functions and privileges as they are now.",
        )
    else:
        yield SignedValue("Catalog digest", [], "Not known: the database was not read.")


def _signed_of_revision(revision: RevisionPlan | None) -> Iterator[tuple[str, str, str]]:
    if revision is None:
        return
    signed = revision_fields(revision)
    yield (
        "Base digest",
        signed["base_digest"],
        "What stands before: if it moves, what was signed counts no more.",
    )
    yield "Changes", ", ".join(signed["changes"]), "How many addresses each act concerns."
    yield "Dates", ", ".join(signed["dates"]), "How many units are in force from each day."


def _facts(review: Review) -> Iterator[tuple[str, Any]]:
    plan = review.plan
    kinds = Counter(row.unit_kind for row in plan.rows)
    yield "Code", f"{plan.document_code}, {plan.imprint.code_from}"
    yield "Title", plan.document.title or "none given"
    yield "Type and owner", f"{plan.document.publication_type}, {plan.document.owner_ref}"
    if plan.imprint.number:
        yield "Number", plan.imprint.number
    if plan.imprint.dated:
        yield "Dated", plan.imprint.dated
    yield (
        "Units",
        f"{len(plan.rows):,}: " + ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()),
    )
    yield "Doubts", f"{len(review.whole.doubts):,}"
    yield "Warnings", f"{len(plan.warnings):,}"
    largest = nlargest(SHOWN_LARGEST, plan.rows, key=lambda row: len(row.body))
    shares = (
        f"{bare(row.canonical_address).removeprefix('~')} {_share(len(row.body), plan)}"
        for row in largest
    )
    yield "Largest units", ", ".join(shares)
    outside = sum(len(gap.text) for gap in plan.gaps)
    yield "Gaps", f"{len(plan.gaps):,}, {outside:,} characters, {_share(outside, plan)}"
    counts = [f"{count:,} {reason}" for reason, count in plan.account.counts.items()]
    yield (
        "Lines that look like units",
        ", ".join(counts) or "not counted: the format declares units",
    )


def _reading(review: Review) -> Iterator[tuple[str, Any]]:
    """What was read and how: a person compares it, and judges nothing by it."""
    plan = review.plan
    yield "Source", plan.source_name
    yield "Source text, SHA-256", plan.text_sha256
    if plan.file_sha256:
        yield "Source file, SHA-256", plan.file_sha256
    yield "Characters", f"{plan.text_chars:,}"
    yield "Line ends", _line_ends(review.text)
    yield "Reader", plan.reader
    yield "Profile", plan.profile
    yield "Granularity", plan.granularity


def _share(chars: int, plan: CutPlan) -> str:
    return f"{100 * chars / max(plan.text_chars, 1):.0f}%"


def _line_ends(text: str) -> str:
    """How the lines end, because a carriage return before a line feed gets no mark.

    >>> _line_ends("a" + chr(13) + chr(10) + "b" + chr(10))
    '1 CR LF, 1 LF'
    """
    both = text.count("\r\n")
    counts = {
        "CR LF": both,
        "LF": text.count("\n") - both,
        "CR alone": len(re.findall(r"\r(?!\n)", text)),
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"


def _difference_words(diff: Comparison) -> str:
    counts = [
        f"{max(old, new):,} {change.value}"
        for change, (old, new) in diff.counts.items()
        if old or new
    ]
    return f"Compared with the knowledge base: {', '.join(counts)}."


def _change_words(diff: Comparison) -> dict[str, str]:
    """What the comparison says of each new unit, by address."""
    return {
        unit.address: f"{verdict.change.value}: {', '.join(verdict.what)}"
        if verdict.what
        else verdict.change.value
        for verdict in diff.verdicts
        for unit in verdict.new
    }


def _runs(review: Review) -> list[ShownRun]:
    arm = (
        f"`cutter switch arm --rehearse {review.ctx.change_set_id} --reason WHY` and then "
        f"`cutter rehearse FILE`"
    )
    dry, rehearsal = review.dry_run, review.rehearsal
    return [
        ShownRun("Dry run", dry, review.mismatches(dry) if dry else (), "`cutter cut FILE`"),
        ShownRun(
            "Rehearsal",
            rehearsal,
            review.mismatches(rehearsal) if rehearsal else (),
            arm,
            CAN_NOT_PROVE,
        ),
    ]
