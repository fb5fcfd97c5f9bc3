"""The registered target: which database change sets are for, so that their ids are known without a connection."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from domain.errors import BadInput, ConfigMismatch
from domain.phases import TargetFingerprint

NAME = "target.json"


def register_target(state: Path, target: TargetFingerprint) -> Path:
    """Keep the target in `state/target.json`, replacing another; the file's path. Raises `BadInput`."""
    path, part = state / NAME, state / f"{NAME}.{os.getpid()}.part"
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_text(json.dumps(asdict(target), indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise BadInput(f"The target can not be registered in {state}: {error.strerror}. Set CUTTER_HOME to another.") from None
    return path


def registered_target(state: Path) -> TargetFingerprint | None:
    """The registered target, or None. Raises `ConfigMismatch` if the file is damaged."""
    path = state / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return TargetFingerprint(str(found["database"]), int(found["database_oid"]), int(found["system_identifier"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        raise ConfigMismatch(f"{path} names no database; register the target again.") from None
