"""The doctor: a clean database has no findings, and each kind of drift is named in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from adapters.postgres.connection.rows import asked_ahead
from adapters.postgres.schema.catalog import reference_facts
from adapters.postgres.schema.checks import ASKED_FIRST, all_asked
from adapters.postgres.schema.doctor import (
    catalog_digest,
    catalog_snapshot,
    compare_apart,
    compare_together,
    compare_with_reference,
)
from adapters.postgres.schema.install import create_schema
from adapters.postgres.server.embedded import embedded_server
from domain.errors import DatabaseUnsuitable
from domain.ledger.drift import Difference, Severity
from domain.phases import Principal
from tests.support.live import LiveBench, live_bench, row_hashes
from tests.support.pooler import Pooler
from tests.support.postgres import Cluster, Database, fresh_database, server_folder, wheel_major
from tests.support.write_reference import fresh_facts

FAILS, NOTE = Severity.FAILS, Severity.NOTE
THROWAWAY = {"fsync", "full_page_writes", "synchronous_commit"}
"""The tests' own server is fast because it may lose data, and the doctor says so."""


@pytest.fixture(scope="module")
def healthy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBench]:
    """A database with both principals' keys registered: ready for a cut."""
    with fresh_database(cluster) as database:
        yield live_bench(database, tmp_path_factory.mktemp("doctor"))


def without_throwaway(findings: list[Difference]) -> list[Difference]:
    return [
        finding
        for finding in findings
        if not (finding.subject == "setting" and finding.name in THROWAWAY)
    ]


def drifted(database: Database, *statements: str) -> list[Difference]:
    """What the doctor finds after these statements, in a transaction that is rolled back."""
    with database.connect() as admin, admin.transaction(force_rollback=True):
        for statement in statements:
            admin.execute(statement.encode())
        admin.execute("SET LOCAL search_path = ''")
        apart = compare_apart(admin)
        with asked_ahead(admin, *ASKED_FIRST), all_asked(admin):
            assert sorted(set(compare_together(admin))) == apart
        return without_throwaway(apart)


@pytest.mark.parametrize("who", [None, *Principal])
def test_a_clean_database_has_no_findings_whoever_looks(
    healthy: LiveBench, who: Principal | None
) -> None:
    with healthy.database.connect(who, autocommit=True) as conn:
        assert without_throwaway(compare_with_reference(conn)) == []


def test_a_server_made_as_for_operators_has_no_findings_at_all() -> None:
    with server_folder() as home, embedded_server(home, major=wheel_major()) as server:
        login = {"host": server.host, "port": server.port, "user": server.superuser}
        login |= {"password": server.password.get_secret_value(), "dbname": "postgres"}
        with psycopg.connect(**login) as admin:  # type: ignore[arg-type]
            create_schema(admin)
            admin.execute(
                "INSERT INTO cutter.principal_key SELECT encode(sha256(k), 'hex'), p, k FROM (VALUES "
                "('cutter_exec', sha256('a')),"
                " ('cutter_verify', sha256('b'))) AS v (p, k)"
            )
            admin.commit()
            assert compare_with_reference(admin) == []


def test_the_reference_is_what_the_schema_makes(database: Database) -> None:
    """Red after a change of the schema's SQL?

    Then run `python -m tests.support.write_reference`.
    """
    assert set(fresh_facts(database)) == set(reference_facts())


HOLLOW = (
    "CREATE OR REPLACE FUNCTION fn_append_only() RETURNS trigger LANGUAGE plpgsql SET "
    "search_path = pg_catalog, cutter, pg_temp"
)

DRIFT: list[tuple[str, Severity, str]] = [
    ("DROP TABLE verify_result", FAILS, "The table cutter.verify_result is missing."),
    (
        "ALTER TABLE sweep_log SET UNLOGGED",
        FAILS,
        "The table cutter.sweep_log is 'a table, unlogged'",
    ),
    ("ALTER TABLE sweep_log ENABLE ROW LEVEL SECURITY", FAILS, "row security"),
    (
        "CREATE POLICY hide ON sweep_log USING (false)",
        FAILS,
        "There is a policy cutter.sweep_log.hide",
    ),
    (
        "CREATE RULE gone AS ON INSERT TO sweep_log DO INSTEAD NOTHING",
        FAILS,
        "There is a rule cutter.sweep_log.gone",
    ),
    (
        "ALTER TABLE sweep_log DROP COLUMN profile",
        FAILS,
        "The column cutter.sweep_log.profile is missing.",
    ),
    (
        "ALTER TABLE sweep_log ALTER COLUMN units TYPE bigint",
        FAILS,
        "The column cutter.sweep_log.units is 'bigint NOT NULL'",
    ),
    (
        "ALTER TABLE sweep_log ADD COLUMN must text NOT NULL",
        FAILS,
        "There is a column cutter.sweep_log.must",
    ),
    ("ALTER TABLE sweep_log ADD COLUMN may text", NOTE, "There is a column cutter.sweep_log.may"),
    (
        "ALTER TABLE decision_backlog_entry ALTER COLUMN status DROP DEFAULT",
        FAILS,
        "decision_backlog_entry.status",
    ),
    (
        "ALTER TABLE cut_phase_journal DROP CONSTRAINT cut_phase_journal_pkey",
        FAILS,
        "cut_phase_journal_pkey is missing",
    ),
    (
        "ALTER TABLE verify_result DROP CONSTRAINT verify_result_all_found",
        FAILS,
        "verify_result_all_found is missing",
    ),
    (
        "DROP INDEX decision_backlog_entry_one_open",
        FAILS,
        "decision_backlog_entry_one_open is missing",
    ),
    (
        "DROP INDEX information_unit_document",
        NOTE,
        "index public.information_unit.information_unit_document is missing",
    ),
    ("ALTER TABLE sweep_log DISABLE TRIGGER append_only", FAILS, "disabled"),
    ("ALTER TABLE sweep_log ENABLE REPLICA TRIGGER append_only", FAILS, "disabled but on replicas"),
    (
        "DROP TRIGGER never_truncated ON verify_result",
        FAILS,
        "The trigger cutter.verify_result.never_truncated is missing.",
    ),
    (
        (
            "CREATE TRIGGER more BEFORE INSERT ON sweep_log FOR EACH ROW EXECUTE FUNCTION "
            "suppress_redundant_updates_trigger()"
        ),
        NOTE,
        "There is a trigger cutter.sweep_log.more",
    ),
    (
        "DROP FUNCTION public.fn_iu_enact",
        FAILS,
        "The function public.fn_iu_enact(text, uuid, text) is missing.",
    ),
    ("ALTER FUNCTION public.fn_iu_enact SECURITY INVOKER", FAILS, "SECURITY INVOKER"),
    (
        "ALTER FUNCTION public.fn_iu_enact RESET search_path",
        FAILS,
        "The function public.fn_iu_enact(text, uuid, text) is",
    ),
    ("ALTER FUNCTION public.fn_iu_enact SET search_path = public", FAILS, "search_path=public"),
    (
        HOLLOW + " AS 'BEGIN RETURN NEW; END'",
        FAILS,
        "The function source cutter.fn_append_only() is",
    ),
    (
        "CREATE FUNCTION public.fn_iu_enact(text) RETURNS text LANGUAGE sql AS $$ SELECT 'enacted' $$",
        NOTE,
        "There is a function public.fn_iu_enact(text)",
    ),
    ("ALTER FUNCTION public.fn_iu_create OWNER TO postgres", FAILS, "'postgres, who can log in'"),
    (
        "ALTER ROLE cutter_owner LOGIN",
        FAILS,
        "The role cutter_owner has login on, and it must be off.",
    ),
    ("ALTER ROLE cutter_exec SUPERUSER", FAILS, "The role cutter_exec has superuser on"),
    ("ALTER ROLE cutter_exec INHERIT", FAILS, "The role cutter_exec has inherit on"),
    ("ALTER ROLE cutter_verify NOLOGIN", FAILS, "The role cutter_verify has login off"),
    ("ALTER ROLE cutter_verify CREATEROLE", FAILS, "createrole on"),
    ("ALTER ROLE cutter_verify BYPASSRLS", FAILS, "bypassrls on"),
    ("GRANT cutter_exec TO cutter_verify", FAILS, "cutter_verify is a member of cutter_exec"),
    (
        "GRANT pg_write_all_data TO cutter_verify",
        FAILS,
        "cutter_verify is a member of pg_write_all_data",
    ),
    (
        "REVOKE cutter_exec FROM cutter_rehearse",
        FAILS,
        "cutter_rehearse should be a member of cutter_exec",
    ),
    (
        "REVOKE INSERT ON sweep_log FROM cutter_exec",
        FAILS,
        "cutter_exec lacks INSERT on table cutter.sweep_log.",
    ),
    (
        "REVOKE UPDATE (status) ON cut_change_set FROM cutter_verify",
        FAILS,
        "UPDATE on column cutter.cut_change_set.status",
    ),
    (
        "REVOKE EXECUTE ON FUNCTION public.fn_iu_enact FROM cutter_exec",
        FAILS,
        "cutter_exec lacks EXECUTE on function public.fn_iu_enact",
    ),
    (
        "REVOKE USAGE ON SCHEMA public FROM cutter_verify",
        FAILS,
        "cutter_verify lacks USAGE on schema public.",
    ),
    (
        "GRANT INSERT ON verify_result TO cutter_exec",
        FAILS,
        "cutter_exec has INSERT on table cutter.verify_result and should not.",
    ),
    (
        "GRANT DELETE ON sweep_log TO cutter_verify",
        FAILS,
        "cutter_verify has DELETE on table cutter.sweep_log and should not.",
    ),
    (
        "GRANT TRUNCATE ON sweep_log TO PUBLIC",
        FAILS,
        "Everybody (PUBLIC) has TRUNCATE on table cutter.sweep_log",
    ),
    (
        "GRANT SELECT ON sweep_log TO PUBLIC",
        NOTE,
        "Everybody (PUBLIC) has SELECT on table cutter.sweep_log",
    ),
    (
        "GRANT UPDATE (title) ON unit_version TO cutter_exec",
        FAILS,
        "cutter_exec has UPDATE on column public.unit_version.title",
    ),
    (
        "GRANT EXECUTE ON FUNCTION public.fn_iu_create TO PUBLIC",
        FAILS,
        "Everybody (PUBLIC) has EXECUTE on function public.fn_iu_create",
    ),
    (
        "GRANT EXECUTE ON FUNCTION public.fn_iu_create TO cutter_verify",
        FAILS,
        "cutter_verify has EXECUTE on function public.fn_iu_create",
    ),
    (
        "GRANT INSERT ON sweep_log TO cutter_exec WITH GRANT OPTION",
        FAILS,
        "cutter_exec may pass INSERT on table cutter.sweep_log on",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        FAILS,
        "Everybody (PUBLIC) has CREATE on schema public",
    ),
    (
        "CREATE ROLE cutter_test_other; GRANT INSERT ON sweep_log TO cutter_test_other",
        FAILS,
        "cutter_test_other has INSERT",
    ),
    (
        "CREATE ROLE cutter_test_other; GRANT cutter_exec TO cutter_test_other",
        FAILS,
        "cutter_test_other is a member of cutter_exec",
    ),
    ("CREATE ROLE cutter_test_other; GRANT SELECT ON sweep_log TO cutter_test_other", NOTE, ""),
    (
        "ALTER ROLE cutter_exec SET session_replication_role = replica",
        FAILS,
        "cutter_exec gets the setting session_replication_role",
    ),
    (
        "ALTER ROLE cutter_exec SET work_mem = '1MB'",
        NOTE,
        "cutter_exec gets the setting work_mem=1MB",
    ),
    (
        "ALTER ROLE cutter_exec SET synchronous_commit = off",
        NOTE,
        (
            "cutter_exec gets the setting synchronous_commit=off in this database: a crash of the "
            "server can lose what it has just"
        ),
    ),
    (
        "ALTER ROLE ALL SET synchronous_commit = 'false'",
        NOTE,
        "turn it on with ALTER SYSTEM, ALTER DATABASE or ALTER ROLE, wherever it was turned off.",
    ),
    (
        "GRANT SET ON PARAMETER session_replication_role TO cutter_exec",
        FAILS,
        "the server's parameter session_replication_role",
    ),
    (
        "SET LOCAL session_replication_role = replica",
        FAILS,
        "The setting session_replication_role is 'replica', not 'origin'",
    ),
    (
        "SET LOCAL default_transaction_read_only = on",
        FAILS,
        "The setting default_transaction_read_only is 'on', not 'off'",
    ),
    (
        "DELETE FROM iu_vocabulary WHERE code = 'article'",
        FAILS,
        "The vocabulary unit_kind lacks the word 'article'.",
    ),
    ("INSERT INTO iu_vocabulary VALUES ('unit_kind', 'verse')", NOTE, "never writes: 'verse'"),
    (
        "UPDATE principal_key SET retired_at = now() WHERE principal = 'cutter_verify'",
        FAILS,
        "registered for cutter_verify",
    ),
    ("UPDATE cutter_schema SET version = 99", FAILS, "version 99, and this program works with"),
    (
        "REVOKE USAGE ON SCHEMA cutter FROM cutter_exec",
        FAILS,
        "cutter_exec lacks USAGE on schema cutter.",
    ),
    ("GRANT CREATE ON SCHEMA cutter TO cutter_exec", FAILS, "cutter_exec has CREATE on schema"),
    ("ALTER SCHEMA cutter OWNER TO postgres", FAILS, "The owner schema cutter is 'postgres, who"),
    ("DROP VIEW iu_unit CASCADE", FAILS, "The table cutter.iu_unit is missing."),
    (
        (
            "CREATE OR REPLACE VIEW iu_unit AS SELECT u.id AS unit_id, v.id AS version_id,"
            " v.version_no, u.canonical_address, u.document_code, v.title, v.body, v.body_sha256,"
            " u.unit_kind, u.section_type, u.publication_type, u.owner_ref, u.parent_id,"
            " u.canonical_address AS parent_ref, u.lifecycle, u.created_at, v.state,"
            " v.in_force_from, u.parent_id AS first_parent_id"
            " FROM information_unit u JOIN unit_version v ON v.unit_id = u.id"
        ),
        FAILS,
        "The view source cutter.iu_unit is",
    ),
    ("UPDATE cutter_schema SET sources_sha256 = 'x'", NOTE, "made from other sources"),
]


@pytest.mark.parametrize(("statement", "severity", "sentence"), DRIFT)
def test_drift_is_named(
    healthy: LiveBench, statement: str, severity: Severity, sentence: str
) -> None:
    findings = drifted(healthy.database, statement)
    if not sentence:
        assert findings == [], "others may read"
        return
    named = [finding for finding in findings if sentence in finding.message]
    assert named, findings
    assert {finding.severity for finding in named} == {severity}
    assert all(finding.message.endswith(".") for finding in findings)


OTHER_TYPE = ("CREATE SCHEMA other", "CREATE TYPE other.mood AS ENUM ('a', 'b')")
OF_AN_EXTENSION = (
    "CREATE TYPE public.vector AS (x int)",
    "ALTER EXTENSION plpgsql ADD TYPE public.vector",
)


@pytest.mark.parametrize(
    ("statements", "thing", "rests_on"),
    [
        (
            (*OTHER_TYPE, "CREATE TABLE public.t (m other.mood)"),
            "table public.t",
            "type other.mood",
        ),
        ((*OTHER_TYPE, "CREATE TABLE public.t (m other.mood[])"), "table public.t", "other.mood"),
        (
            (*OTHER_TYPE, "CREATE DOMAIN public.d AS other.mood"),
            "type public.d",
            "type other.mood",
        ),
        (
            (
                *OTHER_TYPE,
                "CREATE FUNCTION other.f() RETURNS int LANGUAGE sql IMMUTABLE RETURN 1",
                "CREATE TABLE cutter.t (n int DEFAULT other.f(), CHECK (n > other.f()))",
            ),
            "table cutter.t",
            "function other.f()",
        ),
        (
            (*OTHER_TYPE, "CREATE TABLE other.x (n int)", "CREATE VIEW public.v AS TABLE other.x"),
            "view public.v",
            "table other.x",
        ),
        (
            (*OF_AN_EXTENSION, "CREATE TABLE public.t (id int, v public.vector)"),
            "table public.t",
            "type public.vector",
        ),
        (
            (
                "CREATE FOREIGN DATA WRAPPER w",
                "CREATE SERVER far FOREIGN DATA WRAPPER w",
                "CREATE FOREIGN TABLE public.f (n int) SERVER far",
            ),
            "foreign table public.f",
            "server far",
        ),
    ],
)
def test_what_a_restore_will_not_have_is_foreseen(
    healthy: LiveBench, statements: tuple[str, ...], thing: str, rests_on: str
) -> None:
    found = [one for one in drifted(healthy.database, *statements) if one.subject == "backup"]
    assert {(one.severity, one.name) for one in found} == {(NOTE, thing)}
    assert any(rests_on in one.message for one in found), found


def test_what_lies_in_our_schemas_alone_is_no_part_of_that(healthy: LiveBench) -> None:
    assert not [
        one
        for one in drifted(
            healthy.database,
            "CREATE TYPE public.mood AS ENUM ('a')",
            "CREATE TABLE public.t (id serial PRIMARY KEY, m public.mood[], r int4range, t text)",
            "CREATE VIEW cutter.v AS TABLE public.t",
            "CREATE SCHEMA other",
            "CREATE TABLE other.t (m public.mood)",
        )
        if one.subject == "backup"
    ]


def test_connect_and_temp_for_everybody_are_worth_knowing(healthy: LiveBench) -> None:
    findings = drifted(
        healthy.database, f"GRANT CONNECT, TEMP ON DATABASE {healthy.database.name} TO PUBLIC"
    )
    assert [(f.severity, f.name) for f in findings] == [
        (NOTE, "CONNECT on this database"),
        (NOTE, "TEMPORARY on this database"),
    ]


@pytest.mark.parametrize(
    ("pinning", "setting"),
    [
        ("ALTER ROLE cutter_exec", "work_mem = '1MB'"),
        ("ALTER ROLE cutter_exec IN DATABASE {base}", "DateStyle = 'German'"),
        ("ALTER ROLE ALL", "default_transaction_read_only = on"),
        ("ALTER DATABASE {base}", "app.canonical_writer = 'x'"),
    ],
)
def test_a_pinned_setting_is_named_with_the_statement_that_ends_it(
    healthy: LiveBench, pinning: str, setting: str
) -> None:
    base = healthy.database
    begun = f"{pinning.format(base=base.name)} SET {setting}"
    (found,) = drifted(base, begun)
    ending = found.message.partition("; ")[2].removesuffix(" ends it.")
    assert ending.startswith(pinning.format(base=base.name) + " RESET ")
    assert drifted(base, begun, ending) == []


def test_what_a_login_could_fill_the_disk_with_is_named_with_what_ends_it(
    healthy: LiveBench,
) -> None:
    large = drifted(
        healthy.database, "GRANT EXECUTE ON FUNCTION pg_catalog.lo_create(oid) TO PUBLIC"
    )
    assert [(f.severity, f.name) for f in large] == [(NOTE, "large objects")]
    assert "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer)" in large[0].message
    files = drifted(healthy.database, "ALTER ROLE cutter_exec SET temp_file_limit = -1")
    assert [(f.severity, f.name) for f in files] == [(NOTE, "files of sorts")]
    assert files[0].message.endswith("ALTER ROLE cutter_exec SET temp_file_limit = '4GB'.")


def test_commits_that_may_be_lost_are_worth_knowing_and_it_says_what_to_do(
    healthy: LiveBench,
) -> None:
    def named() -> list[Difference]:
        with healthy.database.connect(Principal.VERIFY, autocommit=True) as conn:
            return [
                finding
                for finding in compare_with_reference(conn)
                if finding.message.startswith("The setting sync")
            ]

    setting = f"ALTER DATABASE {healthy.database.name} SET synchronous_commit = "
    with healthy.database.connect(autocommit=True) as admin:
        for value in ("on", "local", "remote_write", "remote_apply"):
            admin.execute((setting + value).encode())
            assert not named(), value
        admin.execute(f"ALTER DATABASE {healthy.database.name} RESET synchronous_commit".encode())
    [finding] = named()  # as the tests' own server has it
    assert finding.severity is NOTE
    assert finding.message.startswith(
        "The setting synchronous_commit is 'off', not 'on': a crash of the server can lose"
    )
    assert "a phase, a permit or a halt; turn it on with ALTER SYSTEM" in finding.message


def test_who_may_not_come_in_is_named(healthy: LiveBench) -> None:
    findings = drifted(
        healthy.database, f"REVOKE CONNECT ON DATABASE {healthy.database.name} FROM cutter_verify"
    )
    assert [f.message for f in findings] == ["cutter_verify lacks CONNECT on this database."]


def test_maintain_belongs_to_the_owner_alone(healthy: LiveBench) -> None:
    with healthy.database.connect() as admin:
        if admin.info.server_version < 170000:
            pytest.skip("MAINTAIN came with PostgreSQL 17")
    findings = drifted(healthy.database, "GRANT MAINTAIN ON sweep_log TO cutter_exec")
    assert [f.message for f in findings] == [
        "cutter_exec has MAINTAIN on table cutter.sweep_log and should not."
    ]


def test_an_empty_database_is_told_what_it_lacks(cluster: Cluster) -> None:
    with cluster.server.connect() as admin:
        missing = {
            finding.name
            for finding in compare_with_reference(admin)
            if finding.message.endswith("is missing.")
        }
    assert {
        "public.information_unit",
        "cutter.verify_result",
        "public.unit_version.body",
    } <= missing


def test_a_database_that_the_project_did_not_make_can_be_fit(healthy: LiveBench) -> None:
    """Same contract, other words: another source of a function and another owner's name are worth
    knowing, not a fault.
    """
    findings = drifted(
        healthy.database,
        "DROP TABLE cutter_schema",
        "CREATE ROLE cutter_test_keeper NOLOGIN",
        "ALTER TABLE sweep_log OWNER TO cutter_test_keeper",
        HOLLOW + " AS $$ BEGIN RAISE EXCEPTION 'never' USING ERRCODE = 'IU002'; END $$",
    )
    ours = [f for f in findings if "cutter_schema" not in f.message]
    assert {f.severity for f in ours} == {NOTE}
    assert {f.subject for f in ours} == {"schema", "function source", "owner"}


def test_looking_changes_nothing_and_leaves_no_lock(healthy: LiveBench) -> None:
    before = row_hashes(healthy.database)
    with healthy.database.connect(Principal.VERIFY) as conn:
        first, second = compare_with_reference(conn), compare_with_reference(conn)
        assert first == second
        assert conn.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        ).fetchone() == (0,)
        assert conn.autocommit is False
    assert row_hashes(healthy.database) == before
    with (
        healthy.database.connect() as admin,
        catalog_snapshot(admin),
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        admin.execute("INSERT INTO public.iu_vocabulary VALUES ('unit_kind', 'verse')")


def test_inside_a_transaction_it_refuses(healthy: LiveBench) -> None:
    with (
        healthy.database.connect() as conn,
        conn.transaction(),
        pytest.raises(DatabaseUnsuitable, match="not inside"),
    ):
        compare_with_reference(conn)


def test_the_digest_of_the_catalog_moves_with_it(healthy: LiveBench) -> None:
    with healthy.database.connect(autocommit=True) as admin:
        before = catalog_digest(admin)
        assert catalog_digest(admin) == before
        admin.execute("ALTER TABLE sweep_log DISABLE TRIGGER append_only")
        try:
            assert catalog_digest(admin) != before
        finally:
            admin.execute("ALTER TABLE sweep_log ENABLE TRIGGER append_only")
        assert catalog_digest(admin) == before


def pooler_findings(pooler: Pooler) -> list[Difference]:
    with pooler.connect() as conn:
        return [finding for finding in compare_with_reference(conn) if finding.name == "pooler"]


@pytest.mark.parametrize("backends", [1, 2, 3])
def test_a_transaction_pooler_is_found(healthy: LiveBench, backends: int) -> None:
    """With one backend, as an idle pool uses it, a single session sees nothing: only the second
    one is told that it holds the same lock.
    """
    with Pooler(healthy.database, backends=backends) as pooler:
        named = pooler_findings(pooler)
        assert [finding.severity for finding in named] == [FAILS]
        assert "transaction pooler" in named[0].message
    with healthy.database.connect(autocommit=True) as admin:
        left = admin.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
        assert left == (0,)


def test_a_pooler_that_keeps_sessions_is_worth_knowing(healthy: LiveBench) -> None:
    with Pooler(healthy.database, keeps_sessions=True) as pooler:
        assert [finding.severity for finding in pooler_findings(pooler)] == [NOTE]
