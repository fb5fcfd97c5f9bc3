"""The approvers' pages over HTTP: nothing from elsewhere, no script but where a passkey is asked,
and no authority of its own.

Whatever a browser sends, what counts is a signature by an approver's own key, which the executor
and the verifier judge again. The pages hold no key and make no signature.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from adapters.home.login_links import holder_of, use_link
from domain.errors import BadInput, CutterError
from service.approvals_app.asking import answered
from service.approvals_app.desk import Desk
from service.approvals_app.forms import (
    COOKIE,
    ForgedError,
    LoggedIn,
    NotLoggedInError,
    Sent,
    require_own,
)
from service.approvals_app.pages import POLICY, STYLE, page
from service.approvals_app.passkeys import add_passkeys
from service.approvals_app.sessions import LASTS, Session, Sessions
from tasks.app import App

_NEVER_BY_LINK: Final = "A form of this page has to send this. Nothing was done."


def approvals_app(app: App, url: str) -> FastAPI:
    """The application. `url` is how browsers reach it: other hosts' pages and names are refused."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.state.desk, made.state.app = Desk(app), app
    made.state.sessions, made.state.url = Sessions(app.clock), url.rstrip("/")
    made.middleware("http")(_guarded)
    made.exception_handler(NotLoggedInError)(_not_logged_in)
    made.exception_handler(ForgedError)(_forged)
    made.exception_handler(CutterError)(_refused)
    for path, shown in (
        ("/", inbox),
        ("/style.css", style),
        ("/login/{token}", ask_to_log_in),
        ("/proposals/{change_set}", proposal),
        ("/proposals/{change_set}/review", review),
        ("/proposals/{change_set}/request.json", request_file),
    ):
        made.get(path, response_class=HTMLResponse)(shown)
    made.post("/login/{token}")(log_in)
    made.post("/logout")(log_out)
    made.post("/proposals/{change_set}")(take)
    add_passkeys(made)
    return made


async def _guarded(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Refuse other names for this host, as one that was bound anew to its address, and forms that
    another site has sent. Say to browsers what no page of ours may do.
    """
    ours = str(request.app.state.url)
    if request.headers.get("host") != urlsplit(ours).netloc:
        return Response("This is not the address of these pages.", 421)
    if request.method != "GET" and request.headers.get("origin") != ours:
        return Response(_NEVER_BY_LINK, 403)
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    # With `no-referrer` browsers would say `Origin: null` of our own forms (Fetch, section 3.1).
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def style() -> Response:
    """The style sheet."""
    return Response(STYLE, media_type="text/css")


def ask_to_log_in(request: Request, token: str) -> Response:
    """Ask before a link is used up: what looks at links in mails opens them too."""
    key_id = holder_of(request.app.state.app.settings.state, token, request.app.state.app.clock())
    key = request.app.state.desk.holder(key_id) if key_id else None
    if key is None:
        raise NotLoggedInError
    return page("login", person=key.person)


def log_in(request: Request, token: str) -> Response:
    """Use a link up, and begin a session for the holder of its key."""
    state = request.app.state
    key_id = use_link(state.app.settings.state, token, state.app.clock())
    key = state.desk.holder(key_id) if key_id else None
    if key is None:
        raise NotLoggedInError
    response = RedirectResponse("/", 303)
    response.set_cookie(
        COOKIE,
        state.sessions.begin(key.key_id, key.person),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=state.url.startswith("https:"),
    )
    return response


def log_out(request: Request, session: LoggedIn, sent: Sent) -> Response:
    """End the session."""
    require_own(session, sent)
    request.app.state.sessions.end(request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE)
    return response


def inbox(request: Request, session: LoggedIn) -> Response:
    """What waits."""
    return page("inbox", session=session, waiting=request.app.state.desk.waiting())


def proposal(request: Request, session: LoggedIn, change_set: UUID) -> Response:
    """One proposal: what it is, its short code, and how to sign it."""
    return _proposal_page(request, session, change_set)


def review(request: Request, _session: LoggedIn, change_set: UUID) -> Response:
    """The review page as it was kept, under its own policy."""
    desk: Desk = request.app.state.desk
    desk.standing(str(change_set))
    found = desk.review_page(change_set)
    if found is None:
        raise BadInput("No review page is kept with this proposal; ask for `cutter propose`.")
    frames = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    return FileResponse(
        found, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": frames}
    )


def request_file(request: Request, session: LoggedIn, change_set: UUID) -> Response:
    """The request to sign, as a file, made for this session's key."""
    desk: Desk = request.app.state.desk
    content = desk.request_file(desk.standing(str(change_set)).proposal, session.key_id)
    name = f'attachment; filename="request-{str(change_set)[:8]}.json"'
    return Response(content, media_type="application/json", headers={"Content-Disposition": name})


def take(request: Request, session: LoggedIn, change_set: UUID, sent: Sent) -> Response:
    """Take what was signed."""
    require_own(session, sent)
    desk: Desk = request.app.state.desk
    found = desk.standing(str(change_set)).proposal
    text = answered(session.key_id, sent) if "payload" in sent else sent.get("signed", "")
    done = desk.take(found, session.key_id, text)
    return _proposal_page(request, session, change_set, done)


def _proposal_page(
    request: Request, session: Session, change_set: UUID, done: str | None = None
) -> Response:
    desk: Desk = request.app.state.desk
    standing = desk.standing(str(change_set))
    code: str | None = None
    why_not: str | None = None
    try:
        code = desk.code_of(standing.proposal)
    except CutterError as error:
        why_not = str(error)
    return page(
        "proposal",
        session=session,
        one=standing,
        done=done,
        code=code,
        why_not=why_not,
        has_review=desk.review_page(change_set) is not None,
        place=f"/proposals/{change_set}",
        with_passkey=desk.has_passkey(session.key_id),
    )


def _not_logged_in(_request: Request, _error: Exception) -> Response:
    return page("out", status=401)


def _forged(_request: Request, _error: Exception) -> Response:
    return page("refused", status=403, why=_NEVER_BY_LINK)


def _refused(_request: Request, error: Exception) -> Response:
    return page("refused", status=400 if isinstance(error, BadInput) else 409, why=str(error))
