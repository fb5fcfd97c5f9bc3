"""The tutorial is run word by word, by a shell of its own, and says what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.docs.pages import DOCS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

Step = tuple[str, list[str]]
"""The commands of a block, and the lines that they print."""


AND_A_RESTORE: Step = (
    """\
backup=$(ls ~/reading-room/backups/*.gpg | head -n 1)
export DOT_CUTTER_DB_NAME=came_back
cutter backup restore "$backup" --password-file ~/reading-room/postgres/superuser.pw
cutter doctor --register
""",
    ["came back as they were, into came_back:", "Registered as the target of live runs."],
)
"""What is not on the page: the home's own server is one that a backup can come back into."""


def steps() -> list[Step]:
    """Each block of commands with the lines that the page shows of its output."""
    found = list[Step]()
    for token in MarkdownIt("commonmark").parse((DOCS / "tutorial.md").read_text("utf-8")):
        if token.type == "fence" and token.info == "sh":
            found.append((token.content, []))
        elif token.type == "fence":
            assert token.info == "text", token.info
            found[-1][1].extend(token.content.splitlines())
    return found


@pytest.fixture
def person() -> Iterator[Path]:
    """The home folder of somebody who follows the page; servers of another user may pass it."""
    folder = Path(tempfile.mkdtemp(prefix="tutorial-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_each_command_of_the_tutorial_does_what_it_says(person: Path) -> None:
    ours = ("CUTTER_", "DOT_CUTTER", "PREFECT_", "BACKUP_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "HOME": str(person),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NO_COLOR": "1",
    }
    exported = ""
    blocks = steps()
    assert len(blocks) > 8
    for commands, shown in [*blocks[:-1], AND_A_RESTORE, blocks[-1]]:
        done = subprocess.run(
            ["bash", "-euc", f"{exported}\n{commands}"],
            cwd=person,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{commands}{done.stdout}{done.stderr}"
        for line in shown:
            assert line in f"{done.stdout}{done.stderr}", f"{commands}{done.stdout}{done.stderr}"
        exported += "".join(re.findall(r"^export .*\n", commands, re.MULTILINE))
    assert not (person / "reading-room").exists()
