"""A disk that is full, really: a run answers in time and in one sentence, nothing is torn without a
word, and with room again the same command finishes it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.postgres.server.embedded import server_status, start_server
from domain.errors import CutterError
from domain.phases import Mode, Phase
from domain.ports import Credentials
from flows.cut import run_cut
from tasks.app import production_app
from tasks.dispatch import dispatch
from tasks.records.knowledge_base import status
from tests.support.end_state import end_state
from tests.support.knowledge import Knowledge
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Server, fresh_database, server_folder, wheel_major
from tests.support.prefect import arm
from tests.support.rig import DURABLE, cluster_of
from tests.support.small_disk import SmallDisk, small_disk

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(600)]
WITHIN = 15.0


@contextmanager
def answers_in_time() -> Iterator[pytest.ExceptionInfo[CutterError]]:
    """The block ends with an error of ours, in time, and in one sentence."""
    began = time.monotonic()
    with pytest.raises(CutterError) as found:
        yield found
    assert time.monotonic() - began < WITHIN
    said = str(found.value)
    assert said.endswith("."), said
    assert "\n" not in said, said


def fill_before(monkeypatch: pytest.MonkeyPatch, wanted: Phase, disk: SmallDisk) -> None:
    """The disk is full from this phase on."""

    def filling(phase: Phase, *rest: object) -> object:
        if phase is wanted:
            disk.fill()
        return dispatch(phase, *rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("tasks.run.dispatch", filling)


@pytest.mark.parametrize("place", ["home", "backups"])
@pytest.mark.parametrize("phase", [Phase.PRE_WRITE_BACKUP, Phase.CUT_LEG_A, Phase.LIFECYCLE_ENACT])
def test_a_home_or_its_backups_without_room(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch, place: str, phase: Phase
) -> None:
    change_set = knowledge.arm_for(law)
    folder = knowledge.home if place == "home" else knowledge.home / "backups"
    folder.mkdir(exist_ok=True)
    with small_disk(folder, 4) as disk:
        with monkeypatch.context() as patch:
            fill_before(patch, phase, disk)
            if place == "backups" and phase is not Phase.PRE_WRITE_BACKUP:
                assert len(run_cut(law, Mode.LIVE).phases) == len(Phase)  # the backup is there
            else:
                with answers_in_time() as found:
                    run_cut(law, Mode.LIVE)
                assert "room" in str(found.value) or "space" in str(found.value), found.value
        disk.free()
        torn = [one.torn for one in status(production_app()) if not one.ended]
        assert torn in ([], [phase is not Phase.PRE_WRITE_BACKUP]), "it is found"
        arm(change_set)
        assert len(run_cut(law, Mode.LIVE).phases) == len(Phase)
        assert [one.ended for one in status(production_app())] == [True]


def test_a_home_that_is_full_to_begin_with(knowledge: Knowledge, law: str) -> None:
    change_set = knowledge.arm_for(law)
    with small_disk(knowledge.home, 4) as disk:
        disk.fill()
        with answers_in_time():
            run_cut(law, Mode.LIVE)
        disk.free()
        arm(change_set)
        assert len(run_cut(law, Mode.LIVE).phases) == len(Phase)


def test_data_without_room(tmp_path: Path) -> None:
    plan = made_plan(60, body="{n} " + "word " * 8_000)
    with server_folder() as home, small_disk(home, 220) as disk:
        started = start_server(home, major=wheel_major(), settings=DURABLE)
        login = Credentials(started.superuser, started.password)
        server = Server(started.host, started.port, login, sslmode="disable")
        cluster = cluster_of(server)
        with fresh_database(cluster) as database:
            bench = live_bench(database, tmp_path)
            undisturbed_ctx = bench.context(plan)
            run_phases(bench.adapter, undisturbed_ctx, plan)
            undisturbed = end_state(database)
        for phase in (Phase.MARK, Phase.CUT_LEG_A):
            with fresh_database(cluster) as database:
                bench = live_bench(database, tmp_path)
                ctx = bench.context(plan)
                before = list(Phase)[list(Phase).index(phase) - 1]
                run_phases(bench.adapter, ctx, plan, until=before)
                disk.fill()
                with answers_in_time():
                    run_phases(bench.new_adapter(), ctx, plan)
                disk.free()
                if server_status(home) is None:
                    start_server(home, major=wheel_major(), settings=DURABLE)
                run_phases(bench.new_adapter(), ctx, plan)
                assert end_state(database) == undisturbed
