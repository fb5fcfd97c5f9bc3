"""That a site's functions have kept the contract: for which database and which functions, kept in
the home's folder `state`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.files import READABLE, keep_bytes
from domain.change_set import TargetFingerprint

FILE_NAME: Final = "conformed.json"


def keep_conformed(state: Path, target: TargetFingerprint, port_sha256: str) -> Path:
    """Keep that this port of this database conforms; the file's path. Raises `BadInput`."""
    kept = {
        "target": str(target),
        "port_sha256": port_sha256,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path = state / FILE_NAME
    keep_bytes(path, (json.dumps(kept, indent=2) + "\n").encode(), READABLE)
    return path


def conformed(state: Path, target: TargetFingerprint, port_sha256: str) -> bool:
    """Whether exactly this port of this database was found to conform. A damaged file says no."""
    try:
        kept = json.loads((state / FILE_NAME).read_text(encoding="utf-8"))
        return (kept["target"], kept["port_sha256"]) == (str(target), port_sha256)
    except (OSError, ValueError, TypeError, KeyError):
        return False
