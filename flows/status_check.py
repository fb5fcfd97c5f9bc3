"""The scheduled watch over change sets: it fails when one is torn, and says what to do."""

from __future__ import annotations

from prefect import flow

from blocks.artifacts import publish_standing
from blocks.form import RunningTooField
from domain.errors import ChangeSetTorn
from domain.plan.revert import escalation
from domain.switch import SwitchState
from tasks.app import App, current_app
from tasks.records.knowledge_base import status


@flow(name="status_check", retries=0, persist_result=False, validate_parameters=True)
def status_check(running_too: RunningTooField = False) -> int:
    """How many change sets are on record, if none is torn. Writes nothing.

    A change set that the kill-switch is armed for may be running: it counts only with
    `running_too`. Raises `ChangeSetTorn` naming the first and what to do, and a connection's
    refusal.
    """
    app = current_app()
    found = status(app)
    running = None if running_too else _armed_for(app)
    torn = [one for one in found if one.torn and one.change_set_id != running]
    publish_standing(found)
    if torn:
        more = f" And {len(torn) - 1} more; `cutter status` lists them." if torn[1:] else ""
        raise ChangeSetTorn(f"{torn[0].document_code}: {escalation(torn[0].change_set_id)}{more}")
    return len(found)


def _armed_for(app: App) -> object:
    """The change set that the switch is armed for, which turns it off when its run has ended, or
    None.
    """
    reading = app.switch.read()
    return reading.change_set_id if reading.state is SwitchState.LIVE else None
