"""What the principals log in and sign with: `cutter secrets`, `cutter key`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.home.whose import Login, Signer
from cli.options import AsJson, console

app = typer.Typer()
secrets_app = typer.Typer(
    no_args_is_help=True, help="The passwords of the principals, in this home's Secret blocks."
)
app.add_typer(secrets_app, name="secrets")
key_app = typer.Typer(
    no_args_is_help=True, help="The principals' signing keys: make, register, retire, list."
)
app.add_typer(key_app, name="key")

Admin = Annotated[str, typer.Option(help="An administrator of the knowledge base's server.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="A file with the administrator's password; asked for if not given."),
]
ToFile = Annotated[
    bool,
    typer.Option(
        "--to-file", help="Keep it in a file of this home, mode 0600, instead of a Secret block."
    ),
]


@secrets_app.command("set")
def secrets_set(
    whose: Annotated[Login, typer.Argument(help="Whose login it is.")],
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password; asked for if not given.")
    ] = None,
    to_file: ToFile = False,
    as_json: AsJson = False,
) -> None:
    """Store a principal's password, asked for or from a file, replacing what was there. The
    reader's, which may only read out units, is kept in a file of this home.
    """
    from cli.home import principals

    principals.set_command(
        console(stderr=as_json), whose, password_file, to_file=to_file, as_json=as_json
    )


@secrets_app.command("seal")
def secrets_seal(as_json: AsJson = False) -> None:
    """Seal what this home's Secret blocks hold in plain text, under keys in files of this home."""
    from cli.home import principals

    principals.seal_command(console(stderr=as_json), as_json=as_json)


@key_app.command("make")
def key_make(
    whose: Annotated[Signer, typer.Argument(help="Whose key it is.")],
    public: Annotated[
        Path | None, typer.Option(help="Write the public half to this file too.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the one that is there.")
    ] = False,
    to_file: ToFile = False,
    as_json: AsJson = False,
) -> None:
    """Make a signing key and store its private half in this home's Secret block."""
    from cli.home import principals

    principals.make_command(
        console(stderr=as_json), whose, public, replace=replace, to_file=to_file, as_json=as_json
    )


@key_app.command("register")
def key_register(
    whose: Annotated[Signer, typer.Argument(help="Whose key it is.")],
    public: Annotated[
        Path | None,
        typer.Option(help="A file with the public half; this home's own key if not given."),
    ] = None,
    admin: Admin = "postgres",
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a principal's key count, as an administrator, and retire those that it replaces."""
    from cli.home import principals

    principals.register_command(
        console(stderr=as_json),
        whose,
        public,
        admin=admin,
        password_file=password_file,
        as_json=as_json,
    )


@key_app.command("retire")
def key_retire(
    key_id: Annotated[str, typer.Argument(help="The key, or how its id begins.")],
    admin: Admin = "postgres",
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a key count no longer, as an administrator; what it has signed stays valid."""
    from cli.home import principals

    principals.retire_command(
        console(stderr=as_json), key_id, admin=admin, password_file=password_file, as_json=as_json
    )


@key_app.command("list")
def key_list(as_json: AsJson = False) -> None:
    """List every key of the principals that was ever registered."""
    from cli.home import principals

    principals.list_command(console(stderr=as_json), as_json=as_json)
