"""What is kept, and where: `cutter evidence`, `cutter backup`, `cutter db`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, console

app = typer.Typer()
ServerAdministrator = Annotated[
    str, typer.Option(help="An administrator of the server that the settings name.")
]
ServerPassword = Annotated[
    Path | None,
    typer.Option(help="A file with the administrator's password; asked for if not given."),
]
evidence_app = typer.Typer(
    no_args_is_help=True, help="The sealed evidence of a run: make it, or verify it anywhere."
)
app.add_typer(evidence_app, name="evidence")
db_app = typer.Typer(no_args_is_help=True, help="The knowledge base's database.")
app.add_typer(db_app, name="db")
backup_app = typer.Typer(
    no_args_is_help=True, help="Backups: make one, prove that it comes back, list and prune them."
)
app.add_typer(backup_app, name="backup")


@evidence_app.command("verify")
def evidence_verify(
    bundle: Annotated[
        Path, typer.Argument(help="A bundle's folder, such as runs/CHANGE_SET/evidence-0001.")
    ],
    key: Annotated[
        list[str] | None,
        typer.Option(
            help="SHA-256 of a public key that you know from elsewhere; once for each principal.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a bundle from its files alone: no database and no Prefect.

    Exit status 1 if it is broken, 4 if unfinished.

    Without --key a bundle that was made up whole, with keys made up too, can not be told from a
    true one.
    """
    from cli.records.evidence import verify_command

    raise typer.Exit(verify_command(console(), bundle, key or (), as_json=as_json))


@evidence_app.command("make")
def evidence_make(
    change_set: Annotated[
        str,
        typer.Argument(
            help="The document's code, for its last change set, or a change set; `cutter status` "
            "lists them."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Collect what is on record of a change set into a new sealed bundle, and verify it."""
    from cli.records.evidence import make_command

    raise typer.Exit(make_command(console(), change_set, as_json=as_json))


@backup_app.command("make")
def backup_make(as_json: AsJson = False) -> None:
    """Make an encrypted backup of the registered target, outside any cut."""
    from cli.records import backup

    backup.make_command(console(stderr=as_json), as_json=as_json)


@backup_app.command("verify")
def backup_verify(
    file: Annotated[
        str | None,
        typer.Argument(help="A backup's file, or its name in the home; the newest if not given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a throwaway server, compare everything with its manifest, and record
    the result.

    Needs the backups' secret key (CUTTER_DRILL_GNUPG_HOME). Exit status 1 if anything is not as it
    was.
    """
    from cli.records import backup

    raise typer.Exit(backup.verify_command(console(stderr=as_json), file, as_json=as_json))


@backup_app.command("copy")
def backup_copy(
    file: Annotated[
        str | None,
        typer.Argument(help="A backup's file, or its name in the home; the newest if not given."),
    ] = None,
    to: Annotated[
        str,
        typer.Option(help="The folder: a path, or an address that fsspec writes to, s3://... say."),
    ] = ...,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Copy a backup and its manifest to another place, and compare what can be read there.

    What is there already is never written over.
    """
    from cli.records import backup

    backup.copy_command(console(stderr=as_json), file, to, as_json=as_json)


@backup_app.command("list")
def backup_list(as_json: AsJson = False) -> None:
    """List the backups, newest first, and whether they are proven."""
    from cli.records import backup

    backup.list_command(console(stderr=as_json), as_json=as_json)


@backup_app.command("restore")
def backup_restore(
    file: Annotated[Path, typer.Argument(help="A backup's file, or its name in the home.")],
    admin: ServerAdministrator = "postgres",
    password_file: ServerPassword = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into the database that the settings name, which has to be empty or not
    there: roles first, then data with owners and grants; and compare it with its manifest.

    Needs the backups' secret key (CUTTER_DRILL_GNUPG_HOME).
    """
    from cli.records.restore import restore_command

    restore_command(
        console(stderr=as_json), file, admin=admin, password_file=password_file, as_json=as_json
    )


@backup_app.command("prune")
def backup_prune(
    keep: Annotated[int, typer.Option(help="How many of the newest stay in any case.", min=1)] = 7,
    days: Annotated[
        int, typer.Option(help="How many days old a backup has to be to go.", min=0)
    ] = 30,
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove them; without it nothing is removed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show which old backups would go, and remove them with --yes.

    The last proven backup stays, and each that a change set which is not finished may need.
    """
    from cli.records import backup
    from domain.ledger.backups import Retention

    backup.prune_command(console(stderr=as_json), Retention(keep, days), yes=yes, as_json=as_json)


@db_app.command("init")
def db_init(
    admin: ServerAdministrator = "postgres",
    password_file: ServerPassword = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Use an embedded PostgreSQL below the home.")
    ] = False,
    adopt_roles: Annotated[
        bool,
        typer.Option(
            "--adopt-roles",
            help="Give roles of cutter's names that are on the server already new passwords.",
        ),
    ] = False,
    as_sql: Annotated[
        bool, typer.Option("--sql", help="Print what a superuser would run, and do nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the reference schema, roles, keys and Secret blocks in a database of your own, and
    register it as the target.

    A database that cutter did not make is never changed: check it with `cutter doctor`. Roles that
    are on the server already are refused, for another application may log in with them.
    """
    from cli.records import database

    if as_sql:
        database.print_script()
        return
    database.init_command(
        console(stderr=as_json),
        admin=admin,
        password_file=password_file,
        embedded=embedded,
        adopt_roles=adopt_roles,
        as_json=as_json,
    )


@db_app.command("upgrade")
def db_upgrade(
    apply: Annotated[
        bool,
        typer.Option(
            "--apply/--plan", help="Do it; with --plan, or neither, say what it would do."
        ),
    ] = False,
    admin: ServerAdministrator = "postgres",
    password_file: ServerPassword = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="The home's embedded PostgreSQL.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a database that an earlier release made to this release's schema, whole or not at all.

    Everything has to be halted, and a recent backup proven. Exit status 1 if something stands in
    the way.
    """
    from cli.records import upgrade

    raise typer.Exit(
        upgrade.upgrade_command(
            console(stderr=as_json),
            admin=admin,
            password_file=password_file,
            embedded=embedded,
            apply=apply,
            as_json=as_json,
        )
    )


@db_app.command("clear")
def db_clear(
    document: Annotated[str, typer.Argument(help="The document's code.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")],
    by: Annotated[str, typer.Option(help="Who does it; it is kept on record.")],
    apply: Annotated[
        bool,
        typer.Option(
            "--apply/--plan", help="Do it; with --plan, or neither, say what it would do."
        ),
    ] = False,
    put_back: Annotated[
        bool,
        typer.Option(
            "--put-back",
            help="End a revert too that has taken units back and can not be finished: they stand"
            " again.",
        ),
    ] = False,
    admin: ServerAdministrator = "postgres",
    password_file: ServerPassword = None,
    as_json: AsJson = False,
) -> None:
    """Take out of a document's way what is no law and no run can finish or revert: end its
    unfinished change sets, withdraw its drafts, name versions that are on no record.

    For when the executor's login was in wrong hands. Everything has to be halted. Nothing that is
    enacted is touched, and what was done is kept on record. A revert that has begun to take units
    back is finished by `cutter revert`; where that can not be, --put-back lets them stand again.
    """
    from cli.records.clear import clear_command

    clear_command(
        console(stderr=as_json),
        document,
        reason,
        by,
        apply=apply,
        put_back=put_back,
        admin=admin,
        password_file=password_file,
        as_json=as_json,
    )


@db_app.command("adopt")
def db_adopt(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Where the mapping and the SQL are written, and read from; `adopt` in the home if "
            "not given."
        ),
    ] = None,
    apply: Annotated[
        bool,
        typer.Option("--apply/--plan", help="Run what stands there; with --plan, write it anew."),
    ] = False,
    digest: Annotated[
        str | None, typer.Option(help="SHA-256 of the adopt.sql that you have read.")
    ] = None,
    backup: Annotated[
        Path | None, typer.Option(help="The backup of the database that was made before.")
    ] = None,
    admin: ServerAdministrator = "postgres",
    password_file: ServerPassword = None,
    as_json: AsJson = False,
) -> None:
    """Let cutter into a knowledge base that it did not make.

    --plan examines the database, changes nothing, and writes what was found, a mapping to be
    corrected, and the SQL that installs cutter beside the units and takes it out again. --apply
    runs exactly that SQL, in one transaction; an administrator can run it as well.
    """
    from cli.records import adopt

    asked = adopt.Asked(folder, apply, digest, backup)
    adopt.adopt_command(console(), asked, admin=admin, password_file=password_file, as_json=as_json)
