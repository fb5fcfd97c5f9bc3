"""What each run leaves behind, one folder a change set below `runs`: written whole or not at all, for its owner only."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from domain.errors import BadInput

DRY_RUN: Final = "dry-run"
REHEARSAL: Final = "rehearsal"


def folder_of(runs: Path, change_set_id: UUID) -> Path:
    """Where a change set's runs are kept; it may not exist yet."""
    return runs / str(change_set_id)


def keep_bytes(path: Path, content: bytes) -> None:
    """Write a file by way of a `.part` beside it. Raises `BadInput` if the folder can not be written."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise BadInput(f"{path} can not be written: {error.strerror}. Make room there or set CUTTER_HOME.") from None


def keep_json(runs: Path, change_set_id: UUID, name: str, value: object) -> Path:
    """Keep what a run of this change set answered, as `NAME.json`; a later run's answer replaces it. Returns the path."""
    path = folder_of(runs, change_set_id) / f"{name}.json"
    keep_bytes(path, (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n").encode())
    return path


def find_json(runs: Path, change_set_id: UUID, name: str) -> Any | None:
    """What was kept under this name, or None. Raises `BadInput` if the file is there and can not be read."""
    path = folder_of(runs, change_set_id) / f"{name}.json"
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise BadInput(f"{path} can not be read; remove it and run again.") from None
