"""The flow `accept`: the acceptance run as operators start it in Prefect, and its matrix as an
artifact.
"""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.artifacts import Artifact
from prefect.client.schemas.objects import StateType

import flows.accept as flow_module
from adapters.acceptance.run import run_acceptance
from domain.errors import AcceptanceFailed
from domain.reports.acceptance import SCENARIOS, AcceptanceReport
from flows.accept import ARTIFACT, accept
from tests.support.postgres import wanted_major

pytestmark = [pytest.mark.slow, pytest.mark.prefect]


@pytest.fixture(autouse=True)
def connections_collected() -> Iterator[None]:
    """Prefect leaves connections to the garbage collector; they go here and not in a later test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[AcceptanceReport]:
    """The reports that the flow gets, from the real run."""
    reports: list[AcceptanceReport] = []

    def run(*arguments: object) -> AcceptanceReport:
        reports.append(run_acceptance(*arguments))  # type: ignore[arg-type]
        return reports[-1]

    monkeypatch.setattr(flow_module, "run_acceptance", run)
    return reports


def latest_matrix() -> tuple[list[dict[str, object]], str]:
    found: Any = Artifact.get(ARTIFACT, _sync=True)  # type: ignore[call-arg]  # Prefect's dispatcher adds `_sync`
    return json.loads(found.data), str(found.description)


def test_the_matrix_is_published_and_the_report_returned(
    api: str, home: Path, told: list[AcceptanceReport]
) -> None:
    answer = accept(pg_major=wanted_major())
    assert answer == told[0].as_object()
    assert answer["passed"] is True
    table, about = latest_matrix()
    assert [row["row"] for row in table] == list(SCENARIOS)
    assert {row["result"] for row in table} == {"passed"}
    assert about.startswith("Acceptance passed on embedded PostgreSQL")
    assert not home.exists(), "an acceptance run has no business in the operator's home"


def test_a_red_row_fails_the_flow_after_the_matrix_is_there(
    api: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import adapters.acceptance.run as run_module
    from adapters.acceptance.fixture import Fixture, ScenarioFailed

    def red(bench: Fixture) -> str:
        raise ScenarioFailed("made red")

    monkeypatch.setitem(run_module.TWELVE, "S8", red)
    state = accept(pg_major=wanted_major(), return_state=True)
    assert state.type is StateType.FAILED
    with pytest.raises(AcceptanceFailed, match=r"red: S8\)"):
        state.result(raise_on_failure=True)
    table, about = latest_matrix()
    assert [row["row"] for row in table if row["result"] == "FAILED"] == ["S8"]
    assert about.startswith("Acceptance FAILED")
