"""A knowledge base that cutter was let into by version 4 of the schema, brought to this program's:
the same as one that was just let in, with the site's own units untouched and all that is on record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from adapters.postgres.schema.catalog import (
    CORE_NAMES,
    SCHEMA_VERSION,
)
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.schema.install import installed_version
from adapters.postgres.schema.let_in import without_units
from adapters.postgres.schema.upgrade import migration_sql, migrations, plan_upgrade, upgrade
from domain.errors import UpgradeRefused
from domain.ledger.drift import Severity
from tests.integration.schema.test_adopt import adopted
from tests.integration.schema.test_upgrade import looks
from tests.support.approved import cut
from tests.support.live import live_bench, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Server, bare_server
from tests.support.releases import FIXTURES
from tests.support.reverts import reverted
from tests.support.site import NAME, Site, site

pytestmark = pytest.mark.slow

KEPT = FIXTURES / "let_in_4"
HALT = "SELECT cutter.fn_halt('operator', 'an upgrade'), cutter.fn_permits_revoke('operator', 'x')"


@pytest.fixture
def server() -> Iterator[Server]:
    with bare_server() as made:
        yield made


@pytest.fixture
def old(server: Server) -> Iterator[Site]:
    """The site as version 4 left it: 158 units of its own, a law beside them, another torn."""
    with site(server, "shared") as made:
        with server.connect() as admin:
            admin.execute((KEPT / "roles.sql").read_bytes())
            admin.execute(f"DROP DATABASE {NAME}".encode())
            admin.execute(f"CREATE DATABASE {NAME} TEMPLATE template0".encode())
        with server.connect(NAME) as inside:
            inside.execute((KEPT / "knowledge_base.sql").read_bytes())
        yield made


def halted(one: Site) -> None:
    with one.connect() as admin:
        admin.execute(HALT)


def upgraded(one: Site) -> None:
    halted(one)
    with one.connect() as admin:
        upgrade(admin, None)


def test_it_is_the_same_as_one_that_was_just_let_in(
    server: Server, old: Site, tmp_path: Path
) -> None:
    rows = old.rows()
    upgraded(old)
    assert old.rows() == rows, "the site's own tables are as they were"
    with old.connect() as admin:
        was = looks(admin, CORE_NAMES)
        fails = [one for one in compare_with_reference(admin) if one.severity is Severity.FAILS]
        assert fails == []
        assert installed_version(admin) == SCHEMA_VERSION
        assert plan_upgrade(admin, None).nothing_to_do
    with server.connect() as admin:
        admin.execute(f"ALTER DATABASE {NAME} RENAME TO upgraded".encode())
        admin.execute(f"CREATE DATABASE {NAME} TEMPLATE template0".encode())
    try:
        with server.connect(NAME) as inside:
            model = (FIXTURES.parent / "support" / "sites" / "shared.sql").read_text()
            inside.execute("SET search_path = public")
            inside.execute("\n".join(_without_roles(model)).encode())
        adopted(old, tmp_path)
        with old.connect() as admin:
            assert looks(admin, CORE_NAMES) == was
    finally:
        with server.connect() as admin:
            admin.execute(b"DROP DATABASE upgraded WITH (FORCE)")


def _without_roles(model: str) -> Iterator[str]:
    yield from (line for line in model.splitlines() if not line.startswith("CREATE ROLE"))


def test_it_is_used_on(old: Site, tmp_path: Path) -> None:
    known = json.loads((KEPT / "facts.json").read_text())
    upgraded(old)
    bench = live_bench(old.database(), tmp_path)
    bench.lift("operator", "the upgrade is done")
    cut(bench, made_plan(3, code="new.law"))
    reverted(bench, UUID(known["torn"]))
    reverted(bench, UUID(known["finished"]))
    with old.connect() as admin:
        living = "SELECT count(*) FROM cutter.v_unit WHERE document_code = 'new.law'"
        assert scalar(admin, living) == 4
        before = "SELECT count(*) FROM cutter.v_unit_history WHERE document_code = 'kept.law'"
        assert scalar(admin, before) == 14, "what was reverted is history"


def test_it_is_taken_out_and_leaves_the_site(old: Site) -> None:
    """As docs/how-to/adopt-a-database.md says: by what the folder holds, and two roles."""
    upgraded(old)
    rows = old.rows()
    with old.connect() as admin:
        admin.execute(b"DROP SCHEMA cutter CASCADE")
        admin.execute(b"DROP ROLE cutter_reader, cutter_read")
    assert old.rows() == rows


def test_nobody_of_the_site_is_waited_for(old: Site) -> None:
    """Its other applications read and write their units while the schema beside them changes."""
    halted(old)
    with old.connect() as other, old.connect() as admin, other.transaction():
        other.execute("LOCK TABLE public.information_unit IN ROW EXCLUSIVE MODE")
        other.execute("UPDATE public.unit_version SET body = body WHERE title = 'Article 7'")
        assert upgrade(admin, None).rows > 0


def test_one_that_has_drifted_is_not_upgraded(old: Site) -> None:
    halted(old)
    with old.connect() as admin:
        admin.execute("ALTER TABLE cutter.sweep_log DISABLE TRIGGER append_only")
        with pytest.raises(UpgradeRefused, match=r"not as version 4 made it.*sweep_log"):
            upgrade(admin, None)
        assert installed_version(admin) == 4


def test_a_migration_that_knows_no_site_is_refused_in_one_sentence(old: Site) -> None:
    halted(old)
    with old.connect() as admin:
        admin.execute("UPDATE cutter.cutter_schema SET version = 3")
        (said,) = plan_upgrade(admin, None).obstacles
        assert "0004_versions does not lead on from there" in said
        assert "go on with the release that was let in, or take it out with its revert.sql" in said
        with pytest.raises(UpgradeRefused, match="Cutter was let into this database"):
            upgrade(admin, None)


def test_what_a_migration_does_to_a_site_names_none_of_the_units() -> None:
    for step in migrations():
        if step.carries_sites:
            for part in ("deploy", "verify"):
                left = without_units(migration_sql(step.name, part))
                assert "public." not in left
