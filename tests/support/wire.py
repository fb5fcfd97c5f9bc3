"""A TCP proxy in front of a test's server that breaks the wire where the test says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from enum import Enum
from types import TracebackType

from domain.ports import Endpoint

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""A simple query, as the driver sends its COMMIT."""


class Fault(Enum):
    """What happens to the next COMMIT that passes."""

    DROP_ANSWER = "the server gets it and commits; the client is cut off before the answer"
    DROP_COMMIT = "the client is cut off and the server never gets it, but ends the session"
    HALF_OPEN = (
        "the client is cut off and the server does not notice: its backend keeps transaction "
        ""
        "and lock"
    )


class BreakingProxy:
    """Passes everything through, and does its fault once for each time it is armed."""

    def __init__(self, upstream: Endpoint) -> None:
        self._upstream = (upstream.host, upstream.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._ends: list[socket.socket] = []
        self.on_commit: Callable[[], None] = lambda: None
        self.commits = 0
        self.endpoint = Endpoint(
            "127.0.0.1", self._listener.getsockname()[1], upstream.database, sslmode="disable"
        )

    def __enter__(self) -> BreakingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        for end in self._ends:
            _cut(end)

    def arm(self, *faults: Fault) -> None:
        """The faults for the next COMMITs, one each."""
        self._faults += faults

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._upstream)
                self._ends += [client, server]
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=_pump, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        fault: Fault | None = None
        with contextlib.suppress(OSError):
            while fault is None and (data := client.recv(65536)):
                if COMMIT in data:
                    self.commits += 1
                    self.on_commit()
                    with self._lock:
                        fault = self._faults.pop(0) if self._faults else None
                if fault is Fault.DROP_ANSWER:
                    _cut(client)
                if fault in (None, Fault.DROP_ANSWER):
                    server.sendall(data)
        _cut(client)
        if fault is Fault.DROP_ANSWER:
            with contextlib.suppress(OSError):
                server.shutdown(
                    socket.SHUT_WR
                )  # the server reads what was sent, then finds the end
        elif fault is not Fault.HALF_OPEN:
            _cut(server)


def _pump(server: socket.socket, client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := server.recv(65536):
            client.sendall(data)
    _cut(client)
    _cut(server)


def _cut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
