"""The service of a home: its own Prefect server with a login, and for `cutter up` a worker and the
deployments.

The server's state is in the embedded PostgreSQL. Nothing listens beyond the loopback, and what was
started here is stopped here: by its own process group, never by name.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import prefect
import psutil
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_SERVER_EPHEMERAL_ENABLED,
    temporary_settings,
)
from pydantic import SecretStr

from adapters.files import open_plain, write_plain
from adapters.postgres.server.embedded import EmbeddedServer
from adapters.postgres.server.orchestrator_store import Store, prepare_store
from adapters.waiting import until
from blocks.deployed import POOL, PROJECT, table_of
from domain.errors import OrchestratorUnavailable
from service.deploy import Deployed, deploy, run_logged
from service.files import CLIENT_PROFILE, SERVER_PROFILE, ServerRecord, ServiceFiles, free_port

START_TIMEOUT: Final = 120.0
STOP_TIMEOUT: Final = 20.0


@contextlib.contextmanager
def prefect_service(home: Path, server: EmbeddedServer) -> Iterator[ServerRecord]:
    """A Prefect server for this home, used by the block through Prefect's settings.

    One that runs already is used as it is.

    Raises `OrchestratorUnavailable` naming the log, or `DatabaseUnavailable`.
    """
    files = ServiceFiles(home)
    files.prepare()
    stop_abandoned(home)
    with contextlib.ExitStack() as stack:
        record = running(home)
        if record is None:
            record = _start_server(files, server, stack)
        with connected(home, record):
            yield record


@contextlib.contextmanager
def connected(home: Path, record: ServerRecord) -> Iterator[None]:
    """Let Prefect's clients in this process talk to the home's server, with its login, and to no
    other.
    """
    settings: dict[Any, Any] = {
        PREFECT_API_URL: record.api_url,
        PREFECT_API_AUTH_STRING: ServiceFiles(home).secret("login"),
        PREFECT_SERVER_EPHEMERAL_ENABLED: False,
    }
    with temporary_settings(settings):
        yield


def running(home: Path) -> ServerRecord | None:
    """The home's server if it answers to the home's own login, else None: another program on its
    port does not.
    """
    files = ServiceFiles(home)
    record = files.record()
    if record is None or not files.login.exists():
        return None
    user, _, password = files.secret("login").partition(":")
    try:
        answer = httpx.get(
            f"{record.api_url}/admin/version", auth=(user, password), timeout=2.0, trust_env=False
        )
    except httpx.HTTPError:
        return None
    return record if answer.status_code == httpx.codes.OK else None


@contextlib.contextmanager
def worker_service(home: Path) -> Iterator[None]:
    """A worker and this project's deployments on the home's running server.

    Raises `OrchestratorUnavailable`.
    """
    files = ServiceFiles(home)
    deploy_here(home)
    with contextlib.ExitStack() as stack:
        _spawn(
            files,
            CLIENT_PROFILE,
            files.worker_log,
            stack,
            "worker",
            "start",
            "--pool",
            POOL,
            "--type",
            "process",
        )
        yield


def deploy_here(home: Path) -> Deployed:
    """Put the deployments on the server that Prefect's settings name here: the home's, or the one
    of PREFECT_API_URL.

    Raises `OrchestratorUnavailable` naming the log.
    """
    files = ServiceFiles(home)
    files.prepare()
    own = "PREFECT_API_URL" not in os.environ
    return deploy(
        files.environment(CLIENT_PROFILE, os.environ) if own else os.environ,
        files.setup_log,
        table_of(home),
    )


def stop_abandoned(home: Path) -> bool:
    """Stop server and worker that a killed process of ours has left behind.

    True if there was one.
    """
    stopped = False
    for name in ("worker", "server"):
        note = ServiceFiles(home).process_note(name)
        pid, owner = _noted(note)
        if pid and not _runs(owner, "") and _runs(pid, f"prefect {name} start"):
            _stop_group(pid, partial(_is_gone, pid, name))
            stopped = True
    return stopped


def is_alive(home: Path, name: str) -> bool:
    """Whether the server or the worker that was started last runs. A process that has ended and was
    not waited for does not.
    """
    pid, _ = _noted(ServiceFiles(home).process_note(name))
    with contextlib.suppress(psutil.Error):
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _noted(note: Path) -> tuple[int, int]:
    """A process of the service and the process that started it; zeros if nothing is noted."""
    try:
        pid, owner = note.read_text(encoding="ascii").split()
        return int(pid), int(owner)
    except (OSError, ValueError):
        return 0, 0


def _start_server(
    files: ServiceFiles, server: EmbeddedServer, stack: contextlib.ExitStack
) -> ServerRecord:
    store = prepare_store(server, SecretStr(files.secret("store-password")))
    before = files.record()
    port = free_port(before.port if before else None)
    files.write_profiles(port, store.url.get_secret_value())
    _migrate(files, store)
    process = _spawn(files, SERVER_PROFILE, files.log, stack, "server", "start")
    record = ServerRecord(port, process.pid)
    files.keep_record(record)
    _wait_for(lambda: running(files.home) is not None, process, files.log)
    return record


def _wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    until(lambda: process.poll() is not None or ready(), within=START_TIMEOUT, every=0.2)
    if process.poll() is not None or not ready():
        raise OrchestratorUnavailable(
            f"The Prefect server does not start. Its reasons are in {log}."
        )


def _spawn(
    files: ServiceFiles, profile: str, log: Path, stack: contextlib.ExitStack, *arguments: str
) -> subprocess.Popen[bytes]:
    """Start a process of Prefect in a group of its own, stopped with the stack.

    Ctrl-C reaches us, not it.
    """
    with open(open_plain(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=PROJECT,
            env=files.environment(profile, os.environ),
            start_new_session=True,
        )
    note = files.process_note(arguments[0])
    write_plain(note, f"{process.pid} {os.getpid()}")
    stack.callback(note.unlink, missing_ok=True)
    stack.callback(_stop_group, process.pid, lambda: process.poll() is not None)
    return process


def _migrate(files: ServiceFiles, store: Store) -> None:
    """Give the store its tables, once for each version of Prefect and each database."""
    mark, wanted = files.folder / "migrated", f"{prefect.__version__} {store.oid}"
    if not mark.exists() or mark.read_text(encoding="ascii") != wanted:
        run_logged(
            files.environment(SERVER_PROFILE, os.environ), files.setup_log, "service.store_schema"
        )
        write_plain(mark, wanted)


def _stop_group(pid: int, ended: Callable[[], bool]) -> None:
    """End a process group that was started here: in good order, and if that takes too long, at
    once.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
        if until(ended, within=STOP_TIMEOUT, every=0.05):
            return


def _is_gone(pid: int, name: str) -> bool:
    return not _runs(pid, f"prefect {name} start")


def _runs(pid: int, words: str) -> bool:
    """Whether a process with these words in its command line runs: a number alone may belong to any
    other program by now.
    """
    try:
        command = psutil.Process(pid).cmdline()
    except (psutil.Error, ValueError, OverflowError):
        return False
    return bool(command) and words in " ".join(command)
