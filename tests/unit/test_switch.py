"""The kill-switch fails closed: whatever is not exactly right reads as OFF, and OFF refuses."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.phases import Mode
from domain.switch import (
    SwitchState,
    off,
    parse_switch,
    require_armed,
    require_switch,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHANGE_SET = uuid.UUID("11111111-2222-5333-8444-555555555555")
ARMED: dict[str, Any] = {
    "state": "LIVE",
    "change_set_id": str(CHANGE_SET),
    "until": (NOW + timedelta(minutes=5)).isoformat(),
    "by": "somebody",
    "reason": "a test",
}


def test_armed_it_allows_its_change_set_and_its_mode_alone() -> None:
    reading = parse_switch(ARMED, NOW)
    require_switch(reading, Mode.LIVE, CHANGE_SET, Lock.FLOW)
    require_switch(reading, Mode.LIVE, None, Lock.FLOW)
    require_armed(reading, CHANGE_SET, Lock.ADAPTER)
    for mode, change_set in ((Mode.LIVE, uuid.uuid4()), (Mode.REHEARSE, CHANGE_SET)):
        with pytest.raises(ProductionExecutionNotAuthorized):
            require_switch(reading, mode, change_set, Lock.FLOW)
    with pytest.raises(ProductionExecutionNotAuthorized):
        require_armed(reading, uuid.uuid4(), Lock.ADAPTER)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "LIVE",
        True,
        1,
        [],
        {},
        {"state": "LIVE"},
        ARMED | {"state": "live"},
        ARMED | {"state": None},
        ARMED | {"change_set_id": "all"},
        ARMED | {"until": "tomorrow"},
        ARMED | {"until": (NOW + timedelta(minutes=5)).replace(tzinfo=None).isoformat()},
        ARMED | {"until": NOW.isoformat()},
        ARMED | {"until": (NOW - timedelta(seconds=1)).isoformat()},
    ],
)
def test_anything_else_is_off(value: object) -> None:
    reading = parse_switch(value, NOW)
    assert reading.state is SwitchState.OFF
    assert "OFF" in reading.why or "passed" in reading.why
    with pytest.raises(ProductionExecutionNotAuthorized, match="Nothing was written"):
        require_switch(reading, Mode.LIVE, CHANGE_SET, Lock.FLOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(ARMED)), inner, max_size=5)
    ),
    max_leaves=8,
)


@given(_JSON)
def test_no_value_made_at_random_arms_it(value: object) -> None:
    assert parse_switch(value, NOW).state is SwitchState.OFF


def test_a_dry_run_does_not_ask() -> None:
    require_switch(off("the kill-switch is OFF"), Mode.DRYRUN, CHANGE_SET, Lock.FLOW)
