"""The baseline of a series of proofs: the state of every table before the first of them, kept in
the home's folder `state`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.files import READABLE, keep_bytes
from domain.change_set import TargetFingerprint
from domain.errors import ConfigMismatch
from domain.reports.proof import Surface, TableState

FILE_NAME: Final = "proof-baseline.json"


def keep_baseline(state: Path, target: TargetFingerprint, surface: Surface) -> Path:
    """Keep a surface as the baseline, replacing another; the file's path. Raises `BadInput`."""
    path = state / FILE_NAME
    kept = {
        "target": str(target),
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tables": {name: asdict(table) for name, table in surface.tables.items()},
    }
    keep_bytes(path, (json.dumps(kept, indent=2) + "\n").encode(), READABLE)
    return path


def kept_baseline(state: Path, target: TargetFingerprint) -> tuple[Surface, str] | None:
    """The kept baseline and when it was taken, or None.

    Raises `ConfigMismatch` if it is damaged or another database's.
    """
    path = state / FILE_NAME
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        surface = Surface(
            {
                name: TableState(int(t["rows"]), str(t["sha256"]))
                for name, t in kept["tables"].items()
            }
        )
        of, taken_at = str(kept["target"]), str(kept["taken_at"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise ConfigMismatch(
            f"{path} holds no baseline; take a new one with --new-baseline."
        ) from None
    if of != str(target):
        raise ConfigMismatch(
            f"{path} is the baseline of {of}, and this is {target}; take a new one with "
            f"--new-baseline."
        )
    return surface, taken_at
