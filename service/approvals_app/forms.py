"""Who is logged in, and the forms that the pages take."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import Depends, Request

from domain.errors import BadInput
from service.approvals_app.sessions import Session

COOKIE: Final = "cutter_approver"
LONGEST_FORM: Final = 64 * 1024
_FORMAT: Final = "application/x-www-form-urlencoded"

Form = dict[str, str]


class NotLoggedInError(Exception):
    """Nobody is logged in here."""


class ForgedError(Exception):
    """Another site, or a page of another session, has sent this."""


async def _form(request: Request) -> Form:
    """What a form has sent, each field once."""
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > LONGEST_FORM:
            raise BadInput("That is too long for an approval. Nothing was done.")
    if not request.headers.get("content-type", "").startswith(_FORMAT):
        raise ForgedError
    return {name: values[0] for name, values in parse_qs(content.decode(errors="replace")).items()}


def _session(request: Request) -> Session:
    """Who is logged in, if the key still counts. Raises `NotLoggedInError`."""
    found: Session | None = request.app.state.sessions.find(request.cookies.get(COOKIE, ""))
    if found is None or request.app.state.desk.holder(found.key_id) is None:
        raise NotLoggedInError
    return found


Sent = Annotated[Form, Depends(_form)]
LoggedIn = Annotated[Session, Depends(_session)]


def require_own(session: Session, sent: Form) -> None:
    """Raises `ForgedError` for a form that no page of this session has made."""
    if not session.has_sent(sent.get("csrf", "")):
        raise ForgedError
