"""The threat model names tests; every one of them exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?!attacker|---)(.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"^ *def (test_\w+)", re.MULTILINE)


def _rows() -> list[tuple[str, ...]]:
    text = (PROJECT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    return [match.groups() for match in ROW.finditer(text)]


@cache
def _existing() -> set[str]:
    files = (PROJECT / "tests").rglob("test_*.py")
    return {name for file in files for name in TEST.findall(file.read_text(encoding="utf-8"))}


def test_every_row_names_a_test_that_exists() -> None:
    existing, rows = _existing(), _rows()
    assert len(rows) >= 25
    for threat, _promise, _control, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, threat
        assert set(named) <= existing, (threat, set(named) - existing)


def test_every_test_that_is_named_beside_the_table_exists() -> None:
    text = (PROJECT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    beside = ROW.sub("", text)
    named = set(re.findall(r"`(test_\w+)`", beside))
    assert len(named) >= 10
    assert named <= _existing(), named - _existing()
