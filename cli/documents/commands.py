"""The commands that read a document: plan, compare, review, cut, rehearse, check, prove,
approve.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AcceptDoubt, AsJson, Code, Document, Reading, console, with_reading
from domain.approval.approvals import Gate

app = typer.Typer()

KeyOption = Annotated[
    Path | None,
    typer.Option(
        help="Your OpenSSH Ed25519 private key, or the public one if your SSH agent has it."
    ),
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="A file with the key's passphrase; asked for if needed.")
]


@app.command()
@with_reading
def plan(
    document: Document,
    reading: Reading,
    address: Annotated[str | None, typer.Option(help="Show this one unit, whole.")] = None,
    strict: Annotated[bool, typer.Option(help="Treat every warning as an error.")] = False,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Show what this version would change of the units in the knowledge base.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a document and show how it would be cut.

    Writes nothing; needs a database for db: and --compare only.

    Example: cutter plan documents/safe-target.md --address 'house-rules.reading-room~art_5'
    """
    from cli.documents import planning

    planning.plan_command(
        console,
        planning.Showing(address=address, strict=strict, compare=compare, as_json=as_json),
        document,
        reading.options(),
    )


@app.command()
@with_reading
def compare(
    old: Annotated[
        str,
        typer.Argument(help="The version before: a document, or db:DOCUMENT_CODE for what stands."),
    ],
    new: Annotated[str, typer.Argument(help="The version after: a document.")],
    reading: Reading,
    match: Annotated[
        list[str] | None,
        typer.Option(
            help="Settle a doubt: OLD=NEW by address, OLD= for repealed, =NEW for added.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show units that are unchanged, too.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write the whole comparison as an HTML page.")
    ] = None,
    amended_by: Annotated[
        str | None,
        typer.Option(
            help="The amending act, whose instructions are set beside; FILE#art_3 for a part of it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a document: what became of each unit, and which words differ.

    Writes nothing; needs a database for db: only.

    Example: cutter compare db:house-rules.reading-room documents/safe-target.md
    """
    from cli.documents import compare as comparing

    comparing.compare_command(
        console,
        comparing.Wanted(
            old=old,
            new=new,
            matches=match or [],
            everything=everything,
            as_json=as_json,
            html=html,
            amended_by=amended_by,
        ),
        reading.options(),
    )


@app.command()
@with_reading
def review(
    document: Document,
    reading: Reading,
    html: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the page; runs/CHANGE_SET/review.html in the home if not given."
        ),
    ] = None,
    attempt: Annotated[int, typer.Option(help="As for the live run that is reviewed.", min=1)] = 1,
    strict: Annotated[bool, typer.Option(help="Treat every warning as an error.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the page that approvers read before they sign: one HTML file with text, tree, warnings,
    differences and digests.

    Example: cutter review documents/safe-target.md --html review.html
    """
    from cli.documents.review_page import review_command

    review_command(
        console(stderr=as_json),
        document,
        reading.options(),
        html=html,
        attempt=attempt,
        strict=strict,
        as_json=as_json,
    )


@app.command()
@with_reading
def cut(
    document: Document,
    reading: Reading,
    live: Annotated[
        bool, typer.Option("--live", help="Write for real; the kill-switch has to be armed for it.")
    ] = False,
    attempt: Annotated[
        int, typer.Option(help="One more for each new cut of the same plan after a revert.", min=1)
    ] = 1,
    actor: Annotated[
        str | None, typer.Option(help="Who is named in the ledger; the login name if not given.")
    ] = None,
    approval: Annotated[
        list[Path] | None,
        typer.Option(
            help="A signed approval, once for each gate; those kept in this home if not given."
        ),
    ] = None,
    accept_doubt: AcceptDoubt = None,
    as_json: AsJson = False,
) -> None:
    """Cut a document: a dry run by the simulator, or with --live for real.

    A live run needs two approvals (cutter approve) and the switch armed for its change set, which
    the dry run names: cutter switch arm CHANGE_SET
    """
    from cli.documents import runs
    from cli.services import services
    from domain.phases import Mode

    shown = console(stderr=as_json)
    with services(from_nothing=not live):
        from blocks.approval_form import Approval
        from cli.approvals.given import approval_from
        from flows.cut import run_cut

        mode = Mode.LIVE if live else Mode.DRYRUN
        with runs.Progress(shown, mode) as progress:
            outcome = run_cut(
                document,
                mode,
                reading.options(),
                progress=progress,
                approval=approval_from(approval or [], Approval),
                attempt=attempt,
                actor=actor,
                accepted=accept_doubt or (),
            )
    if as_json:
        print(runs.outcome_json(outcome))
    else:
        runs.show_outcome(shown, outcome)


@app.command()
@with_reading
def rehearse(
    document: Document,
    reading: Reading,
    attempt: Annotated[int, typer.Option(help="As for the live run that is rehearsed.", min=1)] = 1,
    actor: Annotated[
        str | None, typer.Option(help="Who is named; the login name if not given.")
    ] = None,
    accept_doubt: AcceptDoubt = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole cut on the real database in a transaction that can not commit, and leave
    nothing there.

    The switch has to stand at REHEARSE for its change set: cutter switch arm --rehearse CHANGE_SET
    --reason WHY
    """
    from cli.documents.rehearse import rehearse_command

    raise typer.Exit(
        rehearse_command(
            console(stderr=as_json),
            document,
            reading.options(),
            attempt=attempt,
            actor=actor,
            accepted=accept_doubt or (),
            as_json=as_json,
        )
    )


@app.command()
@with_reading
def check(
    document: Document,
    reading: Reading,
    new_baseline: Annotated[
        bool, typer.Option("--new-baseline", help="Accept the plan as it is now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do what the nightly dry run does: is the plan the accepted one, and are database and grants
    as a cut needs them?

    Exit status 1 if anything has drifted. A plan that was cut for real counts as accepted.
    """
    from cli.documents.check import check_command

    check_command(
        console(stderr=as_json),
        document,
        reading.options(),
        new_baseline=new_baseline,
        as_json=as_json,
    )


@app.command()
def prove(
    document: Annotated[
        str | None, typer.Argument(help="The document to rehearse; the shipped one if not given.")
    ] = None,
    code: Code = None,
    new_baseline: Annotated[
        bool,
        typer.Option("--new-baseline", help="Take the tables as they are now for the baseline."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Prove on the real database, with the switch OFF, that a cut would succeed and that nothing
    can be written by accident.
    """
    from cli.documents.prove import prove_command

    raise typer.Exit(
        prove_command(
            console(stderr=as_json), document, code=code, new_baseline=new_baseline, as_json=as_json
        )
    )


@app.command()
@with_reading
def approve(
    reading: Reading,
    document: Annotated[
        str | None,
        typer.Argument(help="The code of what was proposed, or a document as for `cutter cut`."),
    ] = None,
    gate: Annotated[
        Gate | None,
        typer.Option(
            help="SG_1 authorises the plan, SG_3 a revert; SG_2 releases either for this run. If "
            "not given, the one that the key may sign for and that is missing."
        ),
    ] = None,
    key: KeyOption = None,
    revert: Annotated[
        str | None, typer.Option(help="Approve the revert of this change set instead of a cut.")
    ] = None,
    request: Annotated[
        Path | None,
        typer.Option(
            help="Sign nothing here; write what an approver elsewhere needs into this file."
        ),
    ] = None,
    approver: Annotated[
        str | None,
        typer.Option(help="Who is asked by --request: a name, or the beginning of a key's id."),
    ] = None,
    signed: Annotated[
        Path | None, typer.Option(help="Take what an approver has signed elsewhere.")
    ] = None,
    attempt: Annotated[int, typer.Option(help="As for the live run that is approved.", min=1)] = 1,
    submitter: Annotated[
        str | None, typer.Option(help="Who will start the run; who did the dry run if not given.")
    ] = None,
    minutes: Annotated[
        int, typer.Option(help="Until when the run may begin.", min=1, max=10080)
    ] = 60,
    execute_minutes: Annotated[
        int, typer.Option(help="Until when it may commit.", min=1, max=10080)
    ] = 120,
    accept_doubt: AcceptDoubt = None,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
) -> None:
    """Look at what a live run would do, and sign for one gate.

    Of what was proposed the code is enough: it was kept with the options it was read with.

    Prints the approval, for the form in Prefect's UI.

    Example: cutter approve documents/safe-target.md --gate SG_1 --key ~/.ssh/id_ed25519
    """
    from cli.approvals import approve as approving
    from cli.approvals.signing import Unlocking
    from cli.services import home_settings

    within, execute = timedelta(minutes=minutes), timedelta(minutes=execute_minutes)
    approving.approve_command(
        console(stderr=True),
        approving.subject_of(
            home_settings().state,
            document,
            revert,
            attempt,
            reading.options(),
            tuple(accept_doubt or ()),
        ),
        approving.Means(key, request, approver, signed),
        gate,
        approving.Terms(within, execute, submitter),
        Unlocking(passphrase_file, yes),
    )


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
