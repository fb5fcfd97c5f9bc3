"""The threat model names tests; every one of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?!attacker|---)(.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def _rows() -> list[tuple[str, ...]]:
    text = (PROJECT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    return [match.groups() for match in ROW.finditer(text)]


def _existing() -> set[str]:
    found = set()
    for file in (PROJECT / "tests").rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
    return found


def test_every_row_names_a_test_that_exists() -> None:
    existing, rows = _existing(), _rows()
    assert len(rows) >= 25
    for threat, _promise, _control, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, threat
        assert set(named) <= existing, (threat, set(named) - existing)
