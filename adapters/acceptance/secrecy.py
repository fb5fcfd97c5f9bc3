"""What must not be seen anywhere: the run's passwords and keys.

A log that redacts them, and a scan that looks for them.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO, cast
from urllib.parse import quote

MASK: Final = "***"
WATCHED_LOGGERS: Final = ("adapters", "blocks", "cli", "domain", "flows", "tasks", "psycopg")
_CHUNK: Final = 1 << 20


class Secrets:
    """The secrets of a run by name, each in the forms in which it could turn up.

    `redacted` counts what was masked.
    """

    def __init__(self, named: Mapping[str, str]) -> None:
        self._forms = {form: name for name, value in named.items() for form in _forms(value)}
        self.redacted: dict[str, int] = dict.fromkeys(named, 0)

    def __len__(self) -> int:
        return len(self.redacted)

    def redact(self, text: str) -> str:
        """The text with every secret masked."""
        for form, name in self._forms.items():
            if form in text:
                self.redacted[name] += text.count(form)
                text = text.replace(form, MASK)
        return text

    def found_in(self, data: bytes) -> set[str]:
        """The names of the secrets that occur in some bytes."""
        return {name for form, name in self._forms.items() if form.encode() in data}

    def longest(self) -> int:
        """How many characters the longest form has."""
        return max(map(len, self._forms), default=0)


def _forms(value: str) -> set[str]:
    """A secret as it is, in base64, in hexadecimal, and as a URL or JSON would write it.

    >>> sorted(_forms("p w"))
    ['702077', 'cCB3', 'p w', 'p%20w']
    """
    raw = value.encode()
    encoded = base64.b64encode(raw).decode().rstrip("=")
    return {value, encoded, raw.hex(), quote(value, safe=""), json.dumps(value)[1:-1]}


def key_material(pem: bytes) -> str:
    """The part of a private key in PEM that nobody may see: its last line of base64."""
    return pem.decode("ascii").strip().splitlines()[-2]


def leaks_in_files(
    folder: Path, secrets: Secrets, *, but: Mapping[Path, str]
) -> tuple[list[str], int]:
    """Which files below a folder hold a secret, and how many files were read.

    `but` names the one secret a file may hold.
    """
    leaks, files = [], 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        files += 1
        found = _found_in_file(path, secrets) - {but.get(path, "")}
        leaks += [f"{name} in {path.relative_to(folder)}" for name in sorted(found)]
    return leaks, files


def _found_in_file(path: Path, secrets: Secrets) -> set[str]:
    """In chunks that overlap, so that a secret across a border is found too."""
    found: set[str] = set()
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found |= secrets.found_in(tail + chunk)
            tail = chunk[-secrets.longest() :]
    return found


class JsonLines(logging.Handler):
    """Writes each record as one JSON object a line, redacted.

    `scenario` is what the lines belong to.
    """

    def __init__(self, path: Path, secrets: Secrets) -> None:
        super().__init__(logging.DEBUG)
        self.path = path
        self.scenario = ""
        self._secrets = secrets
        self._file = path.open("w", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. Tracebacks are left out: what they quote is not ours."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "scenario": self.scenario,
            "message": self._secrets.redact(record.getMessage()),
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@contextmanager
def structured_log(path: Path, secrets: Secrets) -> Iterator[JsonLines]:
    """Send what our packages and the driver log to a file of JSON lines, from DEBUG on, and nowhere
    else.
    """
    handler = JsonLines(path, secrets)
    loggers = [logging.getLogger(name) for name in WATCHED_LOGGERS]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    try:
        yield handler
    finally:
        for logger, level, propagate in before:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()


class _Tee:
    """Passes output on and keeps a copy."""

    def __init__(self, stream: TextIO, kept: list[str]) -> None:
        self._stream = stream
        self._kept = kept

    def write(self, text: str) -> int:
        self._kept.append(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def output_kept() -> Iterator[list[str]]:
    """Everything that Python prints while the block runs, also to the error output.

    It is printed as well.
    """
    kept: list[str] = []
    out, err = cast("TextIO", _Tee(sys.stdout, kept)), cast("TextIO", _Tee(sys.stderr, kept))
    with redirect_stdout(out), redirect_stderr(err):
        yield kept
