"""`cutter evidence`: make a bundle, or verify one without a database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from adapters.evidence.verify import bundles_in, verify_folder
from cli.json_output import as_json_line
from domain.errors import BadInput
from domain.evidence.bundle import EvidenceReport, Outcome, Verdict

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_STYLE: Final = {Outcome.HOLDS: "green", Outcome.FAILS: "red", Outcome.ABSENT: "yellow"}
_MEANING: Final = {
    Verdict.PROVED: "Proved: everything that can be recomputed from this bundle holds.",
    Verdict.UNFINISHED: (
        "UNFINISHED: what is there holds, and the run has not gone all the way. It proves no cut."
    ),
    Verdict.BROKEN: "BROKEN: this bundle does not prove what it says. Do not rely on it.",
}


def verify_command(console: Console, bundle: Path, keys: Sequence[str], *, as_json: bool) -> int:
    """Verify and print, a line a check; 0 if everything holds, 1 if anything does not, 4 for an
    unfinished run.

    Of a change set's folder every bundle is verified: 1 if one is broken, else the newest one's
    status.
    """
    pins = [key.strip().lower() for key in keys]
    for pin in pins:
        if not _KEY.fullmatch(pin):
            raise BadInput(
                f"{pin!r} is not the SHA-256 of a public key; give its 64 hexadecimal digits."
            )
    reports = [verify_folder(folder, pins) for folder in bundles_in(bundle) or [bundle]]
    for report in reports:
        if as_json:
            print(as_json_line(asdict(report) | {"verdict": report.verdict}))
            continue
        if len(reports) > 1:
            console.print(f"[bold]{escape(report.bundle)}[/bold]", highlight=False)
        show(console, report, pinned=bool(pins))
    broken = [report for report in reports if report.verdict is Verdict.BROKEN]
    return (broken or reports)[-1].verdict.exit_status


def make_command(console: Console, change_set: str, *, as_json: bool = False) -> int:
    """Collect what is on record of a change set into a new bundle, and say where it is; the status
    of verifying it.
    """
    from cli.services import the_app, without_prefect

    with without_prefect():
        from tasks.records.evidence import make_evidence
        from tasks.records.proposals import last_change_set

        app = the_app()
        folder = make_evidence(app, last_change_set(app, change_set))
    report = verify_folder(folder)
    if as_json:
        print(as_json_line({"folder": folder, "verdict": report.verdict}))
        return report.verdict.exit_status
    console.print(f"{folder}", highlight=False, markup=False)
    for check in report.checks:
        if check.name == "outcome" or check.outcome is Outcome.FAILS:
            console.print(f"  {check.name}: {check.evidence}", highlight=False, markup=False)
    console.print(_MEANING[report.verdict], highlight=False)
    return report.verdict.exit_status


def show(console: Console, report: EvidenceReport, *, pinned: bool) -> None:
    """One line a check, the verdict, and which keys nobody has vouched for."""
    width = max(len(check.name) for check in report.checks)
    for check in report.checks:
        outcome = f"[{_STYLE[check.outcome]}]{check.outcome.value:6}[/]"
        console.print(
            f"  {outcome} {check.name:{width}}  {escape(check.evidence)}", highlight=False
        )
    if report.change_set_id:
        console.print(f"change set {report.change_set_id}", highlight=False)
    if report.unpinned:
        console.print(_unpinned(pinned), highlight=False)
        for key in report.unpinned:
            console.print(f"  {key}", highlight=False, markup=False)
    console.print(_MEANING[report.verdict], highlight=False)


def _unpinned(pinned: bool) -> str:
    if pinned:
        return (
            "These keys were taken from the bundle itself; name them with --key too if you "
            "know them from elsewhere:"
        )
    return (
        "Keys were NOT pinned: all were taken from the bundle itself, so somebody who made a "
        "whole bundle up and signed it "
        "with keys of their own is not found out. Name the keys that you know from elsewhere "
        "with --key:"
    )
