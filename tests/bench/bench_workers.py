"""A release of 42 laws by one worker and by two: how much sooner two are done.

Run it with `python -m tests.bench.bench_workers`. Two workers want two cores, and the server and
Prefect's API one more: on fewer they wait for each other, so the bound counts from four cores on.
The figures are printed wherever it is run.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from prefect.settings import PREFECT_API_URL

from adapters.releases import keep_release_approval, kept_release
from cli.corpus.plan import corpus_plan_command
from cli.terminal import SafeConsole
from domain.reading.options import AS_IT_IS
from domain.release.approval import ReleaseRoot
from tasks.app import current_app, production_app
from tasks.corpus.arming import arm_release
from tasks.corpus.running import begin_release, join_release, work_on
from tasks.corpus.standing import release_outcome
from tests.bench.law_texts import markdown_law
from tests.support.keys import Keyring, keyring
from tests.support.knowledge import SigningKeys, prepared_knowledge, stored_secrets
from tests.support.many import sign_release
from tests.support.postgres import Cluster, fresh_database, prepared_cluster, running_server
from tests.support.prefect import prefect_server

LAWS: Final = 42
CHARS: Final = 30_000
"""Of a law, on average: some forty articles."""
TURNS: Final = 3
BOUND: Final = 1.8
CORES: Final = 4
"""From how many on the bound counts."""


def worker(release: str) -> None:
    """One worker in a process of its own: it says when it is ready, and begins when it is told."""
    app = current_app()
    run = join_release(app, UUID(release), "operator")
    print("ready", flush=True)
    sys.stdin.readline()
    done = work_on(app, run)
    print(done, flush=True)


@contextlib.contextmanager
def release_of_laws(cluster: Cluster, ring: Keyring, pems: SigningKeys) -> Iterator[UUID]:
    """A release that is approved and begun, in a home and a database of its own."""
    with (
        fresh_database(cluster) as database,
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        home, laws = Path(folder) / "home", Path(folder) / "laws"
        laws.mkdir()
        patch.setenv("CUTTER_HOME", str(home))
        patch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
        knowledge = prepared_knowledge(database, home, ring, pems, patch)
        dice = random.Random(42)  # noqa: S311  # repeatable, no secret
        for number in range(LAWS):
            size = dice.randint(CHARS // 2, CHARS * 3 // 2)
            (laws / f"law-{number:02}.md").write_text(markdown_law(size), encoding="utf-8")
        release = planned(laws)
        state = home / "state"
        root = ReleaseRoot.of(kept_release(state, release))
        for one in sign_release(knowledge.approvers, root, datetime.now(UTC)):
            keep_release_approval(state, one)
        app = production_app()
        arm_release(app, release, 60, "operator", "a measurement")
        begin_release(app, kept_release(state, release), "operator")
        try:
            yield release
        finally:
            app.switch.disarm("the measurement has ended")


def planned(laws: Path) -> UUID:
    """Plan a folder of laws; the release's id."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        corpus_plan_command(
            SafeConsole(stderr=True, soft_wrap=True, quiet=True),
            laws,
            AS_IT_IS,
            processes=2,
            anew=False,
            actor=None,
            as_json=True,
        )
    return UUID(json.loads(said.getvalue())["release"]["release_id"])


def seconds_of(release: UUID, workers: int) -> float:
    """Seconds from the word to begin until the last of so many workers has ended."""
    command = [sys.executable, "-m", "tests.bench.bench_workers", "--worker", str(release)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for one in started:
        assert one.stdout
        assert one.stdout.readline().strip() == "ready"
    begin = time.monotonic()
    for one in started:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    done = [int(one.communicate()[0]) for one in started]
    took = time.monotonic() - begin
    assert sum(done) == LAWS
    assert release_outcome(production_app(), release).all_done
    return took


def main() -> int:
    """Print what was measured; 1 if the bound counts here and is missed."""
    found: dict[int, list[float]] = {1: [], 2: []}
    with (
        prefect_server(),
        running_server() as server,
        prepared_cluster(server) as cluster,
        keyring() as ring,
    ):
        pems = stored_secrets(cluster)
        for _ in range(TURNS):
            for workers, took in found.items():
                with release_of_laws(cluster, ring, pems) as release:
                    took.append(seconds_of(release, workers))
    one, two = (statistics.median(took) for took in found.values())
    cores = os.cpu_count() or 1
    print(
        f"{LAWS} laws: one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f} times as fast "
        f"(bound {BOUND}, which counts from {CORES} cores on; here are {cores})",
        flush=True,
    )
    return int(cores >= CORES and one / two < BOUND)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2])
    else:
        sys.exit(main())
