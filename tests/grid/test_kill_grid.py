"""A sample of the kill grid, chosen by a seed that is printed; `make kill-grid` runs all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.phases import Phase
from tests.support.boundaries import Moment
from tests.support.grid import (
    Boundary,
    Cell,
    Course,
    Death,
    all_cells,
    recorded,
    run_cell,
    sample,
)
from tests.support.rig import rig

pytestmark = pytest.mark.slow

BOUNDARIES = [Boundary(phase, statement) for phase in Phase for statement in range(1, 20)]


def test_a_seed_chooses_the_same_cells_again_and_of_each_death_as_many() -> None:
    cells = all_cells(BOUNDARIES)
    assert len(cells) == len(Death) * len(BOUNDARIES) * len(Moment)
    chosen = sample(cells, 150, seed=7)
    assert chosen == sample(cells, 150, seed=7) != sample(cells, 150, seed=8)
    assert [sum(cell.death is death for cell in chosen) for death in Death] == [50, 50, 50]


@pytest.mark.parametrize("course", list(Course))
def test_every_commit_whose_answer_is_lost_is_resumed(tmp_path: Path, course: Course) -> None:
    """The cells that matter most, always: committed, and the run does not know."""
    with rig() as made:
        boundaries, undisturbed = recorded(made.cluster, tmp_path, course)
        commits = {boundary.phase: boundary for boundary in boundaries}
        assert list(commits) == list(Phase)
        for boundary in commits.values():
            verdict = run_cell(
                made, Cell(Death.BACKEND, boundary, Moment.UNREAD, course), undisturbed, tmp_path
            )
            assert verdict.resumed
            assert not verdict.faults, verdict


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sample_of_the_grid(capfd: pytest.CaptureFixture[str]) -> None:
    """In a process of its own, because the runs that are killed are forked from it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.grid.run", "--sample", "150"], timeout=900, check=False
    )
    said = capfd.readouterr()
    assert done.returncode == 0, said.out + said.err
    with capfd.disabled():
        sys.stdout.write("\n" + said.out)
