"""TLS with a server that has it: what is missing is named, a certificate logs in, and a backup is
made by a client that can speak it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.connection.session import open_connection, uses_tls
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.schema.provision import Provisioned, provision
from adapters.postgres.server import binaries as binaries_module
from adapters.postgres.server.binaries import DEFAULT_MAJOR, binaries, client_binaries, speaks_tls
from domain.errors import DatabaseUnavailable, ToolMissing
from domain.ledger.drift import Severity
from domain.phases import Principal
from domain.ports import Credentials, Endpoint
from tests.support.debian import Authority, debian_server, needs_debian
from tests.support.keys import Keyring

VERIFIED = "local all all scram-sha-256\nhostssl all cutter_exec all cert\nhostssl all all all scram-sha-256\n"


def test_the_client_of_the_wheel_is_not_chosen_for_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries_module, "_folders_of_this_machine", lambda _major: iter(()))
    plain = client_binaries(DEFAULT_MAJOR)
    assert plain == binaries(DEFAULT_MAJOR)
    assert not speaks_tls(plain.tool("pg_dump"))
    with pytest.raises(ToolMissing, match=f"postgresql-client-{DEFAULT_MAJOR}"):
        client_binaries(DEFAULT_MAJOR, tls=True)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def secured(authority: Authority) -> Iterator[tuple[Endpoint, Provisioned, Credentials]]:
    """A knowledge base where everybody comes by TLS, and the executor by certificate."""
    with debian_server(hba=VERIFIED, tls=authority) as (server, _):
        endpoint = Endpoint("127.0.0.1", server.port, "kb", sslmode="require")
        yield endpoint, provision(endpoint, server.admin), server.admin


@needs_debian
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sslmode": "verify-full"}, "DOT_CUTTER_DB_SSLROOTCERT"),
        ({"sslmode": "verify-ca", "sslrootcert": "/nowhere/root.crt"}, "DOT_CUTTER_DB_SSLROOTCERT"),
        ({"sslmode": "require"}, "wants a client certificate of cutter_exec"),
        ({"sslmode": "prefer"}, "wants a client certificate of cutter_exec"),
        ({"sslmode": "disable"}, "check pg_hba.conf and DOT_CUTTER_DB_SSLMODE"),
    ],
)
def test_what_is_missing_for_tls_is_named(
    secured: tuple[Endpoint, Provisioned, Credentials], changes: dict[str, Any], says: str
) -> None:
    endpoint, made, _ = secured
    with pytest.raises(DatabaseUnavailable) as refusal:
        open_connection(replace(endpoint, **changes), made.logins[Principal.EXEC], "test")
    assert says in str(refusal.value)


@needs_debian
def test_a_certificate_of_another_authority_is_named(
    secured: tuple[Endpoint, Provisioned, Credentials], tmp_path: Path
) -> None:
    endpoint, made, _ = secured
    root = Authority().write(tmp_path, "cutter_exec")
    other = replace(endpoint, sslmode="verify-ca", sslrootcert=str(root))
    with pytest.raises(DatabaseUnavailable, match="does not vouch for"):
        open_connection(other, made.logins[Principal.VERIFY], "test")


@needs_debian
def test_a_backup_is_made_over_tls_with_a_client_certificate(
    secured: tuple[Endpoint, Provisioned, Credentials],
    authority: Authority,
    tmp_path: Path,
    ring: Keyring,
) -> None:
    endpoint, made, _ = secured
    root = authority.write(tmp_path / "certs", "cutter_exec")
    sure = replace(
        endpoint, sslmode="verify-ca", sslrootcert=str(root), sslcerts=str(tmp_path / "certs")
    )
    nothing = Credentials("cutter_exec", SecretStr("not asked for"))
    with open_connection(sure, nothing, "test") as conn:
        assert uses_tls(conn)
    done = PgDumpBackup(
        sure, lambda _: nothing, tmp_path / "backups", ring.fingerprint, gnupg_home=ring.home
    ).make(made.target)
    assert done.size > 0


@needs_debian
def test_doctor_says_before_anybody_signs_that_no_client_speaks_tls(
    secured: tuple[Endpoint, Provisioned, Credentials], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, _, admin = secured
    with open_connection(endpoint, admin, "test") as conn:
        assert not [one for one in compare_with_reference(conn) if one.severity is Severity.FAILS]
        monkeypatch.setattr("adapters.postgres.server.binaries.speaks_tls", lambda _program: False)
        (found,) = [one for one in compare_with_reference(conn) if one.subject == "client"]
    assert found.severity is Severity.FAILS
    assert "postgresql-client-15" in found.message


def first_words(sslnegotiation: str | None) -> bytes:
    """What a server hears first from a session of ours that asks for TLS in this way."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(20)
        endpoint = Endpoint(
            "127.0.0.1",
            listener.getsockname()[1],
            "kb",
            "require",
            sslnegotiation=sslnegotiation,
        )
        login = Credentials("cutter_exec", SecretStr("x"))
        asking = pool.submit(open_connection, endpoint, login, "test")
        session, _ = listener.accept()
        with session:
            session.settimeout(20)
            heard = session.recv(64)
        with pytest.raises(DatabaseUnavailable):
            asking.result(timeout=30)
    return heard


def test_tls_is_spoken_at_once_where_the_settings_say_so() -> None:
    """PostgreSQL manual, section 54.2.10: a request of eight bytes, or the handshake itself."""
    request = bytes.fromhex("0000000804d2162f")
    assert first_words(None) == request
    assert first_words("postgres") == request
    at_once = first_words("direct")
    assert at_once[:2] == b"\x16\x03", "a handshake of TLS"
    assert at_once != request


@pytest.mark.slow
@needs_debian
def test_the_folder_of_a_socket_is_a_host(tmp_path: Path) -> None:
    with debian_server() as (server, folder):
        endpoint = Endpoint(str(folder), server.port, "kb", sslmode="disable")
        made = provision(endpoint, server.admin)
        with open_connection(endpoint, made.logins[Principal.VERIFY], "test") as conn:
            assert not uses_tls(conn)
