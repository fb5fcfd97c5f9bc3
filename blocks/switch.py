"""The kill-switch as a Prefect Variable, read afresh each time.

What can not be read is OFF (docs/architecture.md, Safety rules).
"""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime
from typing import Final

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate
from prefect.exceptions import PrefectException

from blocks.api import bounded_client
from blocks.cancelled import cancelled_run
from blocks.stored import VARIABLE
from domain.errors import ConfigMismatch, OrchestratorUnavailable
from domain.switch import (
    MAX_REASON,
    SwitchReading,
    SwitchState,
    is_anothers,
    off,
    off_value,
    parse_switch,
)

_TRIES: Final = 3

log = logging.getLogger(__name__)


class VariableKillSwitch:
    """Reads and sets the switch.

    Fulfils `domain.ports.KillSwitch`; holds no state, so nothing can be stale.
    """

    def __init__(self, name: str = VARIABLE) -> None:
        """`name` is the variable's: each home on a Prefect server has a switch of its own."""
        self._name = name

    def read(self) -> SwitchReading:
        """The switch as it stands now.

        Never raises: missing, unreadable, malformed, expired or unreachable is OFF, and so is any
        switch for a flow run that was cancelled in Prefect.
        """
        try:
            with bounded_client() as client:
                stopped = cancelled_run(client)
                value = _stored_in(client, self._name)
        except Exception as error:  # noqa: BLE001  # whatever went wrong, nobody said that the run is allowed
            return off(f"the kill-switch can not be read ({_reason(error)}), which means OFF")
        if stopped is not None:
            return off("the flow run was cancelled in Prefect, which means OFF for it")
        return parse_switch(value, datetime.now(UTC))

    def arm(
        self, state: SwitchState, change_set_id: uuid.UUID, until: datetime, by: str, reason: str
    ) -> None:
        """Allow one change set to run until a time.

        Raises `ConfigMismatch` or `OrchestratorUnavailable`.
        """
        if state is SwitchState.OFF:
            raise ConfigMismatch(
                "The kill-switch is armed at REHEARSE or LIVE; to turn it off, disarm it."
            )
        if until.tzinfo is None or until <= datetime.now(UTC):
            raise ConfigMismatch(
                "The kill-switch is armed until a time in the future, with its time zone."
            )
        if not by.strip() or not reason.strip():
            raise ConfigMismatch("Arming the kill-switch needs a name and a reason.")
        _store(
            self._name,
            {
                "state": state.value,
                "change_set_id": str(change_set_id),
                "until": until.astimezone(UTC).isoformat(),
                "by": by,
                "reason": reason[:MAX_REASON],
            },
        )

    def disarm(self, why: str, *, only: uuid.UUID | None = None) -> bool:
        """Turn the switch OFF; True if it is OFF now, or armed for another change set than `only`.

        Never raises.

        It tries more than once: a switch left armed would stay so until its end time.
        """
        for _ in range(_TRIES):
            try:
                if not is_anothers(_stored(self._name), only, datetime.now(UTC)):
                    _store(self._name, off_value(why))
            except Exception as error:  # noqa: BLE001  # it runs in `finally`: the error that ended the run must get out
                log.warning("The kill-switch could not be turned off (%s).", _reason(error))
            else:
                return True
        log.error(
            "The kill-switch is still armed: turn it off with `cutter halt`. It ends by itself "
            "at its end time."
        )
        return False


def _stored(name: str) -> object:
    with bounded_client() as client:
        return _stored_in(client, name)


def _stored_in(client: SyncPrefectClient, name: str) -> object:
    variable = client.read_variable_by_name(name)
    return None if variable is None else variable.value


def _store(name: str, value: dict[str, str]) -> None:
    """Write the switch's value. Raises `OrchestratorUnavailable`."""
    try:
        with bounded_client() as client:
            if client.read_variable_by_name(name) is None:
                client.create_variable(VariableCreate(name=name, value=value, tags=["cutter"]))
            else:
                client.update_variable(VariableUpdate(name=name, value=value))
    except (httpx.HTTPError, PrefectException, ValueError) as error:
        raise OrchestratorUnavailable(
            f"The kill-switch can not be set ({_reason(error)}); check PREFECT_API_URL and "
            f"that the server runs."
        ) from None


def _reason(error: Exception) -> str:
    """What to tell a person, without the library's own text.

    >>> _reason(httpx.ConnectError("..."))
    'the Prefect API does not answer'
    """
    if isinstance(error, OrchestratorUnavailable):
        return str(error)
    if isinstance(error, httpx.HTTPStatusError):
        code = error.response.status_code
        return (
            "the Prefect API wants a login"
            if code in (401, 403)
            else f"the Prefect API answered with status {code}"
        )
    if isinstance(error, httpx.HTTPError):
        return "the Prefect API does not answer"
    if isinstance(error, ValueError) and "Prefect API URL" in str(error):
        return "PREFECT_API_URL is not set"
    return f"an error of the kind {type(error).__name__}"
