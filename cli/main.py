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
from typer.main import get_command_name
from typer.models import CommandInfo

from cli.approvals import commands as approvals
from cli.citing import commands as citing
from cli.control import commands as control
from cli.corpus import commands as corpus
from cli.documents import commands as documents
from cli.home import commands as home
from cli.home import principal_commands as principals
from cli.proposals import commands as proposals
from cli.records import commands as records
from cli.terminal import close_output
from cli.units import commands as units
from domain.errors import CutterError, Interrupted, Refused
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


def _program() -> typer.Typer:
    return typer.Typer(
        cls=Commands,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


app = _program()
for commands in (
    proposals,
    corpus,
    documents,
    approvals,
    citing,
    units,
    home,
    principals,
    control,
    records,
):
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


def for_one(arguments: Sequence[str]) -> typer.Typer:
    """The program with the one command, or group of commands, that these arguments ask for; all of
    it where they ask for none, or for help.

    Making the parameters of every command costs more than most commands do.
    """
    words = iter(arguments)
    name = next(words, "")
    while name.startswith("--home"):
        _ = next(words, "") if name == "--home" else ""
        name = next(words, "")
    for group in app.registered_groups:
        wing = group.typer_instance
        if wing is None:
            continue
        alone = typer.Typer()
        alone.registered_commands = [one for one in wing.registered_commands if _name(one) == name]
        alone.registered_groups = [one for one in wing.registered_groups if one.name == name]
        if alone.registered_commands or alone.registered_groups:
            program = _program()
            program.registered_callback = app.registered_callback
            program.add_typer(alone)
            return program
    return app


def _name(command: CommandInfo) -> str:
    return command.name or get_command_name(getattr(command.callback, "__name__", ""))


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


def _halts_before(error: CutterError) -> list[str]:
    """What has to be said before an error: a halt in force that refuses whatever else does."""
    if not isinstance(error, Refused):
        return []
    from cli.control.halt import unnamed_halts  # the driver is imported by what needs it

    return unnamed_halts(error)


def main() -> None:
    """Run the command.

    Every error that can be named is one sentence on standard error, and a status that means
    something.
    """
    try:
        end_in_good_order()
        arguments = ordered(sys.argv[1:])
        for_one(arguments)(arguments, prog_name="cutter", standalone_mode=True)
    except CutterError as error:
        for line in (*_halts_before(error), str(error)):
            print(f"cutter: {plain(line)}", file=sys.stderr)
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
