"""The `cutter` command: parses, calls, prints. What needs no Prefect does not import it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.control import commands as control
from cli.documents import commands as documents
from cli.home import commands as home
from cli.records import commands as records
from domain.errors import CutterError
from domain.reading.hidden_characters import plain

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for commands in (documents, home, control, records):
    app.add_typer(commands.app)


@app.callback()
def cutter(
    home: Annotated[
        Path | None,
        typer.Option(
            help="Where runs, state and backups are kept (or CUTTER_HOME).", show_default=False
        ),
    ] = None,
) -> None:
    """Cut governed documents into information units in PostgreSQL, safely.

    Start with `cutter plan FILE` (needs nothing), then `cutter cut FILE` (a dry run), and
    `cutter demo` to see it all.
    """
    if home is not None:
        os.environ["CUTTER_HOME"] = str(home.absolute())


def main() -> None:
    """Run the command.

    Every error that can be named is one sentence on standard error, and a status that means
    something.
    """
    try:
        app(standalone_mode=True)
    except CutterError as error:
        print(f"cutter: {plain(str(error))}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
