"""A connection pooler in small: clients talk to it, and it passes what they say to backends that
they share.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import struct
import threading
from types import TracebackType
from typing import Any

import psycopg

from tests.support.postgres import Connection, Database

_READY_IDLE = b"I"


class Pooler:
    """Speaks the server's protocol for its clients, without a password. It passes each transaction
    to the next free backend, or with `keeps_sessions` all of a client's to one that it keeps.
    """

    def __init__(
        self, database: Database, *, backends: int = 2, keeps_sessions: bool = False
    ) -> None:
        self._database = database
        self._keeps_sessions = keeps_sessions
        self._links: list[psycopg.Connection[Any]] = [
            database.connect(autocommit=True) for _ in range(backends)
        ]
        self._free: queue.Queue[socket.socket] = queue.Queue()
        self._backends = [socket.socket(fileno=os.dup(link.fileno())) for link in self._links]
        for backend in self._backends:
            backend.setblocking(True)
            _send_at_once(backend)
            self._free.put(backend)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Pooler:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
        for backend in self._backends:
            backend.close()
        for link in self._links:
            link.close()

    def connect(self) -> Connection:
        """A client of this pooler, with no password asked."""
        port = self._listener.getsockname()[1]
        return psycopg.connect(
            host="127.0.0.1", port=port, dbname=self._database.name, user="client", sslmode="disable", gssencmode="disable",
            autocommit=True,
        )  # fmt: skip

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        kept: socket.socket | None = None
        with contextlib.suppress(OSError, EOFError), client:
            _send_at_once(client)
            self._greet(client)
            while True:
                first = _receive(client)
                if first[0] == b"X":
                    break
                backend = kept or self._free.get()
                kept = backend if self._keeps_sessions else None
                self._transaction(client, backend, first)
                if kept is None:
                    self._free.put(backend)
        if kept is not None:
            self._free.put(kept)

    def _greet(self, client: socket.socket) -> None:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        _exactly(client, length - 4)
        said = {
            "server_version": "16.0",
            "client_encoding": "UTF8",
            "integer_datetimes": "on",
            "standard_conforming_strings": "on",
        }
        client.sendall(_message(b"R", struct.pack("!I", 0)))
        for name, value in said.items():
            client.sendall(_message(b"S", f"{name}\0{value}\0".encode()))
        client.sendall(_message(b"K", struct.pack("!II", 2**30 + 5, 7)))
        client.sendall(_message(b"Z", _READY_IDLE))

    def _transaction(
        self, client: socket.socket, backend: socket.socket, first: tuple[bytes, bytes]
    ) -> None:
        """Pass messages until the backend is idle outside a transaction again."""
        kind, payload = first
        while True:
            while True:
                backend.sendall(_message(kind, payload))
                if kind in (b"S", b"Q"):  # Sync, or a simple query: an answer comes
                    break
                kind, payload = _receive(client)
            while True:
                kind, payload = _receive(backend)
                client.sendall(_message(kind, payload))
                if kind == b"Z":
                    break
            if payload == _READY_IDLE:
                return
            kind, payload = _receive(client)
            if kind == b"X":
                raise EOFError


def _send_at_once(end: socket.socket) -> None:
    """Or each small message waits 40 ms for the other side to confirm the last."""
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!I", len(payload) + 4) + payload


def _receive(source: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(source, 1)
    (length,) = struct.unpack("!I", _exactly(source, 4))
    return kind, _exactly(source, length - 4)


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
