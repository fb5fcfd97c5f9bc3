"""Rehearsal and proof through the real wiring: blocks, switch and settings, on a real
PostgreSQL.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort
from rich.console import Console

from blocks.api import bounded_client
from blocks.secrets import register_rehearsal_login, rehearsal_block, rehearsal_login
from blocks.settings import load_settings
from blocks.switch import VariableKillSwitch
from cli.documents.prove import proof_json, show_proof
from cli.documents.rehearse import show_rehearsal
from domain.errors import ConfigMismatch, ConfigMissing, ProductionExecutionNotAuthorized
from domain.phases import Phase, Principal
from domain.reports.rehearsal import CAN_NOT_PROVE
from domain.switch import SwitchState
from flows.prove import prove_live_path, run_proof
from flows.rehearse import run_rehearsal
from tests.support.installed import installed_in, run_installed
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes
from tests.support.prefect import arm, forget_blocks, set_variable

pytestmark = pytest.mark.prefect


@pytest.fixture
def knowledge(knowledge: Knowledge) -> Iterator[Knowledge]:
    """A knowledge base that is ready for rehearsals, and no switch afterwards."""
    register_rehearsal_login(knowledge.database.rehearsal_login())
    yield knowledge
    set_variable(None)


def artifact(key: str) -> str:
    """The newest artifact of a key, as Prefect holds it."""
    with bounded_client() as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])),
            sort=ArtifactSort.CREATED_DESC,
        )
    return str(found[0].data)


def shown(show: object, report: object) -> str:
    """What a person reads."""
    out = io.StringIO()
    show(Console(file=out, width=240), report)  # type: ignore[operator]  # one of the two functions of the command line
    return out.getvalue()


@pytest.mark.slow
def test_a_rehearsal_and_then_the_live_run_have_the_same_effect(
    knowledge: Knowledge, law: str
) -> None:
    before = row_hashes(knowledge.database)
    change_set = knowledge.dry_run(law).change_set_id
    with pytest.raises(ProductionExecutionNotAuthorized, match="flow lock"):
        run_rehearsal(law)
    arm(change_set, SwitchState.REHEARSE)
    report = run_rehearsal(law)
    assert [phase.phase for phase in report.phases] == list(Phase)
    assert report.commit_refused
    assert VariableKillSwitch().read().state is SwitchState.OFF
    assert row_hashes(knowledge.database) == before
    text = shown(show_rehearsal, report)
    for view in (artifact("cut-test-law-rehearsal"), text):
        assert report.effect_digest in view
        assert all(sentence in view for sentence in CAN_NOT_PROVE)
    live = knowledge.live_run(law)
    assert report.effect_digest in str(live.phases[-1].answer)


@pytest.mark.one_quick
@pytest.mark.parametrize("state", [SwitchState.OFF, SwitchState.LIVE])
def test_without_the_switch_at_rehearse_no_secret_is_loaded(
    knowledge: Knowledge, law: str, state: SwitchState, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_set = knowledge.dry_run(law).change_set_id
    if state is SwitchState.LIVE:
        arm(change_set, state)

    def loaded() -> None:
        raise AssertionError("the rehearsal's login was loaded")

    monkeypatch.setattr("tasks.app.rehearsal_login", loaded)
    with pytest.raises(ProductionExecutionNotAuthorized):
        run_rehearsal(law)


def test_the_rehearsal_login_is_a_block_of_its_own(knowledge: Knowledge) -> None:
    assert rehearsal_login(load_settings()).user == "cutter_rehearse"
    register_rehearsal_login(knowledge.database.credentials(Principal.EXEC))
    with pytest.raises(ConfigMismatch, match="holds no login of cutter_rehearse"):
        rehearsal_login(load_settings())
    forget_blocks(rehearsal_block())
    with pytest.raises(ConfigMissing, match=rehearsal_block()):
        rehearsal_login(load_settings())


def test_a_proof_is_published_with_its_evidence_and_leaves_the_switch_off(
    knowledge: Knowledge, law: str
) -> None:
    before = row_hashes(knowledge.database)
    report = prove_live_path(law)
    assert report.passed, [check.evidence for check in report.checks if not check.passed]
    assert VariableKillSwitch().read().state is SwitchState.OFF
    assert row_hashes(knowledge.database) == before
    text = shown(show_proof, report)
    told = json.loads(proof_json(report))
    assert told["passed"] is True
    assert [check["number"] for check in told["checks"]] == list(range(1, 12))
    table = artifact("cutter-proof")
    for check in report.checks:
        assert check.title in table
        assert check.title in text
    assert "Every check passed" in text


@pytest.mark.slow
def test_a_proof_that_fails_says_which_check(knowledge: Knowledge, law: str) -> None:
    with knowledge.database.connect() as admin:
        admin.execute("REVOKE INSERT ON cutter.sweep_log FROM cutter_exec")
    report = run_proof(law)
    assert [check.number for check in report.checks if not check.passed] == [10, 11]
    text = shown(show_proof, report)
    assert "2 checks failed." in text
    assert "FAILED" in artifact("cutter-proof")


@pytest.mark.slow
def test_the_installed_command_proves_the_shipped_document_in_an_empty_folder(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    site = installed_in(tmp_path)
    (empty := tmp_path / "empty").mkdir()
    said = run_installed(site, empty, "-m", "cli.main", "prove", "--json", home=knowledge.home)
    proof = json.loads(said)
    assert proof["passed"], proof["checks"]
    assert len(proof["checks"]) > 10
    assert list(empty.iterdir()) == []
