"""What the kill-switch says to one change set of a release for which it is armed as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace

from domain.ports import KillSwitch
from domain.switch import SwitchReading, off


@dataclass(frozen=True, slots=True)
class CoveredSwitch:
    """The switch as the run of one change set of a release reads it: armed for it where it is armed
    for the release, and OFF for everything else.
    """

    switch: KillSwitch
    release_id: uuid.UUID
    covers: Collection[uuid.UUID]
    change_set_id: uuid.UUID

    def read(self) -> SwitchReading:
        """The switch as it stands now, read afresh."""
        found = self.switch.read()
        if found.change_set_id is None:
            return found
        if found.change_set_id != self.release_id or self.change_set_id not in self.covers:
            return off(
                f"the kill-switch is armed for {found.change_set_id}, and this is "
                f"{self.change_set_id} of release {self.release_id}"
            )
        return replace(found, change_set_id=self.change_set_id)
