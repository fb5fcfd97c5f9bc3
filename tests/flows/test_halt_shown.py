"""A halt in force is what one hears first; nobody arms the switch under it, or for what nobody
planned.
"""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Callable

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from adapters.postgres.permits.permit import lift_halt
from blocks.in_process import in_process
from blocks.switch import VariableKillSwitch
from cli.control import switch
from cli.home.look import doctor_command, status_command
from cli.terminal import SafeConsole
from domain.errors import ProductionExecutionNotAuthorized, Refused
from domain.phases import Mode
from domain.switch import SwitchState
from flows.cut import cut_document, cut_live, run_cut
from flows.cut_release import cut_release, cut_release_worker
from flows.rehearse import rehearse_document
from flows.revert import revert_change_set
from flows.status_check import status_check
from tasks.app import production_app
from tasks.records.halt import halt_everything, unnamed_halts
from tests.support.knowledge import Knowledge
from tests.support.live import scalar

pytestmark = pytest.mark.prefect
WHY = "the index is being rebuilt"


def lift(knowledge: Knowledge) -> None:
    with knowledge.database.connect() as admin:
        lift_halt(admin, "Ada", "done")


def arm(change_set: uuid.UUID) -> None:
    switch.arm(
        SafeConsole(), str(change_set), reason="a test", by="tester", minutes=5, rehearse=False
    )


def test_status_switch_and_doctor_name_a_halt_first(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    halt_everything(production_app(), WHY, "Ada [of] the base")
    console = SafeConsole(soft_wrap=True)
    for command in (
        lambda: status_command(console, None, as_json=False),
        lambda: switch.show(console),
        lambda: doctor_command(console, register=False, as_json=False),
    ):
        command()
        first = capsys.readouterr().out.splitlines()[0]
        assert WHY in first
        assert "Ada [of] the base" in first
    status_command(console, None, as_json=True)
    (halt,) = json.loads(capsys.readouterr().out)["halts"]
    assert (halt["reason"], halt["halted_by"]) == (WHY, "Ada [of] the base")
    lift(knowledge)
    status_command(console, None, as_json=False)
    assert WHY not in capsys.readouterr().out


@pytest.mark.slow
def test_what_the_watch_shows_in_the_ui_begins_with_it(knowledge: Knowledge, law: str) -> None:
    knowledge.live_run(law)
    with knowledge.database.connect() as admin:
        admin.execute("SELECT fn_halt('Ada', %s)", [WHY])
    with in_process():
        status_check()
    table, description = artifact("cut-change-sets")
    first, second = json.loads(table)
    assert first["status"] == "HALTED"
    assert f"by Ada: {WHY}" in first["next"]
    assert second["document"] == "test-law"
    assert description.startswith("Everything is halted")
    assert artifact("cut-inbox")[1].startswith("Everything is halted")
    lift(knowledge)
    with in_process():
        status_check()
    table, description = artifact("cut-change-sets")
    assert "HALTED" not in table
    assert description == "Change sets, the newest first"


def artifact(key: str) -> tuple[str, str]:
    """The newest artifact of this key: what it holds, and its description."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
        )
    newest = max(found, key=lambda one: str(one.created))
    return str(newest.data), str(newest.description)


def test_the_switch_is_armed_for_what_had_a_dry_run_and_not_under_a_halt(
    knowledge: Knowledge, law: str
) -> None:
    with pytest.raises(Refused, match="no dry run of change set"):
        arm(uuid.uuid4())
    change_set = knowledge.dry_run(law).change_set_id
    halt_everything(production_app(), WHY, "Ada")
    with pytest.raises(Refused, match=f"halted since .* by Ada: {WHY}"):
        arm(change_set)
    assert VariableKillSwitch().read().state is SwitchState.OFF
    lift(knowledge)
    arm(change_set)
    assert VariableKillSwitch().read().change_set_id == change_set


def test_a_live_run_under_a_halt_says_so_before_it_makes_a_backup(
    knowledge: Knowledge, law: str
) -> None:
    change_set = knowledge.arm_for(law)
    with knowledge.database.connect() as admin:
        admin.execute("SELECT fn_halt('Ada', %s)", [WHY])
    with pytest.raises(ProductionExecutionNotAuthorized, match=f"by Ada: {WHY}") as refused:
        run_cut(law, Mode.LIVE)
    assert refused.value.lock == "gates"
    assert not list((knowledge.home / "backups").rglob("*.pgdump*"))
    with knowledge.database.connect() as admin:
        count = "SELECT count(*) FROM cut_permit WHERE change_set_id = %s"
        assert scalar(admin, count, change_set) == 0


def test_a_run_that_prefect_begins_under_a_halt_names_it_before_the_switch_that_is_off(
    knowledge: Knowledge, law: str
) -> None:
    change_set = uuid.uuid4()
    knowledge.dry_run(law)
    begun: tuple[Callable[[], object], ...] = (
        lambda: cut_live(law),
        lambda: cut_document(law, Mode.LIVE),
        lambda: rehearse_document(law),
        lambda: revert_change_set(str(change_set), Mode.LIVE),
        lambda: cut_release(str(change_set)),
        lambda: cut_release_worker(str(change_set)),
    )
    halt_everything(production_app(), WHY, "Ada")
    for run in begun:
        with in_process(), pytest.raises(Refused) as refused:
            run()
        said = str(refused.value)
        assert said.startswith("Everything is halted since"), said
        assert said.count(WHY) == 1
        assert "the kill-switch is OFF" in said
    lift(knowledge)
    with in_process(), pytest.raises(Refused) as refused:
        cut_live(law)
    assert "halted" not in str(refused.value)


def test_a_refusal_does_not_wait_long_for_a_base_that_does_not_answer(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that takes a connection and says nothing: elsewhere it is waited for ten seconds."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as silent:
        monkeypatch.setenv("DOT_CUTTER_DB_PORT", str(silent.getsockname()[1]))
        began = time.monotonic()
        assert unnamed_halts(production_app(), Refused("No.")) == []
        assert time.monotonic() - began < 8
    assert knowledge.home.exists()
