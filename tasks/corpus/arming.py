"""The switch armed for a release. Apart from that for a change set: reading a release imports what
who only looks does not need.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from adapters.releases import kept_release
from domain.switch import SwitchState
from tasks.app import App
from tasks.records.halt import arm_for


def arm_release(app: App, release_id: UUID, minutes: int, by: str, reason: str) -> datetime:
    """Arm the switch at LIVE for every change set of a release that is kept here, and for nothing
    else; until when it is.

    Raises `Refused` while everything is halted, and what `kept_release` and arming raise.
    """
    kept_release(app.settings.state, release_id)
    return arm_for(app, SwitchState.LIVE, release_id, minutes, by, reason)
