"""Who this process talks to: connections of Python, of the database driver, and of the programs it
starts.

The driver opens its sockets in C, out of sight of Python's audit events, but it logs each attempt.
A listener of our own, whose address the settings name, is the third witness: the kernel tells it of
any connection whoever made it.
"""

from __future__ import annotations

import logging
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

DRIVER_LOG: Final = "psycopg"
CLIENT_PROGRAMS: Final = ("pg_dump", "pg_restore", "psql")
_ATTEMPT: Final = re.compile(
    r"connection attempt: host: '?([^',]*)'?, port: '?([^',]*)'?, hostaddr: '?([^',]*)'?"
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One attempt to reach an address. `by` is python, driver or the name of a program."""

    by: str
    host: str
    port: int
    scenario: str


@dataclass
class Witness:
    """Notes every contact while it watches. `bystanders` are addresses that do not count."""

    bystanders: frozenset[tuple[str, int]] = frozenset()
    scenario: str = ""
    contacts: list[Contact] = field(default_factory=list)

    def note(self, by: str, host: str, port: int) -> None:
        """Keep a contact, unless it is with a bystander."""
        if (host, port) not in self.bystanders:
            self.contacts.append(Contact(by, host, port, self.scenario))

    def of(self, scenario: str) -> list[Contact]:
        """The contacts of one scenario."""
        return [contact for contact in self.contacts if contact.scenario == scenario]


class _DriverLog(logging.Handler):
    """Reads the addresses out of the driver's own debug log."""

    def __init__(self, witness: Witness) -> None:
        super().__init__(logging.DEBUG)
        self._witness = witness

    def emit(self, record: logging.LogRecord) -> None:
        if found := _ATTEMPT.match(record.getMessage()):
            host, port, hostaddr = found.groups()
            address = hostaddr if hostaddr not in ("", "None") else host
            self._witness.note("driver", address, int(port) if port.isdigit() else 5432)


@contextmanager
def watching(witness: Witness) -> Iterator[None]:
    """Let a witness see the whole process while the block runs."""
    handler, driver = _DriverLog(witness), logging.getLogger(DRIVER_LOG)
    level, propagate = driver.level, driver.propagate
    _install_hook()
    _WATCHERS.append(witness)
    driver.addHandler(handler)
    driver.setLevel(logging.DEBUG)
    driver.propagate = False  # its debug lines are for the witness, not for whatever else listens
    try:
        yield
    finally:
        driver.setLevel(level)
        driver.propagate = propagate
        driver.removeHandler(handler)
        _WATCHERS.remove(witness)


_WATCHERS: Final[list[Witness]] = []
_HOOKED: Final = threading.Event()


def _install_hook() -> None:
    """An audit hook can not be taken away again (PEP 578), so there is one, and it does nothing
    while nobody watches.
    """
    if not _HOOKED.is_set():
        _HOOKED.set()
        sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _WATCHERS or event not in ("socket.connect", "socket.sendto", "subprocess.Popen"):
        return
    contact = _of_program(arguments) if event == "subprocess.Popen" else _of_socket(arguments)
    if contact is not None:
        for witness in _WATCHERS:
            witness.note(*contact)


def _of_socket(arguments: tuple[object, ...]) -> tuple[str, str, int] | None:
    """Internet addresses only: a path is a socket of this machine, such as the agent of gpg."""
    address = arguments[1] if len(arguments) > 1 else None
    if isinstance(address, tuple) and len(address) >= 2 and isinstance(address[1], int):
        return "python", str(address[0]), address[1]
    return None


def _of_program(arguments: tuple[object, ...]) -> tuple[str, str, int] | None:
    """A database program connects to what its environment names."""
    name, environment = str(arguments[0]).rsplit("/", 1)[-1], arguments[3]
    if (
        name not in CLIENT_PROGRAMS
        or not isinstance(environment, dict)
        or "PGHOST" not in environment
    ):
        return None
    return name, str(environment["PGHOST"]), int(environment.get("PGPORT", 5432))


class Listener:
    """A listener on the loopback that counts who connects and hangs up at once."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="acceptance listener", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()
