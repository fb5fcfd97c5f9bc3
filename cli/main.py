"""The `cutter` command."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from domain.errors import CutterError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def cutter() -> None:
    """Cut governed documents into information units in PostgreSQL, safely."""


@app.command()
def plan(
    document: Annotated[str, typer.Argument(help="The document: a path.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole plan as one JSON object.")] = False,
    granularity: Annotated[str, typer.Option(help="basic: articles or sections; sub: paragraphs and points too.")] = "basic",
    profile: Annotated[str | None, typer.Option(help="Name the structure profile instead of detecting it.")] = None,
    code: Annotated[str | None, typer.Option(help="The document's code in the knowledge base.")] = None,
) -> None:
    """Read a document and show how it would be cut. Writes nothing, needs no database."""
    from adapters.planning import plan_document
    from cli.show import plan_object

    made = plan_document(document, code=code, granularity=granularity, profile=profile)
    if as_json:
        json.dump(plan_object(made), sys.stdout, ensure_ascii=False)


def main() -> None:
    """Run the command; every error that can be named is one sentence on standard error and a status that means something."""
    try:
        app()
    except CutterError as error:
        print(f"cutter: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
