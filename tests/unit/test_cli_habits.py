"""What people expect of any command line: versions, help, `--home` anywhere, pipes that close,
Ctrl-C, narrow terminals, no colours.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.documents.runs import Progress
from cli.terminal import SafeConsole
from domain.errors import Interrupted
from domain.phases import Mode
from tests.support.command import command_options, cutter, waiting_command

LAW = "# A law\n\n" + "".join(
    f"## Article {number}. On the matter of number {number}\n\nIt is {number}.\n\n"
    for number in range(1, 400)
)
NO_JSON = {
    "help",
    "demo",
    "up",
    "worker",
    "serve",
    "mcp",
    "export",
    "approve",
    "approval sign",
    "approval decline",
}
"""What answers to no program: it stays, is a demonstration, has a file of its own, or prints what
was signed, which is JSON, as the one line on standard output.
"""


@pytest.fixture
def law(tmp_path: Path) -> Path:
    path = tmp_path / "a-law.md"
    path.write_text(LAW, encoding="utf-8")
    return path


def test_the_version_is_the_distributions(tmp_path: Path) -> None:
    done = cutter("--version", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"cutter {version('iu-cutter')}\n")


@pytest.mark.parametrize(
    "arguments", [("switch", "arm", "--help"), ("switch", "arm", "-h"), ("help", "switch", "arm")]
)
def test_help_is_asked_for_in_three_ways(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = cutter(*arguments, home=tmp_path)
    assert done.returncode == 0
    assert "Usage: cutter switch arm" in done.stdout
    assert "Allow one change set to run live" in done.stdout


def test_help_names_every_command_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    everything = cutter("help", home=tmp_path)
    for name in ("plan", "cut", "status", "switch", "approve", "help"):
        assert re.search(rf"^  {name} ", everything.stdout, re.MULTILINE), name
    assert cutter("help", "no-such-command", home=tmp_path).returncode == 2


def test_completion_is_offered() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main"],
        env={
            **os.environ,
            "_CUTTER_COMPLETE": "complete_bash",
            "COMP_WORDS": "cutter sw",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["switch"]


def test_the_home_is_named_anywhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for arguments in (
        ("--home", str(elsewhere), "status"),
        ("status", "--home", str(elsewhere)),
        ("switch", f"--home={elsewhere}", "show", "--json"),
    ):
        done = cutter(*arguments, home=tmp_path)
        assert f"no knowledge base in {elsewhere}" in done.stderr, arguments
    assert cutter("status", "--home", home=tmp_path).returncode == 2


def test_every_command_that_answers_has_json() -> None:
    options = command_options()
    assert len(options) > 60
    without = {name for name, given in options.items() if "--json" not in given}
    assert without == NO_JSON


def test_a_pipe_that_closes_is_no_failure(tmp_path: Path, law: Path) -> None:
    command = f"{sys.executable} -m cli.main plan {law} --json | head -c 100 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert int(done.stdout) in (0, 1)


@pytest.mark.slow
def test_a_run_goes_on_when_nobody_reads_what_it_prints() -> None:
    """Rich would end the program in the middle of a live run."""
    code = (
        "import os, sys\n"
        "from cli.terminal import SafeConsole\n"
        "shown = SafeConsole(soft_wrap=True)\n"
        "sys.stdin.readline()\n"
        "for number in range(50_000):\n    shown.print(f'phase {number}')\n"
        "print('kept', file=sys.stderr)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert run.stdout is not None
    run.stdout.close()
    assert run.stdin is not None
    run.stdin.write(b"go\n")
    run.stdin.close()
    assert run.stderr is not None
    said = run.stderr.read().decode()
    run.stderr.close()
    assert run.wait(60) == 0
    assert "kept" in said


def test_ctrl_c_says_what_stands() -> None:
    run = waiting_command()
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == Interrupted.exit_status == 130
    assert said.decode().strip() == "cutter: Interrupted. `cutter status` shows what stands."


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        (Mode.DRYRUN, "nothing was written"),
        (Mode.REHEARSE, "rolled back"),
        (Mode.LIVE, "whole or not at all"),
    ],
)
def test_a_run_that_is_interrupted_says_what_it_has_left(mode: Mode, says: str) -> None:
    shown = SafeConsole(file=io.StringIO())
    with pytest.raises(Interrupted, match=says), Progress(shown, mode):
        raise KeyboardInterrupt


def test_a_narrow_terminal_and_one_without_colours_lose_nothing(law: Path) -> None:
    environment = {"COLUMNS": "30", "NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = cutter("plan", str(law), home=law.parent, environment=environment)
    plain_text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", done.stdout)
    assert "On the matter of number 1" in " ".join(plain_text.replace("│", " ").split())
    digest = json.loads(cutter("plan", str(law), "--json", home=law.parent).stdout)["plan_digest"]
    assert digest in "".join(plain_text.split())
    assert "\N{HORIZONTAL ELLIPSIS}" not in plain_text
