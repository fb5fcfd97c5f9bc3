"""The registered target: which database change sets are for, so that their ids are known without a
connection.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from adapters.files import READABLE, keep_bytes
from domain.change_set import TargetFingerprint
from domain.errors import ConfigMismatch, ConfigMissing

NAME = "target.json"


def register_target(state: Path, target: TargetFingerprint) -> Path:
    """Keep the target in `state/target.json`, replacing another; the file's path.

    Raises `BadInput`.
    """
    path = state / NAME
    keep_bytes(path, (json.dumps(asdict(target), indent=2) + "\n").encode(), READABLE)
    return path


def registered_target(state: Path) -> TargetFingerprint | None:
    """The registered target, or None. Raises `ConfigMismatch` if the file is damaged."""
    path = state / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return TargetFingerprint(
            str(found["database"]), int(found["database_oid"]), int(found["system_identifier"])
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        raise ConfigMismatch(f"{path} names no database; register the target again.") from None


def require_target(state: Path) -> TargetFingerprint:
    """The registered target.

    Raises `ConfigMissing` if there is none, and what `registered_target` raises.
    """
    target = registered_target(state)
    if target is None:
        raise ConfigMissing(
            "The target database", "Register it with `cutter doctor --register`, then start again."
        )
    return target
