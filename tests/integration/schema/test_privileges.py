"""Who may do what, tried for real and compared with the catalog: exactly the matrix of
`domain.ledger.privileges`.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from adapters.postgres.connection.names import relation
from domain.ledger.privileges import (
    ALL_TABLES,
    EXEC,
    FN_IU_CREATE,
    FN_IU_ENACT,
    FUNCTIONS,
    OWNER,
    READ,
    READER,
    REHEARSE,
    VERIFY,
    expected_grants,
)
from domain.phases import Principal
from tests.support.live import scalar
from tests.support.postgres import Connection, Database

COMMANDS = {
    "SELECT": "SELECT FROM {table} WHERE false",
    "INSERT": "INSERT INTO {table} SELECT * FROM {table} WHERE false",
    "UPDATE": "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE": "DELETE FROM {table} WHERE false",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
}
"""Statements that reach the privilege check and touch no row."""


@pytest.fixture
def admin(database: Database) -> Iterator[Connection]:
    with database.connect() as conn:
        yield conn


def columns(conn: Connection, table: str) -> list[str]:
    rows = conn.execute(
        "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(%s) AND "
        "attnum > 0 AND NOT attisdropped",
        (table,),
    )
    return [str(name) for (name,) in rows]


def allowed(conn: Connection, command: str, table: str, column: str) -> bool:
    """Whether the server lets this session do it.

    Anything but success and 42501 is an error of the test.
    """
    identifiers = {"table": relation(table), "column": sql.Identifier(column)}
    statement = sql.SQL(COMMANDS[command]).format(**identifiers)
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.Error as error:
        # A guard fires only after the privilege was checked: its refusal means that the privilege
        # was there.
        if error.sqlstate not in ("IU001", "IU002"):
            raise
    return True


def tried(conn: Connection, names: dict[str, list[str]]) -> set[tuple[str, str, str]]:
    found = set()
    for table, its_columns in names.items():
        for command in COMMANDS:
            for column in its_columns if command == "UPDATE" else its_columns[:1]:
                if allowed(conn, command, table, column):
                    found.add((table, column if command == "UPDATE" else "", command))
    return found


@pytest.mark.parametrize("principal", list(Principal))
def test_every_statement_tried_for_real_gives_exactly_the_matrix(
    database: Database, principal: Principal
) -> None:
    with database.connect() as admin:
        names = {table: columns(admin, table) for table in ALL_TABLES}
    with database.connect(principal) as conn:
        found = tried(conn, names)
    expected = {
        (g.name, g.column, g.privilege)
        for g in expected_grants()
        if g.role == principal and g.name in ALL_TABLES
    }
    assert found == expected
    assert not {command for _, _, command in found} & {"DELETE", "TRUNCATE"}


def test_a_role_without_grants_can_do_nothing_at_all(database: Database, admin: Connection) -> None:
    names = {table: columns(admin, table) for table in ALL_TABLES}
    with admin.transaction(force_rollback=True):
        admin.execute("CREATE ROLE cutter_test_stranger NOLOGIN")
        admin.execute("SET LOCAL ROLE cutter_test_stranger")
        assert tried(admin, names) == set()
        assert (
            scalar(admin, "SELECT has_database_privilege(current_database(), 'CONNECT')") is False
        )
        assert scalar(admin, "SELECT has_database_privilege(current_database(), 'TEMP')") is False


def test_the_table_and_column_grants_in_the_catalog_are_the_matrix(admin: Connection) -> None:
    rows = admin.execute(
        """
        WITH acl (kind, name, sub, entry) AS (
          SELECT 'table', c.relnamespace::regnamespace || '.' || c.relname, '', unnest(c.relacl) FROM pg_class c
           WHERE c.relnamespace::regnamespace::text IN ('cutter', 'public') AND c.relkind IN ('r', 'v')
          UNION ALL SELECT 'column', c.relnamespace::regnamespace || '.' || c.relname, a.attname::text, unnest(a.attacl)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace::regnamespace::text IN ('cutter', 'public') AND a.attnum > 0
          UNION ALL SELECT 'function', p.pronamespace::regnamespace || '.' || p.proname, '', unnest(p.proacl) FROM pg_proc p
             WHERE p.pronamespace::regnamespace::text IN ('cutter', 'public')
        )
        SELECT coalesce(r.rolname, 'PUBLIC'), kind, name, sub, x.privilege_type, x.is_grantable
          FROM acl CROSS JOIN LATERAL aclexplode(ARRAY[entry]) x LEFT JOIN pg_roles r ON r.oid = x.grantee
        """
    ).fetchall()
    assert [row for row in rows if row[5]] == [], "nobody may pass a privilege on"
    others = {(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[0] != OWNER}
    tables = {tuple(g) for g in expected_grants() if g.kind in ("table", "column")}
    assert {row for row in others if row[1] != "function"} == tables
    functions = {(row[0], row[2]) for row in others if row[1] == "function"}
    assert functions == {
        (g.role, g.name.split("(")[0]) for g in expected_grants() if g.kind == "function"
    }


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_execute_on_each_function_is_as_the_matrix_says(admin: Connection, function: str) -> None:
    may = {
        role
        for role in (EXEC, VERIFY, READ)
        if scalar(admin, "SELECT has_function_privilege(%s, %s, 'EXECUTE')", role, function)
    }
    assert may == {g.role for g in expected_grants() if g.kind == "function" and g.name == function}
    definer = scalar(
        admin, "SELECT prosecdef FROM pg_proc WHERE oid = to_regprocedure(%s)", function
    )
    assert definer is FUNCTIONS[function]


def test_the_schema_has_no_function_beyond_those_listed(admin: Connection) -> None:
    admin.execute("SET search_path = ''")  # so that the server writes names in full
    rows = admin.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace IN ('cutter'::regnamespace, 'public'::regnamespace)"
    )
    assert {str(name).replace(",", ", ") for (name,) in rows} == set(FUNCTIONS)


def test_a_security_definer_function_names_its_search_path(admin: Connection) -> None:
    rows = admin.execute(
        "SELECT pronamespace::regnamespace::text, proconfig FROM pg_proc"
        " WHERE pronamespace IN ('cutter'::regnamespace, 'public'::regnamespace) AND prosecdef"
    ).fetchall()
    assert len(rows) > 5
    assert all(f"search_path=pg_catalog, {home}, pg_temp" in config for home, config in rows)


def test_the_verifier_can_not_call_the_writers_of_units(database: Database) -> None:
    with database.connect(Principal.VERIFY, autocommit=True) as conn:
        for call in (
            "fn_iu_create('a~b', 't', 'b', 'x', 'article', 'body', 'law', 'o')",
            "fn_iu_enact('a~b', gen_random_uuid(), 'x')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(f"SELECT public.{call}".encode())
    assert {FN_IU_CREATE, FN_IU_ENACT} <= set(FUNCTIONS)


def test_the_owner_can_not_log_in_and_owns_every_table(admin: Connection) -> None:
    assert scalar(admin, "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", OWNER) is False
    owners = admin.execute(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('cutter', 'public')"
    ).fetchall()
    assert owners == [(OWNER,)]


@pytest.mark.parametrize("principal", list(Principal))
def test_no_principal_can_define_anything(database: Database, principal: Principal) -> None:
    with database.connect(principal, autocommit=True) as conn:
        for statement in (
            "CREATE TABLE public.planted (n integer)",
            "CREATE TABLE cutter.planted (n integer)",
            "CREATE TEMP TABLE planted (n integer)",
            "CREATE SCHEMA planted",
            "CREATE FUNCTION public.planted() RETURNS void LANGUAGE sql AS ''",
            "CREATE FUNCTION cutter.planted() RETURNS void LANGUAGE sql AS ''",
            "ALTER TABLE cutter.verify_result DISABLE TRIGGER ALL",
            "CREATE ROLE planted",
            "SET session_replication_role = replica",
            f"SET ROLE {OWNER}",
        ):
            with pytest.raises(psycopg.Error) as refused:
                conn.execute(statement.encode())
            assert refused.value.sqlstate == "42501", statement
        conn.execute("GRANT UPDATE ON cutter.verify_result TO PUBLIC")  # the server only warns
    with database.connect() as admin:
        assert (
            scalar(
                admin,
                "SELECT has_table_privilege(%s, 'cutter.verify_result', 'UPDATE')",
                principal.value,
            )
            is False
        )


@pytest.mark.parametrize("login", [*Principal, REHEARSE, READER])
def test_no_login_fills_the_disk_beside_the_tables(database: Database, login: str) -> None:
    """No large object, no temporary table, and what it sorts on disk has a bound that it can not
    lift.
    """
    cluster = database.cluster
    others = {REHEARSE: cluster.rehearsal, READER: cluster.reader}
    who = others.get(login) or cluster.logins[Principal(login)]
    with cluster.server.connect(database.name, who) as conn:
        for statement in (
            "SELECT lo_creat(-1)",
            "SELECT lo_create(0)",
            r"SELECT lo_from_bytea(0, '\x00')",
            "SELECT lo_import('/etc/passwd')",
            "CREATE TEMP TABLE planted (n integer)",
            "CREATE TEMP SEQUENCE planted",
            "SET temp_file_limit = -1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())
        assert scalar(conn, "SHOW temp_file_limit") == "4GB"


def test_nobody_who_can_log_in_but_superusers_may_create_in_the_schemas(admin: Connection) -> None:
    rows = admin.execute(
        "SELECT rolname, n.nspname FROM pg_roles r CROSS JOIN pg_namespace n"
        " WHERE NOT rolsuper AND rolname !~ '^pg_' AND n.nspname IN ('cutter', 'public')"
        " AND has_schema_privilege(r.oid, n.oid, 'CREATE')"
    ).fetchall()
    assert rows == [(OWNER, "cutter")], "its own"


def test_maintain_belongs_to_the_owner_alone(admin: Connection) -> None:
    if admin.info.server_version < 170000:
        pytest.skip("MAINTAIN came with PostgreSQL 17")
    for principal in Principal:
        for table in ALL_TABLES:
            assert (
                scalar(
                    admin,
                    "SELECT has_table_privilege(%s, %s, 'MAINTAIN')",
                    principal.value,
                    table,
                )
                is False
            )
