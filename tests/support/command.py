"""The `cutter` command with a home of its own: in this process, which is quick, or in one of its
own, as a person starts it.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main

NOTHING: Mapping[str, str] = {}
OURS = ("DOT_CUTTER", "PREFECT_", "BACKUP_")
"""What would name a database, a Prefect server or a backup's key."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


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


def _status() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001  # what Python itself would print
        traceback.print_exc()
        return 1
    return 0
