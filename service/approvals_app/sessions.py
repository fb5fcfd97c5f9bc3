"""Who is logged in: kept in this process and nowhere else, for an hour."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

LASTS: Final = timedelta(hours=1)
MOST: Final = 1000
"""Sessions at a time; the oldest ends for a new one."""


@dataclass(frozen=True, slots=True)
class Session:
    """The holder of a key, and the word that the forms of this session carry."""

    key_id: str
    person: str
    csrf: str
    until: datetime

    def has_sent(self, word: str) -> bool:
        """Whether a form carries this session's word."""
        return hmac.compare_digest(self.csrf.encode(), word.encode())


@dataclass(slots=True)
class Sessions:
    """All sessions, by the hash of what is in the cookie."""

    clock: Callable[[], datetime]
    _open: dict[str, Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, key_id: str, person: str) -> str:
        """Begin a session; what goes into the cookie."""
        cookie, now = secrets.token_urlsafe(32), self.clock()
        session = Session(key_id, person, secrets.token_urlsafe(32), now + LASTS)
        with self._lock:
            self._open = {name: one for name, one in self._open.items() if now < one.until}
            while len(self._open) >= MOST:
                del self._open[next(iter(self._open))]
            self._open[_hashed(cookie)] = session
        return cookie

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie; None if there is none, or it has ended."""
        found = self._open.get(_hashed(cookie))
        return found if found is not None and self.clock() < found.until else None

    def end(self, cookie: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(_hashed(cookie), None)


def _hashed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
