"""Evidence is kept however a run ends, and never changes how it ends."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest

from adapters.evidence.collect import RunEnd, bundles_of
from adapters.evidence.run_log import RunLog
from adapters.evidence.verify import verify_folder
from domain.change_set import CutContext
from domain.errors import (
    BadInput,
    ConfigMissing,
    DatabaseUnavailable,
    PhaseStop,
    ProductionExecutionNotAuthorized,
)
from domain.evidence.bundle import Verdict
from domain.phases import Phase
from domain.runs.run_plan import RunPlan
from tasks.keepers import EvidenceKeeper, Keepers, keep_if_reachable
from tests.support.approved import as_verifier
from tests.support.live import LiveBench, run_phases
from tests.support.plans import made_plan

PLAN = made_plan()


@pytest.fixture
def ctx(bench: LiveBench) -> CutContext:
    """An approved run that has not begun."""
    return bench.context(PLAN)


def keeper(bench: LiveBench, connect: Any = None) -> EvidenceKeeper:
    def keep(ctx: CutContext, plan: RunPlan, end: RunEnd) -> Path:
        return keep_if_reachable(
            connect or (lambda: as_verifier(bench)), runs(bench), ctx, plan, bench.executor, end
        )

    return keep


def evidence_kept(
    keep: EvidenceKeeper, ctx: CutContext, plan: RunPlan
) -> contextlib.AbstractContextManager[RunLog]:
    return Keepers(evidence=keep).evidence_kept(ctx, plan)


def runs(bench: LiveBench) -> Path:
    return bench.backup.folder / "runs"


@contextlib.contextmanager
def nobody_answers() -> Iterator[psycopg.Connection[Any]]:
    raise DatabaseUnavailable("PostgreSQL does not answer.")
    yield


def verdict(bench: LiveBench, ctx: CutContext) -> Verdict:
    (folder,) = bundles_of(runs(bench), ctx.change_set_id)
    return verify_folder(folder).verdict


def run_facts(bench: LiveBench, ctx: CutContext) -> dict[str, Any]:
    (folder,) = bundles_of(runs(bench), ctx.change_set_id)
    facts: dict[str, Any] = json.loads((folder / "run.json").read_bytes())
    return facts


def test_a_run_that_goes_through_is_proved_with_its_log(bench: LiveBench, ctx: CutContext) -> None:
    with evidence_kept(keeper(bench), ctx, PLAN) as log:
        for phase in run_phases(bench.adapter, ctx, PLAN):
            log.note(f"{phase} has ended", seconds=0.5)
    assert verdict(bench, ctx) is Verdict.PROVED
    (folder,) = bundles_of(runs(bench), ctx.change_set_id)
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]
    assert [line["message"] for line in lines] == [f"{phase} has ended" for phase in Phase]


@pytest.mark.parametrize(
    "error", [PhaseStop("It stopped there."), KeyboardInterrupt(), SystemExit(3)]
)
def test_a_run_that_is_stopped_ends_with_its_own_error(
    bench: LiveBench, ctx: CutContext, error: BaseException
) -> None:
    run_phases(bench.adapter, ctx, PLAN, until=Phase.CUT_LEG_A)
    with pytest.raises(type(error)) as caught, evidence_kept(keeper(bench), ctx, PLAN):
        raise error
    assert caught.value is error
    assert verdict(bench, ctx) is Verdict.UNFINISHED
    expected = (
        "It stopped there."
        if isinstance(error, PhaseStop)
        else f"The run was stopped by {type(error).__name__}."
    )
    assert run_facts(bench, ctx)["stopped"] == expected


def test_a_stopped_run_without_a_database_leaves_a_bundle_that_says_so(
    bench: LiveBench, ctx: CutContext
) -> None:
    with pytest.raises(PhaseStop), evidence_kept(keeper(bench, nobody_answers), ctx, PLAN):
        raise PhaseStop("The cable was cut.")
    assert verdict(bench, ctx) is Verdict.UNFINISHED
    assert run_facts(bench, ctx)["database_asked"] is False


def test_a_finished_run_whose_evidence_can_not_be_kept_says_so(
    bench: LiveBench, ctx: CutContext
) -> None:
    with (
        pytest.raises(DatabaseUnavailable),
        evidence_kept(keeper(bench, nobody_answers), ctx, PLAN),
    ):
        run_phases(bench.adapter, ctx, PLAN)
    assert bundles_of(runs(bench), ctx.change_set_id) == []


@pytest.mark.parametrize("fault", [ConfigMissing("The signing key"), BadInput("No room.")])
def test_evidence_that_can_not_be_kept_does_not_hide_why_a_run_stopped(
    bench: LiveBench, ctx: CutContext, fault: Exception
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise fault

    with (
        pytest.raises(PhaseStop, match="It stopped there"),
        evidence_kept(refuse, ctx, PLAN) as log,
    ):
        raise PhaseStop("It stopped there.")
    assert any("could not be kept" in line.message for line in log.lines)


def test_a_run_that_can_not_keep_its_evidence_does_not_begin(bench: LiveBench) -> None:
    with pytest.raises(ProductionExecutionNotAuthorized, match="no keeper of evidence was given"):
        Keepers(heads=lambda _ctx: None).require()
    with pytest.raises(ProductionExecutionNotAuthorized, match="no keeper of chain heads"):
        Keepers(evidence=keeper(bench)).require()
    Keepers(keeper(bench), lambda _ctx: None).require()
