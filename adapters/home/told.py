"""What people were told of proposals already: `state/told.json`, the keys of notices."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes

FILE_NAME: Final = "told.json"


def told(state: Path) -> frozenset[str] | None:
    """The keys that were told; None if nobody was ever told anything, or it can not be read."""
    try:
        return frozenset(json.loads((state / FILE_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def keep_told(state: Path, keys: Collection[str]) -> None:
    """Keep the keys in place of those before. Raises `BadInput` if that can not be written."""
    keep_bytes(state / FILE_NAME, f"{json.dumps(sorted(keys), indent=1)}\n".encode())
