"""Which approvals this home has used, kept outside the database: an older copy of the database has
forgotten them.

One JSON object a line, appended and synced: target and nonce.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from adapters.files import append_whole, make_folder, open_plain, sync_folder

FILE_NAME: Final = "used-approvals.jsonl"
"""Its place is the folder `state` of the home."""


def used_of(file: Path, target: str, nonces: Iterable[str]) -> set[str]:
    """Those of the nonces that are on record as used in this database.

    A line that can not be read counts for nothing: the database remembers, too.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return set()
    known = {line for line in lines if line}
    return {nonce for nonce in nonces if _line(target, nonce) in known}


def keep_used(file: Path, target: str, nonces: Iterable[str]) -> None:
    """Add nonces, all or none; they are on the disk when this returns.

    Raises `BadInput` if there is no room for them.
    """
    make_folder(file.parent)
    descriptor = open_plain(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        lines = "".join(f"{_line(target, nonce)}\n" for nonce in nonces)
        append_whole(descriptor, lines.encode(), file)
    finally:
        os.close(descriptor)
    sync_folder(file.parent)


def _line(target: str, nonce: str) -> str:
    return json.dumps({"target": target, "nonce": nonce}, sort_keys=True)
