"""The commands that read a document: plan, compare, review, cut, rehearse, check, prove,
approve.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.approvals.approving import Approving
from cli.options import (
    AcceptDoubt,
    AsJson,
    Code,
    Document,
    PassphraseFile,
    Reading,
    Revising,
    console,
    with_reading,
)

app = typer.Typer()


@app.command()
@with_reading
def plan(
    document: Document,
    reading: Reading,
    revising: Revising,
    address: Annotated[str | None, typer.Option(help="Show this one unit, whole.")] = None,
    strict: Annotated[bool, typer.Option(help="Treat every warning as an error.")] = False,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Answer as a revision: what this version would change of what stands.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a document and show how it would be cut.

    Writes nothing; needs a database for db:, for --compare, and for what is said about a new
    version only: it is then shown as a revision of what stands.

    Example: cutter plan documents/safe-target.md --address 'house-rules.reading-room~art_5'
    """
    from cli.documents import planning

    planning.plan_command(
        console,
        planning.Showing(address=address, strict=strict, compare=compare, as_json=as_json),
        document,
        reading.options(revising),
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
    revising: Revising,
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
        reading.options(revising),
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
    revising: Revising,
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
    """Cut a document, or revise one that stands: a dry run by the simulator, or with --live for
    real.

    A live run needs two approvals (cutter approve) and the switch armed for its change set, which
    the dry run names: cutter switch arm CHANGE_SET
    """
    from adapters.sources import require_source
    from cli.documents import runs
    from cli.services import services
    from domain.phases import Mode

    shown = console(stderr=as_json)
    require_source(document)
    with services(from_nothing=not live):
        from blocks.approval_form import Approval
        from cli.approvals.given import approval_from
        from flows.cut import run_cut

        mode = Mode.LIVE if live else Mode.DRYRUN
        with runs.Progress(shown, mode) as progress:
            outcome = run_cut(
                document,
                mode,
                reading.options(revising),
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
    revising: Revising,
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
            reading.options(revising),
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
    revising: Revising,
    approving: Approving,
    document: Annotated[
        str | None,
        typer.Argument(
            help="The code of what was proposed, the id of a release, or a document as for "
            "`cutter cut`."
        ),
    ] = None,
    attempt: Annotated[int, typer.Option(help="As for the live run that is approved.", min=1)] = 1,
    accept_doubt: AcceptDoubt = None,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
) -> None:
    """Look at what a live run would do, and sign for one gate.

    Of what was proposed the code is enough: it was kept with the options it was read with. Of a
    release one signature is for all of its documents.

    Prints the approval, for the form in Prefect's UI.

    Example: cutter approve documents/safe-target.md --gate SG_1 --key ~/.ssh/id_ed25519
    """
    from adapters.releases import release_named
    from cli.approvals import approve as approvals
    from cli.approvals.release import approve_release_command
    from cli.approvals.signing import Unlocking
    from cli.services import home_settings

    unlocking, state = Unlocking(passphrase_file, yes), home_settings().state
    if (release := release_named(state, document)) is not None:
        approve_release_command(console(stderr=True), release, approving, unlocking)
        return
    options, accepted = reading.options(revising), tuple(accept_doubt or ())
    approvals.approve_command(
        console(stderr=True),
        approvals.subject_of(state, document, approving.revert, attempt, options, accepted),
        approvals.Means(approving.key, approving.request, approving.approver, approving.signed),
        approving.gate,
        approvals.Terms(approving.approve_within, approving.execute_within, approving.submitter),
        unlocking,
    )
