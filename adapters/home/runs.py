"""What each run leaves behind, one folder a change set below `runs`: written whole or not at all,
for its owner only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from adapters.files import keep_bytes
from domain.errors import BadInput

DRY_RUN: Final = "dry-run"
REHEARSAL: Final = "rehearsal"


def folder_of(runs: Path, change_set_id: UUID) -> Path:
    """Where a change set's runs are kept; it may not exist yet."""
    return runs / str(change_set_id)


def keep_json(runs: Path, change_set_id: UUID, name: str, value: object) -> Path:
    """Keep what a run of this change set answered, as `NAME.json`; a later run's answer replaces
    it. Returns the path.
    """
    path = folder_of(runs, change_set_id) / f"{name}.json"
    keep_bytes(
        path,
        (
            json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
        ).encode(),
    )
    return path


def find_json(runs: Path, change_set_id: UUID, name: str) -> Any | None:
    """What was kept under this name, or None.

    Raises `BadInput` if the file is there and can not be read.
    """
    path = folder_of(runs, change_set_id) / f"{name}.json"
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise BadInput(f"{path} can not be read; remove it and run again.") from None
