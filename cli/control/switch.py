"""`cutter switch`: show, arm and turn off the kill-switch."""

from __future__ import annotations

import getpass
from dataclasses import asdict

from rich.console import Console

from adapters.releases import release_is_kept
from cli.control.halt import print_halts
from cli.json_output import as_json_line
from cli.services import services, the_app, without_prefect
from cli.terminal import words
from domain.change_set import change_set_from
from domain.errors import CutterError, OutsideWorld
from domain.switch import SwitchState


def show(console: Console, *, as_json: bool = False) -> None:
    """Print where it stands and why; a halt in force comes first, whatever the switch says."""
    with without_prefect():
        from tasks.records.halt import halts

        app = the_app()
        reading = app.switch.read()
        try:
            in_force, unknown = halts(app), None
        except CutterError as error:
            in_force, unknown = [], str(error)
    if as_json:
        halted = None if unknown else [asdict(halt) for halt in in_force]
        print(as_json_line(asdict(reading) | {"halts": halted, "halts_unknown": unknown}))
        return
    if unknown:
        console.print(f"Whether everything is halted is not known: {words(unknown)}")
    print_halts(console, in_force)
    console.print(f"[bold]{reading.state}[/bold]: {words(reading.why)}", highlight=False)
    if reading.until is not None:
        console.print(
            f"for change set {reading.change_set_id} until {reading.until:%Y-%m-%d %H:%M:%S} UTC",
            highlight=False,
        )


def arm(
    console: Console,
    change_set: str,
    *,
    reason: str,
    by: str | None,
    minutes: int,
    rehearse: bool,
    as_json: bool = False,
) -> None:
    """Arm it for one change set, or for those of a release.

    Raises `BadInput`, `ConfigMismatch`, `OrchestratorUnavailable`, and `Refused` under a halt or
    for a change set without a dry run on record.
    """
    wanted = change_set_from(change_set, "a dry run names it")
    state = SwitchState.REHEARSE if rehearse else SwitchState.LIVE
    with services():
        from tasks.corpus.arming import arm_release
        from tasks.records.halt import arm  # as above

        app, who = the_app(), by or getpass.getuser()
        if not rehearse and release_is_kept(app.settings.state, wanted):
            until = arm_release(app, wanted, minutes, who, reason)
        else:
            until = arm(app, state, wanted, minutes, who, reason)
    if as_json:
        print(as_json_line({"state": state, "change_set_id": wanted, "until": until}))
        return
    console.print(
        f"Armed at {state} for change set {wanted} until {until:%H:%M:%S} UTC.", highlight=False
    )


def off(console: Console, reason: str, *, as_json: bool = False) -> int:
    """Turn it off: 0, or the status of an outside failure if it is still armed.

    No server is started for it.
    """
    with without_prefect():
        done = the_app().switch.disarm(reason)
    if as_json:
        print(as_json_line({"off": done}))
    else:
        console.print(
            "The kill-switch is OFF."
            if done
            else "The kill-switch could not be turned off: is the Prefect server up?"
        )
    return 0 if done else OutsideWorld.exit_status
