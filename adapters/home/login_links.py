"""One-time links for approvers: `state/logins/HASH.json`, made by whoever has the home, and those
to make a passkey with, in a folder of their own.

What is kept is the hash of a link's secret half, so that who reads the home can use none of those
that were given out.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes

FOLDER: Final = "logins"
FOR_PASSKEYS: Final = "passkey-links"
"""Of links for people without a key yet: what is kept of one is the person's name."""


def make_link(state: Path, key_id: str, until: datetime, folder: str = FOLDER) -> str:
    """The secret half of a new link for the holder of a key. Raises `BadInput`."""
    token = secrets.token_urlsafe(32)
    content = json.dumps({"key_id": key_id, "until": until.isoformat()})
    keep_bytes(_place(state, token, folder), content.encode())
    return token


def holder_of(state: Path, token: str, now: datetime, folder: str = FOLDER) -> str | None:
    """The key that a link is for; None if there is no such link, or it has ended or was used."""
    try:
        found = json.loads(_place(state, token, folder).read_text(encoding="utf-8"))
        return str(found["key_id"]) if now < datetime.fromisoformat(found["until"]) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def use_link(state: Path, token: str, now: datetime, folder: str = FOLDER) -> str | None:
    """The same, once: of two who use a link at the same moment exactly one gets an answer."""
    holder = holder_of(state, token, now, folder)
    try:
        _place(state, token, folder).unlink()
    except OSError:
        return None
    return holder


def _place(state: Path, token: str, folder: str) -> Path:
    return state / folder / f"{hashlib.sha256(token.encode()).hexdigest()}.json"
