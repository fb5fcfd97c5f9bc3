"""What the knowledge base holds, for people and programs: `cutter cite`, `cutter export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, console
from domain.units.formats import Format

app = typer.Typer()
Address = Annotated[str, typer.Argument(help="A unit's address, such as vn.91-2015~art_5__para_2.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="A file to write to, instead of printing."),
]


@app.command("cite")
def cite(
    address: Address,
    proof: Annotated[
        bool, typer.Option("--proof", help="Print what proves the text, as one line of JSON.")
    ] = False,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Say what stands at an address: text, version, hash, change set.

    With --proof, from the sealed evidence in this home: the text, what two people have signed, and
    how the one follows from the other. docs/verify_citation.py verifies it without cutter.
    """
    from cli.citing.cite import cite_command

    cite_command(console(), address, output, proof=proof, as_json=as_json)


@app.command("export")
def export(
    code: Annotated[str, typer.Argument(help="The document's code, such as vn.91-2015.")],
    to: Annotated[
        Format, typer.Option("--format", help="Akoma Ntoso 3, HTML, JSON or Markdown.")
    ] = Format.AKN,
    output: Output = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="As it is in force on this day, such as 2027-01-01.", show_default=False),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            help="As it was known at this time, such as 2027-01-01T09:30:00Z.", show_default=False
        ),
    ] = None,
) -> None:
    """Write a document as it stands, or as of a day: all its units, in the order of the text.

    Akoma Ntoso is valid by the official schema, and cutter reads it again as the same units.
    """
    from cli.citing.export import export_command
    from cli.units.reading_out import Wanted

    export_command(console(), Wanted(code, as_of=as_of, known_at=known_at), to, output)
