"""Knowledge bases that cutter did not make, on a server that has never seen it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psycopg import sql
from pydantic import SecretStr

from adapters.postgres.server.passwords import set_password
from domain.ledger.privileges import EXEC, OWNER, READER, REHEARSE, VERIFY
from domain.phases import Principal
from domain.ports import Credentials
from tests.support.postgres import (
    Cluster,
    Connection,
    Database,
    Server,
    quick_logins,
)

SITES: Final = Path(__file__).with_name("sites")
NAME: Final = "site"
CATALOGS: Final = (
    "SELECT n.nspname, c.relname, c.relkind::text,"
    " coalesce(c.relacl, acldefault('r', c.relowner))::text, pg_get_userbyid(c.relowner)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_'"
    " UNION ALL SELECT n.nspname, p.oid::regprocedure::text, p.prosrc,"
    " coalesce(p.proacl, acldefault('f', p.proowner))::text,"
    " pg_get_userbyid(p.proowner) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " UNION ALL SELECT n.nspname, '', '', coalesce(n.nspacl, acldefault('n', n.nspowner))::text, pg_get_userbyid(n.nspowner)"
    " FROM pg_namespace n WHERE n.nspname !~ '^pg_(toast|temp)'"
    " UNION ALL SELECT '', r.rolname, concat_ws(' ', r.rolinherit, r.rolcanlogin, r.rolsuper), '',"
    " '' FROM pg_roles r WHERE r.rolname !~ '^pg_'"
    " UNION ALL SELECT '', t.tgname, pg_get_triggerdef(t.oid), '', '' FROM pg_trigger t"
    " WHERE NOT t.tgisinternal"
    " UNION ALL SELECT '', a.attrelid::regclass::text, a.attname, a.attacl::text, ''"
    " FROM pg_attribute a WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384"
    " UNION ALL SELECT '', m.roleid::regrole::text, m.member::regrole::text, m.admin_option::text,"
    " '' FROM pg_auth_members m WHERE m.roleid >= 16384"
    " UNION ALL SELECT '', datname, '',"
    " coalesce(datacl, acldefault('d', datdba))::text, '' FROM pg_database ORDER BY 1, 2, 3"
)


@dataclass(frozen=True, slots=True)
class Site:
    """A site's database, and what it held before anybody came."""

    server: Server
    name: str

    def connect(self) -> Connection:
        """The administrator's connection. The caller closes it."""
        return self.server.connect(self.name)

    def catalog(self) -> list[tuple[Any, ...]]:
        """Everything that the database and its roles consist of."""
        with self.connect() as admin:
            return admin.execute(CATALOGS.encode()).fetchall()

    def rows(self, *but: str) -> dict[str, tuple[Any, ...]]:
        """Count and hash of every table of the site's own, but some."""
        with self.connect() as admin:
            tables = admin.execute(
                "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname"
                " NOT IN ('pg_catalog', 'information_schema', 'cutter') ORDER BY 1"
            ).fetchall()
            found = {}
            for (table,) in tables:
                if table in but:
                    continue
                query = sql.SQL(
                    "SELECT count(*), sum(hash_record_extended(t.*, 0)) FROM {} t"
                ).format(sql.Identifier(*table.split(".")))
                row = admin.execute(query).fetchone()
                assert row is not None
                found[table] = row
            return found

    def database(self) -> Database:
        """The same for a live run, once cutter is in: its logins get passwords of their own."""
        logins = {one: Credentials(one, SecretStr(secrets.token_hex(8))) for one in Principal}
        rehearsal, reader = (
            Credentials(role, SecretStr(secrets.token_hex(8))) for role in (REHEARSE, READER)
        )
        with self.connect() as admin:
            quick_logins(admin)
            for login in (*logins.values(), rehearsal, reader):
                set_password(admin, login.user, login.password)
        return Database(Cluster(self.server, self.name, logins, rehearsal, reader), self.name)


@contextlib.contextmanager
def site(server: Server, model: str) -> Iterator[Site]:
    """A site's database as a model has it; it and every role of it are gone afterwards."""
    with server.connect() as admin:
        before = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
        admin.execute(f"CREATE DATABASE {NAME}".encode())
    try:
        with server.connect(NAME) as inside:
            inside.execute("SET search_path = public")
            inside.execute((SITES / f"{model}.sql").read_bytes())
        yield Site(server, NAME)
    finally:
        with server.connect() as admin:
            admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)".encode())
            made = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")} - before
            for role in sorted(made, key=[REHEARSE, VERIFY, EXEC, OWNER].count, reverse=True):
                admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
