"""A knowledge base on a server that others use: their logins, roles and databases stay theirs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.schema.provision import ROLE_NAMES, provision
from domain.errors import PrincipalCapabilityError, RolesInUse
from domain.ledger.drift import Severity
from domain.phases import Principal
from domain.ports import Credentials, Endpoint
from tests.support.postgres import Server, embedded_test_server

DIRECTUS = Credentials("cutter_exec", SecretStr("of another application"))


@pytest.fixture(scope="module")
def neighbour() -> Iterator[Server]:
    """A server of its own: these tests make and drop the roles themselves."""
    with embedded_test_server() as running:
        yield running


@pytest.fixture
def shared(neighbour: Server) -> Iterator[Server]:
    """That server, without our databases and roles before and after."""
    _clean(neighbour)
    yield neighbour
    _clean(neighbour)


def _clean(server: Server) -> None:
    with server.connect() as admin:
        for (name,) in admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^kb'"):
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute("DROP DATABASE IF EXISTS directus WITH (FORCE)")
        for role in (*ROLE_NAMES, "dba"):
            admin.execute(f"DROP ROLE IF EXISTS {role}".encode())


def endpoint(server: Server, name: str = "kb") -> Endpoint:
    return Endpoint(server.host, server.port, name, sslmode="disable")


def of_another_application(server: Server) -> None:
    """Logins of our names that somebody else made, for a database of theirs."""
    with server.connect() as admin:
        admin.execute("CREATE DATABASE directus")
        for role in ("cutter_exec", "cutter_verify"):
            words = f"CREATE ROLE {role} LOGIN PASSWORD 'of another application'"
            admin.execute(words.encode())
            admin.execute(f"GRANT CONNECT ON DATABASE directus TO {role}".encode())


def databases(server: Server) -> set[str]:
    with server.connect() as admin:
        return {name for (name,) in admin.execute("SELECT datname::text FROM pg_database")}


def memberships(server: Server) -> set[tuple[str, str]]:
    with server.connect() as admin:
        query = (
            "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
            " WHERE roleid::regrole::text ~ '^cutter'"
        )
        return set(admin.execute(query))


@pytest.mark.slow
def test_logins_of_another_application_are_never_given_new_passwords(shared: Server) -> None:
    of_another_application(shared)
    with pytest.raises(RolesInUse, match=r"cutter_exec and cutter_verify.*--adopt-roles"):
        provision(endpoint(shared), shared.admin)
    shared.connect("directus", DIRECTUS).close()
    assert databases(shared) == {"postgres", "template0", "template1", "directus"}
    assert memberships(shared) == set()


@pytest.mark.slow
def test_adopted_roles_get_new_passwords_and_nobody_becomes_their_member(shared: Server) -> None:
    of_another_application(shared)
    made = provision(endpoint(shared), shared.admin, adopt_roles=True)
    shared.connect("kb", made.logins[Principal.EXEC]).close()
    made_here = {("cutter_owner", "cutter_rehearse"), ("cutter_reader", "cutter_read")}
    assert memberships(shared) == made_here, "of the roles of ours"


def test_a_knowledge_base_elsewhere_on_the_server_keeps_its_logins(shared: Server) -> None:
    first = provision(endpoint(shared), shared.admin)
    with pytest.raises(
        RolesInUse,
        match="cutter_exec, cutter_owner, cutter_read, cutter_reader, cutter_rehearse and"
        " cutter_verify",
    ):
        provision(endpoint(shared, "kb2"), shared.admin)
    assert "kb2" not in databases(shared)
    provision(endpoint(shared, "kb2"), shared.admin, adopt_roles=True)
    with pytest.raises(RolesInUse):  # now two of them would be locked out
        provision(endpoint(shared), shared.admin)
    with pytest.raises(psycopg.OperationalError):
        shared.connect("kb", first.logins[Principal.EXEC])


def test_a_second_time_retires_the_keys_that_it_replaces(shared: Server) -> None:
    first = provision(endpoint(shared), shared.admin)
    second = provision(endpoint(shared), shared.admin)
    assert (first.created, second.created) == (True, False)
    with contextlib.closing(shared.connect("kb")) as admin:
        query = (
            "SELECT principal, retired_at IS NULL, count(*) FROM cutter.principal_key GROUP BY 1, 2"
        )
        assert set(admin.execute(query)) == {
            (principal.value, counts, 1) for principal in Principal for counts in (True, False)
        }
        fails = [one for one in compare_with_reference(admin) if one.severity is Severity.FAILS]
    assert fails == []


def test_a_refused_preparation_leaves_no_database(shared: Server) -> None:
    with shared.connect() as admin:
        admin.execute("CREATE ROLE dba LOGIN CREATEDB PASSWORD 'dba'")
    with pytest.raises(PrincipalCapabilityError):
        provision(endpoint(shared), Credentials("dba", SecretStr("dba")))
    assert "kb" not in databases(shared)


@pytest.mark.one_quick
@pytest.mark.parametrize("name", ["kb #1", 'kb "quoted" o\'clock', "kb_Ünï"])
def test_names_with_odd_signs_are_made_as_they_are(shared: Server, name: str) -> None:
    made = provision(endpoint(shared, name), shared.admin)
    assert made.target.database == name
    login = made.logins[Principal.VERIFY]
    shared.connect(replace(endpoint(shared, name)).database, login).close()
