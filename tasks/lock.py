"""Lock 1 of three: a flow asks the kill-switch before anything, and again for its change set; at
its end it turns it off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from domain.phases import Mode
from domain.ports import KillSwitch
from domain.switch import require_switch
from tasks.dispatch import RunSwitch

FLOW_LOCK: Final = "flow"


def require_lock_1(switch: KillSwitch, mode: Mode, change_set: UUID | None = None) -> None:
    """Is the switch armed for this mode, and once it is known for this change set?

    A dry run does not ask.

    Raises `ProductionExecutionNotAuthorized`.
    """
    if mode is not Mode.DRYRUN:
        require_switch(switch.read(), mode, change_set, FLOW_LOCK)


class Lock1:
    """The lock of one run, which learns its change set on the way."""

    def __init__(self, switch: KillSwitch, mode: Mode) -> None:
        self._switch = switch
        self._mode = mode
        self.change_set: UUID | None = None

    def require(self, change_set: UUID) -> None:
        """Is the switch armed for this change set, which the run is found to be of?

        Raises what `require_lock_1` raises.
        """
        self.change_set = change_set
        require_lock_1(self._switch, self._mode, change_set)


@contextmanager
def lock_1(switch: RunSwitch, mode: Mode, what: str) -> Iterator[Lock1]:
    """Run the block only if the switch is armed for this mode, and turn it off when the block has
    ended, however it ended.

    A switch that is armed for another change set stays so. `what` says what is run, for the record.
    A dry run neither asks nor turns off. Raises `ProductionExecutionNotAuthorized`.
    """
    require_lock_1(switch, mode)
    lock = Lock1(switch, mode)
    try:
        yield lock
    finally:
        if mode is not Mode.DRYRUN:
            switch.disarm(f"the {mode} run of {what} has ended", only=lock.change_set)
