"""Why a server lets nobody in.

While connecting the driver gives no code, so its text is searched and never shown: it can hold
secrets.
"""

from __future__ import annotations

import re
from typing import Final

from domain.ports import Endpoint

_NO_ROOT: Final = r"root certificate file .* does not exist|could not read root certificate file"
_OTHER_ROOT: Final = r"certificate verify failed|signature failure|self.signed certif"
_NO_CERTIFICATE: Final = (
    r"requires a valid client certificate|certificate authentication failed|certificate required|"
    r"alert (?:bad|unknown|handshake)"
)
_UNREADABLE: Final = (
    r"could not (?:open|load|read) (?:certificate|private key)|"
    r"private key file .* (?:does not exist|has group or world access|must be owned)|"
    r"certificate present, but not private key"
)

WHY: Final[dict[str, str]] = {
    _NO_ROOT: (
        "{where} can not be checked: sslmode {sslmode} needs the certificate of who vouches for "
        "it; name its file in DOT_CUTTER_DB_SSLROOTCERT (or `system` for those of this machine)"
    ),
    _OTHER_ROOT: (
        "{where} shows a certificate that the one in DOT_CUTTER_DB_SSLROOTCERT does not vouch for; "
        "name the right one"
    ),
    r"does not match host name": (
        "{where} shows a certificate for another name than {host}; set DOT_CUTTER_DB_HOST to the "
        "name in it, or have it made for this one"
    ),
    _NO_CERTIFICATE: (
        "{where} wants a client certificate of {user}; put {user}.crt and {user}.key into the "
        "folder that DOT_CUTTER_DB_SSLCERTS names"
    ),
    _UNREADABLE: (
        "{where} was not asked: the client certificate of {user} or its key can not be read; both "
        "have to be in the folder of DOT_CUTTER_DB_SSLCERTS, the key with mode 0600"
    ),
    r"server does not support SSL": (
        "{where} has no TLS, and sslmode {sslmode} wants it; turn ssl on in the server, or change "
        "DOT_CUTTER_DB_SSLMODE"
    ),
    r"password authentication failed|no password supplied": (
        "{where} refuses the password of {user}; store the right one in its Secret block"
    ),
    r"database .* does not exist": (
        "{where} has no database {database}; create it or correct DOT_CUTTER_DB_NAME"
    ),
    r"too many .*connections|remaining connection slots": (
        "{where} has no free connection; run again when others have ended"
    ),
    r"pg_hba\.conf|SSL": (
        "{where} does not let {user} in that way; check pg_hba.conf and DOT_CUTTER_DB_SSLMODE"
    ),
}
"""What libpq may be heard to say while it connects, and what it means; the first that fits. Where
libpq has tried more than one way in, what it says of certificates names the cause.
"""


def refusal(endpoint: Endpoint, user: str, text: str) -> str:
    """One sentence of ours for what the driver said.

    >>> refusal(Endpoint("h", 1, "kb"), "u", "Connection refused")  # doctest: +ELLIPSIS
    'PostgreSQL at h:1 does not answer; start it, ...'
    """
    where = f"PostgreSQL at {endpoint.host}:{endpoint.port}"
    for pattern, why in WHY.items():
        if re.search(pattern, text):
            facts = {"host": endpoint.host, "database": endpoint.database, "user": user}
            return f"{why.format(where=where, sslmode=endpoint.sslmode, **facts)}."
    return (
        f"{where} does not answer; start it, or correct DOT_CUTTER_DB_HOST and DOT_CUTTER_DB_PORT."
    )
