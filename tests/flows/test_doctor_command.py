"""`cutter doctor` for a person, and a dry run that says what a live run would meet."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.home.target import register_target, registered_target
from cli.documents.runs import show_outcome
from cli.home.look import doctor_command
from cli.terminal import SafeConsole
from tasks.app import production_app
from tasks.records.knowledge_base import what_forbids_a_cut
from tests.support.knowledge import Knowledge

pytestmark = pytest.mark.prefect


@pytest.mark.slow
def test_a_dry_run_says_that_the_database_would_refuse_the_cut(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knowledge.dry_run(law).forbidden == ()
    with knowledge.database.connect(autocommit=True) as admin:
        admin.execute("REVOKE SELECT ON cutter.review_decision FROM cutter_exec")
    outcome = knowledge.dry_run(law)
    assert len(outcome.forbidden) == 1
    show_outcome(SafeConsole(soft_wrap=True), outcome)
    said = capsys.readouterr().out
    assert "A live run would be refused now, for 1 reason" in said
    assert "review_decision" in said


def test_findings_are_grouped_with_counts_and_one_next_command(
    knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    with knowledge.database.connect(autocommit=True) as admin:
        admin.execute("REVOKE SELECT ON ALL TABLES IN SCHEMA cutter FROM cutter_exec")
    console = SafeConsole(soft_wrap=True)
    assert doctor_command(console, register=False, as_json=False) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Missing privileges (")
    assert sum("cutter_exec lacks SELECT" in line for line in lines) == 5
    assert any("more; --all names them" in line for line in lines)
    assert lines[-1] == "Next: cutter doctor"

    doctor_command(console, register=False, as_json=False, everything=True)
    assert "--all" not in capsys.readouterr().out

    doctor_command(console, register=False, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["registered"] is True
    assert found["groups"][0]["fails"] == len(
        [one for one in found["findings"] if one["severity"] == "fails"]
    )


def test_a_database_is_looked_at_although_another_one_is_registered(
    knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    state = production_app().settings.state
    known = registered_target(state)
    assert known is not None
    register_target(state, replace(known, database_oid=1))
    console = SafeConsole(soft_wrap=True)
    assert doctor_command(console, register=False, as_json=False) == 3
    said = capsys.readouterr().out
    assert said.startswith("The registered target (1 forbid a cut)")
    assert f"This is database {known.database}" in said
    assert "Next: cutter doctor --register" in said


def test_a_database_that_does_not_answer_is_a_reason_and_no_error(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOT_CUTTER_DB_PORT", "1")
    (why,) = what_forbids_a_cut(production_app())
    assert "does not answer" in why
