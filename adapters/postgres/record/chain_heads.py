"""The history's chains in the database, compared with the heads that are kept outside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.home.chain_heads import ChainHead, locked, read
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import IDENTITY, read_fingerprint
from adapters.postgres.connection.rows import asked_ahead, read_all
from domain.errors import StopInvariantFailed
from domain.ledger.signed import HistoryRow, broken_link

CHAINS_A_TURN: Final = 100
"""How many documents' chains are asked for at once: over a slow network each turn counts, and none
may grow too large.
"""
_NOW: Final = (IDENTITY, ("history_heads", None))


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A chain that is not what it was. `message` is one sentence for a person."""

    document_code: str
    message: str


@dataclass(frozen=True, slots=True)
class _LastRow:
    document_code: str
    chain_no: int
    row_sha256: str


@translated("Keeping the heads of the history")
def keep_heads(conn: Connection, file: Path) -> list[ChainHead]:
    """Compare, then append the heads that have moved; returns those.

    Raises `StopInvariantFailed` and appends nothing if a chain was rewritten, cut off or broken.
    """
    with locked(file) as kept, asked_ahead(conn, *_NOW):
        known = kept.heads()
        if faults := _faults(conn, known):
            raise StopInvariantFailed(faults[0].message)
        new = [head for head in _heads(conn) if head not in known]
        kept.append(new)
    return new


@translated("Comparing the history with its heads")
def compare_heads(
    conn: Connection, file: Path, others: Sequence[ChainHead] = ()
) -> list[ChainFault]:
    """What is wrong with this database's chains, seen against the file and other heads that were
    kept; empty if all hold.

    Changes nothing. The file is read before the database, so that a run that ends meanwhile is not
    taken for a fault.
    """
    known = [*(read(file) if file.exists() else []), *others]
    with asked_ahead(conn, *_NOW):
        return _faults(conn, known)


@translated("Reading the heads of the history")
def heads_now(conn: Connection) -> list[ChainHead]:
    """The heads of this database's chains as they are."""
    return _heads(conn)


def _faults(conn: Connection, known: Sequence[ChainHead]) -> list[ChainFault]:
    target = str(read_fingerprint(conn))
    ours = [head for head in known if head.target == target]
    documents = sorted({head.document_code for head in (*ours, *_heads(conn))})
    found = []
    for at in range(0, len(documents), CHAINS_A_TURN):
        some = documents[at : at + CHAINS_A_TURN]
        with asked_ahead(conn, *(("history_of_document", {"document_code": d}) for d in some)):
            found += [
                _chain_fault(d, _chain(conn, d), [head for head in ours if head.document_code == d])
                for d in some
            ]
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
    return [
        ChainHead(target, row.document_code, row.chain_no, row.row_sha256)
        for row in read_all(conn, _LastRow, "history_heads")
    ]
