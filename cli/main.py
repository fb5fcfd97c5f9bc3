"""The `cutter` command: parses, calls, prints. What needs no Prefect does not import it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

from domain.errors import CutterError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

switch_app = typer.Typer(no_args_is_help=True, help="The kill-switch: OFF unless armed for one change set and a time.")
app.add_typer(switch_app, name="switch")
db_app = typer.Typer(no_args_is_help=True, help="The knowledge base's database.")
app.add_typer(db_app, name="db")

Document = Annotated[str, typer.Argument(help="The document: a path, a URL, - for standard input, or db:DOCUMENT_CODE.")]
Code = Annotated[str | None, typer.Option(help="The document's code, the first part of every address.")]
Profile = Annotated[str | None, typer.Option(help="Name the structure profile instead of detecting it.")]
Depth = Annotated[str, typer.Option(help="basic: articles or sections are units; sub: paragraphs and points below them too.")]
PublicationType = Annotated[str | None, typer.Option(help="law, constitution, decree, policy ...")]
Owner = Annotated[str | None, typer.Option(help="Who answers for the document.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for a program.")]


@app.callback()
def cutter(
    home: Annotated[
        Path | None, typer.Option(help="Where runs, state and backups are kept (or CUTTER_HOME).", show_default=False)
    ] = None,
) -> None:
    """Cut governed documents into information units in PostgreSQL, safely.

    Start with `cutter plan FILE` (needs nothing), then `cutter cut FILE` (a dry run), and `cutter demo` to see it all.
    """
    if home is not None:
        os.environ["CUTTER_HOME"] = str(home.absolute())


@app.command()
def plan(
    document: Document,
    code: Code = None,
    granularity: Depth = "basic",
    profile: Profile = None,
    publication_type: PublicationType = None,
    owner: Owner = None,
    address: Annotated[str | None, typer.Option(help="Show this one unit, whole.")] = None,
    strict: Annotated[bool, typer.Option(help="Treat every warning as an error.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Show what this version would change of the units in the knowledge base.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a document and show how it would be cut. Writes nothing; needs a database for db: and --compare only.

    Example: cutter plan documents/safe-target.md --address 'house-rules.reading-room~art_5'
    """
    from cli import planning

    planning.plan_command(
        _console,
        planning.Wanted(address=address, strict=strict, compare=compare, as_json=as_json),
        document,
        code=code,
        granularity=granularity,
        profile=profile,
        publication_type=publication_type,
        owner_ref=owner,
    )


@app.command()
def cut(
    document: Document,
    live: Annotated[bool, typer.Option("--live", help="Write for real; the kill-switch has to be armed for it.")] = False,
    code: Code = None,
    granularity: Depth = "basic",
    profile: Profile = None,
    publication_type: PublicationType = None,
    owner: Owner = None,
    attempt: Annotated[int, typer.Option(help="One more for each new cut of the same plan after a revert.", min=1)] = 1,
    actor: Annotated[str | None, typer.Option(help="Who is named in the ledger; the login name if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Cut a document: a dry run by the simulator, or with --live for real.

    A live run needs the switch armed for its change set, which the dry run names: cutter switch arm CHANGE_SET
    """
    from cli import runs
    from cli.services import services
    from domain.phases import Mode

    console = _console(stderr=as_json)
    with services():
        from flows.run import run_cut

        mode = Mode.LIVE if live else Mode.DRYRUN
        with runs.Progress(console, mode) as progress:
            outcome = run_cut(
                document,
                mode,
                progress=progress,
                code=code,
                granularity=granularity,
                profile=profile,
                publication_type=publication_type,
                owner_ref=owner,
                attempt=attempt,
                actor=actor,
            )
    if as_json:
        print(runs.outcome_json(outcome))
    else:
        runs.show_outcome(console, outcome)


@app.command()
def rehearse(
    document: Document,
    code: Code = None,
    granularity: Depth = "basic",
    profile: Profile = None,
    publication_type: PublicationType = None,
    owner: Owner = None,
    attempt: Annotated[int, typer.Option(help="As for the live run that is rehearsed.", min=1)] = 1,
    actor: Annotated[str | None, typer.Option(help="Who is named; the login name if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole cut on the real database in a transaction that can not commit, and leave nothing there.

    The switch has to stand at REHEARSE for its change set: cutter switch arm --rehearse CHANGE_SET --reason WHY
    """
    from cli.rehearse import rehearse_command

    raise typer.Exit(
        rehearse_command(
            _console(stderr=as_json),
            document,
            as_json=as_json,
            code=code,
            granularity=granularity,
            profile=profile,
            publication_type=publication_type,
            owner_ref=owner,
            attempt=attempt,
            actor=actor,
        )
    )


@app.command()
def prove(
    document: Annotated[str | None, typer.Argument(help="The document to rehearse; the shipped one if not given.")] = None,
    code: Code = None,
    new_baseline: Annotated[
        bool, typer.Option("--new-baseline", help="Take the tables as they are now for the baseline.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Prove on the real database, with the switch OFF, that a cut would succeed and that nothing can be written by accident."""
    from cli.prove import prove_command

    raise typer.Exit(prove_command(_console(stderr=as_json), document, code=code, new_baseline=new_baseline, as_json=as_json))


@app.command()
def status(
    change_set: Annotated[str | None, typer.Argument(help="One change set; all if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show where change sets stand and what to do next. Exit status 4 if one is torn."""
    from cli import look

    raise typer.Exit(look.status_command(_console(), change_set, as_json=as_json))


@app.command()
def doctor(
    register: Annotated[bool, typer.Option("--register", help="Register this database as the target of live runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the database with what a cut needs, changing nothing. Exit status 3 if a cut would be impossible or unsafe."""
    from cli import look

    raise typer.Exit(look.doctor_command(_console(stderr=False), register=register, as_json=as_json))


@app.command()
def accept(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file too.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the environment for inspection.")] = False,
    remove: Annotated[Path | None, typer.Option(help="Destroy an environment that --keep has left.")] = None,
    pg_major: Annotated[int, typer.Option(help="PostgreSQL 16 or 18, embedded.")] = 16,
    container: Annotated[bool, typer.Option("--container", help="Use a container, where a Docker engine answers.")] = False,
    backup: Annotated[Path | None, typer.Option(help="Restore this encrypted backup instead of the reference schema.")] = None,
    forbid: Annotated[list[str] | None, typer.Option(help="A fingerprint that the target must not be.")] = None,
    server: Annotated[str | None, typer.Option(help="HOST:PORT[/DATABASE] of a named server for tests.")] = None,
    user: Annotated[str, typer.Option(help="Administrator of that server.")] = "postgres",
    password_file: Annotated[Path | None, typer.Option(help="A file with its password.")] = None,
    allow: Annotated[str | None, typer.Option(help="The fingerprint that the named server must have.")] = None,
) -> None:
    """Prove the whole contract on an isolated PostgreSQL that is made and destroyed. Exit status 1 if a row is red."""
    from cli.accept import accept_command

    accept_command(
        _console(),
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
def up() -> None:
    """Start PostgreSQL, a Prefect server, a worker and the deployments; stay until Ctrl-C or `cutter down`."""
    from cli.services import quiet
    from flows.prepare import make_folders
    from flows.up import up as start

    quiet()
    home = _home()
    make_folders(home)
    console = _console()
    start(home, lambda line: console.print(line, highlight=False))


@app.command()
def down() -> None:
    """Stop what `cutter up` has started in this home."""
    from flows.up import down as stop

    _console().print("Stopped." if stop(_home()) else "Nothing was running.")


@app.command()
def demo() -> None:
    """Show it all on an embedded PostgreSQL of its own: a dry run, then a live cut of the shipped document."""
    from cli.demo import run_demo

    run_demo(_console())


@switch_app.command("show")
def switch_show() -> None:
    """Show where the kill-switch stands."""
    from cli import switch

    switch.show(_console())


@switch_app.command("arm")
def switch_arm(
    change_set: Annotated[str, typer.Argument(help="The change set that may run; a dry run names it.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    by: Annotated[str | None, typer.Option(help="Who arms it; the login name if not given.")] = None,
    minutes: Annotated[int, typer.Option(help="For how long.", min=1, max=240)] = 30,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Allow a rehearsal, not a live run.")] = False,
) -> None:
    """Allow one change set to run live for a while."""
    from cli import switch

    switch.arm(_console(), change_set, reason=reason, by=by, minutes=minutes, rehearse=rehearse)


@switch_app.command("off")
def switch_off(reason: Annotated[str, typer.Option(help="Why, for the record.")] = "turned off by hand") -> None:
    """Turn the kill-switch off. Exit status 5 if that could not be done."""
    from cli import switch

    raise typer.Exit(switch.off(_console(), reason))


@db_app.command("init")
def db_init(
    admin: Annotated[str, typer.Option(help="An administrator of the server that the settings name.")] = "postgres",
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the administrator's password; asked for if not given.")
    ] = None,
    embedded: Annotated[bool, typer.Option("--embedded", help="Use an embedded PostgreSQL below the home.")] = False,
) -> None:
    """Make the reference schema, roles, keys and Secret blocks in a database of your own, and register it as the target.

    A database that cutter did not make is never changed: check it with `cutter doctor`.
    """
    from cli import database

    database.init_command(_console(), admin=admin, password_file=password_file, embedded=embedded)


def _home() -> Path:
    from blocks.settings import load_settings

    return load_settings().home


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(soft_wrap=True, stderr=stderr)


def main() -> None:
    """Run the command. Every error that can be named is one sentence on standard error, and a status that means something."""
    try:
        app(standalone_mode=True)
    except CutterError as error:
        print(f"cutter: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
