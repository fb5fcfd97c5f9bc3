"""Reading out a unit waits for nothing but what it needs: held by what is imported, not by times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.imported import ONLY_FOR_RUNS, ONLY_FOR_WRITING, imported
from tests.support.knowledge import home_of_reader
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database

UNIT = "test.law~art_2"


@pytest.mark.slow
def test_who_reads_imports_nothing_that_only_writing_needs(
    database: Database, tmp_path: Path
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(3)
    run_phases(bench.adapter, bench.context(plan), plan)
    folder = tmp_path / "home"
    folder.mkdir()
    environment = home_of_reader(database, folder)
    shown = subprocess.run(
        [sys.executable, "-m", "cli.main", "show", UNIT],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert next(row.body for row in plan.rows if row.canonical_address == UNIT).strip() in shown
    for command in (
        ("show", UNIT),
        ("show", "test.law"),
        ("units",),
        ("units", "test.law"),
        ("history", UNIT),
        ("search", "words"),
    ):
        found = imported(command, ONLY_FOR_RUNS | ONLY_FOR_WRITING, environment)
        assert found == set(), command
