"""What the wheel installs, in a folder, and the command that is run from it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from blocks.deployed import PROJECT


def installed_in(folder: Path) -> Path:
    """Build the wheel and unpack it as an installer would; where its packages are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(PROJECT)
        name = build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def run_installed(site: Path, cwd: Path, *arguments: str, home: Path | None = None) -> str:
    """Python with the installed packages, in a folder that is no clone; what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site), "CUTTER_HOME": str(home or cwd / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout
