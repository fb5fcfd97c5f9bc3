"""The `cutter` command: parses, calls, prints. What needs no Prefect does not import it, and of the
wings only that of the command that is asked for is imported.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command_name
from typer.models import CommandInfo

from cli.terminal import close_output
from domain.errors import CutterError, Interrupted, Refused
from domain.reading.hidden_characters import plain

PROGRAM = "iu-cutter"
SELDOM: Final = 100_000
"""After how many new objects garbage is looked for: what is imported stays, and most commands have
ended before they have made any.
"""
WINGS: Final[Mapping[str, str]] = {
    "cli.proposals.commands": "propose inbox go decline withdraw",
    "cli.corpus.commands": "corpus",
    "cli.documents.commands": "plan compare review cut rehearse check prove approve",
    "cli.approvals.commands": "serve approval policy",
    "cli.citing.commands": "cite export",
    "cli.units.commands": "units show history diff feed search mcp",
    "cli.home.commands": "status audit doctor conform accept init deploy worker verifier up down "
    "demo",
    "cli.home.principal_commands": "secrets key",
    "cli.control.commands": "halt lift revert switch approver restore adopted target",
    "cli.records.commands": "evidence db backup",
}
"""Which module has which commands, in the order in which they are listed."""


class Commands(TyperGroup):
    """All commands. Ctrl-C in one that has no words of its own for it becomes `Interrupted`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("`cutter status` shows what stands.") from None


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"cutter {version(PROGRAM)}")
        raise typer.Exit


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


def show_help(
    command: Annotated[
        list[str] | None, typer.Argument(help="A command, such as: switch arm")
    ] = None,
) -> None:
    """Say what a command does and which options it has, as `COMMAND --help` does."""
    whole_program()([*(command or ()), "--help"], prog_name="cutter")


@cache
def whole_program() -> typer.Typer:
    """The program with all of its commands."""
    program = _program()
    for module in WINGS:
        program.add_typer(_wing(module))
    program.command("help")(show_help)
    return program


def _program() -> typer.Typer:
    program = typer.Typer(
        cls=Commands,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    program.callback()(cutter)
    return program


def _wing(module: str) -> typer.Typer:
    wing: typer.Typer = import_module(module).app
    return wing


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

    Importing every wing, and making the parameters of every command, costs more than most commands
    do.
    """
    words = iter(arguments)
    name = next(words, "")
    while name.startswith("--home"):
        _ = next(words, "") if name == "--home" else ""
        name = next(words, "")
    module = next((one for one, names in WINGS.items() if name in names.split()), None)
    if module is None:
        return whole_program()
    wing, program = _wing(module), _program()
    alone = typer.Typer()
    alone.registered_commands = [one for one in wing.registered_commands if _name(one) == name]
    alone.registered_groups = [one for one in wing.registered_groups if one.name == name]
    program.add_typer(alone)
    return program


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
        gc.set_threshold(SELDOM)
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
