"""The two pages that ask a passkey: the one that makes it, by a one-time link, and the one that has
it sign.
"""

from __future__ import annotations

from uuid import UUID

from fastapi import FastAPI, Request, Response

from adapters.home.login_links import FOR_PASSKEYS, holder_of, use_link
from adapters.keys.kept_passkeys import keep_passkey
from adapters.keys.passkeys import passkey_in
from domain.approval.passkeys import (
    PasskeyFault,
    from_url_base64,
    made_passkey,
    registration_challenge,
    site_of,
    url_base64,
)
from domain.errors import BadInput
from service.approvals_app.asking import (
    Asked,
    asked_to_approve,
    asked_to_decline,
)
from service.approvals_app.desk import Desk
from service.approvals_app.forms import LoggedIn, NotLoggedInError, Sent, require_own
from service.approvals_app.pages import SCRIPT, page
from service.approvals_app.sessions import Session


def add_passkeys(made: FastAPI) -> None:
    """Add the pages to the application."""
    made.get("/passkey.js")(script)
    made.get("/passkey/{token}")(ask_to_make)
    made.post("/passkey/{token}")(take_made)
    made.get("/proposals/{change_set}/approve")(approve)
    made.post("/proposals/{change_set}/decline")(decline)


def script() -> Response:
    """The one script of these pages."""
    return Response(SCRIPT, media_type="text/javascript")


def ask_to_make(request: Request, token: str) -> Response:
    """Offer to make a passkey. Looking at the link does not use it up."""
    state = request.app.state
    person = holder_of(state.app.settings.state, token, state.app.clock(), FOR_PASSKEYS)
    if person is None:
        raise NotLoggedInError
    _, site = _site(state.url)
    challenge = registration_challenge(token)
    return page("register", script=True, person=person, challenge=challenge, site=site)


def take_made(request: Request, token: str, sent: Sent) -> Response:
    """Keep what the browser has made, for an administrator to register, and use the link up."""
    state = request.app.state
    folder, now = state.app.settings.state, state.app.clock()
    if holder_of(folder, token, now, FOR_PASSKEYS) is None:
        raise NotLoggedInError
    try:
        passkey = made_passkey(
            state.url,
            registration_challenge(token),
            algorithm=int(sent["algorithm"]),
            public_key=from_url_base64(sent["public_key"]),
            credential_id=from_url_base64(sent["credential_id"]),
            client_data=from_url_base64(sent["client_data"]),
            authenticator_data=from_url_base64(sent["authenticator_data"]),
        )
        passkey_in(passkey.record())
    except PasskeyFault as fault:
        raise BadInput(f"This passkey is refused: {fault}. Nothing was kept.") from None
    except (KeyError, ValueError):
        raise BadInput("The browser's answer is not whole. Nothing was kept.") from None
    person = use_link(folder, token, now, FOR_PASSKEYS)
    if person is None:
        raise NotLoggedInError
    key_id, file = keep_passkey(folder, passkey)
    return page("register", person=person, key_id=key_id, file=file)


def _site(url: str) -> tuple[str, str]:
    try:
        return site_of(url)
    except PasskeyFault as fault:
        raise BadInput(f"No passkey can be made here: {fault}.") from None


def approve(request: Request, session: LoggedIn, change_set: UUID) -> Response:
    """What the passkey of this login would sign to approve."""
    desk: Desk = request.app.state.desk
    found = desk.standing(str(change_set)).proposal
    return _sign_page(session, change_set, asked_to_approve(desk, found, session.key_id))


def decline(request: Request, session: LoggedIn, change_set: UUID, sent: Sent) -> Response:
    """The same for a no, with the reason that was typed."""
    require_own(session, sent)
    desk: Desk = request.app.state.desk
    found = desk.standing(str(change_set)).proposal
    asked = asked_to_decline(desk, found, session.key_id, sent.get("reason", ""))
    return _sign_page(session, change_set, asked)


def _sign_page(session: Session, change_set: UUID, asked: Asked) -> Response:
    return page(
        "sign",
        script=True,
        session=session,
        asks=asked,
        place=f"/proposals/{change_set}",
        payload=url_base64(asked.payload),
        credential=url_base64(asked.passkey.credential_id),
    )
