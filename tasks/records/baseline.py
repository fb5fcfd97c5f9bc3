"""Accept a plan, and compare with the accepted one.

A plan that was cut for real is accepted by that.
"""

from __future__ import annotations

import logging

from adapters.home.plan_baseline import (
    baseline_of,
    baseline_path,
    keep_plan_baseline,
    kept_plan_baseline,
    plan_change,
)
from domain.errors import CutterError
from domain.plan.cut_plan import CutPlan
from domain.reading.options import ReadingOptions
from tasks.app import App

log = logging.getLogger(__name__)


def accept_plan(app: App, document: str, plan: CutPlan, by: str, reading: ReadingOptions) -> None:
    """After a live run: take its plan for the baseline.

    That this fails is said, and undoes no run.
    """
    try:
        take_baseline(app, document, plan, by, reading)
    except CutterError as error:
        log.warning("The plan of %s could not be taken for the baseline: %s", document, error)


def take_baseline(app: App, document: str, plan: CutPlan, by: str, reading: ReadingOptions) -> None:
    """Take a plan for the baseline of this document, read in this way. Raises `BadInput`."""
    keep_plan_baseline(baseline_path(app.settings.state, document, reading), baseline_of(plan, by))


def change_since_baseline(
    app: App, document: str, plan: CutPlan, by: str, reading: ReadingOptions
) -> str | None:
    """What has changed since the plan was accepted, in one sentence; None if nothing has.

    Without a baseline this plan becomes it. Raises `ConfigMismatch` or `BadInput`.
    """
    found = kept_plan_baseline(baseline_path(app.settings.state, document, reading))
    if found is None:
        take_baseline(app, document, plan, by, reading)
        return None
    change = plan_change(found, plan)
    if change is None:
        return None
    return (
        f"The plan of {document} is not the one that {found.accepted_by} accepted at "
        f"{found.accepted_at}: {change}. "
        f"Look with `cutter review`, then accept it with `cutter check {document} --new-baseline`."
    )
