"""The kill-switch: OFF, REHEARSE or LIVE, the last two for one change set and until a time.

Anything else reads as OFF.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.phases import Mode

MAX_REASON: Final = 500
"""Characters of a reason that are stored with the switch."""


class SwitchState(StrEnum):
    """Where the switch stands."""

    OFF = "OFF"
    REHEARSE = "REHEARSE"
    LIVE = "LIVE"


@dataclass(frozen=True, slots=True)
class SwitchReading:
    """One reading of the switch. `why` says what was found, for the person who is refused."""

    state: SwitchState
    why: str
    change_set_id: uuid.UUID | None = None
    until: datetime | None = None


def off(why: str) -> SwitchReading:
    """The reading of a switch that allows nothing."""
    return SwitchReading(SwitchState.OFF, why)


def parse_switch(value: object, now: datetime) -> SwitchReading:
    """Read the stored value of the switch; whatever is not exactly right is OFF
    (docs/architecture.md, Safety rules).

    >>> parse_switch("LIVE", datetime.now(UTC)).state.value
    'OFF'
    """
    if value is None:
        return off("the kill-switch is not set, which means OFF")
    if not isinstance(value, Mapping):
        return off("the kill-switch holds something that is not a switch setting, which means OFF")
    state = value.get("state")
    if state == SwitchState.OFF:
        return off("the kill-switch is OFF")
    if state not in (SwitchState.REHEARSE, SwitchState.LIVE):
        return off("the kill-switch holds an unknown state, which means OFF")
    return _parse_armed(SwitchState(state), value, now)


def _parse_armed(
    state: SwitchState, value: Mapping[object, object], now: datetime
) -> SwitchReading:
    try:
        armed_for = uuid.UUID(str(value["change_set_id"]))
        until = datetime.fromisoformat(str(value["until"]))
    except (KeyError, ValueError):
        return off("the kill-switch names no valid change set or end time, which means OFF")
    if until.tzinfo is None:
        return off("the kill-switch's end time has no time zone, which means OFF")
    if until <= now:
        return off(
            f"the kill-switch was armed until {until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, "
            f"which has passed"
        )
    return SwitchReading(state, f"the kill-switch stands at {state}", armed_for, until)


def off_value(why: str) -> dict[str, str]:
    """What is stored to turn the switch off."""
    return {"state": SwitchState.OFF.value, "reason": why[:MAX_REASON]}


def is_anothers(value: object, only: uuid.UUID | None, now: datetime) -> bool:
    """True if the stored switch is armed for a change set, and that is not `only`.

    Another run's release is not ours to end.
    """
    armed_for = parse_switch(value, now).change_set_id
    return only is not None and armed_for is not None and armed_for != only


def require_switch(
    reading: SwitchReading, mode: Mode, change_set_id: uuid.UUID | None, lock: Lock
) -> None:
    """Refuse unless the switch stands exactly at `mode` for this change set.

    `change_set_id` None asks only whether the switch is armed for this mode at all: what the flow
    asks before it reads the document. Raises `ProductionExecutionNotAuthorized`; a dry run needs no
    switch.
    """
    if mode is Mode.DRYRUN:
        return
    if reading.state.value != mode.value or reading.change_set_id is None:
        raise ProductionExecutionNotAuthorized(lock, f"{reading.why}; this run needs {mode.value}")
    if change_set_id is not None and reading.change_set_id != change_set_id:
        why = (
            f"the kill-switch is armed for change set {reading.change_set_id}, and this is "
            f"{change_set_id}"
        )
        raise ProductionExecutionNotAuthorized(lock, why)


def require_armed(reading: SwitchReading, change_set_id: uuid.UUID, lock: Lock) -> None:
    """Refuse unless the switch is armed for this change set, whether to rehearse it or to run
    it.
    """
    mode = Mode.REHEARSE if reading.state is SwitchState.REHEARSE else Mode.LIVE
    require_switch(reading, mode, change_set_id, lock)
