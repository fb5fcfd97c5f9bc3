"""The scheduled watch over change sets: it fails when one is torn, and says what to do. It tells
what waits for people, too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from prefect import flow

from blocks.artifacts import publish_inbox, publish_standing
from blocks.form import RunningTooField
from blocks.notify import notify
from domain.errors import ChangeSetTorn, CutterError
from domain.plan.revert import escalation
from domain.switch import SwitchState
from tasks.app import App, current_app
from tasks.records.halt import halts
from tasks.records.knowledge_base import status
from tasks.records.proposals import standings
from tasks.records.telling import tell_news

log = logging.getLogger(__name__)


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
    halted = [str(one) for one in halts(app)]
    publish_standing(found, halted)
    _tell(app, halted)
    if torn:
        more = f" And {len(torn) - 1} more; `cutter status` lists them." if torn[1:] else ""
        raise ChangeSetTorn(f"{torn[0].document_code}: {escalation(torn[0].change_set_id)}{more}")
    return len(found)


def _tell(app: App, halted: Sequence[str]) -> None:
    """Show the inbox, and tell what is new in it. What fails here hides no torn change set."""
    try:
        proposed = standings(app)
        publish_inbox(proposed, halted)
        tell_news(app, proposed, notify)
    except CutterError as error:
        log.warning("Nobody was told what waits: %s", error)


def _armed_for(app: App) -> object:
    """The change set that the switch is armed for, which turns it off when its run has ended, or
    None.
    """
    reading = app.switch.read()
    return reading.change_set_id if reading.state is SwitchState.LIVE else None
