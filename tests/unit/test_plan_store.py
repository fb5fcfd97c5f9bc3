"""Plans on disk: whole, private, and never used once changed."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.home.plans import forget_plans, load_plan, save_plan
from adapters.home.target import register_target, registered_target
from domain.change_set import TargetFingerprint
from domain.errors import BadInput, ConfigMismatch, PlanRefused
from domain.reading.marks import PlanWarning
from tests.support.plans import made_plan


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    plan = replace(
        made_plan(25, body="Điều {n}:\r\n\x0b“Lời” \u2028 end\n"),
        warnings=(PlanWarning("odd", 3, "a reason"),),
    )
    handle = save_plan(plan, tmp_path)
    forget_plans()
    assert load_plan(handle) == plan
    assert load_plan(handle) is load_plan(handle), "the second look reads the disk again"


def test_it_is_for_its_owner_only_and_leaves_no_part(tmp_path: Path) -> None:
    path = Path(save_plan(made_plan(), tmp_path / "state").path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def change_body(lines: list[str]) -> list[str]:
    """One word of one body."""
    return [line.replace("article 2", "article 9") for line in lines]


def change_parent(lines: list[str]) -> list[str]:
    """Move a unit below nothing."""
    row = json.loads(lines[2])
    return [
        *lines[:2],
        json.dumps([None if value == "test.law~chp_1" else value for value in row]) + "\n",
        *lines[3:],
    ]


@pytest.mark.parametrize(
    "change",
    [
        change_body,
        change_parent,
        lambda lines: lines[:-1],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: lines[:-2],
        lambda lines: lines[:0],
        lambda lines: [lines[0][:0] + "{}\n"],
        lambda lines: [*lines, "not json\n"],
        lambda lines: [lines[0].replace("iu-cutter plan 1", "iu-cutter plan 2"), *lines[1:]],
    ],
)
def test_a_changed_file_is_never_used(
    tmp_path: Path, change: Callable[[list[str]], list[str]]
) -> None:
    handle = save_plan(made_plan(), tmp_path)
    path = Path(handle.path)
    with path.open(encoding="utf-8") as file:
        lines = list(file)
    path.write_text("".join(change(lines)), encoding="utf-8")
    forget_plans()
    with pytest.raises(PlanRefused, match="plan the document again"):
        load_plan(handle)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    handle = save_plan(made_plan(), tmp_path)
    Path(handle.path).unlink()
    forget_plans()
    with pytest.raises(PlanRefused, match="can not be read back"):
        load_plan(handle)


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("a file in the way")
    with pytest.raises(BadInput, match="plans"):
        save_plan(made_plan(), tmp_path)


@pytest.mark.parametrize("rows", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_many_rows_are_kept_and_read_in_seconds(tmp_path: Path, rows: int) -> None:
    plan = made_plan(rows)
    started = time.process_time()
    assert plan.plan_digest
    digest_seconds = time.process_time() - started
    started = time.process_time()
    handle = save_plan(plan, tmp_path)
    forget_plans()
    assert load_plan(handle).plan_digest == plan.plan_digest
    assert time.process_time() - started < 15 * digest_seconds + 1, (
        "a plan on disk costs far more than its digest"
    )


def test_the_target_is_kept_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    assert registered_target(tmp_path) is None
    target = TargetFingerprint("knowledge", 16_384, 7_000_000_000_000_000_001)
    path = register_target(tmp_path / "state", target)
    assert registered_target(tmp_path / "state") == target
    path.write_text("{}")
    with pytest.raises(ConfigMismatch, match="register the target again"):
        registered_target(tmp_path / "state")
