"""The scheduled watches: a dry run that fails when something has drifted, and a check that fails
when a change set is torn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from blocks.in_process import in_process
from blocks.switch import VariableKillSwitch
from domain.change_set import CutContext
from domain.errors import ChangeSetTorn, ConfigMismatch, DatabaseUnavailable, DriftFound, PhaseStop
from domain.phases import Mode, Phase
from domain.plan.revert import escalation
from domain.ports import PhaseExecutor
from domain.results import PhaseAnswer
from flows.cut import run_cut
from flows.dry_run import dry_run
from flows.status_check import status_check
from tasks.dispatch import dispatch
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes
from tests.support.prefect import LAW, arm, write_law
from tests.support.review import Page

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.fixture
def stopped_after_leg_a(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that stops once the units are written."""

    def stopping(
        phase: Phase, executor: PhaseExecutor[Any], ctx: CutContext, plan: object
    ) -> PhaseAnswer:
        if phase is Phase.LEG_B_RECORD and ctx.mode is Mode.LIVE:
            raise PhaseStop("the server went away.", phase=phase)
        return dispatch(phase, executor, ctx, plan)

    monkeypatch.setattr("tasks.run.dispatch", stopping)


def watch(document: str, *, new_baseline: bool = False) -> None:
    """The dry run as its schedule or `cutter check` starts it."""
    with in_process():
        dry_run(document, new_baseline=new_baseline)


def artifact(key: str) -> str:
    """The newest artifact of this key."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
        )
    return str(max(found, key=lambda one: str(one.created)).data)


def test_without_a_database_a_plan_is_watched_all_the_same(
    api: str, home: Path, law: str, tmp_path: Path
) -> None:
    watch(law)
    watch(law)
    assert "no database is registered" in artifact("cut-test-law-drift")
    write_law(tmp_path, text=LAW.replace("This law is for tests.", "This law is for everybody."))
    for _ in range(2):  # it fails every night until somebody has looked
        with pytest.raises(
            DriftFound,
            match=r"1 changed, the first of them test-law~art_1\. Look with `cutter review`",
        ) as found:
            watch(law)
        assert "\n" not in str(found.value)
    assert "it has drifted" in artifact("cut-test-law-drift")
    watch(law, new_baseline=True)
    watch(law)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("### Article 2. Words", "### Article 3. Words", "1 units added, 1 gone"),
        ("\n\n### Article 2", "\n\n\n\n### Article 2", "changed"),
        (
            "A test that can not fail is none.\n",
            "A test that can not fail is none.\n\n### Article 3. More\n\nMore.\n",
            "1 units added",
        ),
    ],
)
def test_every_change_of_a_plan_is_found(
    api: str, home: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    law = write_law(tmp_path)
    watch(law)
    assert old in LAW
    write_law(tmp_path, text=LAW.replace(old, new))
    with pytest.raises(DriftFound, match=says):
        watch(law)


def test_a_code_that_changes_is_a_change_of_the_plan(api: str, home: Path, law: str) -> None:
    watch(law)
    [kept] = (home / "state" / "baselines").glob("*.json")
    kept.write_text(
        kept.read_text(encoding="utf-8")
        .replace("test-law~", "other-law~")
        .replace('"plan_digest": "', '"plan_digest": "0')
    )
    with pytest.raises(DriftFound, match="the first of them other-law~"):
        watch(law)
    kept.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigMismatch, match="--new-baseline"):
        watch(law)


@pytest.mark.parametrize(
    ("drift", "names"),
    [
        ("GRANT DELETE ON unit_version TO cutter_exec", "DELETE"),
        ("ALTER TABLE cut_phase_journal DISABLE TRIGGER append_only", "append_only"),
    ],
)
def test_a_database_that_has_drifted_fails_the_watch(
    knowledge: Knowledge, law: str, drift: str, names: str
) -> None:
    watch(law)
    before = row_hashes(knowledge.database)
    with knowledge.database.connect() as admin:
        admin.execute(drift.encode())
    with pytest.raises(DriftFound, match=names):
        watch(law)
    assert names in artifact("cut-test-law-drift")
    assert row_hashes(knowledge.database) == before


def test_the_page_of_a_watch_is_compared_with_the_knowledge_base(
    knowledge: Knowledge, law: str, tmp_path: Path
) -> None:
    knowledge.live_run(law)
    write_law(tmp_path, text=LAW.replace("This law is for tests.", "This law is for everybody."))
    watch(law)  # a new version is no drift: a revision of it is ready
    newest = max(
        (knowledge.home / "runs").glob("*/review.html"), key=lambda page: page.stat().st_mtime
    )
    changed = Page(newest.read_text(encoding="utf-8")).section("changed").text
    assert "art_1" in changed
    assert "everybody" in changed


def test_a_database_that_does_not_answer_fails_the_watch(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOT_CUTTER_DB_PORT", "1")
    with pytest.raises(DatabaseUnavailable):
        watch(law)


def test_a_plan_that_was_cut_for_real_is_accepted_by_that(
    knowledge: Knowledge, law: str, tmp_path: Path
) -> None:
    watch(law)
    write_law(tmp_path, text=LAW.replace("This law is for tests.", "This law is for everybody."))
    knowledge.live_run(law)
    watch(law)


@pytest.mark.usefixtures("stopped_after_leg_a")
def test_a_torn_run_says_so_and_how_to_get_out(knowledge: Knowledge, law: str) -> None:
    change_set = knowledge.arm_for(law)
    with pytest.raises(PhaseStop) as stop:
        run_cut(law, Mode.LIVE)
    assert str(stop.value) == f"the server went away. {escalation(change_set)}"
    assert f"`cutter revert {change_set}`" in str(stop.value)
    assert "SG_3" in str(stop.value)
    with get_client(sync_client=True) as client:
        run = next(
            one
            for one in client.read_flow_runs()
            if str(change_set)[:8] in one.name and " LIVE " in one.name
        )
    assert run.state is not None
    assert run.state.name == "Failed"
    assert f"cutter revert {change_set}" in (run.state.message or "")


@pytest.mark.usefixtures("stopped_after_leg_a")
def test_the_status_check_fails_for_a_torn_change_set(knowledge: Knowledge, law: str) -> None:
    with in_process():
        assert status_check() == 0
        change_set = knowledge.arm_for(law)
        with pytest.raises(PhaseStop):
            run_cut(law, Mode.LIVE)
        with pytest.raises(ChangeSetTorn, match=f"cutter revert {change_set}") as torn:
            status_check()
        assert "test-law" in str(torn.value)
        arm(change_set)  # as while it is run again
        assert status_check() == 1
        with pytest.raises(ChangeSetTorn):
            status_check(running_too=True)
        VariableKillSwitch().disarm("the test is over")
    assert "TORN" in artifact("cut-change-sets")


def test_a_run_that_wrote_nothing_is_not_called_torn(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge.arm_for(law)
    monkeypatch.setenv("BACKUP_GPG_FPR", "0" * 40)
    with pytest.raises(Exception, match="0000") as stop:
        run_cut(law, Mode.LIVE)
    assert "torn" not in str(stop.value)
