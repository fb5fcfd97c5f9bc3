"""What PostgreSQL lets any login do to itself and to its server: none of it outlasts the session,
reaches another principal, or stops the verifier.
"""

from __future__ import annotations

import psycopg
import pytest
from psycopg import IsolationLevel

from adapters.postgres.connection.session import PostgresConnections, SessionLimits
from adapters.postgres.connection.statements import statement
from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.schema.settings import pinned_settings
from domain.change_set import CutContext
from domain.errors import PhaseStop
from domain.ledger.drift import Severity
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.attacks.test_stolen_executor import Steal
from tests.support.apart import at_work
from tests.support.live import LiveBench, run_phases, scalar

TRICKS = (
    "SET session_replication_role = replica",
    "SET SESSION AUTHORIZATION cutter_owner",
    "CREATE TEMP TABLE cut_permit (permit_id uuid)",
    "CREATE FUNCTION pg_temp.now() RETURNS timestamptz RETURN 'infinity'::timestamptz",
    "CREATE SCHEMA planted",
    "ALTER TABLE cutter.cut_permit DISABLE TRIGGER ALL",
    "ALTER FUNCTION cutter.fn_permit_confirm(uuid) SET search_path = public",
    "COPY cutter.cut_permit TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.auto.conf')",
    "SELECT lo_import('/etc/passwd')",
    "ALTER SYSTEM SET archive_command = 'true'",
    "ALTER DATABASE {base} SET search_path = planted",
    "ALTER ROLE {own} CONNECTION LIMIT -1",
    "ALTER ROLE {own} RESET temp_file_limit",
    "ALTER ROLE {own} SET temp_file_limit = -1",
    "ALTER ROLE {other} SET statement_timeout = 1",
    "ALTER ROLE {other} PASSWORD 'mine'",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{other}'",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = '{other}'",
    "SELECT pg_reload_conf()",
    "SELECT pg_create_logical_replication_slot('x', 'pgoutput')",
    "SELECT pg_promote()",
    "CREATE EVENT TRIGGER planted ON ddl_command_start EXECUTE FUNCTION cutter.fn_append_only()",
    "CREATE PUBLICATION planted FOR ALL TABLES",
    "COMMENT ON ROLE {other} IS 'x'",
)


@pytest.mark.parametrize("principal", [Principal.EXEC, Principal.VERIFY])
def test_no_trick_of_a_session_is_let_through(
    bench: LiveBench, steal: Steal, cut: CutContext, principal: Principal
) -> None:
    other = Principal.VERIFY if principal is Principal.EXEC else Principal.EXEC
    thief, honest = steal(principal), steal(other)
    for trick in TRICKS:
        names = {"base": bench.database.name, "own": principal.value, "other": other.value}
        words = trick.format(**names)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            thief.execute(words.encode())
    assert scalar(honest, "SELECT current_user") == other.value


@pytest.mark.parametrize(
    "words", ["", "x", "\x1b[2J", "00000000-0000-0000-0000-000000000000", "ü" * 3900, "[" * 7900]
)
def test_no_word_on_the_verifiers_channel_stops_it(
    bench: LiveBench, steal: Steal, words: str
) -> None:
    thief, said = steal(Principal.EXEC), list[str]()
    work = at_work(bench, said.append)
    with work.session() as session:
        work.turn(session)
        for channel in ("cutter_verifier_asked", "cutter_verifier_refused"):
            thief.execute("SELECT pg_notify(%s, %s)", (channel, words))
        work.asked(session, 1)
        assert work.turn(session) == 0
    assert said == []


PINS = ("search_path=planted", "TimeZone=Asia/Tokyo", "lock_timeout=1h", "work_mem=64kB")


@pytest.mark.parametrize("principal", [Principal.EXEC, Principal.VERIFY])
def test_what_a_thief_pins_to_the_login_reaches_no_run_and_doctor_names_it(
    bench: LiveBench, steal: Steal, plan: CutPlan, principal: Principal
) -> None:
    """PostgreSQL lets every login pin settings to itself, and they outlast a new password."""
    login, thief = principal.value, steal(principal)
    pinning = f"ALTER ROLE {login} IN DATABASE {bench.database.name}"
    for pin in (*PINS, "default_transaction_read_only=on"):
        name, _, value = pin.partition("=")
        thief.execute(f"{pinning} SET {name} = '{value}'".encode())
    with bench.database.connect() as admin:
        found = {one.message: one.severity for one in pinned_settings(admin)}
    for pin in PINS:
        name = pin.partition("=")[0]
        ended = f"{pinning} RESET " + (name if name.islower() else f'"{name}"')
        named = f"{login} gets the setting {pin} in this database; {ended} ends it."
        assert found[named] is Severity.NOTE
    stops = f"{login} gets the setting default_transaction_read_only=on in this database; "
    stops += f"{pinning} RESET default_transaction_read_only ends it."
    assert found[stops] is Severity.FAILS
    thief.execute(f"{pinning} RESET default_transaction_read_only".encode())
    ctx = bench.context(plan)
    run_phases(bench.new_adapter(), ctx, plan)
    with bench.connections.connect(principal) as conn:
        assert scalar(conn, "SHOW search_path") == "cutter, public, pg_temp"
        assert scalar(conn, "SHOW timezone") == "UTC"


def test_a_reader_that_holds_a_documents_lock_makes_its_runs_wait_and_be_refused_and_no_more(
    bench: LiveBench, plan: CutPlan
) -> None:
    ctx = bench.context(plan)
    limits = SessionLimits(lock_timeout="50ms", statement_timeout="10s")
    short = PostgresConnections(
        bench.database.endpoint, bench.database.credentials, target=bench.target, limits=limits
    )
    with bench.database.reader() as reader:
        reader.execute(statement("writers_lock").encode(), {"document_code": ctx.document_code})
        with pytest.raises(PhaseStop, match="another run holds this document"):
            LiveTransactions(short, attempts=3, longest_wait=0.01).run(
                ctx, Phase.MARK, IsolationLevel.READ_COMMITTED, lambda _conn: None
            )
        with (
            bench.database.connect() as admin
        ):  # the session is found, and an administrator ends it
            ended = admin.execute(
                "SELECT a.usename::text, pg_terminate_backend(a.pid) FROM pg_locks l "
                "JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
                "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).fetchall()
        assert ended == [(bench.database.cluster.reader.user, True)]
    run_phases(bench.new_adapter(), ctx, plan)
