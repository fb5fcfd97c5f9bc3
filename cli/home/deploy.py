"""`cutter deploy` and `cutter check`: put the deployments on the server, and run one document's
watch by hand.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console

from cli.services import services


def deploy_command(console: Console) -> None:
    """Create or update deployments and automations, and say what stays paused.

    Raises `OrchestratorUnavailable`.
    """
    from blocks.settings import load_settings

    with services():
        from service.prefect_server import (
            deploy_here,
        )  # Prefect is imported when the services are known

        done = deploy_here(load_settings().home)
    console.print(
        f"{len(done.names)} deployments are in place: {', '.join(done.names)}.", highlight=False
    )
    for paused in done.paused:
        console.print(f"The schedule {paused} is paused, and stays so.", highlight=False)


def check_command(console: Console, document: str, *, new_baseline: bool, **reading: Any) -> None:
    """Dry-run a document and compare plan, database and grants with what was accepted.

    Raises `DriftFound` if one differs.
    """
    with services():
        from flows.dry_run import dry_run
        from flows.run import in_process

        with in_process():
            outcome = dry_run(document, new_baseline=new_baseline, **reading)
    console.print(
        f"{outcome.document_code}: {outcome.units:,} units, nothing has drifted. Nothing was "
        f"written.",
        highlight=False,
    )
