"""The folder `state/prefect` of a home: how the service's processes are set, and who runs them.

Secrets in it are mode 0600.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes, make_folder

HOST: Final = "127.0.0.1"
SERVER_PROFILE: Final = "server"
CLIENT_PROFILE: Final = "client"

_QUIET: Final = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
"""Nothing goes out: the second UI would call an analytics host."""

_CLIENT: Final = {
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_TASKS_DISABLE_CACHING": "true",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "tasks,flows,blocks",
}


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Where a home's Prefect server answers, and the process that is it."""

    port: int
    pid: int

    @property
    def api_url(self) -> str:
        """What clients call."""
        return f"http://{HOST}:{self.port}/api"

    @property
    def ui_url(self) -> str:
        """What a person opens."""
        return f"http://{HOST}:{self.port}"


@dataclass(frozen=True, slots=True)
class ServiceFiles:
    """The files of one home's service."""

    home: Path

    @property
    def folder(self) -> Path:
        """Prefect's own home: its profiles are here, so that no setting of the user's reaches the
        service.
        """
        return self.home / "state" / "prefect"

    @property
    def login(self) -> Path:
        """The file with the login of API and UI."""
        return self.folder / "login"

    @property
    def log(self) -> Path:
        """What the server's process says."""
        return self.folder / "server.log"

    @property
    def worker_log(self) -> Path:
        """What the worker's process says."""
        return self.folder / "worker.log"

    @property
    def setup_log(self) -> Path:
        """What tables and deployments were made with, said while it was done."""
        return self.folder / "setup.log"

    def process_note(self, name: str) -> Path:
        """The file that says which process is the server or the worker, and which process started
        it.
        """
        return self.folder / f"{name}.pid"

    def prepare(self) -> None:
        """Make the folder, open to its owner only."""
        make_folder(self.folder)

    def secret(self, name: str) -> str:
        """A random secret of this home, made at the first call."""
        path = self.folder / name
        if not path.exists():
            value = secrets.token_urlsafe(24)
            keep_bytes(path, (f"cutter:{value}" if path == self.login else value).encode())
        return path.read_text(encoding="ascii")

    def write_profiles(self, port: int, database_url: str) -> None:
        """Settings for server and clients.

        In a file, not in the environment: children and `ps` would show that.
        """
        login = self.secret(self.login.name)
        url = ServerRecord(port, 0).api_url
        server = _QUIET | {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url,
            "PREFECT_SERVER_API_AUTH_STRING": login,
            "PREFECT_API_AUTH_STRING": login,
            "PREFECT_SERVER_API_HOST": HOST,
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_API_URL": url,
        }
        client = _QUIET | _CLIENT | {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": login}
        keep_bytes(
            self.folder / "profiles.toml",
            _toml({SERVER_PROFILE: server, CLIENT_PROFILE: client}).encode(),
        )

    def record(self) -> ServerRecord | None:
        """The server that was started last, if any."""
        try:
            return ServerRecord(
                **json.loads((self.folder / "server.json").read_text(encoding="ascii"))
            )
        except (OSError, ValueError, TypeError):
            return None

    def keep_record(self, record: ServerRecord) -> None:
        """Note a server that was started."""
        keep_bytes(self.folder / "server.json", json.dumps(asdict(record)).encode())

    def environment(self, profile: str, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment of one of the service's processes: no secret and none of the user's
        Prefect settings.
        """
        kept = {key: value for key, value in environ.items() if not key.startswith("PREFECT_")}
        return kept | {
            "PREFECT_HOME": str(self.folder),
            "PREFECT_PROFILE": profile,
            "CUTTER_HOME": str(self.home),
            "DO_NOT_TRACK": "1",
        }


def free_port(wish: int | None) -> int:
    """The wished port if it is free, so that addresses stay the same; else any free one on the
    loopback.
    """
    for port in (wish or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def _toml(profiles: Mapping[str, Mapping[str, str]]) -> str:
    lines = [f"active = {json.dumps(CLIENT_PROFILE)}"]
    for name, settings in profiles.items():
        lines += [
            "",
            f"[profiles.{name}]",
            *(f"{key} = {json.dumps(value)}" for key, value in settings.items()),
        ]
    return "\n".join(lines) + "\n"
