"""What the project is made of is locked as it is asked for, and its licences are on record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from blocks.deployed import PROJECT
from supply import licences, lock
from supply.licences import ELSEWHERE, licence_of
from supply.lock import LOCK, REPORT, Pin, faults, main, pins, reported

LOCKED = pins(LOCK.read_text(encoding="utf-8"))


def test_the_lock_is_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["a", "b>=1", "left-out"], "left-out is asked for, and it is not locked."),
        (["a", "b>=2"], "b>=2 is asked for, and b 1.5 is locked."),
        (["a", "b", "c"], "c is asked for, and the lock has it for others only."),
        (["a"], "b 1.5 is locked as asked for, and nobody asks for it."),
        (["a", "b"], "d 4 is locked without a hash."),
    ],
)
def test_what_is_not_as_asked_is_named(asked: list[str], says: str) -> None:
    locked = {
        "a": Pin("1", True, 2),
        "b": Pin("1.5", True, 1),
        "c": Pin("3", False, 1),
        "d": Pin("4", False, 0 if "hash" in says else 1),
    }
    assert list(faults([Requirement(one) for one in asked], locked)) == [says]


def test_a_report_of_another_lock_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = REPORT.read_text(encoding="utf-8")
    monkeypatch.setattr(lock, "REPORT", PROJECT / "README.md")
    assert main() == 1
    assert "licences.md is of other packages" in capsys.readouterr().err
    assert reported(text) == {name: pin.version for name, pin in LOCKED.items()}


def test_every_package_says_its_licence() -> None:
    unknown = [name for name in LOCKED if not (licence_of(name) or ELSEWHERE.get(name))]
    assert unknown == []
    assert licence_of("no-such-package") is None


def test_pip_is_pinned_by_a_hash_and_comes_first() -> None:
    text = (PROJECT / "pip.lock").read_text(encoding="utf-8")
    assert re.search(r"^pip==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    make = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert make.index("-r pip.lock") < make.index("-r requirements.lock")
    installs = [line for line in make.splitlines() if "-m pip install" in line]
    from_locks = [line for line in installs if "-r " in line]
    assert len(from_locks) == 2
    assert all("--require-hashes" in line for line in from_locks), "a hash that is not asked for"
    assert all("--no-deps" in line for line in installs), "nothing comes that no lock names"


def test_lint_holds_the_lock_to_what_is_asked_for() -> None:
    make = (PROJECT / "Makefile").read_text(encoding="utf-8")
    lint = make[make.index("\nlint:") :].split("\n\n")[0]
    assert "\n\t@$(BIN)/python -m supply.lock" in lint


def test_no_report_is_written_while_a_licence_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "licences.md"
    monkeypatch.setattr(licences, "REPORT", report)
    assert licences.main() == 0
    assert reported(report.read_text(encoding="utf-8")).keys() == LOCKED.keys()
    report.unlink()
    monkeypatch.setattr(licences, "licence_of", lambda name: None if name == "lxml" else "MIT")
    assert licences.main() == 1
    assert "No licence is known of lxml" in capsys.readouterr().err
    assert not report.exists()
