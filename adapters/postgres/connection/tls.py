"""How TLS is spoken with the server, in the words of libpq (PostgreSQL manual, section 34.1.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from domain.ports import Endpoint

MUST_BE_TLS: Final = frozenset({"require", "verify-ca", "verify-full"})
"""What `sslmode` says where nothing but TLS will do."""


def tls_words(endpoint: Endpoint, user: str) -> dict[str, str]:
    """The connection parameters of a login: `sslmode` always, the others where they are set.

    >>> tls_words(Endpoint("h", 5432, "kb", "verify-full", sslrootcert="system"), "u")
    {'sslmode': 'verify-full', 'sslrootcert': 'system'}
    """
    words = {"sslmode": endpoint.sslmode}
    if endpoint.sslrootcert:
        words["sslrootcert"] = endpoint.sslrootcert
    if endpoint.sslnegotiation:
        words["sslnegotiation"] = endpoint.sslnegotiation
    if endpoint.sslcerts:
        certificate = Path(endpoint.sslcerts) / f"{user}.crt"
        if certificate.exists():
            words |= {"sslcert": str(certificate), "sslkey": str(certificate.with_suffix(".key"))}
    return words


def tls_environment(endpoint: Endpoint, user: str) -> dict[str, str]:
    """The same for a program of PostgreSQL, in the variables that libpq reads.

    >>> tls_environment(Endpoint("h", 5432, "kb", "require"), "u")
    {'PGSSLMODE': 'require'}
    """
    return {f"PG{name.upper()}": value for name, value in tls_words(endpoint, user).items()}
