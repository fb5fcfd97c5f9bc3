"""Who may let a run go, who stops it, and taking one back: switch, approver, halt, lift, revert."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, PassphraseFile, console
from domain.approval.approvals import Gate

app = typer.Typer()
switch_app = typer.Typer(
    no_args_is_help=True, help="The kill-switch: OFF unless armed for one change set and a time."
)
app.add_typer(switch_app, name="switch")
approver_app = typer.Typer(
    no_args_is_help=True, help="Who may approve: people and their public keys."
)
app.add_typer(approver_app, name="approver")

Administrator = Annotated[
    str, typer.Option(help="An administrator of the knowledge base's server.")
]
AdministratorPassword = Annotated[
    Path | None, typer.Option(help="A file with the administrator's password; asked for if needed.")
]


@app.command()
def halt(
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    by: Annotated[str | None, typer.Option(help="Who halts; the login name if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Stop everything: the switch goes OFF, open permits are taken back, and once this returns no
    phase commits.
    """
    from cli.control.halt import halt_command

    halt_command(console(), reason, by, as_json=as_json)


@app.command()
def lift(
    reason: Annotated[str, typer.Option(help="Why it is safe again, for the record.")],
    by: Annotated[str, typer.Option(help="Who lifts it.")],
    admin: Administrator = "postgres",
    password_file: AdministratorPassword = None,
    as_json: AsJson = False,
) -> None:
    """Lift a halt, as the database's administrator: anybody may stop, nobody else lets go.

    Permits from before the halt stay void: each run needs new approvals.
    """
    from cli.control.halt import lift_command

    lift_command(console(), reason, by, admin=admin, password_file=password_file, as_json=as_json)


@app.command()
def revert(
    change_set: Annotated[
        str,
        typer.Argument(help="The document's code, or the change set; `cutter status` lists them."),
    ],
    live: Annotated[
        bool,
        typer.Option("--live", help="Withdraw for real; needs SG_3, SG_2 and the armed switch."),
    ] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Do it on the real database and roll it back.")
    ] = False,
    arm: Annotated[
        bool,
        typer.Option(
            "--arm",
            help="Arm the kill-switch for this one change set, and turn it off at the end.",
        ),
    ] = False,
    approval: Annotated[
        list[Path] | None,
        typer.Option(
            help="A signed approval, once for each gate; those kept in the home if not given."
        ),
    ] = None,
    attempt: Annotated[
        int, typer.Option(help="One more if a revert of the same plan was superseded.", min=1)
    ] = 1,
    actor: Annotated[
        str | None, typer.Option(help="Who is named in the ledger; the login name if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what reverting a change set would do; with --rehearse or --live do it.

    Units are withdrawn, nothing is deleted.

    Refused if a unit has changed since, gained children or is referenced; the refusal names it.
    """
    from cli.control.revert import revert_command

    revert_command(
        console(stderr=as_json),
        change_set,
        live=live,
        rehearse=rehearse,
        armed=arm,
        approvals=approval or (),
        as_json=as_json,
        attempt=attempt,
        actor=actor,
    )


@approver_app.command("add")
def approver_add(
    person: Annotated[str, typer.Argument(help="The person's name, as the ledger shall show it.")],
    key: Annotated[
        Path, typer.Option(help="The person's OpenSSH Ed25519 public key (.pub), or passkey.")
    ],
    gate: Annotated[
        list[Gate], typer.Option(help="A gate that the person may sign for; again for another.")
    ],
    days: Annotated[int, typer.Option(help="For how long the key counts.", min=1, max=3650)] = 365,
    admin: Administrator = "postgres",
    password_file: AdministratorPassword = None,
    as_json: AsJson = False,
) -> None:
    """Register a person who may approve."""
    from cli.approvals import approver

    approver.add_command(
        console(),
        person,
        key,
        gate,
        days=days,
        admin=admin,
        password_file=password_file,
        as_json=as_json,
    )


@approver_app.command("retire")
def approver_retire(
    key_id: Annotated[str, typer.Argument(help="The key's id, or its beginning.")],
    admin: Administrator = "postgres",
    password_file: AdministratorPassword = None,
    as_json: AsJson = False,
) -> None:
    """Retire a key: from now on it does not count."""
    from cli.approvals import approver

    approver.retire_command(
        console(), key_id, admin=admin, password_file=password_file, as_json=as_json
    )


@approver_app.command("list")
def approver_list(as_json: AsJson = False) -> None:
    """Show who may approve."""
    from cli.approvals import approver

    approver.list_command(console(), as_json=as_json)


@approver_app.command("link")
def approver_link(
    person: Annotated[str, typer.Argument(help="The person, or the beginning of the key's id.")],
    port: Annotated[
        int, typer.Option(help="The port of `cutter serve --approvals`.", min=1, max=65535)
    ] = 4201,
    as_json: AsJson = False,
) -> None:
    """Make a link that lets an approver into the pages of `cutter serve --approvals`, once."""
    from cli.approvals.serve import link_command

    link_command(console(stderr=True), person, port, as_json=as_json)


@approver_app.command("passkey")
def approver_passkey(
    person: Annotated[str, typer.Argument(help="The person's name, as it shall be registered.")],
    port: Annotated[
        int, typer.Option(help="The port of `cutter serve --approvals`.", min=1, max=65535)
    ] = 4201,
    as_json: AsJson = False,
) -> None:
    """Make a link to the page where a person makes a passkey, once.

    An administrator registers it then, as any key: `cutter approver add`.
    """
    from cli.approvals.serve import passkey_command

    passkey_command(console(stderr=True), person, port, as_json=as_json)


@switch_app.command("show")
def switch_show(as_json: AsJson = False) -> None:
    """Show where the kill-switch stands."""
    from cli.control import switch

    switch.show(console(), as_json=as_json)


@switch_app.command("arm")
def switch_arm(
    change_set: Annotated[
        str, typer.Argument(help="The change set that may run; a dry run names it.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    by: Annotated[
        str | None, typer.Option(help="Who arms it; the login name if not given.")
    ] = None,
    minutes: Annotated[int, typer.Option(help="For how long.", min=1, max=240)] = 30,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Allow a rehearsal, not a live run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Allow one change set to run live for a while."""
    from cli.control import switch

    switch.arm(
        console(),
        change_set,
        reason=reason,
        by=by,
        minutes=minutes,
        rehearse=rehearse,
        as_json=as_json,
    )


@switch_app.command("off")
def switch_off(
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "turned off by hand",
    as_json: AsJson = False,
) -> None:
    """Turn the kill-switch off. Exit status 5 if that could not be done."""
    from cli.control import switch

    raise typer.Exit(switch.off(console(), reason, as_json=as_json))


restore_app = typer.Typer(
    no_args_is_help=True,
    help="A database that has gone back to an earlier state, and a home that is lost.",
)
app.add_typer(restore_app, name="restore")


@restore_app.command("accept")
def restore_accept(
    reason: Annotated[str, typer.Option(help="Why it has gone back, for the record.")],
    key: Annotated[Path, typer.Option(help="The key of a person who may sign for SG_3.")],
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put on record, signed by SG_3, that a backup was brought back, and let live runs begin again.

    What the history has lost is shown first. Heads that no longer hold are set aside, not removed.
    """
    from cli.approvals.signing import Unlocking
    from cli.control.restore import accept_command

    unlocking = Unlocking(passphrase_file, yes)
    accept_command(console(stderr=as_json), reason, key, unlocking, as_json=as_json)


@restore_app.command("home")
def restore_home(as_json: AsJson = False) -> None:
    """Give a new home what the database knows of a lost one: target, heads, used approvals, plans.

    For a home that `cutter init` has made, once its settings and secrets are set. Nothing is
    written to the database.
    """
    from cli.control.restore import home_command

    home_command(console(stderr=as_json), as_json=as_json)


adopted_app = typer.Typer(
    no_args_is_help=True, help="Units that were there before cutter was let in."
)
app.add_typer(adopted_app, name="adopted")


@adopted_app.command("accept")
def adopted_accept(
    reason: Annotated[str, typer.Option(help="Why they are right, for the record.")],
    key: Annotated[Path, typer.Option(help="The key of a person who may sign for SG_3.")],
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept, signed by SG_3, how units stand that were there before cutter was and that others
    have changed since, so that `cutter audit` names them no more.

    What was changed is shown first. A later change is noticed as the first was.
    """
    from cli.approvals.signing import Unlocking
    from cli.control.adopted import accept_command

    unlocking = Unlocking(passphrase_file, yes)
    accept_command(console(stderr=as_json), reason, key, unlocking, as_json=as_json)


target_app = typer.Typer(
    no_args_is_help=True, help="Documents that may be cut from Prefect's UI, beside prefect.yaml."
)
app.add_typer(target_app, name="target")

Sg3Key = Annotated[Path, typer.Option(help="The key of a person who may sign for SG_3.")]


@target_app.command("list")
def target_list(as_json: AsJson = False) -> None:
    """List what is signed, by whom, and what was asked for by the flow add_target and waits."""
    from cli.control.target import list_command

    list_command(console(), as_json=as_json)


@target_app.command("accept")
def target_accept(
    name: Annotated[str, typer.Argument(help="The name that was asked for.")],
    key: Sg3Key,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign, by SG_3, that a document may be cut from Prefect's UI, and make its two deployments:
    a dry run every night, and a live run, which still needs two approvals.

    What was asked for is shown first.
    """
    from cli.approvals.signing import Unlocking
    from cli.control.target import accept_command

    unlocking = Unlocking(passphrase_file, yes)
    accept_command(console(stderr=as_json), name, key, unlocking, as_json=as_json)


@target_app.command("remove")
def target_remove(
    name: Annotated[str, typer.Argument(help="The name of a signed target.")],
    key: Sg3Key,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign, by SG_3, that a document may be cut from Prefect's UI no longer, and delete its
    deployments.
    """
    from cli.approvals.signing import Unlocking
    from cli.control.target import remove_command

    unlocking = Unlocking(passphrase_file, yes)
    remove_command(console(stderr=as_json), name, key, unlocking, as_json=as_json)
