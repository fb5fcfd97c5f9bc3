"""A release that mends one function and nothing else: a migration like any other, which shuts no
installation. It is made here of this release, in a folder of its own, and run from there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.postgres.schema.catalog import SCHEMA_VERSION
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.schema.install import installed_version
from adapters.postgres.schema.upgrade import plan_upgrade
from blocks.deployed import PROJECT
from domain.errors import UpgradeRefused
from domain.ledger.drift import Severity
from domain.phases import Phase
from tests.support.live import LiveBench, live_bench, row_hashes, run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NEXT: Final = SCHEMA_VERSION + 1
PACKAGES: Final = ("adapters", "blocks", "cli", "docs", "domain", "service", "tasks", "tests")
SOURCE: Final = "control/schema_55_permit.sql"
BEFORE: Final = "SELECT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR"
AFTER: Final = "SELECT 0 < (SELECT count(*) FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR"
BEGINS: Final = "CREATE FUNCTION cutter.fn_halted_since("
HEAD: Final = "-- Mends one function.\n-- unfinished: carried\n-- sites: carried\n"
UPGRADE: Final = """
import json, sys, psycopg
from adapters.postgres.schema.catalog import SCHEMA_VERSION
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.schema.upgrade import plan_upgrade, upgrade
with psycopg.connect(sys.argv[1], autocommit=True) as admin:
    before = [one.name for one in compare_with_reference(admin) if one.severity == "fails"]
    plan = plan_upgrade(admin, None)
    done = upgrade(admin, None) if not plan.obstacles else None
    after = [one.name for one in compare_with_reference(admin) if one.severity == "fails"]
print(json.dumps({
    "program": SCHEMA_VERSION, "before": before, "steps": [one.name for one in plan.steps],
    "obstacles": list(plan.obstacles), "rows": done and done.rows, "after": after}))
"""


def mended(text: str) -> str:
    """The statement that makes the function anew, of a source in which it stands."""
    body = text[text.index(BEGINS) :]
    return body[: body.index("$$;\n") + 4].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def in_release(folder: Path, *arguments: str) -> str:
    """What Python prints with the code of that folder; asserts that it ends well."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next release: this one with a function mended, its migration and its catalog."""
    folder = tmp_path_factory.mktemp("release")
    for package in PACKAGES:
        shutil.copytree(
            PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(PROJECT / "pyproject.toml", folder)
    schema = folder / "adapters" / "postgres" / "schema"
    catalog = schema / "catalog.py"
    was = f"SCHEMA_VERSION: Final = {SCHEMA_VERSION}\n"
    text = catalog.read_text(encoding="utf-8")
    assert was in text
    catalog.write_text(text.replace(was, f"SCHEMA_VERSION: Final = {NEXT}\n"), encoding="utf-8")
    source = schema / "sql" / SOURCE
    old = source.read_text(encoding="utf-8")
    assert BEFORE in old
    source.write_text(old.replace(BEFORE, AFTER), encoding="utf-8")
    step = schema / "migrations" / f"{NEXT:04}_mended"
    step.mkdir()
    for part, made in (("deploy", old.replace(BEFORE, AFTER)), ("revert", old)):
        statement = f"SET LOCAL ROLE cutter_owner;\n{mended(made)}RESET ROLE;\n"
        head = HEAD if part == "deploy" else "-- Back.\n"
        (step / f"{part}.sql").write_text(head + statement, encoding="utf-8")
    (step / "verify.sql").write_text("SELECT 1;\n", encoding="utf-8")
    in_release(folder, "-m", "tests.support.write_reference")
    return folder


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A knowledge base with a law that stands."""
    bench = live_bench(database, tmp_path)
    plan = made_plan(3, code="standing.law")
    run_phases(bench.adapter, bench.context(plan), plan)
    return bench


def upgraded(bench: LiveBench, release: Path) -> dict[str, Any]:
    """Halt, and upgrade with that release; what its program says."""
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("SELECT cutter.fn_halt('operator', 'an upgrade')")
        admin.execute("SELECT cutter.fn_permits_revoke('operator', 'an upgrade')")
        at, who = bench.database.endpoint, bench.database.cluster.server.admin
    dsn = f"host={at.host} port={at.port} dbname={at.database} user={who.user} sslmode=disable"
    password = who.password.get_secret_value()
    found = json.loads(in_release(release, "-c", UPGRADE, f"{dsn} password={password}"))
    assert isinstance(found, dict)
    return found


def test_its_migration_is_one_like_any_other_and_what_was_half_done_goes_on(
    bench: LiveBench, release: Path
) -> None:
    plan = made_plan(4, code="half.law")
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    rows = row_hashes(bench.database)
    found = upgraded(bench, release)
    assert found["before"] == ["version"], "the new program says that, and no object of it"
    assert (found["program"], found["steps"]) == (NEXT, [f"{NEXT:04}_mended"])
    assert (found["obstacles"], found["after"]) == ([], [])
    assert row_hashes(bench.database) == rows
    bench.lift()
    again = bench.context(plan)
    assert again.change_set_id == ctx.change_set_id
    run_phases(bench.new_adapter(), again, plan)
    with bench.database.connect() as admin:
        enacted = "SELECT count(*) FROM cutter.iu_unit WHERE lifecycle = 'enacted'"
        assert scalar(admin, enacted) == len(plan.rows) + len(made_plan(3).rows)


def test_the_release_before_says_what_to_install_and_its_sql_leads_back(
    bench: LiveBench, release: Path
) -> None:
    upgraded(bench, release)
    revert = release / "adapters/postgres/schema/migrations" / f"{NEXT:04}_mended" / "revert.sql"
    with bench.database.connect(autocommit=True) as admin:
        with pytest.raises(UpgradeRefused, match="install a newer release of iu-cutter"):
            plan_upgrade(admin, None)
        fails = [one for one in compare_with_reference(admin) if one.severity is Severity.FAILS]
        assert [(one.subject, one.name) for one in fails] == [("schema", "version")]
        with admin.transaction():
            admin.execute(revert.read_bytes())
            admin.execute("DELETE FROM cutter.cutter_schema WHERE version = %s", [NEXT])
        assert installed_version(admin) == SCHEMA_VERSION
        assert [
            one for one in compare_with_reference(admin) if one.severity is Severity.FAILS
        ] == []
