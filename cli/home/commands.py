"""Look after a home and its services: init, status, audit, doctor, conform, accept, demo, deploy,
worker, verifier, up, down.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.json_output import as_json_line
from cli.options import AsJson, console

app = typer.Typer()


@app.command()
def status(
    change_set: Annotated[
        str | None, typer.Argument(help="A document's code or a change set; all if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is proposed, where change sets stand and what to do next.

    Exit status 4 if one is torn.
    """
    from cli.home import look

    raise typer.Exit(look.status_command(console(), change_set, as_json=as_json))


@app.command()
def audit(as_json: AsJson = False) -> None:
    """Recompute every chain, signature and unit, and compare with the heads kept outside.

    Exit status 4 if anything differs.
    """
    from cli.records.audit import audit_command

    raise typer.Exit(audit_command(console(), as_json=as_json))


@app.command()
def doctor(
    register: Annotated[
        bool, typer.Option("--register", help="Register this database as the target of live runs.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Name every finding.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the database with what a cut needs, changing nothing: by what to do, the most
    important first.

    Exit status 3 if a cut would be impossible or unsafe.
    """
    from cli.home import look

    raise typer.Exit(
        look.doctor_command(
            console(stderr=False), register=register, as_json=as_json, everything=everything
        )
    )


@app.command()
def conform(as_json: AsJson = False) -> None:
    """Prove that the functions that write units keep the contract, in a transaction that is rolled
    back.

    Each clause says what it saw. Exit status 3 if one is broken: then no cut may be made here.
    """
    from cli.home.conform import conform_command

    raise typer.Exit(conform_command(console(stderr=as_json), as_json=as_json))


@app.command()
def accept(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report to this file too.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the environment for inspection.")
    ] = False,
    remove: Annotated[
        Path | None, typer.Option(help="Destroy an environment that --keep has left.")
    ] = None,
    pg_major: Annotated[int, typer.Option(help="PostgreSQL 16 or 18, embedded.")] = 16,
    container: Annotated[
        bool, typer.Option("--container", help="Use a container, where a Docker engine answers.")
    ] = False,
    backup: Annotated[
        Path | None,
        typer.Option(help="Restore this encrypted backup instead of the reference schema."),
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(help="A fingerprint that the target must not be.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="HOST:PORT[/DATABASE] of a named server for tests.")
    ] = None,
    user: Annotated[str, typer.Option(help="Administrator of that server.")] = "postgres",
    password_file: Annotated[Path | None, typer.Option(help="A file with its password.")] = None,
    allow: Annotated[
        str | None, typer.Option(help="The fingerprint that the named server must have.")
    ] = None,
) -> None:
    """Prove the whole contract on an isolated PostgreSQL that is made and destroyed.

    Exit status 1 if a row is red.
    """
    from cli.home.accept import accept_command

    accept_command(
        console(),
        json_file=json_file,
        keep=keep,
        remove=remove,
        pg_major=pg_major,
        container=container,
        backup=backup,
        forbid=forbid or (),
        server=server,
        user=user,
        password_file=password_file,
        allow=allow,
    )


@app.command()
def init(
    user: Annotated[
        str | None, typer.Option(help="Whose it shall be, if root makes it; who asks if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the home: folders with owner and modes, cutter.env and a key for backups.

    What is there stays as it is.

    For a service: cutter --home /var/lib/cutter init --user cutter
    """
    from cli.home.init import init_command
    from cli.services import home_settings

    init_command(console(), home_settings(), user, as_json=as_json)


@app.command()
def deploy(as_json: AsJson = False) -> None:
    """Create or update the deployments of prefect.yaml and the automations.

    A schedule that was paused stays paused.
    """
    from cli.home.deploy import deploy_command

    deploy_command(console(), as_json=as_json)


@app.command()
def worker() -> None:
    """Run a worker against the server of `cutter up` in this home; stay until Ctrl-C.

    For a service of its own.
    """
    from cli.services import home_settings, quiet
    from service.up import work

    quiet()
    shown = console()
    work(home_settings().home, lambda line: shown.print(line, highlight=False))


@app.command()
def verifier(
    once: Annotated[
        bool, typer.Option("--once", help="Do what waits, then end: for cron.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the service of this home answers.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the verifier as a service of its own, for runs with CUTTER_VERIFIER=service; stay until
    Ctrl-C.

    It confirms permits and verifies what was written, as cutter_verify, with the login and the key
    of this home, from files, and without Prefect.
    """
    from cli.home.verifier import verifier_command

    verifier_command(console(stderr=as_json), once=once, check=check, as_json=as_json)


@app.command()
def up(
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave worker and deployments to `cutter worker`.")
    ] = False,
) -> None:
    """Start PostgreSQL, a Prefect server, a worker and the deployments; stay until Ctrl-C or
    `cutter down`.
    """
    from cli.services import home_settings, quiet
    from service.prepare import make_folders
    from service.up import up as start

    quiet()
    settings = home_settings()
    make_folders(settings.home)
    shown = console()
    start(settings, lambda line: shown.print(line, highlight=False), worker=not no_worker)


@app.command()
def down(as_json: AsJson = False) -> None:
    """Stop what `cutter up` has started in this home."""
    from cli.services import home_settings
    from service.up import down as stop

    stopped = stop(home_settings().home)
    if as_json:
        print(as_json_line({"stopped": stopped}))
    else:
        console().print("Stopped." if stopped else "Nothing was running.")


@app.command()
def demo() -> None:
    """Show it all on an embedded PostgreSQL of its own: a dry run, then a live cut of the shipped
    document.
    """
    from cli.home.demo import run_demo

    run_demo(console())
