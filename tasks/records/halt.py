"""The stop and what it stands over: the switch goes OFF, everything is halted in the database, and
open permits are taken back; while that lasts, the switch is not armed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from adapters.home.runs import DRY_RUN, find_json
from adapters.home.target import registered_target
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import connected, read_only
from adapters.postgres.permits import permit
from domain.errors import BadInput, CutterError, HaltIncomplete, PhaseStop, Refused
from domain.phases import Principal
from domain.switch import SwitchState
from tasks.app import App
from tasks.reading import verifier_connection

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class HaltReport:
    """What a halt did: permits that were taken back. The switch is OFF then."""

    revoked: int


def halt_everything(app: App, reason: str, by: str) -> HaltReport:
    """Turn the switch OFF and halt the database, each whether or not the other works.

    Raises `BadInput`, `HaltIncomplete`.
    """
    _require_words(by, reason)
    off = app.switch.disarm(f"halted by {by}: {reason}")
    try:
        revoked = _halt_database(app, by, reason)
    except CutterError as error:
        state = "The switch is OFF." if off else "The switch could not be turned OFF either."
        raise HaltIncomplete(
            f"The database could not be halted: {error} {state} Halt again, or stop the database."
        ) from None
    if not off:
        raise HaltIncomplete(
            f"The database is halted and {revoked} permits were taken back, but the switch "
            f"could not be turned OFF; "
            "it ends by itself, or turn it off with `cutter switch off`."
        )
    return HaltReport(revoked)


def halts(app: App) -> list[permit.Halt]:
    """The halts in force in the knowledge base of the settings, oldest first.

    Raises a connection's refusal, `ConfigMissing` or `DatabaseUnsuitable`.
    """
    with verifier_connection(app, any_target=True) as conn, conn.transaction():
        return permit.halts_in_force(conn)


def unnamed_halts(app: App, refusal: Exception) -> list[str]:
    """The halts in force that a refusal does not name itself, in sentences.

    None where the knowledge base does not answer at once: then the refusal stands alone.
    """
    with suppress(CutterError), read_only(app.briefly()) as conn, conn.transaction():
        return [f"{one}." for one in permit.halts_in_force(conn) if str(one) not in str(refusal)]
    return []


def naming_halts(app: App, body: Callable[[], R]) -> R:
    """What the body answers; a refusal of it names the halts in force before its own reason.

    For runs that Prefect begins: there the refusal is all that a person is shown. Where the
    knowledge base does not answer, the refusal stands alone.
    """
    try:
        return body()
    except Refused as error:
        error.args = (" ".join((*unnamed_halts(app, error), str(error))),)
        raise


def arm(
    app: App, state: SwitchState, change_set_id: UUID, minutes: int, by: str, reason: str
) -> datetime:
    """Arm the switch for a change set that somebody has looked at; until when it is.

    Raises `Refused` for a change set without a dry run on record in this home, and while everything
    is halted; what asking for halts and arming raise.
    """
    if find_json(app.settings.runs, change_set_id, DRY_RUN) is None:
        raise Refused(
            f"The kill-switch is not armed: no dry run of change set {change_set_id} is on record "
            "in this home. Run the dry run (`cutter cut DOCUMENT`, or `cutter revert ID`) here "
            "first; it names its change set."
        )
    return arm_for(app, state, change_set_id, minutes, by, reason)


@contextmanager
def armed(
    app: App, state: SwitchState, change_set_id: UUID, minutes: int, by: str, reason: str, what: str
) -> Iterator[None]:
    """The switch armed for a change set while the block runs, and off however that ends; `what` is
    said of it then. Raises what `arm` raises.
    """
    arm(app, state, change_set_id, minutes, by, reason)
    try:
        yield
    finally:
        app.switch.disarm(f"{what} has ended", only=change_set_id)


def arm_for(
    app: App, state: SwitchState, armed_for: UUID, minutes: int, by: str, reason: str
) -> datetime:
    """Arm the switch for a change set or a release; until when it is.

    Raises `Refused` while everything is halted; what asking for halts and arming raise.
    """
    for halt in halts(app):
        raise Refused(f"The kill-switch is not armed. {halt}.")
    until = app.clock() + timedelta(minutes=minutes)
    app.switch.arm(state, armed_for, until, by, reason)
    return until


def _require_words(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise BadInput("A halt, and its lifting, need a name and a reason.")


def _halt_database(app: App, by: str, reason: str) -> int:
    """Halt as the principal that gets a connection: whoever has taken all of one's leaves the
    other's. Raises what the second attempt raises.
    """
    try:
        with _connection(app, Principal.VERIFY) as conn:
            return permit.halt(conn, by, reason)
    except CutterError:
        with _connection(app, Principal.EXEC) as conn:
            return permit.halt(conn, by, reason)


def _connection(app: App, principal: Principal) -> AbstractContextManager[Connection]:
    connections = app.connections(registered_target(app.settings.state))
    return connected(connections, principal, "The halt", PhaseStop)
