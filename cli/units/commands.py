"""The commands that read out what was cut: units, show, history, diff, feed, search."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from cli.options import AsJson, console
from domain.errors import BadInput

app = typer.Typer()
MCP_PORT: Final = 4203

InDocument = Annotated[
    str | None, typer.Option("--in", help="Look in the document of this code only.")
]
AsOf = Annotated[
    str | None,
    typer.Option(help="The version in force on this day, such as 2027-01-01.", show_default=False),
]


@app.command()
def units(
    code: Annotated[
        str | None, typer.Argument(help="A document's code; all documents if not given.")
    ] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Show which unit stands in which.")] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Every unit that was ever enacted, by address, of the document or of all: also "
            "what is repealed or withdrawn.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the documents that were cut, or the enacted units of one, in the order of its text.

    Example: cutter units house-rules.reading-room
    """
    from cli.units.reading_out import every_unit_command, units_command

    if everything:
        if tree:
            raise BadInput("A tree is of what stands: name one of --all and --tree.")
        every_unit_command(console(), code, as_json=as_json)
        return

    units_command(console(), code, tree=tree, as_json=as_json)


@app.command()
def show(
    named: Annotated[
        str,
        typer.Argument(
            help="An address, a citation as people write it, or a document's code for its text."
        ),
    ],
    code: InDocument = None,
    as_of: AsOf = None,
    version: Annotated[
        int | None, typer.Option(help="The version of this number.", min=1, show_default=False)
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            help="As it was known at this time, such as 2027-01-01T09:30:00Z, before whatever was "
            "enacted or reverted later.",
            show_default=False,
        ),
    ] = None,
    change_set: Annotated[
        str | None,
        typer.Option(
            help="The whole text of a document as this change set has it, also one that was "
            "reverted since.",
            show_default=False,
        ),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="The whole text of a document, its very bytes and nothing else."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show an enacted unit as the knowledge base has it, by its address or by a citation.

    What is only planned is shown by `cutter plan FILE --address ADDRESS`.

    Example: cutter show 'Article 5 house-rules.reading-room'
    """
    from cli.units.reading_out import Wanted, show_command

    if raw or change_set is not None:
        from cli.units.feed import raw_command

        if (as_of, version, known_at, code) != (None, None, None, None):
            raise BadInput(
                "A whole text is that of a change set: name none of --as-of, --version, --known-at "
                "and --in with it."
            )
        raw_command(console(), named, change_set, raw=raw, as_json=as_json)
        return
    wanted = Wanted(named, code, as_of, version, known_at)
    show_command(console(), console(stderr=True), wanted, as_json=as_json)


@app.command()
def history(
    named: Annotated[str, typer.Argument(help="An address, or a citation as people write it.")],
    code: InDocument = None,
    as_json: AsJson = False,
) -> None:
    """List the enacted versions of a unit, oldest first: since when, and by which change set.

    Example: cutter history 'Article 5 house-rules.reading-room'
    """
    from cli.units.reading_out import Wanted, history_command

    history_command(console(), Wanted(named, code), as_json=as_json)


@app.command()
def diff(
    named: Annotated[str, typer.Argument(help="An address, or a citation as people write it.")],
    old: Annotated[int, typer.Argument(help="The number of a version.", min=1)],
    new: Annotated[int, typer.Argument(help="The number of another version.", min=1)],
    code: InDocument = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions of a unit, word by word.

    Example: cutter diff 'Article 5 house-rules.reading-room' 1 2
    """
    from cli.units.feed import diff_command
    from cli.units.reading_out import Wanted

    diff_command(console(), Wanted(named, code), old, new, as_json=as_json)


@app.command()
def feed(
    code: Annotated[
        str | None, typer.Argument(help="A document's code; all documents if not given.")
    ] = None,
    since: Annotated[
        int, typer.Option(help="Only what came after this number of the document's feed.", min=0)
    ] = 0,
    limit: Annotated[int, typer.Option(help="How many changes at most.", min=1)] = 1000,
    as_json: AsJson = False,
) -> None:
    """List what was enacted, unit by unit, in order: for whoever keeps a copy of the units.

    Each document numbers its changes from 1 without a hole. With --json, one object a line.

    Example: cutter feed house-rules.reading-room --since 120 --json
    """
    from cli.units.feed import feed_command

    feed_command(console(), code, since=since, limit=limit, as_json=as_json)


@app.command()
def search(
    words: Annotated[
        list[str],
        typer.Argument(help='Words; all have to be there. "in quotes": one behind the other.'),
    ],
    code: InDocument = None,
    limit: Annotated[int, typer.Option(help="How many units at most.", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Search the enacted units, best first: by words; by letters where no unit has the words; and
    by likeness where none has the letters either, if the database has the extension pg_trgm.

    Example: cutter search opening hours --in house-rules.reading-room
    """
    from cli.units.reading_out import search_command

    search_command(console(), " ".join(words), code, limit=limit, as_json=as_json)


@app.command("mcp")
def mcp_server(
    http: Annotated[
        bool, typer.Option("--http", help="Over HTTP on the loopback instead of stdio.")
    ] = False,
    port: Annotated[int, typer.Option(help="With --http.", min=1, max=65535)] = MCP_PORT,
) -> None:
    """Let a model read the units by tools (Model Context Protocol): resolve a citation, read,
    compare and search units, and verify the citations of a draft.

    Read-only, logged in as a reader. A client starts `cutter mcp` itself and speaks to it over
    stdio; with --http it is at http://127.0.0.1:PORT/mcp. Needs the extra `mcp`.
    """
    from cli.units.serve import serve_models

    serve_models(console(stderr=True), port if http else None)
