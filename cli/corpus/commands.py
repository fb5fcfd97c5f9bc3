"""Many documents at once: `cutter corpus`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, console
from domain.reading.options import ReadingOptions

app = typer.Typer()
corpus = typer.Typer(no_args_is_help=True, help="Many documents in one release.")
app.add_typer(corpus, name="corpus")


@corpus.command("plan")
def plan(
    place: Annotated[
        Path,
        typer.Argument(
            help="A folder of documents, or a list: a path, URL or db:CODE on each line, then "
            "perhaps a tab and the document's code."
        ),
    ],
    granularity: Annotated[
        str, typer.Option(help="basic or sub, for all of them; see cutter plan.")
    ] = "basic",
    profile: Annotated[
        str | None, typer.Option(help="One structure profile for all, instead of detecting it.")
    ] = None,
    publication_type: Annotated[
        str | None, typer.Option(help="law, constitution, decree, policy ... for all of them.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for all of them.")] = None,
    in_force_from: Annotated[
        str | None,
        typer.Option(
            help="From which day those are in force that are new versions of what stands, such as "
            "2027-01-01, or unknown."
        ),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="How many read at once; as many as there are cores.", min=1)
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Plan every document again, also what has not changed.")
    ] = False,
    actor: Annotated[
        str | None, typer.Option(help="Who is named in the ledger; the login name if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan every document of a corpus, propose it, and name all of them in one release.

    A release is a sorted manifest with a root: the hash over every change set. Its page has one
    line a document. What is doubtful, refused or claims the code of another is left out by name,
    with the reason. Asked again, it plans only what is new or changed. Exit status 3 if a document
    is left out that somebody has to look at, or if a live run would be refused as things stand.
    """
    from cli.corpus.plan import corpus_plan_command

    raise typer.Exit(
        corpus_plan_command(
            console(stderr=as_json),
            place,
            ReadingOptions(None, profile, granularity, publication_type, owner),
            in_force_from=in_force_from,
            processes=processes,
            anew=anew,
            actor=actor,
            as_json=as_json,
        )
    )


Release = Annotated[str, typer.Argument(help="The release's id, as cutter corpus plan says it.")]
Reason = Annotated[str | None, typer.Option(help="Why, for the record of the switch.")]
Minutes = Annotated[int, typer.Option(help="For how long the switch is armed.", min=1, max=10080)]
Processes = Annotated[int, typer.Option(help="How many work at it here at once.", min=1, max=64)]
Pool = Annotated[
    int,
    typer.Option(help="How many more are asked of the work pool; see prefect.yaml.", min=0, max=63),
]
Actor = Annotated[
    str | None, typer.Option(help="Who is named in the ledger; the login name if not given.")
]


@corpus.command("go")
def go(
    release: Release,
    reason: Reason = None,
    minutes: Minutes = 240,
    actor: Actor = None,
    processes: Processes = 1,
    pool: Pool = 0,
    as_json: AsJson = False,
) -> None:
    """Run an approved release: arms the switch for its change sets, makes one backup, runs one
    document after another, disarms.

    Two people have approved it with cutter approve RELEASE. What is wrong with one document is said
    and ends no other. Stopped or begun again, it goes on where it was. Exit status 0 if every
    document is done, 1 if one has failed or was refused, 4 if one is half written.
    """
    from cli.corpus.go import Workers, corpus_go_command

    raise typer.Exit(
        corpus_go_command(
            console(stderr=as_json),
            release,
            reason=reason,
            minutes=minutes,
            actor=actor,
            again=False,
            workers=Workers(processes, pool),
            as_json=as_json,
        )
    )


@corpus.command("retry")
def retry(
    release: Release,
    reason: Reason = None,
    minutes: Minutes = 240,
    actor: Actor = None,
    processes: Processes = 1,
    pool: Pool = 0,
    as_json: AsJson = False,
) -> None:
    """Run those documents of a release again that have failed or were refused, and say before which
    these are. Else as cutter corpus go.
    """
    from cli.corpus.go import Workers, corpus_go_command

    raise typer.Exit(
        corpus_go_command(
            console(stderr=as_json),
            release,
            reason=reason,
            minutes=minutes,
            actor=actor,
            again=True,
            workers=Workers(processes, pool),
            as_json=as_json,
        )
    )


@corpus.command("status")
def status(
    release: Release,
    as_json: AsJson = False,
) -> None:
    """Say how far each document of a release is: waiting, running, done, failed, refused and so on.

    It is read from the database, where the ledger comes first, so it is exact while runs are on the
    way. Each line ends with the reason or what comes next, and in how long it should be done. Exit
    status 4 if a document is half written and nobody works at it, 1 if one failed or was refused.
    """
    from cli.corpus.status import corpus_status_command

    raise typer.Exit(corpus_status_command(console(stderr=as_json), release, as_json=as_json))
