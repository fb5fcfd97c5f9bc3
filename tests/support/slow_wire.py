"""A TCP proxy in front of a test's server that is far away: every byte arrives later, in each
direction, however many are on their way.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from domain.ports import Endpoint

CHUNK = 256 * 1024
QUEUE = 1024
LENGTH = 4
ASKS_TO_ENCRYPT = (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30")
"""SSLRequest and GSSENCRequest: another beginning follows."""
ENCRYPTED = b"encrypted"
WAITS = (b"", b"p", b"Q", b"S", b"F", b"X")
IS_A_DUMP = b"SET DATESTYLE = ISO"
"""What pg_dump says at the beginning of a session, and we never do."""


class Questions:
    """Finds the questions in what a client sends, which comes in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False

    def count(self, data: bytes) -> int:
        """How many questions end in these bytes: how a session begins, a password, a query, or
        the end of a pipeline (PostgreSQL 18, 54.7 "Message Formats"). Whether it is encrypted is
        asked, or not, by the client's and the server's set-up, and does not count.
        """
        self._rest += data
        found = 0
        while (kind := self._next()) is not None:
            found += kind in WAITS
        return found

    def _next(self) -> bytes | None:
        typed = int(self._begun)
        if len(self._rest) < typed + LENGTH:
            return None
        end = typed + int.from_bytes(self._rest[typed : typed + LENGTH])
        if len(self._rest) < end:
            return None
        message, self._rest = self._rest[:end], self._rest[end:]
        if self._begun:
            return message[:1]
        self._begun = message[LENGTH : 2 * LENGTH] not in ASKS_TO_ENCRYPT
        return b"" if self._begun else ENCRYPTED


@dataclass
class SlowWire:
    """What has gone over the wire: connections, and how often the server was asked and waited
    for.
    """

    delay: float
    connections: int = 0
    turns: int = 0
    dump_seconds: float = 0.0
    """How long pg_dump's own sessions lasted."""
    _dumps: set[int] = field(default_factory=set)
    _turns_of: Counter[int] = field(default_factory=Counter)

    @property
    def dump_turns(self) -> int:
        """How many of the turns were pg_dump's own."""
        return sum(self._turns_of[key] for key in self._dumps)

    async def pass_on(
        self, key: int, asking: bool, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        """Everything that one side says to the other, a delay later."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE)
        questions = Questions()

        async def read() -> None:
            while data := await source.read(CHUNK):
                if asking:
                    self._asks(key, data, questions.count(data))
                await waiting.put((loop.time() + self.delay, data))
            await waiting.put((loop.time() + self.delay, b""))

        reading = asyncio.create_task(read())
        with contextlib.suppress(OSError, asyncio.CancelledError):
            while True:
                due, data = await waiting.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    break
                target.write(data)
                await target.drain()
        reading.cancel()
        target.close()

    def _asks(self, key: int, data: bytes, questions: int) -> None:
        """A turn is a question: counted by the protocol, for a clock counts more under load."""
        if IS_A_DUMP in data:
            self._dumps.add(key)
        self.turns += questions
        self._turns_of[key] += questions

    def ended(self, key: int, seconds: float) -> None:
        """A session is over."""
        if key in self._dumps:
            self.dump_seconds += seconds


@contextlib.contextmanager
def slow_wire(upstream: Endpoint, delay: float) -> Iterator[tuple[Endpoint, SlowWire]]:
    """The server's address behind a wire of so many seconds each way, while the block runs."""
    loop, wire = asyncio.new_event_loop(), SlowWire(delay)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire.connections += 1
        key, began = wire.connections, time.monotonic()
        await asyncio.sleep(2 * delay)  # the handshake of TCP, which the kernel makes here
        there, back = await asyncio.open_connection(upstream.host, upstream.port)
        await asyncio.gather(
            wire.pass_on(key, True, reader, back), wire.pass_on(key, False, there, writer)
        )
        wire.ended(key, time.monotonic() - began)

    async def serve() -> asyncio.Server:
        return await asyncio.start_server(accept, "127.0.0.1", 0)

    server = loop.run_until_complete(serve())
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield replace(upstream, host="127.0.0.1", port=port), wire
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        server.close()
        loop.close()
