"""The heads of the history's chains, kept outside the database: what a superuser rewrites there,
this file remembers.

One JSON object a line, appended and synced: target, document, length of the chain and the hash of
its last row.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from adapters.files import make_folder, sync_folder
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.install import read_fingerprint
from domain.approval.dsse import strict_json
from domain.errors import ConfigMismatch, StopInvariantFailed
from domain.ledger.signed import HistoryRow, broken_link

Connection = psycopg.Connection[Any]

FILE_NAME: Final = "chain-heads.jsonl"
"""Its place is the folder `state` of the home."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last row of one document's chain in one database, at some moment."""

    target: str
    document_code: str
    chain_no: int
    row_sha256: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A chain that is not what it was. `message` is one sentence for a person."""

    document_code: str
    message: str


def keep(conn: Connection, file: Path) -> list[ChainHead]:
    """Compare, then append the heads that have moved; returns those.

    The file is made with mode 0600.

    Raises `StopInvariantFailed` and appends nothing if a chain was rewritten, cut off or broken.
    """
    with _locked(file) as descriptor:
        known = read(file)
        if faults := _faults(conn, known):
            raise StopInvariantFailed(faults[0].message)
        new = [head for head in _heads(conn) if head not in known]
        if new:
            os.write(descriptor, "".join(json.dumps(asdict(head)) + "\n" for head in new).encode())
            os.fsync(descriptor)
    return new


def compare(conn: Connection, file: Path, others: Sequence[ChainHead] = ()) -> list[ChainFault]:
    """What is wrong with this database's chains, seen against the file and other heads that were
    kept; empty if all hold.

    Changes nothing. The file is read before the database, so that a run that ends meanwhile is not
    taken for a fault.
    """
    return _faults(conn, [*(read(file) if file.exists() else []), *others])


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


def _faults(conn: Connection, known: Sequence[ChainHead]) -> list[ChainFault]:
    target = str(read_fingerprint(conn))
    ours = [head for head in known if head.target == target]
    documents = {head.document_code for head in ours} | {
        head.document_code for head in _heads(conn)
    }
    found = (
        _chain_fault(
            document,
            _chain(conn, document),
            [head for head in ours if head.document_code == document],
        )
        for document in sorted(documents)
    )
    return [fault for fault in found if fault is not None]


def _chain_fault(
    document: str, chain: Sequence[HistoryRow], heads: Sequence[ChainHead]
) -> ChainFault | None:
    if broken := broken_link(chain):
        return ChainFault(
            document,
            (
                f"The history of {document} is broken at step {broken.chain_no}: its hash is not "
                f"that of its row."
            ),
        )
    for head in heads:
        if head.chain_no > len(chain):
            return ChainFault(
                document,
                (
                    f"The history of {document} was cut off: {len(chain)} steps are left of the "
                    f"{head.chain_no} on file."
                ),
            )
        if chain[head.chain_no - 1].row_sha256 != head.row_sha256:
            return ChainFault(
                document,
                (
                    f"The history of {document} was rewritten: step {head.chain_no} is not the one "
                    f"on file."
                ),
            )
    return None


def _chain(conn: Connection, document: str) -> list[HistoryRow]:
    return read_all(conn, HistoryRow, "history_of_document", {"document_code": document})


def _heads(conn: Connection) -> list[ChainHead]:
    target = str(read_fingerprint(conn))
    rows = conn.execute(statement("history_heads")).fetchall()
    return [
        ChainHead(target, document, int(chain_no), row_sha256)
        for document, chain_no, row_sha256 in rows
    ]


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    """The file, opened to append and locked against other runs.

    A torn last line was never promised to anybody and goes.
    """
    make_folder(file.parent)
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        sync_folder(file.parent)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        content = file.read_bytes()
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)
        yield descriptor
    finally:
        os.close(descriptor)
