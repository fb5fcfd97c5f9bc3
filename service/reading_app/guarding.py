"""Around every answer: which host it is asked of, what a browser may do with it, and one line in
the log that does not say what was read.
"""

from __future__ import annotations

import logging
import time
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

POLICY: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class Guarded:
    """An application behind its own host name. HEAD is answered as GET is, without the content."""

    def __init__(self, application: ASGIApp, url: str) -> None:
        """`url` is how it is reached. Other names for this host, as one that was bound anew to its
        address, are refused.
        """
        self._application = application
        self._host = urlsplit(url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if Headers(scope=scope).get("host") != self._host:
            refused = PlainTextResponse("This is not the address of this service.\n", 421)
            await refused(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._application(inner, receive, guarded)
        finally:
            asked = getattr(inner.get("endpoint"), "__name__", "nothing")
            taken = (time.perf_counter() - began) * 1000
            log.info("%s %s %d %.1f ms", scope["method"], asked, status, taken)
