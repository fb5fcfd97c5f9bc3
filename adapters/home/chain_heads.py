"""The heads of the history's chains, kept outside the database: what a superuser rewrites there,
this file remembers.

One JSON object a line, appended and synced: target, document, length of the chain and the hash of
its last row. `adapters.postgres.record.chain_heads` compares them with the database.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from adapters.files import append_whole, keep_bytes, make_folder, open_plain, sync_folder
from domain.approval.dsse import strict_json
from domain.errors import ConfigMismatch

FILE_NAME: Final = "chain-heads.jsonl"
"""Its place is the folder `state` of the home."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last row of one document's chain in one database, at some moment."""

    target: str
    document_code: str
    chain_no: int
    row_sha256: str


class HeadsFile:
    """The file of heads, open and locked against other runs."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def heads(self) -> list[ChainHead]:
        """See `read`."""
        return read(self._path)

    def append(self, heads: Iterable[ChainHead]) -> None:
        """Add heads at the end, all or none; they are on the disk when this returns.

        Raises `BadInput` if there is no room for them.
        """
        if lines := _lines(heads):
            append_whole(self._descriptor, lines, self._path)

    def begin_anew(self, heads: Iterable[ChainHead]) -> None:
        """Let only these heads count, in a file of their own that takes the name of this one; what
        was kept before has to be somewhere else.

        Raises `BadInput` if there is no room for them; then those before count. Nothing is appended
        after it.
        """
        keep_bytes(self._path, _lines(heads))


@contextmanager
def locked(path: Path) -> Iterator[HeadsFile]:
    """The file, locked while the block runs; made with mode 0600 if it is not there.

    A torn last line was never promised to anybody and goes.
    """
    make_folder(path.parent)
    descriptor = _opened_and_locked(path)
    try:
        sync_folder(path.parent)
        content = path.read_bytes()
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)
        yield HeadsFile(path, descriptor)
    finally:
        os.close(descriptor)


def _opened_and_locked(path: Path) -> int:
    while True:
        descriptor = open_plain(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it began anew while this waited


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lines(heads: Iterable[ChainHead]) -> bytes:
    return "".join(json.dumps(asdict(head)) + "\n" for head in heads).encode()


def read(file: Path) -> list[ChainHead]:
    """Every head that was ever kept, oldest first.

    Raises `ConfigMismatch` naming the line that can not be read.

    A torn last line is left out: it was never promised to anybody.
    """
    lines = file.read_bytes().split(b"\n")[:-1]
    return [_head(file, number, line) for number, line in enumerate(lines, start=1)]


def _head(file: Path, number: int, line: bytes) -> ChainHead:
    try:
        head = ChainHead(**strict_json(line.decode()))
        if _is_typed(head):
            return head
    except (ValueError, TypeError):
        pass
    raise ConfigMismatch(
        f"Line {number} of {file} is not a chain head; the file was edited or damaged. Bring "
        f"it back from a backup."
    )


def _is_typed(head: ChainHead) -> bool:
    """A chain counts from 1: number 0 would name its last link, and -1 the one before."""
    texts = (head.target, head.document_code, head.row_sha256)
    return (
        type(head.chain_no) is int
        and head.chain_no > 0
        and all(isinstance(text, str) for text in texts)
    )
