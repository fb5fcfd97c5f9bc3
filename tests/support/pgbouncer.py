"""PgBouncer itself between a test and its database, where it is installed."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.postgres.server.os_user import system_user
from domain.phases import Principal
from domain.ports import Endpoint
from tests.support.postgres import Database

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")

CONFIGURATION = """\
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = {mode}
default_pool_size = 5
server_tls_sslmode = prefer
ignore_startup_parameters = extra_float_digits
"""


@contextlib.contextmanager
def pgbouncer(database: Database, mode: str) -> Iterator[Endpoint]:
    """Where a PgBouncer of this `pool_mode` answers for the database, while the block runs."""
    user = system_user()
    folder = Path(tempfile.mkdtemp(prefix="iu-cutter-pgbouncer-", dir="/var/tmp"))
    try:
        own, users, settings = _free_port(), folder / "users.txt", folder / "pgbouncer.ini"
        logins = [
            *(database.credentials(principal) for principal in Principal),
            database.rehearsal_login(),
        ]
        users.write_text(
            "".join(f'"{one.user}" "{one.password.get_secret_value()}"\n' for one in logins)
        )
        settings.write_text(
            CONFIGURATION.format(
                host=database.endpoint.host,
                port=database.endpoint.port,
                own=own,
                users=users,
                mode=mode,
            )
        )
        for path in (folder, users, settings):
            user.own(path)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(PROGRAM), str(settings)], stdout=log, stderr=log, cwd="/", **user.run_as
            )
        try:
            _wait_for(own, process, folder / "log")
            yield replace(database.endpoint, host="127.0.0.1", port=own, sslmode="disable")
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    pytest.fail(log.read_text())
