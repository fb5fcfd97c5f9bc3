"""A halt in force is what one hears first; nobody arms the switch under it, or for what nobody
planned.
"""

from __future__ import annotations

import json
import uuid

import pytest

from adapters.postgres.permits.permit import lift_halt
from blocks.switch import VariableKillSwitch
from cli.control import switch
from cli.home.look import doctor_command, status_command
from cli.terminal import SafeConsole
from domain.errors import ProductionExecutionNotAuthorized, Refused
from domain.phases import Mode
from domain.switch import SwitchState
from flows.cut import run_cut
from tasks.app import production_app
from tasks.records.halt import halt_everything
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
