"""The chain heads that sealed bundles hold: more places outside the database that remember what its
history was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

from adapters.evidence.files import decode_file
from adapters.evidence.seal import ENVELOPE, INDEX, SealBroken, check_signature
from adapters.home.chain_heads import ChainHead
from domain.evidence.bundle import ChainHeadOnRecord

HEAD = "chain-head.json"


def sealed_heads(runs: Path) -> list[ChainHead]:
    """The head in every bundle below `runs` whose seal holds, by folder.

    A broken bundle tells nothing.
    """
    return [head for folder in sorted(runs.glob("*/evidence-*")) for head in _head(folder)]


def _head(folder: Path) -> Iterator[ChainHead]:
    try:
        index = check_signature((folder / INDEX).read_bytes(), (folder / ENVELOPE).read_bytes())
        content = (folder / HEAD).read_bytes()
        sealed = {entry.name: entry.sha256 for entry in index.files}
        if sealed.get(HEAD) != hashlib.sha256(content).hexdigest():
            return
        found: ChainHeadOnRecord | None = decode_file(HEAD, content)
    except (OSError, SealBroken, ValueError):
        return
    if found is not None:
        yield ChainHead(*astuple(found))
