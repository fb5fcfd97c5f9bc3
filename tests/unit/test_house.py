"""The plan of the house holds: small folders, one place for settings, one context variable.

Which wing may import which is import-linter's part (`make lint`).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from blocks.deployed import PROJECT

WINGS = ("adapters", "blocks", "cli", "domain", "flows", "service", "tasks")
MOST_FILES = 16
"""Of a folder, its `__init__.py` included: what an eye takes in."""

READ_SETTINGS = {"cli/services.py", "tasks/app.py"}
"""A process reads its settings in one of these, and hands them on."""


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (path.relative_to(PROJECT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for wing in WINGS
        for path in sorted((PROJECT / wing).rglob("*.py"))
    )


def calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            called = called.value if isinstance(called, ast.Subscript) else called
            yield called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def test_no_folder_has_more_files_than_an_eye_takes_in() -> None:
    crowd = Counter(str(Path(name).parent) for name, _ in modules())
    assert {folder: n for folder, n in crowd.items() if n > MOST_FILES} == {}


def test_a_packages_init_holds_a_docstring_only() -> None:
    for name, tree in modules():
        if name.endswith("__init__.py"):
            assert len(tree.body) == 1, name
            assert ast.get_docstring(tree), name


def test_settings_are_read_in_one_place_a_process() -> None:
    asked = {name for name, tree in modules() if "load_settings" in calls(tree)}
    assert asked - {"adapters/acceptance/scenarios/opening.py"} == READ_SETTINGS


def test_files_are_written_by_what_follows_no_link() -> None:
    """`adapters.files` writes whole or nothing, or in place through no link, with a mode of its
    own. What others write lies in a folder made for the moment, or where a person has said.
    """
    wrote = {
        name
        for name, tree in modules()
        if {"write_text", "write_bytes", "touch", "mkdir"} & set(calls(tree))
    }
    assert wrote == {
        "adapters/acceptance/scenarios/opening.py",
        "adapters/acceptance/server.py",
        "adapters/evidence/collect.py",
        "adapters/files.py",
        "cli/home/accept.py",
        "service/deploy.py",
    }


def test_one_context_variable_is_left() -> None:
    assert [name for name, tree in modules() for call in calls(tree) if call == "ContextVar"] == [
        "tasks/app.py"
    ]


def test_flows_holds_only_files_that_define_a_flow() -> None:
    for name, tree in modules():
        if name.startswith("flows/") and not name.endswith("__init__.py"):
            decorators = {
                getattr(getattr(one, "func", one), "id", "")
                for node in tree.body
                if isinstance(node, ast.FunctionDef)
                for one in node.decorator_list
            }
            assert "flow" in decorators, name
