"""What a run shows in Prefect: a summary, the plan and the verification. A view for people, not evidence."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, Final

import httpx
from prefect import runtime
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.exceptions import PrefectException

from blocks.api import bounded_settings
from domain.cut_plan import CutPlan
from domain.run_report import CutOutcome

MAX_ROWS: Final = 200
MAX_CELL: Final = 120

log = logging.getLogger(__name__)


def artifact_key(document_code: str, what: str) -> str:
    """The key of a document's artifact: small letters, digits and hyphens, which is all that Prefect accepts.

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
    _publish(create_table_artifact, table=table, key=artifact_key(plan.document_code, "plan"), description=about)


def publish_outcome(outcome: CutOutcome, error: BaseException | None = None) -> None:
    """A summary, and once there is one a table of the verification."""
    key = artifact_key(outcome.document_code, "summary")
    _publish(create_markdown_artifact, markdown=summary(outcome, error), key=key, description=f"Cut of {outcome.document_code}")
    if found := outcome.verification:
        table = [
            {"check": "units", "expected": str(found.expected_units), "found": str(found.found_units)},
            {"check": "status", "expected": "verified_complete", "found": found.status},
            {"check": "source text, SHA-256", "expected": "as planned", "found": found.source_sha256},
            {"check": "change set", "expected": str(outcome.change_set_id), "found": str(found.change_set_id)},
        ]
        key = artifact_key(outcome.document_code, "verification")
        _publish(create_table_artifact, table=table, key=key, description=f"Verification, {outcome.mode}")


def summary(outcome: CutOutcome, error: BaseException | None = None) -> str:
    """A run in Markdown."""
    end = f"stopped: {type(error).__name__}" if error else "nothing to do, all was done before" if outcome.replayed else "done"
    lines = [
        f"# {outcome.mode} of {outcome.document_code}: {end}",
        "",
        f"- change set `{outcome.change_set_id}`",
        f"- plan `{outcome.plan_digest}`: {outcome.units} units, {outcome.gaps} gaps, {outcome.warnings} warnings",
        f"- target `{outcome.target}`",
    ]
    if outcome.backup and outcome.backup.made:
        lines.append(f"- backup `{outcome.backup.path}`, {outcome.backup.size} bytes, SHA-256 `{outcome.backup.sha256}`")
    lines += ["", "| phase | count | of | seconds | answered by |", "| --- | ---: | --- | ---: | --- |"]
    lines += [
        f"| {r.phase} | {r.count} | {r.counted} | {r.seconds:.2f} | {'the journal' if r.replayed else 'this run'} |"
        for r in outcome.phases
    ]
    return "\n".join(lines) + "\n"


def _publish(create: Callable[..., Any], **content: Any) -> None:
    """Publish, or say that it did not work: a run is not undone because its view is missing. Nothing outside a flow run."""
    if runtime.flow_run.id is None:
        return
    try:
        with bounded_settings():
            create(**content, _sync=True)
    except (httpx.HTTPError, PrefectException, ValueError, RuntimeError) as error:
        log.warning("The artifact %s could not be published (%s).", content["key"], type(error).__name__)
