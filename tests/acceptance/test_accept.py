"""The acceptance run itself: it passes, refuses what is not allowed before any write, and leaves
nothing behind.
"""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from rich.console import Console

import adapters.acceptance.server as server_module
from adapters.acceptance.options import acceptance_options, named_server
from adapters.acceptance.run import run_acceptance
from adapters.acceptance.secrecy import MASK, Secrets, leaks_in_files, structured_log
from adapters.acceptance.server import isolated_server, temporary_root
from adapters.acceptance.statements import count_kinds, kinds
from adapters.acceptance.witness import Listener, Witness, watching
from adapters.home.target import register_target
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.server.embedded import server_status
from blocks.settings import load_settings
from cli.home.accept import accept_command
from domain.change_set import TargetFingerprint
from domain.errors import (
    AcceptanceFailed,
    BadInput,
    ConfigMismatch,
    ProductionExecutionNotAuthorized,
)
from domain.ports import Endpoint
from domain.reports.acceptance import (
    SCENARIOS,
    AcceptanceOptions,
    AcceptanceReport,
    NamedServer,
    ScenarioRow,
    ServerKind,
    parse_fingerprint,
)
from tests.support.keys import keyring
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database, Server, embedded_test_server, wanted_major


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of this test's own, so that a run elsewhere on this machine is not taken for what it
    has left.
    """
    monkeypatch.setattr(server_module, "PREFIX", f"iu-cutter-accept-{secrets.token_hex(3)}-")


@pytest.fixture(scope="module")
def other_server() -> Iterator[Server]:
    """A server that is there already and that nobody has prepared."""
    with embedded_test_server() as running:
        yield running


@pytest.fixture
def named(other_server: Server) -> NamedServer:
    """That server as an operator names it."""
    with other_server.connect() as conn:
        allowed = read_fingerprint(conn)
    return NamedServer(
        Endpoint(other_server.host, other_server.port, "postgres", "disable"),
        other_server.admin,
        allowed,
    )


def traces_on(server: Server) -> tuple[Any, ...]:
    """The next transaction id, which any write would have used up, and all databases and roles."""
    with server.connect() as conn:
        row = conn.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text,"
            " (SELECT array_agg(datname ORDER BY datname) FROM pg_database),"
            " (SELECT array_agg(rolname ORDER BY rolname) FROM pg_roles)"
        ).fetchone()
    assert row is not None
    return tuple(row)


def kept_folders() -> set[Path]:
    return set(temporary_root().glob(f"{server_module.PREFIX}*"))


def processes_about(folder: Path) -> str:
    listed = subprocess.run(
        ["ps", "-axww", "-o", "args="], capture_output=True, text=True, check=True
    ).stdout
    return "\n".join(line for line in listed.splitlines() if str(folder) in line)


def run(options: AcceptanceOptions) -> AcceptanceReport:
    return run_acceptance(options, lambda _: None, load_settings)


@pytest.mark.slow
def test_a_whole_run_passes_reports_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOT_CUTTER_DB_HOST", "production.example")
    before, screen = kept_folders(), io.StringIO()
    accept_command(
        Console(file=screen, width=300), json_file=tmp_path / "report.json", pg_major=wanted_major()
    )
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["passed"] is True
    assert report["left_behind"] == []
    assert report["server"].startswith(f"embedded PostgreSQL {wanted_major()}.")
    assert report["seconds"] < 60
    assert [row["key"] for row in report["rows"]] == list(SCENARIOS)
    assert set(report["rows"][0]) == {"key", "name", "passed", "evidence", "seconds"}
    assert all(row["evidence"] and row["name"] in screen.getvalue() for row in report["rows"])
    assert "Acceptance passed: 13 of 13 rows" in screen.getvalue()
    assert report["row_counts"]["public.information_unit"] == {"S6": 10, "S11": 10}
    assert set(report["row_counts"]["cutter.cut_phase_journal"]) == {"S4", "S5", "S6", "S7", "S11"}
    assert kept_folders() == before


@pytest.mark.slow
def test_what_is_kept_can_be_looked_at_and_then_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_HOME", str(tmp_path / "home"))
    before, screen = kept_folders(), io.StringIO()
    accept_command(Console(file=screen, width=1000), keep=True, pg_major=wanted_major())
    (home,) = kept_folders() - before
    try:
        running = server_status(home)
        assert running is not None
        assert f"-p {running.port}" in screen.getvalue()
        assert f"cutter accept --remove {home}" in screen.getvalue()
        database = screen.getvalue().partition("-U postgres ")[2].split()[0]
        with psycopg.connect(
            host=running.host,
            port=running.port,
            dbname=database,
            user="postgres",
            password=(home / "superuser.pw").read_text(),
        ) as conn:
            assert conn.execute(
                "SELECT count(*) FROM information_unit WHERE lifecycle = 'enacted'"
            ).fetchone() == (20,)
        logged = [
            json.loads(line)
            for line in (home / "acceptance" / f"{database}.jsonl").read_text().splitlines()
        ]
        assert {line["scenario"] for line in logged} >= set(SCENARIOS)
    finally:
        accept_command(Console(file=screen), remove=home)
    assert kept_folders() == before
    assert processes_about(home) == ""


@pytest.mark.slow
def test_a_backup_of_a_source_database_is_restored_and_accepted(
    database: Database, tmp_path: Path
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(3)
    run_phases(bench.adapter, bench.context(plan), plan)
    with keyring() as ring:
        target, credentials = database.endpoint, database.credentials
        backup = PgDumpBackup(
            target, credentials, tmp_path / "b", ring.fingerprint, gnupg_home=ring.home
        )
        made = backup.run(bench.context(plan))
        report = run(
            AcceptanceOptions(major=wanted_major(), backup=Path(made.path), gnupg_home=ring.home)
        )
    assert report.passed, [row for row in report.rows if not row.passed]
    assert report.source == f"backup {Path(made.path).name}"


@pytest.mark.slow
def test_a_named_server_is_left_as_it_was(other_server: Server, named: NamedServer) -> None:
    before = traces_on(other_server)[1:]
    report = run(AcceptanceOptions(kind=ServerKind.NAMED, named=named))
    assert report.passed, [row for row in report.rows if not row.passed]
    assert traces_on(other_server)[1:] == before


@pytest.mark.parametrize(
    ("forbidden", "allowed", "says"),
    [
        ({}, None, "is forbidden"),
        ({"database": "kb", "database_oid": 4}, None, "is on the server of the forbidden kb:4@"),
        (None, {"database_oid": 4}, "is not on the allowlist of this run"),
        (None, {"system_identifier": 4}, "is not on the allowlist of this run"),
    ],
)
def test_what_is_not_allowed_is_refused_before_any_write(
    other_server: Server,
    named: NamedServer,
    forbidden: dict[str, Any] | None,
    allowed: dict[str, Any] | None,
    says: str,
) -> None:
    here = named.allowed
    options = AcceptanceOptions(
        kind=ServerKind.NAMED,
        named=dataclasses.replace(named, allowed=dataclasses.replace(here, **(allowed or {}))),
        forbidden=frozenset()
        if forbidden is None
        else frozenset({dataclasses.replace(here, **forbidden)}),
    )
    before, folders = traces_on(other_server), kept_folders()
    with pytest.raises(ProductionExecutionNotAuthorized, match=says):
        run(options)
    assert traces_on(other_server) == before
    assert kept_folders() == folders


def test_the_registered_target_is_forbidden_without_being_named(
    other_server: Server, named: NamedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_HOME", str(tmp_path))
    register_target(load_settings().state, named.allowed)
    password = tmp_path / "password"
    password.write_text(other_server.admin.password.get_secret_value())
    password.chmod(0o600)
    before = traces_on(other_server)
    with pytest.raises(ProductionExecutionNotAuthorized, match="is forbidden"):
        accept_command(
            Console(file=io.StringIO()),
            server=f"{other_server.host}:{other_server.port}",
            user=other_server.admin.user,
            password_file=password,
            allow=str(named.allowed),
        )
    assert traces_on(other_server) == before


def test_a_server_where_somebody_uses_our_roles_is_refused(
    other_server: Server, named: NamedServer
) -> None:
    with other_server.connect() as conn:
        conn.execute("CREATE ROLE cutter_exec LOGIN")
        try:
            with (
                pytest.raises(ConfigMismatch, match="already has the roles cutter_exec"),
                isolated_server(AcceptanceOptions(kind=ServerKind.NAMED, named=named)),
            ):
                pass
        finally:
            conn.execute("DROP ROLE cutter_exec")


def test_a_red_row_ends_the_command_with_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command's own part: it shows and writes the report before it fails."""
    rows = tuple(ScenarioRow(key, key != "S5", "seen [bold]", 0.1) for key in SCENARIOS)
    report = AcceptanceReport(rows, "a server", "reference schema", "t", load_time(), 1.0)
    monkeypatch.setattr("cli.home.accept.run_acceptance", lambda *_: report)
    monkeypatch.setenv("CUTTER_HOME", str(tmp_path))
    screen = io.StringIO()
    with pytest.raises(AcceptanceFailed, match=r"red: S5\)") as failed:
        accept_command(Console(file=screen, width=200), json_file=tmp_path / "report.json")
    assert failed.value.exit_status == 1
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is False
    assert "FAILED" in screen.getvalue()
    assert "seen [bold]" in screen.getvalue()


def load_time() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_a_report_passes_only_whole_and_clean() -> None:
    rows = tuple(ScenarioRow(key, True, "", 0.1) for key in SCENARIOS)
    whole = AcceptanceReport(rows, "", "", "", load_time(), 1.0)
    assert whole.passed
    assert not dataclasses.replace(whole, rows=rows[:-1]).passed
    assert not dataclasses.replace(whole, left_behind=("a process",)).passed
    assert (
        "left behind: a process" in dataclasses.replace(whole, left_behind=("a process",)).verdict()
    )


def test_options_are_checked_before_anything_starts(tmp_path: Path) -> None:
    for wrong in ("kb", "kb:1", "kb:x@1", "kb:1@"):
        with pytest.raises(BadInput, match="is not a fingerprint"):
            parse_fingerprint(wrong)
    assert parse_fingerprint("a:b:5@7") == TargetFingerprint("a:b", 5, 7)
    with pytest.raises(BadInput, match="name the backup to restore"):
        acceptance_options(tmp_path, backup=tmp_path / "none")
    with pytest.raises(BadInput, match="is not an address"):
        named_server("here", "postgres", tmp_path / "pw", "kb:1@1")
    (tmp_path / "pw").write_text("x\n")
    (tmp_path / "pw").chmod(0o644)
    with pytest.raises(ConfigMismatch, match="others could read it"):
        named_server("here:5432", "postgres", tmp_path / "pw", "kb:1@1")
    (tmp_path / "pw").chmod(0o600)
    named = named_server("[::1]:5432/first", "boss", tmp_path / "pw", "kb:1@1")
    assert (named.endpoint.host, named.endpoint.database) == ("::1", "first")
    assert named.administrator.password == SecretStr("x")
    with pytest.raises(BadInput, match="choose one"):
        acceptance_options(tmp_path, container=True, named=named)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select 1", ["SELECT"]),
        ("/* DROP */ -- DELETE\n TRUNCATE t", ["TRUNCATE"]),
        (
            (
                "WITH t AS (SELECT (SELECT 1)), d AS (DELETE FROM x RETURNING y) INSERT INTO z "
                "SELECT * FROM d"
            ),
            ["SELECT", "DELETE", "INSERT"],
        ),
        ("SELECT 'a; DELETE FROM x'; DROP TABLE \"a;b\"", ["SELECT", "DROP"]),
        ("(SELECT 1) UNION (SELECT 2)", ["SELECT"]),
        ("DO $x$ BEGIN DELETE FROM t; END $x$", ["DO"]),
        ("WITH RECURSIVE a(n) AS (VALUES (1)) UPDATE t SET n = 1", ["VALUES", "UPDATE"]),
        ("", []),
    ],
)
def test_what_kind_a_statement_is(text: str, found: list[str]) -> None:
    assert kinds(text) == found


def test_kinds_are_counted_over_statements() -> None:
    assert count_kinds(["SELECT 1", "SELECT 2", "SET x = 1"]) == {"SELECT": 2, "SET": 1}


def test_the_witness_sees_python_the_driver_and_programs() -> None:
    witness = Witness(bystanders=frozenset({("127.0.0.1", 9)}))
    with Listener() as listener, watching(witness):
        socket.create_connection(("127.0.0.1", listener.port)).close()
        with suppress(psycopg.Error):
            psycopg.connect(
                host="127.0.0.1", port=listener.port, user="x", password="y", connect_timeout=5
            )
        with suppress(FileNotFoundError):
            subprocess.run(
                ["/nowhere/pg_dump"], env={"PGHOST": "127.0.0.1", "PGPORT": "7"}, check=False
            )
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", 9), timeout=1)
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", 7), timeout=1)
    assert [(contact.by, contact.port) for contact in witness.contacts] == [
        ("python", listener.port),
        ("driver", listener.port),
        ("pg_dump", 7),
    ]
    assert listener.connections >= 2


def test_secrets_are_found_in_every_form_and_across_chunks(tmp_path: Path) -> None:
    words = Secrets({"one": "s3cret/ value+long", "two": "other-secret-value"})
    for form in (
        "s3cret/ value+long",
        "czNjcmV0LyB2YWx1ZStsb25n",
        "s3cret%2F%20value%2Blong",
        b"s3cret/ value+long".hex(),
    ):
        assert words.found_in(f"x{form}y".encode()) == {"one"}
        assert MASK in words.redact(f"x{form}y")
    (tmp_path / "big").write_bytes(b"." * ((1 << 20) - 5) + b"other-secret-value" + b".")
    (tmp_path / "mine").write_text("other-secret-value")
    leaks, files = leaks_in_files(tmp_path, words, but={tmp_path / "mine": "two"})
    assert (leaks, files) == (["two in big"], 2)
    assert words.found_in(b"nothing") == set()


def test_the_log_is_masked_and_the_loggers_are_given_back(tmp_path: Path) -> None:
    words, logger = Secrets({"one": "very-secret-word"}), logging.getLogger("adapters")
    before = (logger.level, logger.propagate, list(logger.handlers))
    with structured_log(tmp_path / "log", words) as lines:
        lines.scenario = "S1"
        logging.getLogger("adapters.somewhere").debug("a %s", "very-secret-word")
    (line,) = map(json.loads, (tmp_path / "log").read_text().splitlines())
    assert (line["message"], line["scenario"], line["logger"], line["level"]) == (
        f"a {MASK}",
        "S1",
        "adapters.somewhere",
        "DEBUG",
    )
    assert words.redacted == {"one": 1}
    assert (logger.level, logger.propagate, list(logger.handlers)) == before
