"""From an earlier version of the schema to this one: refused until everything is quiet, whole or not
at all, and afterwards the same as a database that was just made.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.schema import alone
from adapters.postgres.schema import upgrade as upgrading
from adapters.postgres.schema.catalog import (
    NAMES,
    SCHEMA_VERSION,
    Names,
    names_in,
    read_facts,
    read_held,
    reference_facts,
)
from adapters.postgres.schema.doctor import catalog_snapshot, compare_with_reference
from adapters.postgres.schema.install import create_schema, installed_version
from adapters.postgres.schema.upgrade import migration_sql, migrations, plan_upgrade, upgrade
from domain.errors import DatabaseUnsuitable, UpgradeRefused
from domain.ledger.drift import Severity
from domain.ledger.upgrade import Step
from domain.phases import Principal
from tests.support.approved import cut
from tests.support.live import live_bench, run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Connection, Database, empty_database
from tests.support.releases import RELEASED, facts, released_database
from tests.support.reverts import reverted

HALT = "SELECT public.fn_halt('operator', 'an upgrade'), public.fn_permits_revoke('operator', 'x')"


@pytest.fixture
def old(cluster: Cluster) -> Iterator[Database]:
    """A knowledge base as version 1 left it: units, ledgers, a torn change set, an open permit."""
    with released_database(cluster, 1) as database:
        yield database


def halted(database: Database) -> None:
    with database.connect(Principal.EXEC, autocommit=True) as conn:
        conn.execute(HALT)


def upgraded(database: Database) -> None:
    halted(database)
    with database.connect(autocommit=True) as admin:
        upgrade(admin, None)


def looks(conn: Connection, names: Names = NAMES) -> tuple[list[Any], list[Any], list[Any]]:
    """Everything that a database consists of, or what these names are of it: objects, privileges,
    comments.
    """
    with catalog_snapshot(conn):
        comments = conn.execute(
            "SELECT n.nspname, c.relname, d.objsubid, d.description FROM pg_description d"
            " JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY(%(schemas)s)"
            " UNION ALL SELECT n.nspname, p.oid::regprocedure::text, 0, d.description"
            " FROM pg_description d"
            " JOIN pg_proc p ON p.oid = d.objoid AND d.classoid = 'pg_proc'::regclass"
            " JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = ANY(%(schemas)s)"
            " UNION ALL SELECT nspname, '', 0, obj_description(oid, 'pg_namespace')"
            " FROM pg_namespace WHERE nspname = 'cutter'"
            " ORDER BY 1, 2, 3",
            {"schemas": names["schemas"]},
        ).fetchall()
        held = [one for one in read_held(conn, names) if one.grant.kind != "database"]
        return sorted(read_facts(conn, names)), sorted(held), comments


@pytest.mark.parametrize("version", RELEASED)
def test_an_upgraded_database_is_the_same_as_one_that_was_just_made(
    cluster: Cluster, database: Database, version: int
) -> None:
    with released_database(cluster, version) as old:
        upgraded(old)
        with old.connect() as was, database.connect() as fresh:
            assert looks(was) == looks(fresh)
            assert installed_version(was) == SCHEMA_VERSION


def test_what_was_there_is_there_and_goes_on(old: Database, tmp_path: Path) -> None:
    upgraded(old)
    known = facts(1)
    bench = live_bench(old, tmp_path)
    bench.lift("operator", "the upgrade is done")
    with old.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM iu_unit WHERE lifecycle = 'enacted'") == 14
        for change_set in (known["finished"], known["torn"]):
            query = "SELECT count(*) FROM decision_backlog_entry WHERE change_set_id = %s"
            assert scalar(admin, query, change_set) == 1
    plan = made_plan(3, code="new.law")
    cut(bench, plan)
    torn = scalar_of(
        old, "SELECT change_set_id FROM decision_backlog_entry WHERE status = 'reviewed'"
    )
    reverted(bench, torn)
    again = made_plan(4, code="torn.law")
    run_phases(bench.adapter, bench.context(again, attempt=2), again)
    with old.connect(autocommit=True) as admin:
        fails = [one for one in compare_with_reference(admin) if one.severity is Severity.FAILS]
        assert fails == []


def scalar_of(database: Database, query: str) -> Any:
    with database.connect() as admin:
        return scalar(admin, query)


def test_an_upgrade_says_what_has_to_be_done_first(old: Database) -> None:
    with old.connect(autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE public.cut_permit SET execute_by = now() + interval '1 hour'")
        admin.execute("RESET session_replication_role")
        plan = plan_upgrade(admin, 24)
        assert (plan.installed, plan.wanted) == (1, SCHEMA_VERSION)
        assert next(step.name for step in plan.steps) == "0002_schema_cutter"
        said = " ".join(plan.obstacles)
        assert "run `cutter halt`" in said
        assert f"The permit of change set {facts(1)['waiting']} (waiting.law) is open until" in said
        assert "`cutter backup verify` with the release that is in use now" in said
        assert [note for note in plan.notes if facts(1)["torn"] in note and "carries it" in note]
        with pytest.raises(UpgradeRefused, match="Not everything is halted"):
            upgrade(admin, 24)
        assert installed_version(admin) == 1


def test_a_proof_of_this_database_is_asked_for(old: Database) -> None:
    halted(old)
    with old.connect(autocommit=True) as admin:
        with pytest.raises(UpgradeRefused, match="No backup of this database"):
            upgrade(admin, 1)
        target = scalar(
            admin,
            "SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier)"
            " FROM pg_control_system() AS c, pg_database AS d WHERE d.datname = current_database()",
        )
        with old.connect(Principal.VERIFY, autocommit=True) as conn:
            conn.execute(
                "INSERT INTO public.restore_proof (proof_id, target, backup, backup_sha256,"
                " manifest_sha256, snapshot_at, verdict, findings, table_count, row_count, actor)"
                " VALUES (gen_random_uuid(), %s, 'b', repeat('0', 64), repeat('0', 64),"
                " clock_timestamp(), 'proven', '{}', 1, 1, 'x')",
                (target,),
            )
        upgrade(admin, 1)
        assert plan_upgrade(admin, 1).nothing_to_do
        assert upgrade(admin, 1).rows == 0


def test_a_torn_change_set_stops_a_migration_that_does_not_carry_it(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    halted(old)
    monkeypatch.setattr(
        upgrading, "migrations", lambda: (Step("0002_schema_cutter", "What it does."),)
    )
    with old.connect(autocommit=True) as admin:
        with pytest.raises(UpgradeRefused, match=r"revert it with `cutter revert`, with the rel"):
            upgrade(admin, None)
        assert installed_version(admin) == 1


def test_a_database_that_has_drifted_is_not_upgraded(old: Database) -> None:
    halted(old)
    with old.connect(autocommit=True) as admin:
        admin.execute("ALTER TABLE public.sweep_log DISABLE TRIGGER append_only")
        with pytest.raises(UpgradeRefused, match=r"not as version 1 made it.*sweep_log"):
            upgrade(admin, None)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("CREATE TABLE cutter.more (n int);", ""),
        ("DROP TRIGGER append_only ON cutter.sweep_log;", "does not lead to the schema of version"),
        (
            "ALTER TABLE cutter.sweep_log DROP COLUMN gaps CASCADE;",
            "takes away from the table public.sweep_log",
        ),
        ("DROP TABLE cutter.restore_proof;", "takes away from the table public.restore_proof"),
        ("REVOKE SELECT ON cutter.sweep_log FROM cutter_verify;", ""),
        ("GRANT DELETE ON cutter.sweep_log TO cutter_exec;", "cutter_exec has DELETE on table"),
        (
            (
                "SET LOCAL session_replication_role = replica; UPDATE cutter.cut_phase_journal"
                " SET actor = 'x'; SET LOCAL session_replication_role = origin;"
            ),
            "changes rows of the table public.cut_phase_journal",
        ),
        ("SELECT 1 / 0;", "/verify.sql stopped with 22012"),
    ],
)
def test_a_migration_that_does_something_else_leaves_nothing(
    old: Database, monkeypatch: pytest.MonkeyPatch, more: str, sentence: str
) -> None:
    """Two of these are put right by the privileges being applied anew, or are no part of ours."""
    halted(old)
    whole, last = upgrading.migration_sql, upgrading.migrations()[-1].name

    def worse(name: str, part: str) -> str:
        return whole(name, part) + (more if (name, part) == (last, "verify") else "")

    monkeypatch.setattr(upgrading, "migration_sql", worse)
    with old.connect(autocommit=True) as admin:
        if not sentence:
            upgrade(admin, None)
            return
        with pytest.raises(UpgradeRefused, match=sentence):
            upgrade(admin, None)
        assert installed_version(admin) == 1
        assert scalar(admin, "SELECT to_regnamespace('cutter')") is None


def test_units_that_readers_would_not_see_stop_the_upgrade(old: Database) -> None:
    halted(old)
    with old.connect(autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE public.cut_change_set SET document_code = 'other.law' WHERE change_set_id = %s",
            (facts(1)["finished"],),
        )
        admin.execute("RESET session_replication_role")
        with pytest.raises(UpgradeRefused, match=r"0005_batches_and_readers/verify\.sql stopped"):
            upgrade(admin, None)
        assert installed_version(admin) == 1


def test_whoever_holds_a_table_is_waited_for_and_not_for_ever(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 1.0)
    halted(old)
    with old.connect() as reader, old.connect(autocommit=True) as admin:
        reader.execute("SELECT count(*) FROM public.cut_change_set")
        with pytest.raises(UpgradeRefused, match="held one of cutter's tables for 1 s"):
            upgrade(admin, None)
        assert installed_version(admin) == 1
        reader.execute("SELECT count(*) FROM public.information_unit")  # held by nobody


def test_a_reader_who_takes_tables_in_another_order_is_no_deadlock(old: Database) -> None:
    """It has one and comes for another while the upgrade waits for the first: both go on."""
    halted(old)
    with old.connect() as reader, old.connect(autocommit=True) as admin:
        reader.execute("SELECT count(*) FROM public.unit_version")
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(upgrade, admin, None)
            waiting = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'"
            with old.connect(autocommit=True) as looker:
                while not scalar(looker, f"{waiting} AND NOT granted"):
                    time.sleep(0.01)
            reader.execute("SELECT count(*) FROM public.information_unit, public.cut_change_set")
            time.sleep(1.5)  # longer than the server takes to look for a deadlock
            reader.rollback()
            assert going.result().plan.wanted == SCHEMA_VERSION


def test_only_one_upgrade_at_a_time(old: Database) -> None:
    halted(old)
    with old.connect() as other, old.connect(autocommit=True) as admin:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('iu-cutter upgrade', 0))")
        with pytest.raises(UpgradeRefused, match="under way"):
            upgrade(admin, None)


def test_a_newer_database_is_refused_with_what_to_install(database: Database) -> None:
    with database.connect(autocommit=True) as admin:
        admin.execute("UPDATE cutter.cutter_schema SET version = 99")
        for refused in (plan_upgrade, upgrade):
            with pytest.raises(UpgradeRefused, match="install a newer release of iu-cutter"):
                refused(admin, None)
        with pytest.raises(DatabaseUnsuitable, match="install a newer release of iu-cutter"):
            create_schema(admin)


def test_an_older_database_is_told_how_to_go_on(old: Database) -> None:
    with old.connect(autocommit=True) as admin:
        with pytest.raises(DatabaseUnsuitable, match="look with `cutter db upgrade --plan`"):
            create_schema(admin)
        found = compare_with_reference(admin)
    assert [one.name for one in found if one.subject == "schema"] == ["version"]
    assert len([one for one in found if one.severity is Severity.FAILS]) == 1, (
        "one finding, not one for each table that is elsewhere"
    )


def test_a_database_without_our_schema_is_not_upgraded(cluster: Cluster) -> None:
    with (
        empty_database(cluster) as endpoint,
        cluster.server.connect(endpoint.database) as admin,
        pytest.raises(DatabaseUnsuitable, match="`cutter db init` makes one"),
    ):
        plan_upgrade(admin, None)


def test_each_migration_leads_back(old: Database) -> None:
    upgraded(old)
    with old.connect() as admin:
        for step in reversed([step for step in migrations() if step.version > 1]):
            admin.execute(migration_sql(step.name, "revert").encode())
        admin.execute("SET LOCAL search_path = ''")
        found = sorted(read_facts(admin, names_in(1)))
        assert found == sorted(reference_facts(1))
        assert scalar(admin, "SELECT to_regnamespace('cutter')") is None


def test_the_first_migration_makes_version_1(cluster: Cluster) -> None:
    with empty_database(cluster) as endpoint, cluster.server.connect(endpoint.database) as admin:
        for part in ("deploy", "verify"):
            admin.execute(b"BEGIN;" + migration_sql("0001_reference", part).encode() + b"COMMIT;")
        with catalog_snapshot(admin):
            found = read_facts(admin, names_in(1))
        assert sorted(found) == sorted(reference_facts(1))
        admin.execute(migration_sql("0001_reference", "revert").encode())
        left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert scalar(admin, left) == 0
        assert (
            scalar(
                admin, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            )
            == 0
        )


def test_versions_are_without_holes_and_each_has_its_catalog() -> None:
    assert [step.version for step in migrations()] == list(range(1, SCHEMA_VERSION + 1))
    for step in migrations():
        assert reference_facts(step.version)
        assert step.what.endswith("."), "its first line says in a sentence what it does"
        for part in ("deploy", "verify", "revert"):
            assert migration_sql(step.name, part).startswith("-- ")
