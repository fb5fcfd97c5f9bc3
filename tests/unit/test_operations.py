"""The pages and the systemd units say what there is: each command in them is one that exists."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from blocks.deployed import PROJECT, deployments
from cli.main import whole_program

GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
PAGES: Final = sorted(
    [*(PROJECT / "docs").glob("*.md"), *(PROJECT / "docs" / "how-to").glob("*.md")]
)
UNITS = sorted((PROJECT / "deploy").glob("*.service"))
PROGRAM = "/opt/cutter/.venv/bin/cutter"
HARDENED: Final = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "CapabilityBoundingSet": "",
}
SETTING = re.compile(r"\b(?:CUTTER|DOT_CUTTER|BACKUP)_[A-Z_]+\b")


def commands_in(text: str) -> list[str]:
    """Every `cutter ...` in indented blocks and between backticks."""
    lines = (
        line for line in text.splitlines() if re.match(r"\s{4,}(sudo -u cutter )?cutter ", line)
    )
    indented = [line.strip().partition("#")[0] for line in lines]
    quoted = re.findall(r"`((?:sudo -u cutter )?cutter [^`]+)`", text)
    return [one.removeprefix("sudo -u cutter ").strip() for one in indented + quoted]


@cache
def _commands() -> Any:
    return typer.main.get_command(whole_program())


def parse(line: str) -> None:
    """Parse a command line without carrying it out: an AssertionError for a command or an option
    that does not exist.
    """
    words = [word.strip("[]") for word in shlex.split(line)[1:]]
    words = words[2:] if words[:1] == ["--home"] else words
    found = _commands()
    while hasattr(found, "commands"):
        assert words, f"{line}: a group is no command"
        assert words[0] in found.commands, f"{line}: there is no command {words[0]}"
        found, words = found.commands[words[0]], words[1:]
    known = {
        option
        for parameter in found.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help"}
    assert not [
        word for word in words if word.startswith("--") and word.partition("=")[0] not in known
    ], line


@pytest.mark.parametrize("line", sorted(set(commands_in(GUIDE))))
def test_each_command_of_the_guide_exists(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_each_command_of_a_page_exists(page: Path) -> None:
    for line in commands_in(page.read_text(encoding="utf-8")):
        parse(line.replace("cutter COMMAND", "cutter status"))


def test_a_command_that_does_not_exist_is_found() -> None:
    for line in (
        "cutter frobnicate",
        "cutter cut a.md --alive",
        "cutter switch",
        "cutter backup mend",
    ):
        with pytest.raises(AssertionError):
            parse(line)


@pytest.mark.parametrize(
    "what",
    ["up", "approve", "halt", "lift", "revert", "status", "init", "deploy", "check", "db init"],
)
def test_the_guide_tells_how_to(what: str) -> None:
    assert any(line.startswith(f"cutter {what}") for line in commands_in(GUIDE)), what


def test_the_guide_names_deployments_and_settings_that_exist() -> None:
    names = {one["name"] for one in deployments()}
    for named in re.findall(r"deployment `([a-z-]+)`", GUIDE):
        assert named in names
    source = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "blocks").glob("*.py"))
    for setting in set(SETTING.findall(GUIDE)) - {"CUTTER_TEST_DATABASE"}:
        assert setting.rstrip("_") in source, setting


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_each_unit_starts_a_command_that_exists_and_may_do_little(unit: Path) -> None:
    found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    found.read(unit)
    service = found["Service"]
    program, _, rest = service["ExecStart"].partition(" ")
    assert program == PROGRAM
    parse(f"cutter {rest}")
    # The verifier's user is another one, or the worker's would be both principals.
    user = "cutter-verifier" if unit.stem == "cutter-verifier" else "cutter"
    assert (service["User"], service["StateDirectory"]) == (user, user)
    assert {name: service[name] for name in HARDENED} == HARDENED


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("cutter")
    if not program.exists():
        pytest.skip("the command is not installed beside this Python")
    for path in (PROJECT / "deploy").glob("cutter-*"):
        (tmp_path / path.name).write_text(
            path.read_text(encoding="utf-8").replace(PROGRAM, str(program)), encoding="utf-8"
        )
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "cutter-" not in done.stderr, done.stderr
