"""Hashes that pin what will be written and what was written.

All are SHA-256 in lower-case hexadecimal.

Fields are joined by the ASCII unit separator (0x1F) and records end with the record separator
(0x1E); neither can occur in a digested field: addresses and words have no control characters, and
free text enters as its own hash. So no two different plans share a digest input. The database
computes the same in `sql/verify.sql`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

FIELD = "\x1f"
RECORD = "\x1e"


def text_sha256(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes.

    >>> text_sha256("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


class RecordsDigest:
    """SHA-256 over records of fields, as they come.

    >>> digest = RecordsDigest()
    >>> digest.add([("a", "b")])
    >>> digest.add([("c", "d")])
    >>> digest.hexdigest() == records_sha256([("a", "b"), ("c", "d")])
    True
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, records: Iterable[Sequence[str]]) -> None:
        """The next records, in order."""
        for record in records:
            self._digest.update((FIELD.join(record) + RECORD).encode())

    def hexdigest(self) -> str:
        """The digest of what was added so far."""
        return self._digest.hexdigest()


def records_sha256(records: Iterable[Sequence[str]]) -> str:
    """SHA-256 over records of fields, in order."""
    digest = RecordsDigest()
    digest.add(records)
    return digest.hexdigest()
