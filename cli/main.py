"""The `cutter` command: parses, calls, prints. What needs no Prefect does not import it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.control import commands as control
from cli.documents import commands as documents
from cli.home import commands as home
from cli.home import principal_commands as principals
from cli.proposals import commands as proposals
from cli.records import commands as records
from cli.terminal import close_output
from domain.errors import CutterError, Interrupted
from domain.reading.hidden_characters import plain

PROGRAM = "iu-cutter"


class Commands(TyperGroup):
    """All commands. Ctrl-C in one that has no words of its own for it becomes `Interrupted`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("`cutter status` shows what stands.") from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for commands in (proposals, documents, home, principals, control, records):
    app.add_typer(commands.app)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"cutter {version(PROGRAM)}")
        raise typer.Exit


@app.callback()
def cutter(
    home: Annotated[
        Path | None,
        typer.Option(
            help="Where runs, state and backups are kept (or CUTTER_HOME). Anywhere in the line.",
            show_default=False,
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_say_version),
    ] = False,
) -> None:
    """Cut governed documents into information units in PostgreSQL, safely.

    Start with `cutter plan FILE` (needs nothing), then `cutter cut FILE` (a dry run), and
    `cutter demo` to see it all.
    """
    if home is not None:
        os.environ["CUTTER_HOME"] = str(home.expanduser().absolute())


@app.command("help")
def show_help(
    command: Annotated[
        list[str] | None, typer.Argument(help="A command, such as: switch arm")
    ] = None,
) -> None:
    """Say what a command does and which options it has, as `COMMAND --help` does."""
    app([*(command or ()), "--help"], prog_name="cutter")


def ordered(arguments: Sequence[str]) -> list[str]:
    """The arguments with `--home` in front, where it belongs to the program: it may stand anywhere
    before a `--`.

    >>> ordered(["status", "--home", "here", "--json"])
    ['--home', 'here', 'status', '--json']
    >>> ordered(["plan", "--", "--home"])
    ['plan', '--', '--home']
    """
    front, rest = list[str](), list[str]()
    given = iter(arguments)
    for one in given:
        if one == "--":
            return [*front, *rest, one, *given]
        if one == "--home":
            front += [one, *([value] if (value := next(given, None)) is not None else [])]
        elif one.startswith("--home="):
            front.append(one)
        else:
            rest.append(one)
    return [*front, *rest]


def end_in_good_order() -> None:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: once, with the switch off and evidence
    kept. A signal that the caller ignores, as `nohup` does, stays ignored.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def main() -> None:
    """Run the command.

    Every error that can be named is one sentence on standard error, and a status that means
    something.
    """
    try:
        end_in_good_order()
        app(ordered(sys.argv[1:]), prog_name="cutter", standalone_mode=True)
    except CutterError as error:
        print(f"cutter: {plain(str(error))}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:  # before the command has begun
        print("cutter: Interrupted. Nothing was begun.", file=sys.stderr)
        raise SystemExit(Interrupted.exit_status) from None
    finally:
        close_output()


if __name__ == "__main__":
    main()
