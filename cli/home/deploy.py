"""`cutter deploy`: put the deployments on the server."""

from __future__ import annotations

from rich.console import Console

from cli.counted import counted
from cli.json_output import as_json_line
from cli.services import home_settings, services


def deploy_command(console: Console, *, as_json: bool = False) -> None:
    """Create or update deployments and automations, and say what stays paused.

    Raises `OrchestratorUnavailable`.
    """
    with services(from_nothing=True):
        from service.prefect_server import deploy_here  # Prefect is imported here

        done = deploy_here(home_settings().home)
    if as_json:
        print(as_json_line({"deployments": done.names, "paused": done.paused}))
        return
    console.print(
        f"{counted(len(done.names), 'deployment')} in place: {', '.join(done.names)}.",
        highlight=False,
    )
    for paused in done.paused:
        console.print(f"The schedule {paused} is paused, and stays so.", highlight=False)
