"""A live run of the command line is killed in mid-phase; the same command finishes it, with the
journal's answers.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from typing import Any, Final

import pytest

from adapters.postgres.record.status import change_sets
from domain.phases import Phase, Principal
from tests.support.end_state import end_state
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.postgres import Connection, Database

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]

WRITES: Final = {
    Phase.MARK: "cutter.sweep_log",
    Phase.CUT_LEG_A: "public.unit_version",
    Phase.LEG_B_RECORD: "cutter.cut_change_set_affected_row",
    Phase.WRITE_VERIFY: "cutter.verify_result",
}
"""A table that the phase writes and none before it: whoever holds it in SHARE mode lets everybody
read and nobody write.
"""
WAITING: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "application_name LIKE 'iu-cutter%%'"
    " AND wait_event_type = 'Lock' AND wait_event = 'relation'"
)


def cutter(document: str) -> subprocess.Popen[str]:
    """The command in a process of its own, started."""
    command = [sys.executable, "-m", "cli.main", "cut", document, "--live", "--json"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def finished(document: str) -> dict[str, Any]:
    """What the command answered."""
    with cutter(document) as process:
        said, complained = process.communicate(timeout=300)
    assert process.returncode == 0, complained
    answer: dict[str, Any] = json.loads(said)
    return answer


def kill_when_it_waits(process: subprocess.Popen[str], admin: Connection) -> None:
    """kill -9 as soon as the process' statement waits for the table that the test holds."""
    try:
        end = time.monotonic() + 300
        while not scalar(admin, WAITING):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < end, "the run never came to this phase"
            time.sleep(0.05)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("phase", list(WRITES))
def test_a_run_killed_in_mid_phase_is_finished_by_the_same_command(
    knowledge: Knowledge, law: str, phase: Phase
) -> None:
    change_set = knowledge.arm_for(law)
    database = knowledge.database
    with database.connect() as holder, database.connect(autocommit=True) as admin:
        holder.execute(f"LOCK TABLE {WRITES[phase]} IN SHARE MODE".encode())
        kill_when_it_waits(cutter(law), admin)
    before = [step.value for step in Phase][: list(Phase).index(phase)]
    with contextlib.closing(database.connect(Principal.VERIFY)) as conn:
        assert [(one.phases, one.torn) for one in change_sets(conn, change_set)] == (
            [(tuple(before), Phase.CUT_LEG_A in before)] if Phase.MARK in before else []
        )
    answer = finished(law)
    assert [step["phase"] for step in answer["phases"] if step["replayed"]] == before
    assert answer["change_set_id"] == str(change_set)
    assert finished_once(database, len(list(Phase)))


def finished_once(database: Database, phases: int) -> bool:
    """One entry, enacted; one row a phase; every unit once."""
    state = end_state(database)
    with database.connect() as admin:
        assert scalar(admin, "SELECT array_agg(status) FROM decision_backlog_entry") == ["enacted"]
        assert scalar(admin, "SELECT bool_and(lifecycle = 'enacted') FROM information_unit") is True
    counts = {table: sum(rows.values()) for table, rows in state.items()}
    assert counts["cutter.cut_phase_journal"] == phases
    assert counts["cutter.cut_change_set"] == counts["cutter.verify_result"] == 1
    return (
        counts["public.information_unit"]
        == counts["public.unit_version"]
        == counts["cutter.cut_change_set_affected_row"]
        > 0
    )
