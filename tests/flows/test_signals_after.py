"""A signal in a live revision and in a live revert: as in a cut, the switch is off, evidence is
kept, what is torn is found, and the same command finishes it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from adapters.postgres.record.status import change_sets
from domain.approval.approvals import Gate
from domain.phases import Phase, Principal
from domain.switch import SwitchState
from tasks.app import production_app
from tests.flows.test_resume import cutter
from tests.flows.test_revert_flow import approve
from tests.flows.test_signals import SOFT, evidence, held
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]

IN_REVISION = (
    (Phase.CUT_LEG_A, signal.SIGINT),
    (Phase.LEG_B_RECORD, signal.SIGTERM),
    (Phase.LIFECYCLE_ENACT, signal.SIGKILL),
)
IN_REVERT = (
    (Phase.LEG_B_RECORD, signal.SIGHUP),
    (Phase.WRITE_VERIFY, signal.SIGKILL),
)
"""Each phase from the first write on and each kind of signal; `test_signals` has all pairs for a cut."""


def reverting(change_set: str) -> subprocess.Popen[str]:
    """The command that takes a change set back, in a process of its own."""
    options = ["revert", change_set, "--live", "--actor", "operator", "--json"]
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def ended_in_good_order(
    knowledge: Knowledge, change_set: uuid.UUID, phase: Phase, number: signal.Signals
) -> None:
    """Raises if a run that was told to end left the switch on, no evidence, or a tear unfound."""
    with contextlib.closing(knowledge.database.connect(Principal.VERIFY)) as conn:
        assert [one.torn for one in change_sets(conn, change_set)] == [phase != Phase.CUT_LEG_A]
    if number in SOFT:
        assert production_app().switch.read().state is SwitchState.OFF
        assert len(evidence(knowledge, change_set)) == 1
        arm(change_set)


def done_once(knowledge: Knowledge, change_set: uuid.UUID) -> bool:
    """Every phase is in the journal once, and the entry is enacted."""
    with knowledge.database.connect() as admin:
        phases = "SELECT count(*) FROM cutter.cut_phase_journal WHERE change_set_id = %s"
        status = "SELECT status FROM cutter.decision_backlog_entry WHERE change_set_id = %s"
        return (scalar(admin, phases, change_set), scalar(admin, status, change_set)) == (
            len(Phase),
            "enacted",
        )


@pytest.mark.parametrize(("phase", "number"), IN_REVISION, ids=lambda one: one.name)
def test_a_revision_that_is_told_to_end_is_finished_later(
    knowledge: Knowledge, law: str, phase: Phase, number: signal.Signals
) -> None:
    knowledge.live_run(law)
    text = Path(law).read_text(encoding="utf-8")
    Path(law).write_text(text.rstrip() + " It is amended.\n", encoding="utf-8")
    change_set = knowledge.arm_for(law)
    with held(knowledge, law, phase) as process:
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    ended_in_good_order(knowledge, change_set, phase, number)
    with cutter(law) as again:
        _, complained = again.communicate(timeout=300)
    assert again.returncode == 0, complained
    assert done_once(knowledge, change_set)
    with knowledge.database.connect() as admin:
        amended = (
            "SELECT count(*) FROM cutter.iu_unit WHERE body LIKE '%%It is amended.%%'"
            " AND lifecycle = 'enacted'"
        )
        assert scalar(admin, amended) == 1


@pytest.mark.parametrize(("phase", "number"), IN_REVERT, ids=lambda one: one.name)
def test_a_revert_that_is_told_to_end_is_finished_later(
    knowledge: Knowledge, law: str, phase: Phase, number: signal.Signals
) -> None:
    cut = knowledge.live_run(law).change_set_id
    change_set = approve(knowledge, cut, Gate.SG_3, Gate.SG_2)
    arm(change_set)
    with held(knowledge, str(cut), phase, reverting) as process:
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    ended_in_good_order(knowledge, change_set, phase, number)
    with reverting(str(cut)) as again:
        _, complained = again.communicate(timeout=300)
    assert again.returncode == 0, complained
    assert done_once(knowledge, change_set)
    with knowledge.database.connect() as admin:
        lifecycles = "SELECT array_agg(DISTINCT lifecycle) FROM public.information_unit"
        assert scalar(admin, lifecycles) == ["withdrawn"]
