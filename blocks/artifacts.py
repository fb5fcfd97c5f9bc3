"""What a run shows in Prefect: a summary, the plan and the verification.

A view for people, not evidence.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
from prefect import runtime
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.exceptions import PrefectException

from blocks.api import bounded_settings
from domain.approval.targets import Target
from domain.ledger.backups import RestoreReport
from domain.phases import Mode
from domain.plan.cut_plan import CutPlan
from domain.release.outcome import ENDED_BADLY, ReleaseOutcome, Step
from domain.reports.proof import ProofReport
from domain.reports.proposal import OPEN, ProposalStanding
from domain.reports.rehearsal import RehearsalReport
from domain.reports.revert import RevertOutcome
from domain.reports.review_page import Review
from domain.reports.run import CutOutcome, PhaseReport
from domain.reports.standing import ChangeSetStatus

MAX_ROWS: Final = 200
MAX_CELL: Final = 120

log = logging.getLogger(__name__)


def artifact_key(document_code: str, what: str) -> str:
    """The key of a document's artifact: small letters, digits and hyphens, which is all that
    Prefect accepts.

    >>> artifact_key("vn.91-2015", "plan")
    'cut-vn-91-2015-plan'
    """
    return f"cut-{re.sub('[^a-z0-9]+', '-', document_code)}-{what}"


def publish_plan(plan: CutPlan) -> None:
    """A table of the plan's first rows."""
    shown = plan.rows[:MAX_ROWS]
    table = [
        {
            "no": row.seq,
            "address": row.canonical_address,
            "kind": row.unit_kind,
            "title": row.title[:MAX_CELL],
            "characters": len(row.body),
            "parent": row.parent_ref or "",
        }
        for row in shown
    ]
    about = f"The first {len(shown)} of {len(plan.rows)} units, plan {plan.plan_digest[:16]}"
    _publish(
        create_table_artifact,
        table=table,
        key=artifact_key(plan.document_code, "plan"),
        description=about,
    )


def publish_target(target: Target, said: str) -> None:
    """What a target is, and what comes next for it."""
    _publish(
        create_table_artifact,
        table=[{"what": name, "is": str(value)} for name, value in target.fields().items()],
        key=artifact_key(target.name, "target"),
        description=said,
    )


def publish_outcome(outcome: CutOutcome, error: BaseException | None = None) -> None:
    """A summary, and once there is one a table of the verification."""
    key = artifact_key(outcome.document_code, "summary")
    _publish(
        create_markdown_artifact,
        markdown=summary(outcome, error),
        key=key,
        description=f"Cut of {outcome.document_code}",
    )
    if found := outcome.verification:
        table = [
            {
                "check": "units",
                "expected": str(found.expected_units),
                "found": str(found.found_units),
            },
            {"check": "status", "expected": "verified_complete", "found": found.status},
            {
                "check": "source text, SHA-256",
                "expected": "as planned",
                "found": found.source_sha256,
            },
            {
                "check": "change set",
                "expected": str(outcome.change_set_id),
                "found": str(found.change_set_id),
            },
        ]
        key = artifact_key(outcome.document_code, "verification")
        _publish(
            create_table_artifact, table=table, key=key, description=f"Verification, {outcome.mode}"
        )


def publish_rehearsal(report: RehearsalReport) -> None:
    """What the rehearsal showed, what it can not prove, and what it cost."""
    key = artifact_key(report.document_code, "rehearsal")
    about = f"Rehearsal of {report.document_code}, rolled back"
    _publish(
        create_markdown_artifact, markdown=rehearsal_summary(report), key=key, description=about
    )


def publish_proof(report: ProofReport) -> None:
    """The checks with their evidence, as a table."""
    table = [
        {
            "no": check.number,
            "check": check.title,
            "result": "passed" if check.passed else "FAILED",
            "evidence": check.evidence,
        }
        for check in report.checks
    ]
    about = f"Proof of {report.target}: {'passed' if report.passed else 'FAILED'}"
    _publish(create_table_artifact, table=table, key="cutter-proof", description=about)


def publish_drill(report: RestoreReport) -> None:
    """What a restore drill found, as a table."""
    findings = report.findings or (
        f"{report.tables} tables with {report.rows} rows came back as they were.",
    )
    table = [
        {"backup": report.backup, "result": "proven" if report.proven else "REFUTED", "finding": it}
        for it in findings
    ]
    about = f"Restore drill of {report.target}: {'proven' if report.proven else 'REFUTED'}"
    _publish(create_table_artifact, table=table, key="cutter-restore-drill", description=about)


def publish_revert(outcome: RevertOutcome) -> None:
    """What a revert withdraws, or has withdrawn."""
    code = outcome.document_code
    about = f"{outcome.mode} of the revert of {outcome.reverts}"
    _publish(
        create_markdown_artifact,
        markdown=revert_summary(outcome),
        key=artifact_key(code, "revert"),
        description=about,
    )


def revert_summary(outcome: RevertOutcome) -> str:
    """A run of a revert in Markdown."""
    end = (
        "nothing was written"
        if outcome.mode is not Mode.LIVE
        else "was done before"
        if outcome.replayed
        else "done"
    )
    lines = [
        f"# Revert of {outcome.document_code}, {outcome.mode}: {end}",
        "",
        f"- reverts change set `{outcome.reverts}`, which stood at {outcome.stood}",
        f"- change set `{outcome.change_set_id}`",
        f"- plan `{outcome.plan_digest}`: {outcome.units} units to withdraw",
        f"- effect `{outcome.effect_digest}`",
        f"- target `{outcome.target}`",
        f"- afterwards the document can be cut again, with attempt {outcome.recut_attempt}",
        *(["", *_phase_table(outcome.phases)] if outcome.phases else []),
    ]
    return "\n".join(lines) + "\n"


def publish_review(review: Review, path: Path, pages: str | None = None) -> None:
    """Where the review page is, what is signed, and what to look at first.

    `pages` is the address of the approvers' pages, where there are any.
    """
    code = review.plan.document_code
    about = f"Review page of {code}"
    _publish(
        create_markdown_artifact,
        markdown=review_summary(review, path, pages),
        key=artifact_key(code, "review"),
        description=about,
    )


def publish_drift(
    document_code: str, differences: Sequence[str], *, examined: bool, ready: Sequence[str] = ()
) -> None:
    """What has drifted since a document was accepted, or that nothing has; and what a new version
    of it would change, which is ready to be proposed.
    """
    lines = [f"# {document_code}: {'it has drifted' if differences else 'nothing has drifted'}", ""]
    if ready:
        lines.append(f"- revision of {document_code} ready: {', '.join(ready)}")
    else:
        lines += [] if differences else ["- the plan is the accepted one"]
    lines += [f"- {difference}" for difference in differences]
    if not examined:
        lines.append("- no database is registered in this home, so none was examined")
    about = f"Drift of {document_code}"
    _publish(
        create_markdown_artifact,
        markdown="\n".join(lines) + "\n",
        key=artifact_key(document_code, "drift"),
        description=about,
    )


def publish_standing(found: Sequence[ChangeSetStatus], halts: Sequence[str] = ()) -> None:
    """A table of the newest change sets and what to do about each; what halts everything, in
    words, comes first.
    """
    table: list[dict[str, object]] = [
        {"document": "EVERY", "status": "HALTED", "next": one} for one in halts
    ]
    table += [
        {
            "document": one.document_code,
            "change set": str(one.change_set_id),
            "attempt": one.attempt,
            "status": "TORN" if one.torn else one.status,
            "opened": f"{one.opened_at:%Y-%m-%d %H:%M} by {one.opened_by}",
            "next": one.next_step,
        }
        for one in reversed(found[-MAX_ROWS:])
    ]
    _publish(
        create_table_artifact,
        table=table,
        key="cut-change-sets",
        description=_after(halts, "Change sets, the newest first"),
    )


def publish_inbox(found: Sequence[ProposalStanding], halts: Sequence[str] = ()) -> None:
    """A table of the proposals that are not done, and what each waits for; what halts everything
    is said first.
    """
    table = [
        {
            "document": one.proposal.code,
            "title": one.proposal.title[:MAX_CELL],
            "units": one.proposal.units,
            "stage": one.stage.value,
            "proposed": f"{one.proposal.proposed_at:%Y-%m-%d %H:%M} by {one.proposal.proposed_by}",
            "next": one.next_step,
        }
        for one in found
        if one.stage in OPEN
    ]
    _publish(
        create_table_artifact,
        table=table[:MAX_ROWS],
        key="cut-inbox",
        description=_after(halts, f"Inbox: {len(table)} proposed and not done"),
    )


def _after(halts: Sequence[str], words: str) -> str:
    """A description that begins with the halts in force."""
    return " ".join((*(f"{one}." for one in halts), words))


def review_summary(review: Review, path: Path, pages: str | None = None) -> str:
    """A review in Markdown.

    The page itself is a file on the machine that ran this, to which browsers follow no link from
    here; but they do to the approvers' pages, once the document is proposed there.
    """
    here = f"{pages}/proposals/{review.ctx.change_set_id}/review"
    lines = [
        f"# Review of {review.plan.document_code} before signing",
        "",
        *([f"- [the page, once it is proposed]({here})"] if pages else []),
        f"- page `{path}`: open it as `{path.as_uri()}` on the machine that holds it",
        "- make it again, there or elsewhere: `cutter review DOCUMENT --html FILE`",
        f"- change set `{review.ctx.change_set_id}`, attempt {review.ctx.attempt}",
        (
            f"- plan `{review.ctx.plan_digest}`: {len(review.plan.rows)} units, "
            f"{len(review.plan.warnings)} warnings"
        ),
        f"- effect `{review.effect_digest}`",
        f"- target `{review.ctx.target}`",
        *(f"- **look:** {alert}" for alert in review.alerts),
    ]
    return "\n".join(lines) + "\n"


def rehearsal_summary(report: RehearsalReport) -> str:
    """A rehearsal in Markdown."""
    cost = report.cost
    lines = [
        f"# Rehearsal of {report.document_code}: it would succeed",
        "",
        f"- change set `{report.change_set_id}`",
        f"- plan `{report.plan_digest}`: {report.units} units",
        f"- effect `{report.effect_digest}`",
        f"- target `{report.target}`",
        (
            f"- cost: {cost.wal_bytes} bytes of WAL, {cost.dead_tuples} dead tuples, "
            f"{cost.transaction_ids} transaction ids"
        ),
        "",
        *_phase_table(report.phases),
        "",
        "What a rehearsal can not prove:",
        "",
        *(f"- {sentence}" for sentence in report.can_not_prove),
    ]
    return "\n".join(lines) + "\n"


def _phase_table(phases: Sequence[PhaseReport]) -> list[str]:
    return [
        *("| phase | count | of | seconds | answered by |", "| --- | ---: | --- | ---: | --- |"),
        *(
            (
                f"| {r.phase} | {r.count} | {r.counted} | {r.seconds:.2f} | "
                f"{'the journal' if r.replayed else 'this run'} |"
            )
            for r in phases
        ),
    ]


def summary(outcome: CutOutcome, error: BaseException | None = None) -> str:
    """A run in Markdown."""
    end = (
        f"stopped: {type(error).__name__}"
        if error
        else "nothing to do, all was done before"
        if outcome.replayed
        else "done"
    )
    lines = [
        f"# {outcome.mode} of {outcome.document_code}: {end}",
        "",
        f"- change set `{outcome.change_set_id}`",
        f"- units {outcome.units}, gaps {outcome.gaps}, warnings {outcome.warnings}",
        f"- plan `{outcome.plan_digest}`",
        *([f"- effect `{outcome.effect_digest}`"] if outcome.effect_digest else []),
        f"- target `{outcome.target}`",
    ]
    if outcome.backup and outcome.backup.made:
        lines += [
            f"- backup `{Path(outcome.backup.path).name}`, {outcome.backup.size} bytes",
            f"- backup's SHA-256 `{outcome.backup.sha256}`",
        ]
    lines += ["", *_phase_table(outcome.phases)]
    return "\n".join(lines) + "\n"


def publish_release(outcome: ReleaseOutcome) -> None:
    """A table of the release's documents, those that somebody has to look at first."""
    order = {step: number for number, step in enumerate((*ENDED_BADLY, Step.RUNNING))}
    shown = sorted(outcome.documents, key=lambda one: (order.get(one.step, len(order)), one.code))
    table = [
        {
            "document": one.code,
            "units": one.units,
            "step": one.step.value,
            "reason": one.reason[:MAX_CELL],
        }
        for one in shown[:MAX_ROWS]
    ]
    said = ", ".join(f"{count} {step}" for step, count in outcome.steps.most_common())
    _publish(
        create_table_artifact,
        table=table,
        key=f"release-{str(outcome.release_id)[:8]}",
        description=f"Release {outcome.release_id}: {len(outcome.documents)} documents, {said}",
    )


def _publish(create: Callable[..., Any], **content: Any) -> None:
    """Publish, or say that it did not work: a run is not undone because its view is missing.

    Nothing outside a flow run.
    """
    if runtime.flow_run.id is None:
        return
    try:
        with bounded_settings():
            create(**content, _sync=True)
    except (httpx.HTTPError, PrefectException, ValueError, RuntimeError) as error:
        log.warning(
            "The artifact %s could not be published (%s).", content["key"], type(error).__name__
        )
