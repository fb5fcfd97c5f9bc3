"""What runs before a commit is what `make lint` runs, and nothing of it is fetched."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.docs.pages import PROJECT


def hooks() -> list[dict[str, Any]]:
    """Every hook before a commit."""
    text = (PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (repository,) = yaml.safe_load(text)["repos"]
    assert repository["repo"] == "local"
    return list(repository["hooks"])


def test_the_hooks_are_the_commands_of_make_lint() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nlint:")[2].partition("\n\n")[0]
    linted = re.findall(r"@\$\(BIN\)/(.+)", recipe)
    assert [hook["entry"].removeprefix(".venv/bin/") for hook in hooks()] == linted


def test_each_hook_is_a_program_of_the_project() -> None:
    for hook in hooks():
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
        assert "additional_dependencies" not in hook
