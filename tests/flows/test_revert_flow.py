"""A revert as an operator runs it: dry run, rehearsal, approval by SG_3 and SG_2, live, and the
document cut again.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest
from rich.console import Console

from adapters.home.approvals import keep_approval
from adapters.postgres.reverting.adapter import LiveRevertAdapter
from blocks.deployed import deployments
from blocks.secrets import register_rehearsal_login
from blocks.switch import VariableKillSwitch
from cli.control.revert import revert_command
from cli.home.look import status_command
from domain.approval.approvals import Gate
from domain.errors import (
    ApprovalRefused,
    BadInput,
    PhaseStop,
    ProductionExecutionNotAuthorized,
    Refused,
    RevertRefused,
)
from domain.phases import Mode, Phase
from domain.switch import SwitchState
from flows.cut import run_cut
from flows.revert import revert_change_set, run_revert
from tasks.app import production_app
from tasks.change_sets import revert_of
from tasks.dispatch import dispatch
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes, scalar
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.fixture
def knowledge(knowledge: Knowledge) -> Knowledge:
    """A knowledge base that is ready for live runs and rehearsals."""
    register_rehearsal_login(knowledge.database.rehearsal_login())
    return knowledge


def approve(knowledge: Knowledge, reverts: uuid.UUID, *gates: Gate) -> uuid.UUID:
    """Keep the approvals of a revert where its live run looks for them; its change set."""
    request = revert_of(production_app(), reverts, Mode.LIVE, "operator")
    for gate in gates or (Gate.SG_3, Gate.SG_2):
        keep_approval(
            knowledge.home / "state",
            knowledge.approvers.sign_one(request.effect, gate, datetime.now(UTC)),
        )
    return request.ctx.change_set_id


def reverted(knowledge: Knowledge, reverts: uuid.UUID) -> uuid.UUID:
    """Approve, arm and run a revert; its change set."""
    own = approve(knowledge, reverts)
    arm(own)
    run_revert(str(reverts), Mode.LIVE, actor="operator")
    return own


def test_from_dry_run_to_a_second_cut(knowledge: Knowledge, law: str) -> None:
    cut = knowledge.live_run(law)
    before = row_hashes(knowledge.database)
    shown = run_revert(str(cut.change_set_id))
    assert (shown.units, shown.phases, shown.reverts) == (cut.units, (), cut.change_set_id)
    arm(shown.change_set_id, SwitchState.REHEARSE)
    rehearsed = run_revert(str(cut.change_set_id), Mode.REHEARSE)
    assert rehearsed.effect_digest == shown.effect_digest
    assert row_hashes(knowledge.database) == before, (
        "neither a dry run nor a rehearsal leaves a row"
    )
    assert approve(knowledge, cut.change_set_id) == shown.change_set_id
    arm(shown.change_set_id)
    live = run_revert(str(cut.change_set_id), Mode.LIVE, actor="operator")
    assert [report.phase for report in live.phases] == list(Phase)
    assert VariableKillSwitch().read().state is SwitchState.OFF
    with knowledge.database.connect() as admin:
        assert (
            scalar(admin, "SELECT count(*) FROM information_unit WHERE lifecycle <> 'withdrawn'")
            == 0
        )
    again = knowledge.live_run(law, attempt=shown.recut_attempt)
    assert again.change_set_id != cut.change_set_id
    with knowledge.database.connect() as admin:
        assert (
            scalar(admin, "SELECT count(*) FROM information_unit WHERE lifecycle = 'enacted'")
            == again.units
        )


def test_a_second_live_run_of_a_revert_changes_nothing(knowledge: Knowledge, law: str) -> None:
    cut = knowledge.live_run(law)
    own = reverted(knowledge, cut.change_set_id)
    before = row_hashes(knowledge.database)
    arm(own)
    assert run_revert(str(cut.change_set_id), Mode.LIVE, actor="operator").replayed
    assert row_hashes(knowledge.database) == before


@pytest.mark.parametrize("gates", [(Gate.SG_3,), (Gate.SG_2,), ()])
def test_without_both_approvals_nothing_is_withdrawn(
    knowledge: Knowledge, law: str, gates: tuple[Gate, ...]
) -> None:
    cut = knowledge.live_run(law)
    before = row_hashes(knowledge.database)
    own = (
        approve(knowledge, cut.change_set_id, *gates)
        if gates
        else run_revert(str(cut.change_set_id)).change_set_id
    )
    arm(own)
    with pytest.raises(ApprovalRefused):
        run_revert(str(cut.change_set_id), Mode.LIVE, actor="operator")
    assert row_hashes(knowledge.database) == before


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.REHEARSE])
def test_without_the_switch_nothing_is_withdrawn(
    knowledge: Knowledge, law: str, mode: Mode
) -> None:
    cut = knowledge.live_run(law)
    approve(knowledge, cut.change_set_id)
    before = row_hashes(knowledge.database)
    with pytest.raises(ProductionExecutionNotAuthorized):
        revert_change_set(str(cut.change_set_id), mode)
    arm(cut.change_set_id)  # armed for what is to be reverted, not for the revert
    with pytest.raises(ProductionExecutionNotAuthorized):
        revert_change_set(str(cut.change_set_id), mode)
    assert row_hashes(knowledge.database) == before


def test_a_torn_run_names_sg_3_and_the_commands_and_is_reverted(
    knowledge: Knowledge,
    law: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def dying(phase: Phase, *rest: object) -> object:
        if phase is Phase.WRITE_VERIFY:
            raise PhaseStop("the verifier's host is gone.", phase=phase)
        return dispatch(phase, *rest)  # type: ignore[arg-type]  # handed on as it came

    change_set = knowledge.arm_for(law)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.run.dispatch", dying)
        with pytest.raises(PhaseStop, match="SG_3") as torn:
            run_cut(law, Mode.LIVE)
    assert f"`cutter revert {change_set}`" in str(torn.value)
    assert status_command(Console(soft_wrap=True), None, as_json=False) == 4
    said = capsys.readouterr().out
    assert "SG_3" in said
    assert f"`cutter revert {change_set}`" in said
    reverted(knowledge, change_set)
    assert status_command(Console(soft_wrap=True), None, as_json=False) == 0
    assert "cut again with --attempt 2" in capsys.readouterr().out
    assert knowledge.live_run(law, attempt=2).units


def test_a_revert_that_stops_half_way_says_how_to_finish_it(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = knowledge.live_run(law)
    own = approve(knowledge, cut.change_set_id)

    def dying(_adapter: object, _ctx: object, _plan: object) -> None:
        raise PhaseStop("the verifier's host is gone.", phase=Phase.WRITE_VERIFY)

    arm(own)
    with monkeypatch.context() as patched:
        patched.setattr(LiveRevertAdapter, "write_verify", dying)
        with pytest.raises(PhaseStop, match="is torn") as torn:
            run_revert(str(cut.change_set_id), Mode.LIVE, actor="operator")
    assert f"`cutter revert {cut.change_set_id} --live`" in str(torn.value)
    assert VariableKillSwitch().read().state is SwitchState.OFF
    assert run_revert(str(cut.change_set_id)).begun
    arm(own)
    finished = run_revert(str(cut.change_set_id), Mode.LIVE, actor="operator")
    assert [report.replayed for report in finished.phases] == [True] * 5 + [False] * 2


def test_the_deployment_begins_with_a_dry_run() -> None:
    (one,) = (one for one in deployments() if one["name"] == "revert")
    assert one["parameters"] == {"mode": "DRYRUN"}
    assert one["entrypoint"] == f"{revert_change_set.fn.__module__}.{revert_change_set.fn.__name__}"


def test_the_command_shows_what_it_would_do_and_what_comes_next(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = knowledge.live_run(law)
    options = {"live": False, "rehearse": False, "approvals": (), "attempt": 1, "actor": None}
    revert_command(Console(soft_wrap=True), str(cut.change_set_id), as_json=False, **options)  # type: ignore[arg-type]  # mixed
    said = capsys.readouterr().out
    assert "withdraw test-law~art_2" in said
    assert f"cutter approve --revert {cut.change_set_id} --key KEY" in said
    assert f"cutter revert {cut.change_set_id} --live --arm" in said
    revert_command(Console(soft_wrap=True), str(cut.change_set_id), as_json=True, **options)  # type: ignore[arg-type]  # mixed
    assert json.loads(capsys.readouterr().out)["units"] == cut.units


def test_by_the_code_alone_it_is_armed_done_and_turned_off_again(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = knowledge.live_run(law)

    def revert(**said: bool) -> str:
        options = {"live": False, "rehearse": False, **said}
        revert_command(
            Console(soft_wrap=True), "test-law", approvals=(), as_json=False, attempt=1,
            actor="operator", **options,
        )  # fmt: skip
        assert VariableKillSwitch().read().state is SwitchState.OFF
        return capsys.readouterr().out

    assert "cutter revert test-law --live --arm" in revert()
    assert run_revert("test-law").reverts == cut.change_set_id, "as the form of the deployment"
    before = row_hashes(knowledge.database)
    with pytest.raises(BadInput, match="goes with --live or --rehearse"):
        revert(armed=True)
    with pytest.raises(Refused, match="waits for SG_2 and SG_3"):
        revert(live=True, armed=True)
    approve(knowledge, cut.change_set_id, Gate.SG_3)
    with pytest.raises(Refused, match="waits for SG_2: `cutter approve --revert"):
        revert(live=True, armed=True)
    assert "It would succeed" in revert(rehearse=True, armed=True)
    assert row_hashes(knowledge.database) == before
    approve(knowledge, cut.change_set_id, Gate.SG_2)
    assert "Done:" in revert(live=True, armed=True)


def test_what_can_not_be_reverted_is_one_sentence(knowledge: Knowledge, law: str) -> None:
    cut = knowledge.live_run(law)
    with pytest.raises(BadInput, match="No cut of soon stands"):
        run_revert("soon")
    with pytest.raises(BadInput, match="is not on record"):
        run_revert(str(uuid.uuid4()))
    own = reverted(knowledge, cut.change_set_id)
    with pytest.raises(RevertRefused, match="is itself a revert"):
        run_revert(str(own))
