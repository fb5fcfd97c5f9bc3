"""Asking for a unit over HTTP against the floor beside it: the bare statement over a connection
that is open already.

Run it with `python -m tests.bench.bench_api`. It prints the ratio of the medians; exit status 1 if
the bound is missed. The service is a process of its own, as an operator starts it.
"""

from __future__ import annotations

import http.client
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from adapters.postgres.connection.rows import read_all
from adapters.postgres.units.reader import _Row
from domain.phases import Principal
from service.loopback import serve_on_loopback
from service.reading_app.app import reading_app
from tasks.questions.readers import Desk
from tests.support.asked import readers_of, unproved
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import fresh_database, prepared_cluster, running_server

UNITS: Final = 2_500
ROUNDS: Final = 400
BOUND: Final = 5.0
CODE: Final = "bench.law"
ADDRESS: Final = f"{CODE}~art_{UNITS // 2}"


def main() -> int:
    """Measure and print; 1 if the bound is missed."""
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        bench = live_bench(database, Path(folder))
        plan = made_plan(UNITS, code=CODE)
        run_phases(bench.adapter, bench.context(plan), plan)
        bare = bare_statement(bench)
        port = free_port()
        service = multiprocessing.get_context("fork").Process(target=serve, args=(bench, port))
        service.start()
        try:
            whole, unchanged = over_http(port)
        finally:
            service.terminate()
            service.join()
    ratio = whole / bare
    print(
        f"{UNITS:,} units, p50 of {ROUNDS}: over HTTP {ratio:.1f} x the bare statement (bound "
        f"{BOUND:.0f}); 304 for who has it {unchanged / bare:.1f} x"
    )
    print(f"absolute: {bare * 1000:.2f} ms, {whole * 1000:.2f} ms, {unchanged * 1000:.2f} ms")
    return int(ratio > BOUND)


def median(action: Callable[[], object]) -> float:
    """The median of the seconds that an action takes, when it is warm."""
    for _ in range(20):
        action()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def bare_statement(bench: LiveBench) -> float:
    """The one statement behind a unit, over an open connection of a principal."""
    asked = {"document_code": CODE, "address": ADDRESS, "known_at": None}
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        return median(lambda: read_all(conn, _Row, "reading_units", asked))


def over_http(port: int) -> tuple[float, float]:
    """A unit over a kept connection: whole, and for who has it already."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path = f"/api/unit?cite={quote(ADDRESS)}"

    def ask(headers: dict[str, str], status: int) -> str | None:
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        answer.read()
        assert answer.status == status
        return answer.getheader("ETag")

    wait_for(port)
    tag = ask({}, 200)
    assert tag
    return median(lambda: ask({}, 200)), median(lambda: ask({"If-None-Match": tag}, 304))


def serve(bench: LiveBench, port: int) -> None:
    """The service, until it is ended."""
    desk = Desk(readers_of(bench), str(bench.target), unproved)
    serve_on_loopback(reading_app(desk, f"http://127.0.0.1:{port}"), port)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Wait until the service listens."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
