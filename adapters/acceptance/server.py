"""The isolated server: made for this run and destroyed after it, or named by the operator, and on
the allowlist.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import psutil
from pydantic import SecretStr
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from adapters.keys.gpg import stop_agents
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint, server_version
from adapters.postgres.connection.rows import read_values
from adapters.postgres.connection.session import open_connection
from adapters.postgres.server.embedded import (
    THROWAWAY_SETTINGS,
    EmbeddedServer,
    embedded_server,
    remove_server,
    start_server,
)
from adapters.postgres.server.os_user import reachable_home
from domain.change_set import TargetFingerprint
from domain.errors import BadInput, ConfigMismatch, CutterError, DatabaseUnavailable, ToolMissing
from domain.ports import Credentials, Endpoint
from domain.reports.acceptance import AcceptanceOptions, ServerKind, require_not_production

PREFIX: Final = "iu-cutter-accept-"
WORK: Final = "acceptance"  # the run's own folder, beside the server's data
SERVER_LOGS: Final = "data/log"
PATIENCE: Final = 5.0  # seconds for processes to end

# The server logs every statement, as JSON: a second witness that the adapter has no hand in.
WITNESSING: Final = {
    **THROWAWAY_SETTINGS,
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_filename": "acceptance",
    "log_statement": "all",
}


@dataclass(frozen=True, slots=True)
class IsolatedServer:
    """A server that the run may make databases and roles on.

    `home` is the embedded server's folder, `work` the run's own.
    """

    kind: ServerKind
    endpoint: Endpoint
    administrator: Credentials
    allowed: TargetFingerprint
    version: str
    work: Path
    home: Path | None = None

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.version.partition(".")[0])

    @property
    def statement_log(self) -> Path | None:
        """Where the server logs statements, if this run can read that."""
        return self.home / SERVER_LOGS / "acceptance.json" if self.home else None

    @property
    def gnupg_home(self) -> Path:
        """The keyring of the run's throwaway backup key."""
        return self.work / "gpg"

    def connect(self, database: str | None = None) -> Connection:
        """An autocommit connection of the administrator. The caller closes it."""
        endpoint = replace(self.endpoint, database=database or self.endpoint.database)
        return open_connection(endpoint, self.administrator, "acceptance")


@contextlib.contextmanager
def isolated_server(options: AcceptanceOptions) -> Iterator[IsolatedServer]:
    """The server that the options ask for; destroyed after the block unless it is kept or was there
    before.

    Raises `ProductionExecutionNotAuthorized` before anything is written to a server that is not
    allowed; `ToolMissing`, `ConfigMismatch` or `DatabaseUnavailable` where there is none.
    """
    makers = {
        ServerKind.EMBEDDED: _embedded,
        ServerKind.CONTAINER: _container,
        ServerKind.NAMED: _named,
    }
    with makers[options.kind](options) as server:
        with server.connect() as conn:
            require_not_production(read_fingerprint(conn), {server.allowed}, options.forbidden)
            _refuse_roles_of_others(conn)
        yield server


def remove_kept(home: Path) -> None:
    """Destroy a server that a run has kept.

    Raises `BadInput` for a folder that is none, `ConfigMismatch` while it is used.
    """
    if not (home.name.startswith(PREFIX) and (home / WORK).is_dir()):
        raise BadInput(f"{home} is not the folder of a kept acceptance run.")
    stop_agents(home / WORK / "gpg")
    if not remove_server(home):
        raise ConfigMismatch(f"The server in {home} is in use; end what uses it and try again.")


def left_behind(server: IsolatedServer) -> tuple[str, ...]:
    """What is left of a destroyed server: files, processes, an open port.

    Empty when all is gone.
    """
    until_gone = Retrying(
        stop=stop_after_delay(PATIENCE),
        wait=wait_fixed(0.05),
        retry=retry_if_result(bool),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
    )
    return tuple(until_gone(_leftovers, server, server.home or server.work))


def _leftovers(server: IsolatedServer, folder: Path) -> list[str]:
    found = [f"the folder {folder}"] if folder.exists() else []
    found += [f"the process {pid}" for pid in _processes_about(folder)]
    if server.kind is not ServerKind.NAMED:
        with socket.socket() as probe:
            if probe.connect_ex((server.endpoint.host, server.endpoint.port)) == 0:
                found.append(f"a listener on port {server.endpoint.port}")
    return found


def _processes_about(folder: Path) -> list[int]:
    """Processes that name the folder on their command line."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
    ]


@contextlib.contextmanager
def _embedded(options: AcceptanceOptions) -> Iterator[IsolatedServer]:
    _remove_abandoned()
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=temporary_root()))
    try:
        with embedded_server(home, major=options.major, settings=WITNESSING) as running:
            (home / WORK).mkdir(mode=0o700)
            if options.keep:
                start_server(home, major=options.major)
            yield _described(ServerKind.EMBEDDED, *_reach(running), home / WORK, home)
    finally:
        stop_agents(home / WORK / "gpg")
        if not options.keep:
            remove_server(home)
            shutil.rmtree(home, ignore_errors=True)


def _reach(running: EmbeddedServer) -> tuple[Endpoint, Credentials]:
    login = Credentials(running.superuser, running.password)
    return Endpoint(running.host, running.port, "postgres", sslmode="disable"), login


@contextlib.contextmanager
def _container(options: AcceptanceOptions) -> Iterator[IsolatedServer]:
    try:
        from testcontainers.postgres import PostgresContainer  # noqa: PLC0415  # an extra that few need
    except ImportError:
        raise ToolMissing(
            "The package testcontainers is not installed; install it, or take the embedded server."
        ) from None
    password = secrets.token_urlsafe(24)
    with contextlib.ExitStack() as stack, _work_folder(options) as work:
        container = PostgresContainer(f"postgres:{options.major}", password=password, driver=None)
        if not options.keep:
            stack.callback(container.stop)
        try:
            container.start()
        except Exception as error:  # noqa: BLE001  # the Docker libraries raise whatever they like
            raise DatabaseUnavailable(container_trouble(options.major, error)) from None
        port = int(container.get_exposed_port(5432))
        endpoint = Endpoint(
            container.get_container_host_ip(), port, container.dbname, sslmode="disable"
        )
        yield _described(
            ServerKind.CONTAINER,
            endpoint,
            Credentials(container.username, SecretStr(password)),
            work,
            None,
        )


def container_trouble(major: int, error: Exception) -> str:
    """Why there is no container, and what to do; of the engine's own text only an image's name is
    passed on.

    >>> container_trouble(16, RuntimeError("No such image: testcontainers/ryuk:0.8.1"))[:59]
    'The image testcontainers/ryuk:0.8.1 can not be had by the D'
    """
    text = str(error)
    image = re.search(r"No such image: ([\w./-]+:[\w.-]+)|(testcontainers/ryuk[\w:.-]*)", text)
    if image is None:
        return (
            f"No Docker engine could start postgres:{major} ({type(error).__name__}); start one, "
            f"or take the embedded server."
        )
    name = image[1] or image[2]
    reaper = (
        ", or set TESTCONTAINERS_RYUK_DISABLED=true to do without what removes abandoned containers"
    )
    without = reaper if "ryuk" in name else ""
    return (
        f"The image {name} can not be had by the Docker engine; pull it{without}, or take the "
        f"embedded server."
    )


@contextlib.contextmanager
def _named(options: AcceptanceOptions) -> Iterator[IsolatedServer]:
    named = options.named
    if named is None:
        raise BadInput(
            "No server is named; give its address, its administrator and its fingerprint."
        )
    with _work_folder(options) as work:
        server = _described(ServerKind.NAMED, named.endpoint, named.administrator, work, None)
        yield replace(server, allowed=named.allowed)


def _described(
    kind: ServerKind, endpoint: Endpoint, administrator: Credentials, work: Path, home: Path | None
) -> IsolatedServer:
    """A server as it answers. What this run has made itself is what it allows."""
    with open_connection(endpoint, administrator, "acceptance") as conn:
        version = server_version(conn) or "0"
        return IsolatedServer(
            kind, endpoint, administrator, read_fingerprint(conn), version.split()[0], work, home
        )


@contextlib.contextmanager
def _work_folder(options: AcceptanceOptions) -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield work
    finally:
        stop_agents(work / "gpg")
        if not options.keep:
            shutil.rmtree(work)


def _refuse_roles_of_others(conn: Connection) -> None:
    found = read_values(conn, str, "acceptance_roles_present")
    if found:
        names = ", ".join(found)
        raise ConfigMismatch(
            f"The server already has the roles {names}, whose passwords this run would change; "
            f"name another."
        )


def temporary_root() -> Path:
    """Where the folders of runs are: a place that the server's user can reach."""
    root = Path(tempfile.gettempdir())
    return reachable_home(root / PREFIX, Path("/var/tmp") / PREFIX).parent  # noqa: S108  # names in it are random


def _remove_abandoned() -> None:
    """Remove what killed runs have left. A server in use, or one that was kept, stays."""
    for home in temporary_root().glob(f"{PREFIX}*"):
        if (home / "ready").exists() and not (home / "kept").exists():
            with contextlib.suppress(OSError, CutterError):
                remove_server(home)
