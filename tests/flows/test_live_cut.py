"""The whole thing: the parent flow, LIVE, through the real wiring, on a real PostgreSQL with a real
gpg.
"""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path

import pytest

from adapters.home import chain_heads
from blocks.api import bounded_client
from blocks.switch import VariableKillSwitch
from domain.errors import (
    ConfigMissing,
    CutterError,
    DatabaseUnavailable,
    DatabaseUnsuitable,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.phases import Mode, Phase
from domain.switch import SwitchState
from flows.cut import run_cut
from tasks.dispatch import dispatch
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes, scalar

pytestmark = pytest.mark.prefect


def test_a_live_run_writes_verifies_and_enacts(knowledge: Knowledge, law: str) -> None:
    outcome = knowledge.live_run(law)
    assert [report.phase for report in outcome.phases] == list(Phase)
    assert not outcome.replayed
    assert outcome.backup is not None
    assert Path(outcome.backup.path).stat().st_size == outcome.backup.size > 0
    with knowledge.database.connect() as admin:
        units = admin.execute(
            "SELECT count(*), count(*) FILTER (WHERE lifecycle = 'enacted') FROM information_unit"
        ).fetchone()
        assert units == (outcome.units, outcome.units)
        assert scalar(admin, "SELECT status FROM decision_backlog_entry") == "enacted"
        assert scalar(admin, "SELECT verified_by FROM verify_result") == "cutter_verify"
    assert VariableKillSwitch().read().state is SwitchState.OFF
    heads = (
        (knowledge.home / "state" / chain_heads.FILE_NAME).read_text(encoding="utf-8").splitlines()
    )
    assert [json.loads(head)["document_code"] for head in heads] == [outcome.document_code]


@pytest.mark.slow
def test_a_history_that_was_rewritten_stops_the_next_run(knowledge: Knowledge, law: str) -> None:
    knowledge.live_run(law)
    with knowledge.database.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM decision_backlog_history WHERE to_status = 'enacted'")
    with pytest.raises(StopInvariantFailed, match="test-law"):
        knowledge.live_run(law)


@pytest.mark.slow
def test_a_database_that_has_gone_back_refuses_a_live_run_before_anything(
    knowledge: Knowledge, law: str
) -> None:
    """As after an older copy was put back: the steps that the heads tell of are not there."""
    knowledge.live_run(law)
    other = Path(law).with_name("other-law.md")
    other.write_text(Path(law).read_text(encoding="utf-8"), encoding="utf-8")
    with knowledge.database.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM decision_backlog_history")
    before = row_hashes(knowledge.database)
    with pytest.raises(StopInvariantFailed, match=r"was cut off.*Nothing was written"):
        knowledge.live_run(str(other))
    assert row_hashes(knowledge.database) == before


@pytest.mark.slow
def test_a_second_run_changes_nothing(knowledge: Knowledge, law: str) -> None:
    knowledge.live_run(law)
    before = row_hashes(knowledge.database)
    assert knowledge.live_run(law).replayed
    assert row_hashes(knowledge.database) == before


def test_a_dry_run_changes_nothing(knowledge: Knowledge, law: str) -> None:
    before = row_hashes(knowledge.database)
    knowledge.dry_run(law)
    assert row_hashes(knowledge.database) == before


def test_a_live_run_without_the_switch_changes_nothing(knowledge: Knowledge, law: str) -> None:
    before = row_hashes(knowledge.database)
    with pytest.raises(ProductionExecutionNotAuthorized):
        run_cut(law, Mode.LIVE)
    assert row_hashes(knowledge.database) == before


def test_a_missing_key_is_named_before_anything_is_opened(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge.arm_for(law)
    monkeypatch.setenv("BACKUP_GPG_FPR", "")
    monkeypatch.setenv(
        "DOT_CUTTER_DB_PORT", "1"
    )  # where nobody answers: asking there would be the first error
    with pytest.raises(ConfigMissing, match="BACKUP_GPG_FPR"):
        run_cut(law, Mode.LIVE)


@pytest.mark.slow
def test_a_unit_changed_between_leg_b_and_verify_stops_the_run(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tampering(phase: Phase, *rest: object) -> object:
        if phase is Phase.WRITE_VERIFY:
            with knowledge.database.connect() as admin:
                admin.execute("SET session_replication_role = replica")
                admin.execute("UPDATE unit_version SET body = body || ' ' WHERE title = 'Scope'")
        return dispatch(phase, *rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("tasks.run.dispatch", tampering)
    with pytest.raises(StopInvariantFailed, match="art_1 has another body"):
        knowledge.live_run(law)
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM verify_result") == 0
        assert (
            scalar(admin, "SELECT count(*) FROM information_unit WHERE lifecycle <> 'draft'") == 0
        )


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("setting", "value", "error", "says"),
    [
        ("DOT_CUTTER_DB_PORT", "1", DatabaseUnavailable, "does not answer"),
        ("DOT_CUTTER_DB_NAME", "nowhere", DatabaseUnavailable, "has no database nowhere"),
        ("DOT_CUTTER_DB_NAME", "postgres", CutterError, "registered target"),
        ("BACKUP_GPG_FPR", "", ConfigMissing, "BACKUP_GPG_FPR is not set"),
        ("BACKUP_GPG_FPR", "0" * 40, CutterError, "0000"),
        ("PATH", "", CutterError, "gpg"),
    ],
)
def test_what_is_wrong_outside_is_one_sentence_and_writes_nothing(
    knowledge: Knowledge,
    law: str,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: str,
    error: type[CutterError],
    says: str,
) -> None:
    before = row_hashes(knowledge.database)
    knowledge.arm_for(law)
    monkeypatch.setenv(setting, value)
    with pytest.raises(error, match=says) as refusal:
        run_cut(law, Mode.LIVE)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_status in (2, 3, 5)
    assert row_hashes(knowledge.database) == before
    assert VariableKillSwitch().read().state is SwitchState.OFF


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("drift", "names"),
    [
        ("GRANT DELETE ON unit_version TO cutter_exec", "DELETE"),
        ("DELETE FROM iu_vocabulary WHERE axis = 'unit_kind' AND code = 'article'", "article"),
        ("ALTER TABLE cut_phase_journal DISABLE TRIGGER append_only", "append_only"),
        ("DROP FUNCTION fn_iu_enact(text, uuid, text)", "fn_iu_enact"),
    ],
)
def test_a_database_that_has_drifted_refuses_a_live_run(
    knowledge: Knowledge, law: str, drift: str, names: str
) -> None:
    with knowledge.database.connect() as admin:
        admin.execute(drift.encode())
    before = row_hashes(knowledge.database)
    with pytest.raises(DatabaseUnsuitable, match=names):
        knowledge.live_run(law)
    assert row_hashes(knowledge.database) == before


@pytest.mark.one_quick
@pytest.mark.parametrize("fails", [False, True])
def test_no_password_and_no_key_is_found_anywhere(
    knowledge: Knowledge,
    law: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fails: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    knowledge.arm_for(law)
    if fails:
        monkeypatch.setenv("DOT_CUTTER_DB_NAME", "nowhere")
        with pytest.raises(DatabaseUnavailable) as failure:
            run_cut(law, Mode.LIVE)
        said = [repr(failure.value), str(failure.value.__context__), str(failure.value.__cause__)]
    else:
        said = [repr(run_cut(law, Mode.LIVE))]
    said += [record.getMessage() for record in caplog.records]
    said += _api_answers()
    said += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(said) > 10, "a search through nothing finds nothing"
    for canary in knowledge.canaries:
        for text in said:
            assert canary not in text
            assert base64.b64encode(canary.encode()).decode() not in text


def _api_answers() -> list[str]:
    """What the Prefect API tells about runs, artifacts and variables, as it answers it."""
    asked = ("flow_runs", "task_runs", "artifacts", "variables", "logs", "block_documents")
    with bounded_client() as client:
        answers = [client._client.post(f"/{what}/filter", json={"limit": 200}) for what in asked]
    assert all(answer.status_code == 200 for answer in answers), [
        answer.status_code for answer in answers
    ]
    return [json.dumps(answer.json()) for answer in answers]
