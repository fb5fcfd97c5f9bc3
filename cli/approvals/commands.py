"""Approvers elsewhere: their requests, and the pages where they read and give back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.options import AsJson, PassphraseFile, console

app = typer.Typer()
PORT: Final = 4201

approval_app = typer.Typer(
    no_args_is_help=True, help="For approvers who sit elsewhere: sign a request."
)
app.add_typer(approval_app, name="approval")


@approval_app.command("sign")
def approval_sign(
    request: Annotated[Path, typer.Argument(help="What `cutter approve --request` has written.")],
    key: Annotated[
        Path,
        typer.Option(
            help="Your OpenSSH Ed25519 private key, or the public one if your SSH agent has it."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where to write the signed approval too.")
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="The review page that you have read: is it the one that is meant?"),
    ] = None,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
) -> None:
    """Check a request, look at it, and sign it.

    Needs no database, no Prefect and no home: only the request and your key.

    Example: cutter approval sign request.json --key ~/.ssh/id_ed25519 --out signed.json
    """
    from cli.approvals.signing import Unlocking, sign_command

    sign_command(console(stderr=True), request, key, Unlocking(passphrase_file, yes), out, review)


@approval_app.command("decline")
def approval_decline(
    request: Annotated[Path, typer.Argument(help="The request that you were given.")],
    key: Annotated[
        Path,
        typer.Option(
            help="Your OpenSSH Ed25519 private key, or the public one if your SSH agent has it."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why, for the record; it is signed.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the signed decline too.")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign a no to a request, with the reason. Needs only the request and your key, as signing."""
    from cli.approvals.signing import Unlocking, decline_request_command

    decline_request_command(
        console(stderr=True), request, key, Unlocking(passphrase_file, yes=True), out, reason
    )


@app.command()
def serve(
    approvals: Annotated[
        bool,
        typer.Option(
            "--approvals", help="The approvers' pages instead: inbox, review, signatures."
        ),
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            help="On the loopback; 4202, or 4201 for the approvers' pages, if not given.",
            min=1,
            max=65535,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve the units that were cut on the loopback until Ctrl-C, read-only: pages for browsers
    under permanent links such as /house-rules/art_5, and JSON for programs below /api.

    It logs in as a reader and writes nothing. Behind a proxy, CUTTER_READING_URL is how it is
    reached.

    With --approvals, serve the approvers' pages. They hold no key and sign nothing: they take what
    an approver's own key has signed. `cutter approver link` lets somebody in. Behind a proxy,
    CUTTER_APPROVALS_URL is how browsers reach it.
    """
    if approvals:
        from cli.approvals.serve import serve_approvals

        serve_approvals(console(stderr=True), port or PORT)
        return
    from cli.units.serve import PORT as READING
    from cli.units.serve import serve_units

    serve_units(console(stderr=True), port or READING)


policy_app = typer.Typer(
    no_args_is_help=True, help="Who must approve: how many people, of which groups."
)
app.add_typer(policy_app, name="policy")


@policy_app.command("show")
def policy_show(as_json: AsJson = False) -> None:
    """Show the policy in force: how many people of which groups must approve, for each publication
    type. Without one any two people approve.
    """
    from cli.approvals.policy import show_command

    show_command(console(), as_json=as_json)


@policy_app.command("set")
def policy_set(
    file: Annotated[Path, typer.Argument(help="The policy, as TOML: tables [groups] and [rules].")],
    key: Annotated[Path, typer.Option(help="The key of a person who may sign for SG_3.")],
    admin: Annotated[
        str, typer.Option(help="The login of the administrator who puts it in force.")
    ] = "postgres",
    password_file: Annotated[
        Path | None, typer.Option(help="A file with that login's password; asked for if needed.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign, by SG_3, who must approve, and put it in force.

    It is shown first. A policy asks for more people than two, or for particular ones, and never for
    fewer. The one before is replaced: approvals that wait count by the new one.

    Example: cutter policy set policy.toml --key ~/.ssh/id_ed25519
    """
    from cli.approvals.policy import Administrator, set_command
    from cli.approvals.signing import Unlocking

    set_command(
        console(stderr=as_json),
        file,
        key,
        Unlocking(passphrase_file, yes),
        Administrator(admin, password_file),
        as_json=as_json,
    )
