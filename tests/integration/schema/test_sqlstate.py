"""The codes as a real server sends them, and what the table makes of each."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.waiting import Ready, Wait
from pydantic import SecretStr

from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.connection.sqlstate import Action, classify
from adapters.postgres.connection.statements import statement
from adapters.postgres.phases import journal
from domain.errors import DatabaseUnavailable
from domain.phases import Phase, Principal
from domain.ports import Credentials
from tests.support.live import live_bench
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database

PROVOKED = {
    "22023": "SET LOCAL statement_timeout = 'soon'",
    "22P02": "SELECT 'x'::integer",
    "23502": "INSERT INTO sweep_log (entry_id) VALUES (gen_random_uuid())",
    "23503": (
        "INSERT INTO sweep_log SELECT gen_random_uuid(), '', '', '', '', repeat('0', 64), 1, "
        "1, 1, '[]'"
    ),
    "23514": "INSERT INTO sweep_log SELECT gen_random_uuid(), '', '', '', '', 'x', 1, 1, 1, '[]'",
    "25006": (
        "SET TRANSACTION READ ONLY; INSERT INTO cut_phase_journal (change_set_id) VALUES "
        "(gen_random_uuid())"
    ),
    "42501": "INSERT INTO verify_result (change_set_id) VALUES (gen_random_uuid())",
    "42703": "SELECT nothing FROM sweep_log",
    "42883": "SELECT fn_iu_creates()",
    "42P01": "SELECT * FROM sweep_logs",
    "57014": "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)",
    "IU003": "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
    "plan_digest, attempt, opened_by,"
    " status) VALUES (gen_random_uuid(), gen_random_uuid(), 'x', repeat('0', 64), 1, 'x', "
    "'enacted')",
    "IU004": (
        "INSERT INTO cut_phase_journal VALUES (gen_random_uuid(), 'write_verify', repeat('0', "
        ""
        "64), '{}', 'x')"
    ),
    "IU006": (
        "INSERT INTO cut_phase_journal VALUES (gen_random_uuid(), 'mark', repeat('0', 64), "
        "'{}', 'x')"
    ),
}


@pytest.fixture
def executor(database: Database) -> Iterator[Connection]:
    with database.connect(Principal.EXEC, autocommit=True) as conn:
        yield conn


def provoke(conn: Connection, statement: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as error, conn.transaction():
        conn.execute(statement.encode())
    return error.value


@pytest.mark.parametrize(("code", "statement"), PROVOKED.items())
def test_a_code_that_a_statement_provokes_stops(
    executor: Connection, code: str, statement: str
) -> None:
    error = provoke(executor, statement)
    assert error.sqlstate == code
    assert classify(error, connection_broken=executor.broken) is Action.STOP


def test_a_lock_not_to_be_had_is_retried(database: Database, executor: Connection) -> None:
    with database.connect() as admin:
        admin.execute("LOCK TABLE sweep_log")
        error = provoke(executor, "SET LOCAL lock_timeout = '20ms'; SELECT * FROM sweep_log")
    assert (error.sqlstate, classify(error, connection_broken=False)) == ("55P03", Action.RETRY)


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("25P03", "idle_in_transaction_session_timeout"),
        ("25P04", "transaction_timeout"),
        ("57P05", "idle_session_timeout"),
    ],
)
def test_a_session_that_the_server_ends_by_itself_is_lost(
    executor: Connection, code: str, setting: str
) -> None:
    if code == "25P04" and executor.info.server_version < 170000:
        pytest.skip("transaction_timeout came with PostgreSQL 17")
    executor.execute(f"SET {setting} = '50ms'".encode())
    if code != "57P05":
        executor.execute("BEGIN")
    executor.wait(_silence(executor))
    with pytest.raises(psycopg.Error) as error:
        executor.execute("SELECT 1")
    assert error.value.sqlstate == code
    assert (
        classify(error.value, connection_broken=executor.broken or executor.closed) is Action.LOST
    )


def _silence(conn: Connection) -> Generator[Wait, Ready | int, None]:
    """Nothing is sent until the server has something to say."""
    yield Wait.R


def test_a_backend_that_an_administrator_ends_is_lost(
    database: Database, executor: Connection
) -> None:
    with database.connect(autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (executor.info.backend_pid,))
    with pytest.raises(psycopg.Error) as error:
        executor.execute("SELECT 1")
    assert error.value.sqlstate == "57P01"
    assert classify(error.value, connection_broken=executor.broken) is Action.LOST


def test_a_phase_recorded_twice_is_a_resume_and_any_other_key_a_stop(
    database: Database, tmp_path: Path
) -> None:
    ctx = live_bench(database, tmp_path).context(made_plan(1))
    with database.connect(Principal.EXEC) as conn:
        name, values, _ = journal.row(ctx, Phase.PRE_WRITE_BACKUP, {})
        conn.execute(statement(name), values)
        with pytest.raises(psycopg.errors.UniqueViolation) as again:
            conn.execute(statement(name), values)
        assert classify(again.value, connection_broken=False) is Action.RESUME
        conn.rollback()
        entry = (
            "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
            "plan_digest, attempt, opened_by) VALUES (gen_random_uuid(), "
            f"'{ctx.change_set_id}', '{ctx.document_code}', '{ctx.plan_digest}', 1, 'x')"
        )
        conn.execute(entry.encode())
        error = provoke(conn, entry)
        assert (error.sqlstate, classify(error, connection_broken=False)) == ("23505", Action.STOP)


def test_a_guard_of_units_and_ledger_stops(database: Database) -> None:
    with database.connect(autocommit=True) as admin:
        for code, statement in (
            ("IU001", "TRUNCATE unit_version CASCADE"),
            ("IU002", "TRUNCATE sweep_log"),
        ):
            error = provoke(admin, statement)
            assert (error.sqlstate, classify(error, connection_broken=False)) == (code, Action.STOP)


class _Always:
    """One login for whoever asks."""

    def __init__(self, login: Credentials) -> None:
        self._login = login

    def __call__(self, principal: Principal) -> Credentials:
        return self._login


def test_refusals_while_connecting_are_named_and_hold_no_secret(database: Database) -> None:
    wrong = Credentials("cutter_exec", SecretStr("wrong-hunter2"))
    with pytest.raises(DatabaseUnavailable, match="refuses the password of cutter_exec") as refused:
        PostgresConnections(database.endpoint, _Always(wrong), target=None).connect(Principal.EXEC)
    assert "hunter2" not in str(refused.value)
