"""Programs joined by pipes, with every exit status looked at: a pipe is only as good as its worst
program.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import IO, Final, Self

CHUNK: Final = 1 << 20  # bytes; also the size asked for each pipe, where the system lets us
KEPT_WORDS: Final = 4096  # bytes of what a program said last on its error output
GRACE: Final = 30  # seconds for a program to end once its pipes are closed

# What a child may inherit. Everything else stays here: an environment can hold secrets and is
# readable from outside.
INHERITED: Final = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLCRL",
)


def child_environment(**more: str) -> dict[str, str]:
    """The environment for a child program: what it needs to run, its messages in English, and
    `more`.
    """
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", **more}


class Program:
    """One running program.

    `words` is what it said last on its error output; show it to nobody unread.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        pass_fds: Iterable[int] = (),
    ) -> None:
        self.name = name
        self._words = bytearray()
        self.process = subprocess.Popen(
            list(command),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=dict(env),
            pass_fds=tuple(pass_fds),
            bufsize=0,
            pipesize=CHUNK,
        )
        self._listener = threading.Thread(target=self._listen, name=f"{name} words", daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing outlives the block: a program still running is killed, its pipes are closed."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    @property
    def words(self) -> str:
        """What the program said last, whole once `status` has answered."""
        return self._words.decode(errors="replace")

    @property
    def stdin(self) -> IO[bytes]:
        """Where to write to it."""
        assert self.process.stdin is not None  # noqa: S101  # asked for with PIPE
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """Where to read from it."""
        assert self.process.stdout is not None  # noqa: S101  # asked for with PIPE
        return self.process.stdout

    def status(self) -> int:
        """Its exit status, negative for the signal that ended it.

        Waits; kills it when it does not end by itself.
        """
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._listener.join()
        return self.process.wait()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()

    def _listen(self) -> None:
        assert self.process.stderr is not None  # noqa: S101  # always a pipe
        while chunk := self.process.stderr.read(KEPT_WORDS):
            self._words = (self._words + chunk)[-KEPT_WORDS:]


class Pump(threading.Thread):
    """Moves bytes in a thread of its own, so that a full pipe on one side can not stop the other.

    Ends by `result`.
    """

    def __init__(self, work: Callable[[], None], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do the work; what goes wrong is kept for `result`, since a thread's end looks like the
        end of the data.
        """
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits
            self._error = error

    def result(self) -> BaseException | None:
        """Wait for the end: None if all bytes went through, else what went wrong."""
        self.join()
        return self._error


def write_all(pipe: IO[bytes], data: bytes | memoryview) -> None:
    """Write every byte; an unbuffered pipe may take a part of them at a time.

    >>> import io
    >>> sink = io.BytesIO(); write_all(sink, b"all"); sink.getvalue()
    b'all'
    """
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]
