"""Answers a client over standard input and output, until it has gone or a signal comes.

The SDK reads standard input in a thread that nothing can wake, so a signal would wait for the
client's next word. What it reads here is a pipe, which a signal closes: it ends as if the client
had gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

from mcp.server import MCPServer

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STANDARD_INPUT: Final = 0
_PIECE: Final = 64 * 1024


def serve_on_stdio(server: MCPServer) -> None:
    """Serve until the client has gone. Raises `KeyboardInterrupt` after a signal."""
    with _own_input() as pump, _ended_by_signals(pump) as signalled:
        server.run("stdio")
    if signalled:
        raise KeyboardInterrupt


class _Pump:
    """Hands on what comes from one descriptor to another, which can be ended once."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._open = True
        self._lock = threading.Lock()

    def run(self) -> None:
        """Hand on until there is no more."""
        with contextlib.suppress(OSError):  # whoever reads has ended
            while piece := os.read(self._source, _PIECE):
                while piece and self._open:
                    piece = piece[os.write(self._sink, piece) :]
        self.end()

    def end(self) -> None:
        """Let whoever reads find the end."""
        with self._lock:
            if self._open:
                self._open = False
                os.close(self._sink)


@contextlib.contextmanager
def _own_input() -> Iterator[_Pump]:
    """Standard input is a pipe while the block runs; what fills it from the real one."""
    real = os.dup(_STANDARD_INPUT)
    reads, writes = os.pipe()
    os.dup2(reads, _STANDARD_INPUT)
    os.close(reads)
    pump = _Pump(real, writes)
    threading.Thread(target=pump.run, daemon=True).start()
    try:
        yield pump
    finally:
        pump.end()
        os.dup2(real, _STANDARD_INPUT)


@contextlib.contextmanager
def _ended_by_signals(pump: _Pump) -> Iterator[list[int]]:
    """A signal ends the pump while the block runs; those that came. One that the caller ignores,
    as `nohup` does, stays ignored.
    """
    came: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        threading.Thread(target=pump.end).start()  # its lock may be held right here

    before = {one: signal.getsignal(one) for one in SIGNALS}
    taken = {one: how for one, how in before.items() if how != signal.SIG_IGN}
    for one in taken:
        signal.signal(one, end)
    try:
        yield came
    finally:
        for one, how in taken.items():
            signal.signal(one, how)
