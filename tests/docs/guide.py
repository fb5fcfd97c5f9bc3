"""The commands of the operations guide, as they stand there, and a person who carries them out."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import DOCS
from tests.support.command import Done, cutter

NOTHING: Final[Mapping[str, str]] = {}
OURS: Final = ("CUTTER_", "DOT_CUTTER", "PREFECT_", "BACKUP_")
_SHELL: Final = re.compile(r"[|&;<>$]")
_INDENTED: Final = re.compile(r"\s{4,}(\S.*)")
NO_COMMANDS: Final = "What is kept where"
"""The section whose block lists files."""


@cache
def commands_by_section() -> Mapping[str, tuple[str, ...]]:
    """The lines of the guide's blocks, without what is said beside them, by the heading that they
    stand under.
    """
    found: dict[str, list[str]] = {}
    section = ""
    for line in (DOCS / "operations.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif section != NO_COMMANDS and (there := _INDENTED.fullmatch(line)):
            found.setdefault(section, []).append(there[1].partition("#")[0].strip())
    return {name: tuple(lines) for name, lines in found.items()}


@dataclass
class Operator:
    """Somebody at a shell, who reads a line of the guide and puts in what it leaves open."""

    folder: Path
    settings: Mapping[str, str]
    done: set[str] = field(default_factory=set)

    def follow(
        self, line: str, said: Mapping[str, str] = NOTHING, *, plus: str = "", status: int = 0
    ) -> str:
        """Carry out a line of the guide; what it printed.

        `said` replaces a word of the line; `plus` are options that answer what it would ask.
        """
        assert any(line in lines for lines in commands_by_section().values()), line
        self.done.add(line)
        command = line
        for word, value in said.items():
            assert word in command, (word, line)
            there = re.compile(rf"(?<![A-Z_]){re.escape(word)}(?![A-Z_])")
            command = there.sub(value.replace("\\", "\\\\"), command)
        return self.shell(f"{command} {plus}", status=status)

    def shell(self, command: str, *, status: int = 0) -> str:
        """Carry out any command; what it printed.

        One of cutter's alone is carried out in this process, which is quicker.
        """
        alone = command.startswith("cutter ") and not _SHELL.search(command)
        done = self._here(shlex.split(command)[1:]) if alone else self._apart(command)
        assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
        return f"{done.stdout}{done.stderr}"

    def _here(self, arguments: list[str]) -> Done:
        with contextlib.chdir(self.folder), pytest.MonkeyPatch.context() as patch:
            patch.setenv("HOME", str(self.folder))
            patch.setenv("NO_COLOR", "1")
            home = Path(self.settings["CUTTER_HOME"])
            return cutter(*arguments, home=home, environment=self.settings)

    def _apart(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euc", command],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    @property
    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {
            **kept,
            "HOME": str(self.folder),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NO_COLOR": "1",
            **self.settings,
        }

    def left(self) -> set[str]:
        """The lines of the guide that nobody has carried out."""
        return {line for lines in commands_by_section().values() for line in lines} - self.done
