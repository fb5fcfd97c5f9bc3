"""Cancel means stop: a live run that was cancelled in Prefect begins no further phase."""

from __future__ import annotations

from uuid import UUID

import pytest
from prefect import runtime
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelled

from blocks.api import bounded_client
from domain.errors import RunCancelled
from domain.phases import Mode, Phase
from flows.cut import run_cut
from tasks.dispatch import dispatch
from tests.support.knowledge import Knowledge
from tests.support.live import scalar

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def cancel_during(monkeypatch: pytest.MonkeyPatch, wanted: Phase) -> list[UUID]:
    """Cancel the run, as the UI does, while it is in a phase; the run's id, once that is done."""
    cancelled: list[UUID] = []

    def cancelling(phase: Phase, *rest: object) -> object:
        answer = dispatch(phase, *rest)  # type: ignore[arg-type]  # handed on as it came
        if phase is wanted and not cancelled:
            run = UUID(str(runtime.flow_run.id))
            with bounded_client() as client:
                client.set_flow_run_state(run, Cancelled(), force=True)
            cancelled.append(run)
        return answer

    monkeypatch.setattr("tasks.run.dispatch", cancelling)
    return cancelled


def state_of(run: UUID) -> tuple[StateType | None, str]:
    """Type and message of a flow run's state."""
    with bounded_client() as client:
        state = client.read_flow_run(run).state
    return (None, "") if state is None else (state.type, str(state.message))


def phases_on_record(knowledge: Knowledge) -> int:
    with knowledge.database.connect() as admin:
        return int(str(scalar(admin, "SELECT count(*) FROM cut_phase_journal")))


@pytest.mark.parametrize("phase", [Phase.PRE_WRITE_BACKUP, Phase.CUT_LEG_A, Phase.WRITE_VERIFY])
def test_a_cancelled_run_begins_no_further_phase_and_stays_cancelled(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    with monkeypatch.context() as patch:
        run = cancel_during(patch, phase)
        with pytest.raises(RunCancelled, match="the flow run was cancelled in Prefect"):
            knowledge.live_run(law)
    assert phases_on_record(knowledge) == list(Phase).index(phase) + 1
    state, why = state_of(run[0])
    assert state is StateType.CANCELLED
    assert "was cancelled in Prefect" in why
    assert knowledge.live_run(law).phases[0].replayed
    assert phases_on_record(knowledge) == len(Phase)


def test_a_run_that_is_cancelled_in_its_last_phase_says_that_it_is_done(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cancel_during(monkeypatch, Phase.LIFECYCLE_ENACT)
    with pytest.raises(RunCancelled, match="it is done"):
        knowledge.live_run(law)
    assert state_of(run[0])[0] is StateType.CANCELLED
    assert phases_on_record(knowledge) == len(Phase)


def test_a_dry_run_that_is_cancelled_stays_so(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cancel_during(monkeypatch, Phase.CUT_LEG_A)
    with pytest.raises(RunCancelled):
        run_cut(law, Mode.DRYRUN)
    assert state_of(run[0])[0] is StateType.CANCELLED
