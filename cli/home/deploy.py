"""`cutter deploy` and `cutter check`: put the deployments on the server, and run one document's
watch by hand.
"""

from __future__ import annotations

from rich.console import Console

from cli.services import home_settings, services
from domain.reading.options import ReadingOptions


def deploy_command(console: Console) -> None:
    """Create or update deployments and automations, and say what stays paused.

    Raises `OrchestratorUnavailable`.
    """
    with services():
        from service.prefect_server import deploy_here  # Prefect is imported here

        done = deploy_here(home_settings().home)
    console.print(
        f"{len(done.names)} deployments are in place: {', '.join(done.names)}.", highlight=False
    )
    for paused in done.paused:
        console.print(f"The schedule {paused} is paused, and stays so.", highlight=False)


def check_command(
    console: Console, document: str, reading: ReadingOptions, *, new_baseline: bool
) -> None:
    """Dry-run a document and compare plan, database and grants with what was accepted.

    Raises `DriftFound` if one differs.
    """
    with services():
        from flows.dry_run import run_dry_run  # Prefect is imported here

        outcome = run_dry_run(document, reading, new_baseline=new_baseline)
    console.print(
        f"{outcome.document_code}: {outcome.units:,} units, nothing has drifted. Nothing was "
        f"written.",
        highlight=False,
    )
