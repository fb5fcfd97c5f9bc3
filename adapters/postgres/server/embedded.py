"""The embedded PostgreSQL: a whole server of our own in one folder, on the loopback, with
passwords, shared by processes.

A folder holds `data`, `superuser.pw` (mode 0600), `server.log`, and the marks by which processes
agree:

* `start.lock`, held exclusively while somebody starts or stops the server;
* `users.lock`, held shared by each process that uses it; the kernel drops it even on kill -9;
* `ready`, written after initdb: without it the data folder is half made and nobody's, so it is
  made again;
* `kept`, present while the server is meant to outlive the processes that use it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Final

import psutil
from pydantic import SecretStr
from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_incrementing

from adapters.files import (
    PASSABLE_FOLDER,
    PRIVATE_FOLDER,
    make_folder,
    open_plain,
    read_plain,
    write_plain,
)
from adapters.postgres.server.binaries import DEFAULT_MAJOR, PostgresBinaries, binaries
from adapters.postgres.server.os_user import (
    SystemUser,
    reachable_binaries,
    require_reachable,
    system_user,
)
from domain.errors import ConfigMismatch, DatabaseUnavailable

HOST: Final = "127.0.0.1"
SUPERUSER: Final = "postgres"
TIMEOUT: Final = 60  # seconds that a start or a stop may take
STARTS: Final = 3  # attempts
NOBODY: Final = str(2**31 - 2)  # a process number that no system gives out
NO_SETTINGS: Final[Mapping[str, str]] = {}
THROWAWAY_SETTINGS: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
"""For databases that nobody misses after a power cut: tests."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server and its superuser's login."""

    host: str
    port: int
    superuser: str
    password: SecretStr
    home: Path
    bindir: Path
    major: int


@contextlib.contextmanager
def embedded_server(
    home: Path, *, major: int = DEFAULT_MAJOR, settings: Mapping[str, str] = NO_SETTINGS
) -> Iterator[EmbeddedServer]:
    """Use the server in `home` while the block runs; it is made and started if need be.

    The last user stops it.

    Several processes may use it at once. A server left running by a killed process is taken over.
    `settings` count for the process that starts it. Raises `ToolMissing`, `ConfigMismatch` (the
    folder can not be used) or `DatabaseUnavailable`.
    """
    folder = _Folder.opened(home, major)
    with folder.lock_file("users.lock") as users:
        with folder.gate():
            fcntl.flock(users, fcntl.LOCK_SH)
            server = folder.running() or folder.start(settings)
        try:
            yield server
        finally:
            with folder.gate():
                if not folder.kept.exists() and _is_last(users):
                    folder.stop()


def start_server(
    home: Path, *, major: int = DEFAULT_MAJOR, settings: Mapping[str, str] = NO_SETTINGS
) -> EmbeddedServer:
    """Start the server in `home` so that it outlives this process, until `stop_server`.

    Running already: answers with it.

    Raises what `embedded_server` raises.
    """
    folder = _Folder.opened(home, major)
    with folder.gate():
        server = folder.running() or folder.start(settings)
        write_plain(folder.kept, "")
    return server


def stop_server(home: Path) -> bool:
    """Stop the server in `home`.

    False when processes still use it: the last of them will stop it. True when it is down.
    """
    with _stopped(home) as down:
        return down


def server_status(home: Path) -> EmbeddedServer | None:
    """The server in `home` if it runs, else None. Starts nothing and waits for nothing."""
    return _Folder.found(home).running() if (home / "ready").exists() else None


def remove_server(home: Path) -> bool:
    """Stop the server in `home` and remove the folder with all data.

    False, and nothing done, while a process uses it.
    """
    with _stopped(home) as down:
        if down:
            shutil.rmtree(home)
        return down


@contextlib.contextmanager
def _stopped(home: Path) -> Iterator[bool]:
    """Whether the server is down; while the block runs nobody starts it.

    The locks live and go with the folder.
    """
    if not (home / "ready").exists():
        yield True
        return
    folder = _Folder.found(home)
    with folder.gate(), folder.lock_file("users.lock") as users:
        folder.kept.unlink(missing_ok=True)
        down = _is_last(users)
        if down:
            folder.stop()
        yield down


@dataclass(frozen=True)
class _Folder:
    """One server's folder. The methods below expect the gate to be held by the caller."""

    home: Path
    user: SystemUser
    source: PostgresBinaries

    @classmethod
    def opened(cls, home: Path, major: int) -> _Folder:
        home, user, source = home.absolute(), system_user(), binaries(major)
        _require_ours(home)
        if not (home / "ready").exists():
            require_reachable(home, user)
        try:
            make_folder(home, above=PASSABLE_FOLDER)
            write_plain(home / "users.lock", "")
            home.chmod(PRIVATE_FOLDER)
            user.own(home)
        except OSError as error:
            raise ConfigMismatch(
                f"The folder {home} can not be used for PostgreSQL: {error.strerror}. Choose "
                f"another."
            ) from None
        return cls(home, user, source)

    @classmethod
    def found(cls, home: Path) -> _Folder:
        """A folder that holds a server already; nothing is made."""
        source = binaries(int(read_plain(home / "data" / "PG_VERSION", below=2)))
        return cls(home.absolute(), system_user(), source)

    @cached_property
    def programs(self) -> PostgresBinaries:
        """The programs where the server's user can start them: looked for once one is needed."""
        return reachable_binaries(self.source, self.home, self.user)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    @property
    def kept(self) -> Path:
        return self.home / "kept"

    @contextlib.contextmanager
    def gate(self) -> Iterator[None]:
        with self.lock_file("start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def lock_file(self, name: str) -> IO[str]:
        """A file to be locked, open. The folder is the server's user's, so no link is followed."""
        return open(open_plain(self.home / name, os.O_WRONLY | os.O_CREAT), "w", encoding="ascii")

    def running(self) -> EmbeddedServer | None:
        """The server as its own `postmaster.pid` describes it: line 1 its process, line 4 its
        port.

        `pg_ctl status` reads the same file, but every command would wait for it to start.
        """
        pidfile = self.data / "postmaster.pid"
        try:
            lines = read_plain(pidfile, below=2).splitlines()
            program = _postmaster(int(lines[0]), self.data)
            if program is None:
                return None
            password, port = SecretStr(read_plain(self.home / "superuser.pw")), int(lines[3])
        except FileNotFoundError:
            return None
        except (ValueError, IndexError):
            raise DatabaseUnavailable(
                f"{pidfile} does not say which process is the embedded PostgreSQL. If none is, "
                f"remove it."
            ) from None
        bindir = program.parent if program.exists() else self.programs.bindir
        return EmbeddedServer(HOST, port, SUPERUSER, password, self.home, bindir, self.source.major)

    def start(self, settings: Mapping[str, str]) -> EmbeddedServer:
        """Start the server, and make its data first if there are none.

        A free port can be taken, and a killed server's last children can linger, between asking and
        starting: then it is tried again.
        """
        require_reachable(self.home, self.user)
        self._make_once()
        _forget_reused_number(self.data / "postmaster.pid")
        retrying = Retrying(
            stop=stop_after_attempt(STARTS),
            wait=wait_incrementing(start=1, increment=1),  # seconds
            retry=retry_if_result(lambda server: server is None),
            retry_error_callback=lambda _state: None,
        )
        server = retrying(self._start_once, settings)
        if server is None:
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL in {self.home} does not start. Its reasons are in "
                f"{self._log}."
            )
        write_plain(self.home / "port", str(server.port))
        return server

    def _start_once(self, settings: Mapping[str, str]) -> EmbeddedServer | None:
        options = {
            "listen_addresses": HOST,
            "port": str(_free_port(self.home / "port")),
            "unix_socket_directories": "",
            "shared_memory_type": "mmap",
            **settings,
        }
        words = shlex.join(
            word for key, value in options.items() for word in ("-c", f"{key}={value}")
        )
        limits = ("-w", "-t", str(TIMEOUT))
        self._run("pg_ctl", *limits, "-l", str(self._log), "-o", words, "start", accept=(0, 1))
        return self.running()

    def stop(self) -> None:
        """Stop in good order; if that takes too long, at once (the next start then recovers from
        the log).
        """
        for how in ("fast", "immediate"):
            if self.running() is None:
                return
            self._run("pg_ctl", "-w", "-t", str(TIMEOUT), "-m", how, "stop", accept=(0, 1))
        if self.running():
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL in {self.home} does not stop. See server.log there."
            )

    def _make_once(self) -> None:
        if (self.home / "ready").exists():
            made = int(read_plain(self.data / "PG_VERSION", below=2))
            if made != self.programs.major:
                raise ConfigMismatch(
                    f"The data in {self.home} belong to PostgreSQL {made}, not "
                    f"{self.programs.major}. "
                    "Choose another folder, or dump and restore them."
                )
            return
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.home / "superuser.pw"
        password.unlink(missing_ok=True)
        with open(
            open_plain(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="ascii"
        ) as file:
            self.user.own(file.fileno())
            file.write(secrets.token_urlsafe(24))
        # Data checksums make a damaged page an error instead of a wrong answer.
        self._run(
            *("initdb", "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}"),
            *("--encoding=UTF8", "--locale=C", "--data-checksums"),
        )
        write_plain(self.home / "ready", "")

    def _run(self, tool: str, *arguments: str, accept: tuple[int, ...] = (0,)) -> int:
        """Run a program on the data folder as the server's user.

        Its output goes to a file: a server would hold a pipe open.
        """
        output = self.home / f"{tool}.out"
        with open(open_plain(output, os.O_WRONLY | os.O_CREAT), "w", encoding="utf-8") as out:
            out.truncate(0)
            status = subprocess.run(
                [self.programs.tool(tool), "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                timeout=2 * TIMEOUT,
                check=False,
                **self.user.run_as,
            ).returncode
        if status not in accept:
            raise DatabaseUnavailable(
                f"{tool} failed for the embedded PostgreSQL in {self.home}. Its reasons are in "
                f"{output}."
            )
        return status


def _require_ours(home: Path) -> None:
    """A folder with somebody else's files is never taken: its mode and owner would change."""
    if home.exists() and not (
        home.is_dir() and ((home / "users.lock").exists() or not any(home.iterdir()))
    ):
        raise ConfigMismatch(
            f"{home} is not empty and holds no embedded PostgreSQL. Choose another folder."
        )


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _postmaster(pid: int, data: Path) -> Path | None:
    """The program of a process that is this folder's server; None if it is another.

    After a crash its number may belong to any other program.
    """
    try:
        program, *arguments = psutil.Process(pid).cmdline() or [""]
    except psutil.Error:  # it has ended, or is somebody else's
        return None
    return Path(program) if str(data) in arguments else None


def _forget_reused_number(pidfile: Path) -> None:
    """`running` has shown that the process named in the file is not our server, but PostgreSQL
    would take any live one for it.

    Only the number goes. The shared memory's key stays, by which PostgreSQL sees a killed server's
    last children.
    """
    if pidfile.exists():
        lines = read_plain(pidfile, below=2).splitlines()[1:]
        write_plain(pidfile, "\n".join([NOBODY, *lines, ""]), below=2)


def _free_port(remembered: Path) -> int:
    """The port of the last start where it is still free, so that addresses stay the same; else any
    free one.
    """
    wishes = [int(read_plain(remembered)), 0] if remembered.exists() else [0]
    for wish in wishes:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, wish))
            return int(probe.getsockname()[1])
    raise DatabaseUnavailable(
        "No TCP port is free on the loopback. Stop a program that listens and start again."
    )
