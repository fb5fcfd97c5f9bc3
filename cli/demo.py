"""`cutter demo`: the main job from nothing, in a home of its own."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from adapters.postgres.embedded import EmbeddedServer
from adapters.target_file import registered_target
from blocks.settings import load_settings
from cli.database import prepare
from cli.runs import Progress, show_outcome
from cli.services import services
from domain.phases import Mode
from domain.switch import SwitchState

if TYPE_CHECKING:
    from domain.run_report import CutOutcome

PROJECT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = "documents/safe-target.md"
HOME: Final = ".cutter/demo"
ARMED_FOR: Final = timedelta(minutes=10)


def run_demo(console: Console) -> None:
    """A dry run, then a live run of the safe target document on an embedded PostgreSQL. Again, it changes nothing."""
    os.environ.setdefault("CUTTER_HOME", str(PROJECT / HOME))
    os.chdir(PROJECT)
    console.print("[bold]iu-cutter: cut a document into a PostgreSQL of its own, governed[/bold]\n")
    with services(lambda line: console.print(line, highlight=False), with_database=True) as database:
        _prepare_once(console, database)
        console.print("\n[bold]1. A dry run[/bold]: the simulator answers, nothing is written\n")
        rehearsed = _run(console, Mode.DRYRUN)
        show_outcome(console, rehearsed)
        console.print(
            "\n[bold]2. A live run[/bold]: the kill-switch is armed for this one change set, and off again afterwards\n"
        )
        _arm(rehearsed)
        done = _run(console, Mode.LIVE)
        show_outcome(console, done)
        _say_switch(console)
    _next_steps(console, done)


def _prepare_once(console: Console, database: EmbeddedServer | None) -> None:
    if registered_target(load_settings().state) is None:
        prepare(console, database, None)


def _run(console: Console, mode: Mode) -> CutOutcome:
    from flows.run import run_cut

    with Progress(console, mode) as progress:
        return run_cut(DOCUMENT, mode, progress=progress, actor="demo")


def _arm(outcome: CutOutcome) -> None:
    from blocks.switch import VariableKillSwitch

    VariableKillSwitch().arm(
        SwitchState.LIVE, outcome.change_set_id, datetime.now(UTC) + ARMED_FOR, "demo", "the demonstration"
    )


def _say_switch(console: Console) -> None:
    from blocks.switch import VariableKillSwitch

    reading = VariableKillSwitch().read()
    console.print(f"kill-switch {reading.state}", highlight=False)


def _next_steps(console: Console, done: CutOutcome) -> None:
    home = os.environ["CUTTER_HOME"]
    with_home = f"--home {os.path.relpath(home)}" if home.startswith(str(PROJECT)) else f"--home {home}"
    console.print("\n[bold]Look again[/bold]")
    for command, why in (
        (f".venv/bin/cutter {with_home} status", "where the change set stands"),
        (f".venv/bin/cutter {with_home} plan {DOCUMENT} --address '{done.document_code}~art_5'", "one unit"),
        ("make demo", "a replay: it changes nothing"),
    ):
        console.print(f"  {command}   [dim]# {why}[/dim]", highlight=False)
    console.print("\n[bold]Next[/bold]: a document of your own, first as a dry run")
    console.print(f"  .venv/bin/cutter {with_home} cut YOUR-LAW.txt", highlight=False)
