"""`make up`: embedded PostgreSQL, Prefect server, worker and deployments, until somebody ends
it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenacity import (
    Retrying,
    retry_if_result,
    sleep_using_event,
    stop_after_delay,
    stop_any,
    stop_when_event_set,
    wait_fixed,
)

from adapters.files import open_plain
from adapters.home.target import registered_target
from adapters.postgres.server.embedded import (
    EmbeddedServer,
    embedded_server,
    server_status,
    stop_server,
)
from adapters.postgres.server.places import embedded_folder
from adapters.waiting import until
from blocks.settings import CutterSettings
from domain.errors import ConfigMismatch, OrchestratorUnavailable, ServiceEnded
from domain.ports import Credentials, Endpoint
from service.files import ServerRecord, ServiceFiles
from service.prefect_server import (
    START_TIMEOUT,
    STOP_TIMEOUT,
    connected,
    is_alive,
    prefect_service,
    running,
    stop_abandoned,
    worker_service,
)
from service.prepare import KNOWLEDGE_BASE, prepare_home
from service.signals import on_signals

_DOWN_TIMEOUT: Final = 4 * STOP_TIMEOUT
_LOOK_EVERY: Final = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What of a home's service runs. Addresses, or None for what does not run."""

    database: str | None
    prefect_ui: str | None
    kept_up_by: int | None


def up(settings: CutterSettings, tell: Callable[[str], None], *, worker: bool = True) -> None:
    """Start everything, say where it is, and stay until SIGINT, SIGTERM, SIGHUP or `down`, or until
    one part ends by itself; then stop it all.

    Without `worker` the worker and the deployments are left to `work`, in a process of its own.

    Raises `ConfigMismatch` if the home's service is up already, `ServiceEnded` naming the part that
    has ended by itself, and what the parts raise.
    """
    home = settings.home
    files = ServiceFiles(home)
    files.prepare()
    ended = threading.Event()
    with _only_one(files), on_signals(ended), contextlib.ExitStack() as stack:
        database = stack.enter_context(embedded_server(embedded_folder(home)))
        tell(f"PostgreSQL {database.major} answers on {database.host}:{database.port}.")
        record = stack.enter_context(prefect_service(home, database))
        tell(f"The Prefect server answers on {record.api_url}; its state is in that PostgreSQL.")
        if prepare_if_new(settings, database):
            tell(
                f"The knowledge base {KNOWLEDGE_BASE} is made there, with roles, keys and "
                f"Secret blocks."
            )
        elif registered_target(settings.state) is None:
            tell(
                "The database that the settings name is not registered as the target yet: "
                "`cutter doctor --register`."
            )
        watched = [
            Part("PostgreSQL", database.home / "server.log", lambda: _answers(database)),
            Part("Prefect server", files.log, lambda: is_alive(home, "server")),
        ]
        if worker:
            stack.enter_context(worker_service(home))
            watched.append(Part("worker", files.worker_log, lambda: is_alive(home, "worker")))
            tell("A worker takes runs, and the deployments are in place.")
        tell(f"Open {record.ui_url} in a browser.")
        tell(f"The login it asks for is the line in {files.login} (readable by you only).")
        tell("Ctrl-C, or `cutter down` elsewhere, stops everything.")
        try:
            stay(watched, ended)
        finally:
            tell("Stopping.")


def work(home: Path, tell: Callable[[str], None]) -> None:
    """Run a worker on the home's running server, with the deployments in place, and stay until
    SIGINT, SIGTERM or SIGHUP.

    Raises `OrchestratorUnavailable` if the server does not answer within two minutes,
    `ConfigMismatch` if a worker runs, and `ServiceEnded` if the worker ends by itself.
    """
    files = ServiceFiles(home)
    files.prepare()
    ended = threading.Event()
    with _only_one(files, "worker"), on_signals(ended):
        record = _answering_server(home, ended)
        if record is None:
            return
        with connected(home, record), worker_service(home):
            tell(f"A worker takes runs from {record.api_url}, and the deployments are in place.")
            try:
                stay(
                    [Part("worker", files.worker_log, lambda: is_alive(home, "worker"))],
                    ended,
                )
            finally:
                tell("Stopping.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service that has to run as long as the service is up, and where it says why it
    does not.
    """

    name: str
    log: Path
    runs: Callable[[], bool]


def stay(parts: Sequence[Part], ended: threading.Event) -> None:
    """Stay until the event is set. Raises `ServiceEnded` as soon as a part has ended by itself.

    A service manager then starts all of it again; without one, nobody would wait for a dead worker.
    """
    while not ended.wait(_LOOK_EVERY):
        for part in parts:
            # Asked twice: PostgreSQL may just be starting again.
            if not part.runs() and not ended.wait(_LOOK_EVERY) and not part.runs():
                raise ServiceEnded(
                    f"The {part.name} has ended by itself, so all of the service is stopped. Its "
                    f"last words are in {part.log}; start the service again."
                )


def _answers(database: EmbeddedServer) -> bool:
    """Whether the server takes connections. One that is just starting again after a crash does."""
    with socket.socket() as probe:
        probe.settimeout(_LOOK_EVERY)
        return probe.connect_ex((database.host, database.port)) == 0


def _answering_server(home: Path, ended: threading.Event) -> ServerRecord | None:
    """The home's server, waited for: a service manager starts both at once.

    None if we are told to end.
    """
    asked = Retrying(
        stop=stop_any(stop_after_delay(START_TIMEOUT), stop_when_event_set(ended)),
        wait=wait_fixed(0.5),
        sleep=sleep_using_event(ended),
        retry=retry_if_result(lambda found: found is None),
        retry_error_callback=lambda _last: None,
    )
    record: ServerRecord | None = asked(running, home)
    if record is None and not ended.is_set():
        raise OrchestratorUnavailable(
            f"The Prefect server of {home} does not answer; start it with `cutter up --no-worker`."
        )
    return record


def prepare_if_new(settings: CutterSettings, database: EmbeddedServer) -> bool:
    """Make the home's knowledge base on its embedded server, unless one is registered already or
    the settings name another: what an operator has set is never written over.

    True if it was made.
    """
    if registered_target(settings.state) is not None or settings.names_a_database:
        return False
    endpoint = Endpoint(database.host, database.port, KNOWLEDGE_BASE)
    prepare_home(settings, endpoint, Credentials(database.superuser, database.password))
    return True


def down(home: Path) -> bool:
    """End the home's service, also what a killed `up` has left. True if something ran."""
    keeper = status(home).kept_up_by
    if keeper is None:
        found = stop_abandoned(home)
        folder = embedded_folder(home)
        return (server_status(folder) is not None and stop_server(folder)) or found
    os.kill(keeper, signal.SIGTERM)
    until(lambda: status(home).kept_up_by != keeper, within=_DOWN_TIMEOUT, every=0.1)
    return True


def status(home: Path) -> ServiceStatus:
    """What runs now. Starts nothing."""
    database = server_status(embedded_folder(home))
    record = running(home)
    return ServiceStatus(
        database=f"{database.host}:{database.port}" if database else None,
        prefect_ui=record.ui_url if record else None,
        kept_up_by=_keeper(ServiceFiles(home)),
    )


@contextlib.contextmanager
def _only_one(files: ServiceFiles, what: str = "up") -> Iterator[None]:
    """Hold the lock that says who keeps the service up, or the worker; the kernel drops it even on
    kill -9.
    """
    with open(open_plain(files.folder / f"{what}.lock", os.O_RDWR | os.O_CREAT), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running_already = "service" if what == "up" else what
            raise ConfigMismatch(
                f"The {running_already} of {files.home} is up already; see `cutter status`."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _keeper(files: ServiceFiles) -> int | None:
    """The process that keeps the service up: the number in the lock's file counts only while the
    lock is held.
    """
    path = files.folder / "up.lock"
    if not path.exists():
        return None
    with open(open_plain(path, os.O_RDWR), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read() or 0) or None
    return None
