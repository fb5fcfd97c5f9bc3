"""Lets a process of its own read a PDF, within limits of time and memory, and believes nothing that
it answers but its form.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.pipes import Program, Pump, write_all
from adapters.readers.text.limits import MAX_TEXT_CHARS, MIB
from domain.errors import DocumentRefused

_MOST_BYTES: Final = 4 * MAX_TEXT_CHARS  # of an answer
_CHUNK: Final = MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process may use: seconds of a processor, bytes of memory."""

    seconds: int
    memory: int

    @classmethod
    def of(cls, size: int) -> Limits:
        """The limits for a file of that many bytes. Laws take some ten seconds for a MiB of text,
        most of them far less.
        """
        return cls(min(30 + 30 * size // MIB, 300), 1024 * MIB + 4 * size)

    @property
    def patience(self) -> int:
        """Seconds that a machine may take for these seconds of a processor."""
        return 3 * self.seconds + 30


@dataclass(frozen=True, slots=True)
class PdfText:
    """What the process answered: the lines of a document, "" for a distance, and the page of each;
    the indices of those that go on with the line before them; what stands apart from them, each
    with its page; the pages by what is to be said of them.
    """

    lines: tuple[str, ...]
    pages: tuple[int, ...]
    going_on: frozenset[int]
    notes: tuple[tuple[int, str], ...]
    margins: tuple[tuple[int, str], ...]
    notices: Mapping[str, tuple[int, ...]]


def read_pdf(data: bytes, limits: Limits | None = None) -> PdfText:
    """The lines of a PDF, read by a process of its own.

    Raises `DocumentRefused` for whatever that refuses, for what it did not survive, and beyond the
    limits.
    """
    given = limits or Limits.of(len(data))
    answer, status = _answer(data, given)
    if status:
        raise DocumentRefused(_why(status, given))
    try:
        found: dict[str, Any] = json.loads(answer)
        if "refused" in found:
            raise DocumentRefused(_sentence(found["refused"]))
        return _checked(found)
    except (ValueError, TypeError, LookupError):
        raise DocumentRefused("This PDF can not be read: its reader gave no answer.") from None


def _answer(data: bytes, limits: Limits) -> tuple[bytes, int]:
    """What the process wrote, and its exit status."""
    command = [
        *(sys.executable, "-I", "-X", "utf8", "-m", "adapters.readers.pdf.child"),
        *(str(limits.seconds), str(limits.memory)),
    ]
    with Program("pdf", command, env={}, stdin=-1) as program:
        clock = threading.Timer(limits.patience, program.kill)
        clock.start()
        try:
            feed = Pump(lambda: _feed(program, data), "pdf in")
            feed.start()
            answer = _read(program)
            feed.join()
            return answer, program.status()
        finally:
            clock.cancel()


def _feed(program: Program, data: bytes) -> None:
    write_all(program.stdin, data)
    program.stdin.close()


def _read(program: Program) -> bytes:
    parts, length = [], 0
    while chunk := program.stdout.read(_CHUNK):
        parts.append(chunk)
        length += len(chunk)
        if length > _MOST_BYTES:
            program.kill()
            raise DocumentRefused("This PDF holds more text than is read; split it.")
    return b"".join(parts)


def _why(status: int, limits: Limits) -> str:
    if -status in (signal.SIGXCPU, signal.SIGKILL):
        return (
            f"This PDF takes longer to read than {limits.seconds} seconds, which no "
            f"law of its size does; print it into a PDF of its own, or split it."
        )
    return (
        f"This PDF can not be read: it is damaged, or needs more memory than "
        f"{limits.memory // MIB:,} MiB; print it into a PDF of its own, or split it."
    )


def _checked(found: dict[str, Any]) -> PdfText:
    """The answer, if it has the form that it should have; raises ValueError or TypeError else."""
    lines = tuple(_line(line) for line in found["lines"])
    pages = tuple(_number(page) for page in found["pages"])
    if len(lines) != len(pages):
        raise ValueError("pages")
    notices = {
        str(code): tuple(_number(page) for page in numbers)
        for code, numbers in found["notices"].items()
    }
    going_on = frozenset(_number(index) for index in found["going_on"])
    return PdfText(
        lines, pages, going_on, _apart(found["notes"]), _apart(found["margins"]), notices
    )


def _apart(found: Sequence[Sequence[Any]]) -> tuple[tuple[int, str], ...]:
    return tuple((_number(page), _line(text)) for page, text in found)


def _line(value: object) -> str:
    if not isinstance(value, str) or len(value.splitlines()) > 1 or "\0" in value:
        raise ValueError("line")
    value.encode()  # raises for half a character
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("number")
    return value


def _sentence(value: object) -> str:
    return " ".join(_line(value).split())[:1000]
