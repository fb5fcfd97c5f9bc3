"""`cutter deploy`: put the deployments on the server."""

from __future__ import annotations

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import home_settings, services, the_app
from domain.counted import counted


def deploy_command(console: Console, *, as_json: bool = False) -> None:
    """Create or update deployments and automations, and say what stays paused.

    Raises `OrchestratorUnavailable`.
    """
    with services(from_nothing=True):
        from service.prefect_server import deploy_here  # Prefect is imported here

        done = deploy_here(home_settings().home)
        signed = _signed_targets()
    if as_json:
        names = (*done.names, *signed)
        print(as_json_line({"deployments": names, "paused": done.paused}))
        return
    console.print(
        f"{counted(len(done.names) + len(signed), 'deployment')} in place: "
        f"{', '.join((*done.names, *signed))}.",
        highlight=False,
    )
    for paused in done.paused:
        console.print(f"The schedule {paused} is paused, and stays so.", highlight=False)


def _signed_targets() -> list[str]:
    """Put the deployments of what is signed on the server, too; their names."""
    from flows.target import deploy_target
    from tasks.targets import standing_targets

    app = the_app()
    return [name for target in standing_targets(app) for name in deploy_target(app, target)]
