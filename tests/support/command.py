"""The `cutter` command with a home of its own: in this process, which is quick, or in one of its
own, as a person starts it.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.main import main, whole_program

NOTHING: Mapping[str, str] = {}
OURS = ("DOT_CUTTER", "PREFECT_", "BACKUP_")
"""What would name a database, a Prefect server or a backup's key."""
PIPE_HOLDS = 1024 * 1024
"""The most bytes that a pipe takes before somebody reads, unless Linux is told otherwise."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def command_options() -> dict[str, set[str]]:
    """Each command of the command line by its words, with its options."""

    def below(group: Any, *above: str) -> Iterator[tuple[str, set[str]]]:
        for name, one in group.commands.items():
            if hasattr(one, "commands"):
                yield from below(one, *above, name)
            else:
                options = {option for parameter in one.params for option in parameter.opts}
                yield " ".join((*above, name)), options

    return dict(below(get_command(whole_program())))


def as_named_here() -> dict[str, str]:
    """What names this process's database, Prefect server and keys, for a command to go by."""
    ours = ("DOT_CUTTER", "PREFECT_API_URL", "BACKUP_", "CUTTER_")
    return {name: value for name, value in os.environ.items() if name.startswith(ours)}


def cutter(*arguments: str, home: Path, environment: Mapping[str, str] = NOTHING) -> Done:
    """Run the command in this process, as the console script calls it."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        for name, value in {"CUTTER_HOME": str(home), **environment}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["cutter", *arguments])
        status = _status()
    return Done(status, out.getvalue(), err.getvalue())


def cutter_process(*arguments: str, home: Path, environment: Mapping[str, str] = NOTHING) -> Done:
    """Run the command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**kept, "CUTTER_HOME": str(home), **environment},
    )
    return Done(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def signals_of_a_terminal() -> Iterator[None]:
    """What is started in the block is interrupted and hung up as from a terminal, even where this
    session ignores both, as what runs in the background does.
    """
    ignored = [
        number
        for number in (signal.SIGINT, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_IGN
    ]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def waiting_command(*before: str) -> subprocess.Popen[bytes]:
    """A command that reads a document from standard input and waits for the rest of it.

    It has taken more than a pipe holds, so it has imported what it needs and reads.
    """
    with signals_of_a_terminal():
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "cli.main", "plan", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    assert process.stdin is not None
    process.stdin.write(b" " * (PIPE_HOLDS + 1))
    process.stdin.flush()
    return process


def _status() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001  # what Python itself would print
        traceback.print_exc()
        return 1
    return 0
