"""What the Prefect server of a home keeps, read where it is stored: it need not run for that.

Nothing here imports Prefect, which takes longer than the reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, Protocol
from uuid import UUID

from domain.errors import CutterError, Lock, ProductionExecutionNotAuthorized
from domain.switch import (
    SwitchReading,
    SwitchState,
    is_anothers,
    off,
    off_value,
    parse_switch,
)

VARIABLE: Final = "cutter_kill_switch"
"""The Prefect Variable that is the kill-switch, of a home whose blocks have the default names."""


class StoredValues(Protocol):
    """The values of one home."""

    def variable(self, name: str) -> object:
        """What a Prefect Variable holds; None if there is none.

        Raises an error of `domain.errors`.
        """
        ...

    def change(self, name: str, value: Mapping[str, str]) -> None:
        """Let a Prefect Variable that is there hold this.

        Raises an error of `domain.errors`.
        """
        ...

    def secret(self, block: str) -> object:
        """What a Secret block holds; None if there is none.

        Raises an error of `domain.errors`.
        """
        ...

    def pool(self, name: str) -> object:
        """The template of a work pool's jobs; None if there is no such pool.

        Raises an error of `domain.errors`.
        """
        ...


class NothingStored:
    """The values of a home that has no store yet. Fulfils `StoredValues`."""

    def variable(self, name: str) -> object:
        """None."""

    def change(self, name: str, value: Mapping[str, str]) -> None:
        """Nothing: there is no variable."""

    def secret(self, block: str) -> object:
        """None."""

    def pool(self, name: str) -> object:
        """None."""


class StoredKillSwitch:
    """The kill-switch where it is stored, to look at and to turn off. It can not allow a run."""

    def __init__(self, values: StoredValues, name: str = VARIABLE) -> None:
        """`values` are read at each reading; nothing is kept of them. `name` is the variable's."""
        self._values = values
        self._name = name

    def read(self) -> SwitchReading:
        """The switch as it stands now. Never raises: what can not be read is OFF."""
        try:
            value = self._values.variable(self._name)
        except CutterError as error:
            return off(f"the kill-switch can not be read ({error}), which means OFF")
        return parse_switch(value, datetime.now(UTC))

    def arm(
        self, state: SwitchState, change_set_id: UUID, until: datetime, by: str, reason: str
    ) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized(
            Lock.GATES, "a command that only looks can not arm the kill-switch"
        )

    def disarm(self, why: str, *, only: UUID | None = None) -> bool:
        """Turn it off in the store, unless it is armed for another change set than `only`.

        True if that is done; a store without a switch has none that is armed. Never raises.
        """
        try:
            if not is_anothers(self._values.variable(self._name), only, datetime.now(UTC)):
                self._values.change(self._name, off_value(why))
        except CutterError:
            return False
        return True
