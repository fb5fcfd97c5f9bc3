"""`cutter serve` as an operator starts it, asked by a program."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from blocks.deployed import PROJECT
from tests.support.command import cutter
from tests.support.knowledge import Knowledge

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def serving(home: Path, log: Path) -> Iterator[str]:
    """The command in a process of its own, while the block runs; where it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as err:
        running = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "serve", "--port", str(port)],
            stderr=err,
            env={**os.environ, "CUTTER_HOME": str(home)},
        )
        try:
            for _ in range(300):
                assert running.poll() is None, log.read_text()
                try:
                    httpx.get(f"{url}/api/openapi.json", timeout=10)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield url
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(60)


def test_a_law_goes_in_and_a_program_reads_and_proves_it(
    knowledge: Knowledge, law: str, tmp_path: Path
) -> None:
    outcome = knowledge.live_run(law)
    address = f"{outcome.document_code}~art_2"
    log = tmp_path / "log"
    with serving(knowledge.home, log) as url, httpx.Client(base_url=url, timeout=60) as client:
        unit = client.get("/api/unit", params={"cite": "Article 2"}).json()
        proof = client.get("/api/proof", params={"cite": address})
        with knowledge.database.connect() as admin:
            users = admin.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'iu-cutter%'"
            ).fetchall()
    assert unit["version"]["change_set_id"] == str(outcome.change_set_id)
    assert ("cutter_exec",) not in users
    kept = tmp_path / "proof.json"
    kept.write_bytes(proof.content)
    proved = json.loads(proof.content)
    keys = [*proved["approvers"], proved["executor"][0], proved["verifier"][0]]
    known = [sha256(b64decode(key)).hexdigest() for key in keys]
    verified = subprocess.run(
        [sys.executable, str(PROJECT / "docs" / "verify_citation.py"), str(kept), *known],
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert proved["body"] == unit["body"]
    said = log.read_text()
    assert "GET unit 200" in said
    assert outcome.document_code not in said
    for secret in knowledge.canaries:
        assert secret not in said


def settings_of(knowledge: Knowledge) -> dict[str, str]:
    """What names the knowledge base to a process of its own."""
    named = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("DOT_CUTTER", "PREFECT_API_URL", "CUTTER_"))
    }
    return {**named, "CUTTER_HOME": str(knowledge.home)}


def asked_by_a_client(place: Any, cite: str) -> Any:
    """What the SDK's own client is told of a unit, and over which transport is its business."""

    async def asked() -> Any:
        async with Client(place) as client:
            return (await client.call_tool("read_unit", {"cite": cite})).structured_content

    return asyncio.run(asked())


def test_a_model_reads_it_over_both_transports(
    knowledge: Knowledge, law: str, tmp_path: Path
) -> None:
    outcome = knowledge.live_run(law)
    command = ["-m", "cli.main", "mcp"]
    errors = tmp_path / "errors"
    with errors.open("w") as err:
        process = StdioServerParameters(
            command=sys.executable, args=command, env=settings_of(knowledge)
        )
        by_stdio = asked_by_a_client(stdio_client(process, errlog=err), "Article 2")
    assert by_stdio["version"]["change_set_id"] == str(outcome.change_set_id)
    assert outcome.document_code not in errors.read_text(), "no log of what was read"
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, *command, "--http", "--port", str(port)],
        env={**os.environ, **settings_of(knowledge)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stderr is not None
        place = f"http://127.0.0.1:{port}/mcp"
        assert place in running.stderr.readline()
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        assert asked_by_a_client(place, "Article 2") == by_stdio
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)


def test_a_signal_ends_it_while_the_client_says_nothing(knowledge: Knowledge) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    asked = {"clientInfo": {"name": "test", "version": "1"}, **hello}
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": asked}
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **settings_of(knowledge)},
        text=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(json.dumps(first) + "\n")
        running.stdin.flush()
        assert json.loads(running.stdout.readline())["result"]["serverInfo"]["name"] == "iu-cutter"
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 130
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()


def test_without_the_extra_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    done = cutter("mcp", home=tmp_path)
    assert done.returncode == 5
    assert "needs the extra `mcp`" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_where_nothing_was_begun_the_command_says_so(tmp_path: Path) -> None:
    done = cutter("serve", home=tmp_path / "nowhere")
    assert done.returncode == 2
    assert "There is no knowledge base in" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_one_sentence(knowledge: Knowledge) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = cutter(
            "serve", "--port", port, home=knowledge.home, environment=settings_of(knowledge)
        )
    assert done.returncode == 5
    assert f"Port {port} of 127.0.0.1 can not be had" in done.stderr
