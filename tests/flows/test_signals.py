"""A signal inside each phase of a live run of the command line: the switch is off, evidence is kept,
nothing is torn without a word, and the same command finishes the run.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from adapters.postgres.record.status import change_sets
from domain.phases import Phase, Principal
from domain.switch import SwitchState
from tasks.app import production_app
from tests.flows.test_resume import cutter, finished, finished_once
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.postgres import Connection
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]

Process = subprocess.Popen[str]
SOFT: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

HELD: Final = {
    Phase.PRE_WRITE_BACKUP: "LOCK TABLE public.of_another IN ACCESS EXCLUSIVE MODE",
    Phase.MARK: "LOCK TABLE cutter.sweep_log IN SHARE MODE",
    Phase.REVIEW: "LOCK TABLE cutter.manifest_unit_block IN SHARE MODE",
    Phase.CUT_LEG_A: "LOCK TABLE public.unit_version IN SHARE MODE",
    Phase.LEG_B_RECORD: "LOCK TABLE cutter.cut_change_set_affected_row IN SHARE MODE",
    Phase.WRITE_VERIFY: "LOCK TABLE cutter.verify_result IN SHARE MODE",
    Phase.LIFECYCLE_ENACT: "LOCK TABLE public.information_unit IN SHARE MODE",
}
"""What the phase waits for, and none before it but where `held` says so."""

WAITING: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "wait_event_type = 'Lock' AND wait_event = 'relation' AND backend_type = 'client backend'"
)


def wait_until_it_waits(process: subprocess.Popen[str], admin: Connection) -> None:
    end = time.monotonic() + 120
    while not scalar(admin, WAITING):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "the run never came to this phase"
        time.sleep(0.05)


@contextlib.contextmanager
def held(
    knowledge: Knowledge, law: str, phase: Phase, start: Callable[[str], Process] = cutter
) -> Iterator[Process]:
    """A live run that waits in the midst of a phase while the block runs."""
    connect = knowledge.database.connect
    with connect() as admin:  # a table that only a dump reads
        admin.execute("CREATE TABLE IF NOT EXISTS public.of_another (id int)")
        admin.execute("GRANT SELECT ON public.of_another TO cutter_exec")
    with connect() as holder, connect() as second, connect(autocommit=True) as admin:
        if phase is Phase.LIFECYCLE_ENACT:  # leg A would wait for the same table
            second.execute(HELD[Phase.WRITE_VERIFY].encode())
        else:
            holder.execute(HELD[phase].encode())
        verified = scalar(admin, "SELECT count(*) FROM cutter.verify_result")
        process = start(law)
        try:
            wait_until_it_waits(process, admin)
            if phase is Phase.LIFECYCLE_ENACT:
                holder.execute(HELD[phase].encode())
                second.rollback()
                while scalar(admin, "SELECT count(*) FROM cutter.verify_result") == verified:
                    time.sleep(0.05)
                wait_until_it_waits(process, admin)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [*SOFT, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize("phase", list(Phase))
def test_a_run_that_is_told_to_end_in_a_phase_ends_in_good_order_and_is_finished_later(
    knowledge: Knowledge, law: str, phase: Phase, number: signal.Signals
) -> None:
    change_set = knowledge.arm_for(law)
    with held(knowledge, law, phase) as process:
        process.send_signal(number)
        complained = process.communicate(timeout=60)[1]
    assert process.returncode not in (0, None), complained
    before = [step.value for step in Phase][: list(Phase).index(phase)]
    with contextlib.closing(knowledge.database.connect(Principal.VERIFY)) as conn:
        on_record = [(one.phases, one.torn) for one in change_sets(conn, change_set)]
    in_journal = tuple(one for one in before if one != Phase.PRE_WRITE_BACKUP)
    torn = Phase.CUT_LEG_A in before
    if Phase.MARK in before:
        assert [
            (tuple(p for p in phases if p in in_journal), is_torn) for phases, is_torn in on_record
        ] == [(in_journal, torn)]
    switch, bundles = production_app().switch.read(), evidence(knowledge, change_set)
    if number in SOFT:
        assert switch.state is SwitchState.OFF, (switch, complained)
        assert len(bundles) == 1, complained
        assert "Traceback" not in complained.splitlines()[-1]
        assert not list((knowledge.home / "backups").rglob("*.part"))
        arm(change_set)
    finished(law)
    assert finished_once(knowledge.database, len(list(Phase)))
    assert production_app().switch.read().state is SwitchState.OFF


def evidence(knowledge: Knowledge, change_set: object) -> list[str]:
    folder = knowledge.home / "runs" / str(change_set)
    return sorted(
        path.name for path in folder.glob("evidence-*") if (path / "manifest.dsse.json").exists()
    )
