"""The embedded server: real servers of both majors, shared, killed, restarted, and gone without a
trace.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from adapters.postgres.server.binaries import FOLDERS, binaries, client_binaries
from adapters.postgres.server.embedded import (
    THROWAWAY_SETTINGS,
    EmbeddedServer,
    embedded_server,
    remove_server,
    server_status,
    start_server,
    stop_server,
)
from adapters.postgres.server.os_user import reachable_binaries, reachable_home, system_user
from domain.errors import ConfigMismatch, DatabaseUnavailable, ToolMissing
from tests.support.postgres import Connection, reap_servers_of_killed_sessions, server_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")

USES_A_SERVER = """
import sys
from pathlib import Path
from adapters.postgres.server.embedded import THROWAWAY_SETTINGS, embedded_server
with embedded_server(Path(sys.argv[1]), settings=THROWAWAY_SETTINGS) as server:
    print(server.port, flush=True)
    sys.stdin.read()
"""
A_TEST_SESSION = """
import sys
from tests.support.postgres import embedded_test_server, fresh_database, prepared_cluster
with embedded_test_server() as server, prepared_cluster(server) as cluster, fresh_database(cluster):
    with server.connect() as admin:
        print(admin.execute("SHOW data_directory").fetchone()[0], flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder


def connected(server: EmbeddedServer, password: str | None = None) -> Connection:
    return psycopg.connect(
        host=server.host,
        port=server.port,
        user=server.superuser,
        password=server.password.get_secret_value() if password is None else password,
        dbname="postgres",
        autocommit=True,
    )


def said(server: EmbeddedServer, query: str) -> str:
    with connected(server) as conn:
        row = conn.execute(query.encode()).fetchone()
        assert row is not None
        return str(row[0])


def keep_a_row(server: EmbeddedServer) -> None:
    with connected(server) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS n")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


@contextlib.contextmanager
def python(script: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of its own, and the line that it prints when it is ready.

    It ends well when its input is closed.
    """
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
            process.communicate(timeout=60)
        finally:
            process.kill()


@pytest.mark.one_quick
@pytest.mark.parametrize("major", sorted(FOLDERS))
def test_a_server_of_each_major_asks_for_passwords_and_stays_on_the_loopback(
    home: Path, major: int
) -> None:
    with embedded_server(home, major=major, settings=THROWAWAY_SETTINGS) as server:
        assert said(server, "SHOW server_version").startswith(f"{major}.")
        assert said(server, "SHOW listen_addresses") == "127.0.0.1"
        assert said(server, "SHOW unix_socket_directories") == ""
        assert said(server, "SHOW fsync") == "off"
        assert (
            said(server, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules")
            == "scram-sha-256"
        )
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connected(server, password="a guess")
        assert (home / "superuser.pw").stat().st_mode & 0o777 == 0o600
        assert home.stat().st_mode & 0o777 == 0o700
        assert server.password.get_secret_value() not in repr(server)
    assert not listens(server.port)
    assert server_status(home) is None


@pytest.mark.slow
def test_settings_are_handed_over_as_they_are_whatever_signs_they_hold(home: Path) -> None:
    with embedded_server(
        home, settings={**THROWAWAY_SETTINGS, "cluster_name": "it's $(here)"}
    ) as server:
        assert said(server, "SHOW cluster_name") == "it's $(here)"


@as_root
def test_root_steps_down_with_user_and_groups(home: Path) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS):
        pid = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
    user = system_user()
    assert status["Uid"].split() == [str(user.uid)] * 4
    assert status["Gid"].split() == [str(user.gid)] * 4


@as_root
def test_roots_further_groups_are_dropped_too() -> None:
    script = (
        "import os, subprocess; from adapters.postgres.server.os_user import system_user; "
        "os.setgroups([0, 1]);"
        "print(subprocess.check_output(['id', '-G'], text=True, **system_user().run_as))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == [str(system_user().gid)]


def test_the_data_stay_and_so_does_the_port(home: Path) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS) as first:
        keep_a_row(first)
    with embedded_server(home, settings=THROWAWAY_SETTINGS) as second:
        assert said(second, "SELECT n FROM kept") == "7"
        assert (second.port, second.password) == (first.port, first.password)


def test_a_server_that_runs_is_found_without_starting_any_program(home: Path) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS) as server:
        (home / "pg_ctl.out").unlink()
        with embedded_server(home) as same:
            assert same == server
        assert server_status(home) == server
        assert not (home / "pg_ctl.out").exists()


def test_a_process_file_that_says_nothing_is_named_and_nothing_is_started(home: Path) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS):
        pass
    pidfile = home / "data" / "postmaster.pid"
    pidfile.write_text("")
    with pytest.raises(DatabaseUnavailable, match="does not say which process"):
        start_server(home)
    pidfile.unlink()


@pytest.mark.slow
def test_the_last_of_several_processes_stops_the_server(home: Path) -> None:
    with python(USES_A_SERVER, str(home)) as (other, line):
        with embedded_server(home) as server:
            assert line == str(server.port)
        assert listens(server.port), "the other process still uses it"
        assert stop_server(home) is False
        assert listens(server.port)
        other.communicate(timeout=60)
        assert not listens(server.port)


@pytest.mark.slow
def test_after_kill_9_of_its_owner_the_next_one_takes_the_server_over_and_stops_it(
    home: Path,
) -> None:
    with python(USES_A_SERVER, str(home)) as (owner, line):
        owner.kill()
        owner.wait()
    assert listens(int(line))
    with embedded_server(home) as server:
        assert str(server.port) == line
    assert not listens(int(line))


@pytest.mark.slow
def test_after_kill_9_of_the_server_the_next_start_recovers_what_was_committed(home: Path) -> None:
    with embedded_server(home) as server:
        keep_a_row(server)
        os.kill(int((home / "data" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        assert eventually(lambda: not listens(server.port))
    with embedded_server(home) as again:
        assert said(again, "SELECT n FROM kept") == "7"


@pytest.mark.slow
def test_a_process_number_that_belongs_to_another_program_by_now_does_not_stand_in_the_way(
    home: Path,
) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS):
        pidfile = home / "data" / "postmaster.pid"
        lines = pidfile.read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGKILL)
        assert eventually(lambda: not listens(int(lines[3])))
    with subprocess.Popen(["sleep", "60"], **system_user().run_as) as bystander:
        try:
            pidfile.write_text("\n".join([str(bystander.pid), *lines[1:], ""]))
            with embedded_server(home, settings=THROWAWAY_SETTINGS) as server:
                assert said(server, "SELECT 1") == "1"
            assert bystander.poll() is None
        finally:
            bystander.kill()


@pytest.mark.one_quick
@as_root
@pytest.mark.parametrize(
    "name",
    ["pg_ctl.out", "users.lock", "start.lock", "port", "superuser.pw", "data/postmaster.pid"],
)
def test_root_writes_through_no_link_that_the_servers_user_has_put_into_its_folder(
    home: Path, tmp_path: Path, name: str
) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS):
        pass
    victim = tmp_path / "victim"
    victim.write_text("of root")
    before = victim.stat()
    (home / name).unlink(missing_ok=True)
    subprocess.run(["ln", "-s", victim, home / name], check=True, **system_user().run_as)
    with pytest.raises((ConfigMismatch, DatabaseUnavailable), match=f"{name} is no plain file"):
        start_server(home, settings=THROWAWAY_SETTINGS)
    assert victim.read_text() == "of root"
    assert (victim.stat().st_mode, victim.stat().st_uid) == (before.st_mode, before.st_uid)
    (home / name).unlink()
    assert stop_server(home)


@pytest.mark.slow
@as_root
def test_a_data_folder_that_is_a_link_leads_root_nowhere(home: Path, tmp_path: Path) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS):
        pass
    others = tmp_path / "others"
    others.mkdir()
    (others / "PG_VERSION").write_text("16\n")
    (others / "postmaster.pid").write_text("1\nof another\n")
    (home / "data").rename(home / "moved")
    (home / "data").symlink_to(others)
    with pytest.raises(ConfigMismatch, match="is no plain file"), embedded_server(home):
        pass
    assert (others / "postmaster.pid").read_text() == "1\nof another\n"
    (home / "data").unlink()
    (home / "moved").rename(home / "data")


@pytest.mark.slow
def test_half_an_initdb_is_made_again(home: Path) -> None:
    (home / "users.lock").touch()
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("16\n")
    with embedded_server(home, settings=THROWAWAY_SETTINGS) as server:
        assert said(server, "SELECT 1") == "1"


@pytest.mark.slow
def test_a_kept_server_outlives_its_starter_until_it_is_stopped(home: Path) -> None:
    server = start_server(home, settings=THROWAWAY_SETTINGS)
    since = said(server, "SELECT pg_postmaster_start_time()")
    with embedded_server(home) as same:
        assert same == server
    assert start_server(home) == server
    assert server_status(home) == server
    assert said(server, "SELECT pg_postmaster_start_time()") == since
    assert listens(server.port)
    assert stop_server(home) is True
    assert server_status(home) is None
    assert not listens(server.port)
    assert stop_server(home) is True


def test_other_peoples_folders_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    before = (tmp_path.stat().st_mode, tmp_path.stat().st_uid)
    with (
        pytest.raises(ConfigMismatch, match="is not empty and holds no embedded PostgreSQL"),
        embedded_server(tmp_path),
    ):
        pass
    assert (tmp_path.stat().st_mode, tmp_path.stat().st_uid) == before


@as_root
def test_below_a_folder_closed_to_the_servers_user_it_says_so_and_opens_nothing(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(ConfigMismatch, match="closed to that user") as refused,
        embedded_server(closed / "home"),
    ):
        pass
    assert "\n" not in str(refused.value)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not (closed / "home").exists()
    elsewhere = Path("/var/lib/cutter")
    assert reachable_home(closed / "home", elsewhere) == elsewhere
    assert reachable_home(elsewhere, closed) == elsewhere


@as_root
def test_programs_below_a_closed_folder_are_copied_to_where_the_user_can_start_them(
    home: Path, tmp_path: Path
) -> None:
    installed = binaries(16).bindir.parent.parent
    shut = tmp_path / "venv"
    shut.mkdir(mode=0o700)
    for folder in (installed, installed.with_name(f"{installed.name}.libs")):
        if folder.exists():
            (shut / folder.name).symlink_to(folder)
    source = type(binaries(16))(shut / installed.name / "pginstall" / "bin", 16)
    user = system_user()
    home.chmod(0o700)
    user.own(home)
    copied = reachable_binaries(source, home, user)
    assert copied.bindir.is_relative_to(home)
    answer = subprocess.run(
        [copied.tool("initdb"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        **user.run_as,
    )
    assert "16." in answer.stdout
    assert reachable_binaries(source, home, user) == copied
    assert reachable_binaries(binaries(16), home, user) in (binaries(16), copied)


@pytest.mark.slow
def test_data_of_another_major_are_refused(home: Path) -> None:
    with embedded_server(home, settings=THROWAWAY_SETTINGS):
        pass
    with (
        pytest.raises(ConfigMismatch, match="belong to PostgreSQL 16, not 18"),
        embedded_server(home, major=18),
    ):
        pass


def test_client_programs_are_of_exactly_the_major_that_is_asked_for() -> None:
    assert client_binaries(18).major == 18
    with pytest.raises(ToolMissing, match="postgresql-client-99"):
        client_binaries(99)


@pytest.mark.slow
def test_a_test_session_that_ends_well_leaves_nothing() -> None:
    with python(A_TEST_SESSION) as (session, data):
        home = Path(data).parent
        assert server_status(home) is not None
    assert session.returncode == 0
    assert not home.exists()
    assert no_process_mentions(home)


@pytest.mark.slow
def test_what_a_killed_test_session_leaves_the_next_one_removes() -> None:
    with python(A_TEST_SESSION) as (session, data):
        home = Path(data).parent
        assert remove_server(home) is False, "in use"
        reap_servers_of_killed_sessions()
        assert home.exists(), "in use"
        session.kill()
        session.wait()
    reap_servers_of_killed_sessions()
    assert not home.exists()
    assert no_process_mentions(home)


def no_process_mentions(home: Path) -> bool:
    def mentioned() -> list[psutil.Process]:
        listed = psutil.process_iter(["cmdline"])
        return [
            process
            for process in listed
            if any(str(home) in word for word in process.info["cmdline"] or [])
        ]

    return eventually(lambda: not mentioned())
