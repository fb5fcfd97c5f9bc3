"""One ticket a cut or revision: propose, inbox, go, withdraw.

Approving and reverting take the code too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    AcceptDoubt,
    AsJson,
    Document,
    PassphraseFile,
    Reading,
    Revising,
    console,
    with_reading,
)

app = typer.Typer()

Name = Annotated[
    str, typer.Argument(help="The document's code, a part of it, or the change set's id.")
]
Actor = Annotated[
    str | None, typer.Option(help="Who is named in the ledger; the login name if not given.")
]


@app.command()
@with_reading
def propose(
    document: Document,
    reading: Reading,
    revising: Revising,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="Rehearse it too: arms the switch at REHEARSE for it."),
    ] = False,
    actor: Actor = None,
    accept_doubt: AcceptDoubt = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="A document that is new here is what it says.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do all that comes before people: plan, dry run, review page, and what would be refused later.

    Of a document that stands it proposes a revision: what the new version changes.

    Keeps it under the document's code, with the options it was read with. From then on the code is
    enough: cutter approve CODE, cutter go CODE, cutter status CODE, cutter revert CODE. Exit status
    3 if a live run would be refused as things stand.
    """
    from cli.proposals.propose import propose_command

    raise typer.Exit(
        propose_command(
            console(stderr=as_json),
            document,
            reading.options(revising),
            rehearse=rehearse,
            actor=actor,
            accepted=accept_doubt or (),
            yes=yes,
            as_json=as_json,
        )
    )


@app.command()
def inbox(as_json: AsJson = False) -> None:
    """List what is proposed and not done: what each waits for, and the command that comes next."""
    from cli.proposals.inbox import inbox_command

    inbox_command(console(stderr=as_json), as_json=as_json)


@app.command()
def go(
    code: Name,
    reason: Annotated[str | None, typer.Option(help="Why, for the record of the switch.")] = None,
    minutes: Annotated[
        int, typer.Option(help="For how long the switch is armed.", min=1, max=240)
    ] = 30,
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Cut what was proposed, for real: arms the switch for this one change set, runs, disarms.

    Refused before anything is armed if the document has changed, an approval is missing, or
    anything else stands in the way.
    """
    from cli.proposals.go import go_command

    go_command(
        console(stderr=as_json),
        code,
        reason=reason,
        minutes=minutes,
        actor=actor,
        as_json=as_json,
    )


@app.command()
def decline(
    code: Name,
    key: Annotated[
        Path, typer.Option(help="Your OpenSSH Ed25519 private key; it may be encrypted.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for the record; it is signed.")],
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Say no to what was proposed, with a reason, signed: no run of it begins until you approve."""
    from cli.approvals.signing import Unlocking
    from cli.proposals.inbox import decline_command

    decline_command(
        console(stderr=as_json),
        code,
        key,
        Unlocking(passphrase_file, yes=True),
        reason=reason,
        as_json=as_json,
    )


@app.command()
def withdraw(
    code: Name,
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    by: Annotated[str | None, typer.Option(help="Who; the login name if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take a proposal back before it is begun: it can be neither approved nor started any more."""
    from cli.proposals.inbox import withdraw_command

    withdraw_command(console(stderr=as_json), code, reason=reason, by=by, as_json=as_json)
