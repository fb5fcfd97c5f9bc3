"""`cutter demo`: the main job from nothing, in a home of its own."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from adapters.files import make_folder
from adapters.home.target import registered_target
from adapters.keys.approvers import ApproverSigner, load_private_key, save_private_key
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.server.embedded import EmbeddedServer
from blocks.deployed import INSTALLED, PROJECT
from cli.documents.runs import Progress, show_outcome
from cli.records.administrator import administrator
from cli.records.backup import show_report
from cli.records.database import prepare
from cli.services import home_settings, services, the_app
from cli.units.reading_out import show_unit
from domain.approval.approvals import Gate
from domain.errors import BackupRefuted
from domain.phases import Mode
from domain.reading.options import AS_IT_IS
from domain.switch import SwitchState

if TYPE_CHECKING:
    from domain.reports.run import CutOutcome

DOCUMENT: Final = "documents/safe-target.md"
HOME: Final = ".cutter/demo"
ARMED_FOR: Final = timedelta(minutes=10)


def run_demo(console: Console) -> None:
    """A dry run, a proven backup, two approvals, then a live run of the safe target document.

    Again, no unit changes.
    """
    if "CUTTER_HOME" not in os.environ:
        place = home_settings().home / "demo" if INSTALLED else PROJECT / HOME
        os.environ["CUTTER_HOME"] = str(place)
    os.chdir(PROJECT)
    console.print("[bold]iu-cutter: cut a document into a PostgreSQL of its own, governed[/bold]\n")
    with services(
        lambda line: console.print(line, highlight=False), with_database=True
    ) as database:
        _prepare_once(console, database)
        console.print("\n[bold]1. A dry run[/bold]: the simulator answers, nothing is written\n")
        rehearsed = _run(console, Mode.DRYRUN)
        show_outcome(console, rehearsed)
        console.print(
            "\n[bold]2. A backup that is proven[/bold]: restored into a throwaway server and "
            "compared, row by row\n"
        )
        _prove_a_backup(console)
        console.print(
            "\n[bold]3. Two approvals[/bold]: Ann authorises the plan, Ben releases it for "
            "this run; with keys of this home\n"
        )
        _approve(console, database)
        console.print(
            "\n[bold]4. A live run[/bold]: the kill-switch is armed for this one change set, "
            "and off again afterwards\n"
        )
        _arm(rehearsed)
        done = _run(console, Mode.LIVE)
        show_outcome(console, done)
        _say_switch(console)
        console.print("\n[bold]5. Read it[/bold]: a unit, by the way in which people cite it\n")
        _read_out(console, done)
    _next_steps(console, done)


def _prepare_once(console: Console, database: EmbeddedServer | None) -> None:
    if registered_target(home_settings().state) is None:
        prepare(console, database, None)


def _run(console: Console, mode: Mode) -> CutOutcome:
    from flows.cut import run_cut

    with Progress(console, mode) as progress:
        return run_cut(DOCUMENT, mode, progress=progress, actor="demo")


def _prove_a_backup(console: Console) -> None:
    from tasks.records.backups import make_backup, prove_backup

    app = the_app()
    report = prove_backup(app, make_backup(app).path, actor="demo")
    show_report(console, report)
    if not report.proven:
        raise BackupRefuted(f"The backup {report.backup} is not proven, so nothing is cut.")


def _approve(console: Console, database: EmbeddedServer | None) -> None:
    """Play both approvers: with keys of this home's own, registered for a year, they sign what the
    dry run has shown.
    """
    from cli.approvals.approve import sign_quietly
    from tasks.records.knowledge_base import status
    from tasks.records.requests import request_for_cut

    request, year = request_for_cut(the_app(), DOCUMENT, AS_IT_IS), timedelta(days=365)
    if any(one.ended for one in status(the_app(), request.effect.change_set_id)):
        console.print("  The change set is enacted already: there is nothing to approve.")
        return
    with administrator(database, "postgres", None) as admin:
        for person, gate, gates in (
            ("Ann", Gate.SG_1, (Gate.SG_1, Gate.SG_3)),
            ("Ben", Gate.SG_2, (Gate.SG_2,)),
        ):
            signer = _demo_key(home_settings().home / "approvers", person.lower())
            register_approver(admin, person, signer.public_key, gates, year, "demo")
            sign_quietly(request, gate, signer, "demo", ARMED_FOR)
            console.print(
                f"  {gate}  {person} signs change set {request.effect.change_set_id}",
                highlight=False,
            )


def _demo_key(folder: Path, name: str) -> ApproverSigner:
    """The demonstration's key of one approver, made as `ssh-keygen -t ed25519` would, so that it
    can be tried by hand.
    """
    path = folder / name
    if not path.exists():
        make_folder(folder)
        save_private_key(path)
    return load_private_key(path)


def _arm(outcome: CutOutcome) -> None:
    the_app().switch.arm(
        SwitchState.LIVE,
        outcome.change_set_id,
        datetime.now(UTC) + ARMED_FOR,
        "demo",
        "the demonstration",
    )


def _say_switch(console: Console) -> None:
    reading = the_app().switch.read()
    console.print(f"kill-switch {reading.state}", highlight=False)


def _read_out(console: Console, done: CutOutcome) -> None:
    from tasks.records.units import reading_out, unit_meant

    citation = f"Article 5 {done.document_code}"
    with reading_out(the_app()) as reader:
        unit = reader.unit(unit_meant(reader, citation).address)
    console.print(f"{citation}\n", highlight=False)
    show_unit(console, unit)


def _next_steps(console: Console, done: CutOutcome) -> None:
    home = os.environ["CUTTER_HOME"]
    with_home = (
        f"--home {os.path.relpath(home)}" if home.startswith(str(PROJECT)) else f"--home {home}"
    )
    program = "cutter" if INSTALLED else ".venv/bin/cutter"
    console.print("\n[bold]Look again[/bold]")
    for command, why in (
        (f"{program} {with_home} status", "where the change set stands"),
        (f"{program} {with_home} units {done.document_code}", "its units"),
        (f"{program} {with_home} show 'Article 5 {done.document_code}'", "one unit"),
        ("cutter demo" if INSTALLED else "make demo", "a replay: it changes nothing"),
    ):
        console.print(f"  {command}   [dim]# {why}[/dim]", highlight=False)
    console.print("\n[bold]Next[/bold]: a document of your own, first as a dry run")
    console.print(f"  {program} {with_home} cut YOUR-LAW.txt", highlight=False)
