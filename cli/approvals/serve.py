"""The approvers' pages: `cutter serve --approvals` serves them, `cutter approver link` lets
somebody in, and `cutter approver passkey` lets somebody make a passkey there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rich.console import Console

from adapters.home.login_links import FOR_PASSKEYS, make_link
from adapters.postgres.permits.permit import registry
from cli.json_output import as_json_line
from cli.services import home_settings, the_app, without_prefect
from cli.terminal import words
from domain.approval.passkeys import PasskeyFault, site_of
from domain.approval.people import require_name, same_person
from domain.errors import BadInput

LINK_LASTS: Final = timedelta(minutes=15)


def serve_approvals(console: Console, port: int) -> None:
    """Serve until Ctrl-C. Raises `OutsideWorld` where the port is taken, and `HomeNotReady`."""
    with without_prefect():
        from service.approvals_app.server import serve

        settings = home_settings()
        url = settings.approvals_address(port)
        console.print(
            f"The approvers' pages are at {url}; `cutter approver link NAME` lets somebody in.",
            highlight=False,
        )
        serve(the_app(), url, port)


def passkey_command(console: Console, name: str, port: int, *, as_json: bool) -> None:
    """Print a link to the page where a person makes a passkey, once.

    What is made there counts once an administrator has registered it. Raises `BadInput` for a name
    that does not show, and where browsers make no passkeys.
    """
    person = require_name(name)
    with without_prefect():
        app = the_app()
        address = app.settings.approvals_address(port)
        try:
            site_of(address)
        except PasskeyFault as fault:
            raise BadInput(f"No passkey can be made at {address}: {fault}.") from None
        until = app.clock() + LINK_LASTS
        token = make_link(app.settings.state, person, until, FOR_PASSKEYS)
    url = f"{address}/passkey/{token}"
    if as_json:
        print(as_json_line({"person": person, "url": url}))
        return
    print(url)
    console.print(
        f"Give this to {words(person)} and nobody else; it works once, for "
        f"{LINK_LASTS.seconds // 60} minutes. Then register what was made: `cutter approver add`.",
        highlight=False,
    )


def link_command(console: Console, name: str, port: int, *, as_json: bool) -> None:
    """Print a link that lets the holder of a key in, once.

    Raises `BadInput` for a name that is not one key's, and a connection's refusal.
    """
    with without_prefect():
        from tasks.reading import verifier_connection

        app = the_app()
        now = app.clock()
        with verifier_connection(app) as conn:
            keys = [one for one in registry(conn).values() if one.counts_at(now)]
    found = [
        one
        for one in keys
        if same_person(one.person, name) or (len(name) >= 8 and one.key_id.startswith(name))
    ]
    if len(found) != 1:
        could_be = ", ".join(f"{one.person} ({one.key_id[:12]})" for one in found or keys)
        raise BadInput(f"{name} is not one key that counts; name one of: {could_be or 'none'}.")
    token = make_link(app.settings.state, found[0].key_id, now + LINK_LASTS)
    url = f"{app.settings.approvals_address(port)}/login/{token}"
    if as_json:
        print(as_json_line({"person": found[0].person, "key_id": found[0].key_id, "url": url}))
        return
    print(url)
    console.print(
        f"Give this to {words(found[0].person)} and nobody else; it works once, for "
        f"{LINK_LASTS.seconds // 60} minutes.",
        highlight=False,
    )
