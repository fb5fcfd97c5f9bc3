"""Several workers share a release: whoever is killed, whenever, no document is lost or doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from prefect.settings import PREFECT_API_URL

from adapters.plan_store import PlanStore
from adapters.releases import kept_release
from domain.errors import BadInput, PlanRefused, Refused
from domain.switch import SwitchState
from flows.cut_release import cut_release_worker, run_release, run_worker
from tasks.app import production_app
from tasks.corpus.arming import arm_release
from tasks.corpus.running import CLAIM_SECONDS, begin_release, work_on
from tasks.corpus.standing import release_outcome
from tests.flows.test_corpus import plan
from tests.flows.test_release_run import approve, count
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.prefect import write_law

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

DOCUMENTS = 12
SECONDS = 2.0
"""Of a claim, so that the test need not wait for long."""


@pytest.fixture
def release(knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> UUID:
    folder = tmp_path / "laws"
    folder.mkdir()
    for number in range(DOCUMENTS):
        write_law(folder, f"law-{number:02}.md")
    found = UUID(plan(folder, capsys)["release"]["release_id"])
    approve(knowledge, found)
    return found


@contextmanager
def armed(release: UUID) -> Iterator[None]:
    app = production_app()
    arm_release(app, release, 10, "operator", "a test")
    try:
        yield
    finally:
        app.switch.disarm("the test has ended")


def started(release: UUID) -> subprocess.Popen[bytes]:
    """One more worker, as another machine would start it."""
    api = PREFECT_API_URL.value()
    assert api is not None
    words = ("tests.support.release_worker", str(release), "operator", str(SECONDS))
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        env={**os.environ, "PREFECT_API_URL": api},
        stdout=subprocess.DEVNULL,
    )


def test_workers_that_are_killed_at_any_moment_lose_and_double_nothing(
    knowledge: Knowledge, release: UUID
) -> None:
    chance = random.Random(19)  # noqa: S311  # repeatable, no secret
    with armed(release):
        begin_release(production_app(), kept_release(knowledge.home / "state", release), "operator")
        workers = [started(release) for _ in range(3)]
        killed, until = 0, time.monotonic() + 240
        try:
            while count(knowledge, "release_work WHERE state = 'done'") < DOCUMENTS:
                assert time.monotonic() < until
                time.sleep(chance.uniform(0.2, 1.5))
                # What a busy Prefect server has stopped is no document lost: it is tried again.
                with knowledge.database.connect(autocommit=True) as admin:
                    admin.execute(
                        "UPDATE release_work SET state = 'waiting' WHERE state IN ('failed', 'refused')"
                    )
                one = chance.randrange(3)
                if killed < 8:
                    workers[one].kill()
                    killed += 1
                if workers[one].poll() is not None or killed < 8:
                    workers[one].wait()
                    workers[one] = started(release)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    assert killed > 2
    found = release_outcome(production_app(), release)
    assert (found.all_done, len(found.documents)) == (True, DOCUMENTS)
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT count(DISTINCT document_code) FROM information_unit") == 12
        twice = (
            "SELECT count(*) FROM (SELECT FROM unit_version GROUP BY unit_id HAVING count(*) > 1) t"
        )
        assert scalar(admin, twice) == 0
        assert scalar(admin, "SELECT count(*) FROM cut_change_set") == DOCUMENTS
        assert (
            scalar(admin, "SELECT count(*) FROM cut_permit WHERE used_at IS NOT NULL") == DOCUMENTS
        )
        phases = "SELECT count(*) FROM cut_phase_journal"
        assert scalar(admin, phases) == DOCUMENTS * 7
    assert len(list((knowledge.home / "backups").glob("*.gpg"))) == 1


def test_two_workers_share_a_release_and_one_that_comes_late_has_nothing_to_do(
    knowledge: Knowledge, release: UUID
) -> None:
    said: list[str] = []
    beside: list[subprocess.Popen[bytes]] = []
    with armed(release):
        outcome = run_release(
            release,
            "operator",
            lambda code, _how, _why: said.append(code),
            begun=lambda: beside.append(started(release)),
        )
        for worker in beside:
            worker.wait()
    assert outcome.all_done
    assert 0 < len(said) <= DOCUMENTS
    assert count(knowledge, "release_work WHERE claims > 1") == 0
    assert production_app().switch.read().state is SwitchState.OFF
    assert cut_release_worker(str(release), "operator") == 0
    assert count(knowledge, "cut_change_set") == DOCUMENTS


def test_a_worker_waits_for_what_another_has_claimed_and_takes_it_over(
    knowledge: Knowledge, release: UUID
) -> None:
    app = production_app()
    with armed(release):
        run = begin_release(app, kept_release(knowledge.home / "state", release), "operator")
        with knowledge.database.connect() as admin:
            admin.execute(
                "UPDATE release_work SET state = 'running', holder = 'gone', claims = 1, "
                "held_until = clock_timestamp() + interval '3 seconds' WHERE place = 5"
            )
            admin.commit()
        assert work_on(app, run) == DOCUMENTS
        with knowledge.database.connect() as admin:
            assert scalar(admin, "SELECT claims FROM release_work WHERE place = 5") == 2
    assert CLAIM_SECONDS > SECONDS


def test_plans_travel_by_the_store_and_come_back_only_as_they_were(
    knowledge: Knowledge, release: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, store = knowledge.home / "state", tmp_path / "store"
    monkeypatch.setenv("CUTTER_PLAN_STORE", str(store))
    whole = kept_release(state, release)
    with armed(release):
        begin_release(production_app(), whole, "operator")
        assert len(list(store.rglob("*.jsonl"))) == DOCUMENTS + 1
        assert PlanStore(str(store)).put(state, whole) == 0
        for kept in (*(state / "plans").glob("*"), *(state / "releases").rglob("manifest.jsonl")):
            kept.unlink()  # another machine's home
        first = whole.effects[0]
        damaged = next((store / "plans").glob(f"{first.document_code}-*"))
        damaged.write_bytes(damaged.read_bytes().replace(b"lamp", b"lump").replace(b"the", b"teh"))
        assert run_worker(release, "operator") == DOCUMENTS - 1
    found = release_outcome(production_app(), release)
    assert [one.step.value for one in found.documents].count("done") == DOCUMENTS - 1
    assert "changed after it was made" in found.documents[0].reason
    with pytest.raises(BadInput, match="is not in the plan store"):
        PlanStore(str(tmp_path / "nothing")).get_plan(tmp_path, "x", "0" * 64)
    with pytest.raises((BadInput, PlanRefused), match="CUTTER_PLAN_STORE"):
        PlanStore("nothing://x").put(state, whole)


def test_a_worker_of_what_was_not_begun_is_refused(knowledge: Knowledge, release: UUID) -> None:
    with armed(release), pytest.raises(Refused, match="is not on the way"):
        run_worker(release, "operator")
    assert count(knowledge, "information_unit") == 0
