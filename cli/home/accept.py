"""`cutter accept`: the acceptance run without Prefect, its matrix on the screen and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.acceptance.options import acceptance_options, named_server
from adapters.acceptance.run import run_acceptance
from adapters.acceptance.server import remove_kept
from blocks.settings import load_settings
from cli.services import home_settings
from domain.errors import AcceptanceFailed, BadInput
from domain.reports.acceptance import (
    SCENARIOS,
    AcceptanceOptions,
    AcceptanceReport,
    NamedServer,
    ScenarioRow,
)


def accept_command(
    console: Console,
    *,
    json_file: Path | None = None,
    keep: bool = False,
    pg_major: int = 16,
    container: bool = False,
    backup: Path | None = None,
    forbid: Sequence[str] = (),
    server: str | None = None,
    user: str = "postgres",
    password_file: Path | None = None,
    allow: str | None = None,
    remove: Path | None = None,
) -> None:
    """Run the scenarios, print the matrix, write the JSON.

    Raises `AcceptanceFailed` (status 1) if a row is red.

    `server` is HOST:PORT[/DATABASE] of a named server, whose fingerprint is `allow`; `remove`
    destroys what `keep` has kept.
    """
    if remove is not None:
        remove_kept(remove)
        console.print(f"Removed {escape(str(remove))}.")
        return
    settings = home_settings()
    options = acceptance_options(
        settings.state,
        major=pg_major,
        container=container,
        named=_named(server, user, password_file, allow),
        backup=backup,
        gnupg_home=settings.gnupg_home,
        forbid=forbid,
        keep=keep,
    )
    report = _run(console, options)
    show_report(console, report)
    if json_file is not None:
        _write(json_file, report)
    if not report.passed:
        raise AcceptanceFailed(report.verdict())


def show_report(console: Console, report: AcceptanceReport) -> None:
    """The matrix of thirteen rows, and one line on the whole."""
    table = Table(show_lines=False, header_style="bold")
    for name in ("", "shows", "result", "evidence"):
        table.add_column(name, overflow="fold", vertical="top")
    table.add_column("s", justify="right", no_wrap=True)
    for row in report.rows:
        result = "[green]passed[/green]" if row.passed else "[bold red]FAILED[/bold red]"
        table.add_row(row.key, row.name, result, escape(row.evidence), f"{row.seconds:.2f}")
    console.print(table)
    console.print(escape(report.verdict()))
    if report.kept:
        console.print(f"Kept for inspection: {escape(report.kept)}")


def _run(console: Console, options: AcceptanceOptions) -> AcceptanceReport:
    keys = list(SCENARIOS)
    with console.status("Making an isolated server") as status:

        def on_progress(row: ScenarioRow) -> None:
            following = keys[keys.index(row.key) + 1 :]
            status.update(
                f"{following[0]} {SCENARIOS[following[0]]}"
                if following
                else "Taking everything away again"
            )

        return run_acceptance(options, on_progress, load_settings)


def _named(
    server: str | None, user: str, password_file: Path | None, allow: str | None
) -> NamedServer | None:
    if server is None:
        return None
    if password_file is None or allow is None:
        raise BadInput(
            "A named server needs --password-file, and with --allow the fingerprint of the "
            "database that it names."
        )
    return named_server(server, user, password_file, allow)


def _write(path: Path, report: AcceptanceReport) -> None:
    try:
        path.write_text(
            json.dumps(report.as_object(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise BadInput(f"The report can not be written to {path}: {error.strerror}.") from None
