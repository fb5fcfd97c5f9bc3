"""Accept a plan, and compare with the accepted one.

A plan that was cut for real is accepted by that.
"""

from __future__ import annotations

import logging

from adapters.home.accepted_plans import (
    accepted_now,
    accepted_plan_path,
    keep_accepted_plan,
    kept_accepted_plan,
    plan_change,
)
from domain.errors import CutterError
from domain.plan.cut_plan import CutPlan
from domain.reading.options import ReadingOptions
from tasks.app import App

log = logging.getLogger(__name__)


def accept_plan(app: App, document: str, plan: CutPlan, by: str, reading: ReadingOptions) -> None:
    """After a live run: its plan is the accepted one.

    That this fails is said, and undoes no run.
    """
    try:
        take_plan(app, document, plan, by, reading)
    except CutterError as error:
        log.warning("The plan of %s could not be kept as the accepted one: %s", document, error)


def take_plan(app: App, document: str, plan: CutPlan, by: str, reading: ReadingOptions) -> None:
    """Accept a plan for this document, read in this way. Raises `BadInput`."""
    keep_accepted_plan(
        accepted_plan_path(app.settings.state, document, reading), accepted_now(plan, by)
    )


def change_since_accepted(
    app: App, document: str, plan: CutPlan, by: str, reading: ReadingOptions
) -> str | None:
    """What has changed since the plan was accepted, in one sentence; None if nothing has.

    Where none was accepted yet this plan is, by that. Raises `ConfigMismatch` or `BadInput`.
    """
    found = kept_accepted_plan(accepted_plan_path(app.settings.state, document, reading))
    if found is None:
        take_plan(app, document, plan, by, reading)
        return None
    change = plan_change(found, plan)
    if change is None:
        return None
    return (
        f"The plan of {document} is not the one that {found.accepted_by} accepted at "
        f"{found.accepted_at}: {change}. "
        f"Look with `cutter review`, then accept it with `cutter check {document} --new-baseline`."
    )
