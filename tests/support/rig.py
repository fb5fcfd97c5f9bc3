"""A server of a test's own that may be stopped at once and started again, and how to end one
session of a server.
"""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from adapters.postgres.schema.install import create_schema
from adapters.postgres.server.embedded import EmbeddedServer, start_server
from adapters.postgres.server.os_user import system_user
from adapters.postgres.server.passwords import set_password
from domain.phases import Principal
from domain.ports import Credentials
from tests.support.boundaries import Connection, Moment, lose_answer
from tests.support.postgres import Cluster, Server, quick_logins, server_folder, wheel_major

DURABLE: Final = {"fsync": "off"}
"""For a server that is stopped at once and started again: what it has answered must be there, if
not after a power cut.
"""


@dataclass(frozen=True, slots=True)
class Rig:
    """A server of the grid's own, which may be stopped at once and started again."""

    home: Path
    server: EmbeddedServer
    cluster: Cluster
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Its port while it is down: somebody else's connection might be given it meanwhile."""

    def crash(self) -> None:
        """Stop the server as a power switch would."""
        self._end("immediate")

    def stop(self) -> None:
        """Stop the server in good order: who is connected is sent away."""
        self._end("fast")

    def _end(self, mode: str) -> None:
        command = [
            str(self.server.bindir / "pg_ctl"),
            "-D",
            str(self.home / "data"),
            "-m",
            mode,
            "-w",
            "stop",
        ]
        subprocess.run(
            command, check=True, cwd="/", stdout=subprocess.DEVNULL, **system_user().run_as
        )
        self._hold_port()

    def _hold_port(self) -> None:
        """Bound and not listening: the server may bind it too, and no client is given it."""
        holder = self.held.enter_context(socket.socket())
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((self.server.host, self.server.port))

    def start(self) -> None:
        """Start it again, at the same address."""
        again = start_server(self.home, major=self.server.major, settings=DURABLE)
        self.held.close()
        if again.port != self.server.port:
            raise RuntimeError("another program has taken the server's port meanwhile; run again")

    def restart_at(self, library: Path, moved: str) -> None:
        """Start it again with another clock, such as `-2h`, by libfaketime."""
        subprocess.run(
            [str(self.server.bindir / "pg_ctl"), "-D", str(self.home / "data"), "-w", "restart"],
            check=True,
            cwd="/",
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C",
                "LD_PRELOAD": str(library),
                "FAKETIME": moved,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **system_user().run_as,
        )


def terminate(server: Server, conn: Connection, moment: Moment) -> None:
    """End a session and wait until it is gone; an answer on its way is lost."""
    with contextlib.closing(server.connect()) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 20000)", (conn.info.backend_pid,))
    if moment in (Moment.SENT, Moment.UNREAD):
        lose_answer(conn)


@contextlib.contextmanager
def rig() -> Iterator[Rig]:
    """A server with roles and a template.

    No connection stays open: it would not live through a crash.
    """
    with server_folder() as home, (home / "users.lock").open("a") as users:
        fcntl.flock(
            users, fcntl.LOCK_SH
        )  # in use, whatever happens to it: nobody may take it for a killed session's
        started = start_server(home, major=wheel_major(), settings=DURABLE)
        login = Credentials(started.superuser, started.password)
        server = Server(started.host, started.port, login, sslmode="disable")
        made = Rig(home, started, cluster_of(server))
        with made.held:
            yield made


def cluster_of(server: Server) -> Cluster:
    """The roles, with passwords, and a template on a server of a test's own."""
    template = "cutter_template"
    logins = {
        principal: Credentials(principal, SecretStr(secrets.token_urlsafe(24)))
        for principal in Principal
    }
    with contextlib.closing(server.connect()) as admin:
        admin.execute(f"CREATE DATABASE {template}".encode())
    with server.connect(template, autocommit=False) as inside:
        create_schema(inside)
        quick_logins(inside)
        for principal, login in logins.items():
            set_password(inside, principal, login.password)
    return Cluster(server, template, logins, server.admin, server.admin)
