"""The backup with real gpg and pg_dump: whole or not at all, secret all the way, and it comes
back.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from pydantic import SecretStr

from adapters.files import PART
from adapters.keys import gpg
from adapters.keys.gpg import create_backup_key
from adapters.pipes import Program
from adapters.postgres.backups import pgpass
from adapters.postgres.backups.backup import SUFFIX, PgDumpBackup
from adapters.postgres.backups.dump_pipe import DumpPipe, Streamed
from adapters.postgres.backups.manifest import manifest_path
from adapters.postgres.backups.restore import restore_backup
from adapters.postgres.server.binaries import PostgresBinaries, binaries, client_binaries
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import (
    BackupFailed,
    ConfigMismatch,
    ConfigMissing,
    CutterError,
    DatabaseUnavailable,
    RestoreFailed,
    ToolMissing,
)
from domain.phases import Principal
from domain.ports import Credentials
from domain.results import BackupResult
from tests.support.backups import no_file_longer_than
from tests.support.keys import Keyring, keyring, reap_keyrings_of_killed_sessions
from tests.support.live import LiveBench, live_bench, row_hashes, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Database, empty_database

pytestmark = pytest.mark.slow

MARKER = "Whoever finds this sentence outside the database has found plaintext."


@pytest.fixture(scope="module")
def ring() -> Iterator[Keyring]:
    with keyring() as made:
        yield made


@dataclass
class Bench:
    """A database with a cut law in it, and backups of it."""

    database: Database
    live: LiveBench
    ring: Keyring
    folder: Path
    asked: list[Principal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan = made_plan(units=12, body=f"Article {{n}}. {MARKER}\n")
        self.ctx: CutContext = self.live.context(self.plan)

    def credentials(self, principal: Principal) -> Credentials:
        self.asked.append(principal)
        return self.database.credentials(principal)

    def runner(self, **changes: Any) -> PgDumpBackup:
        settings: dict[str, Any] = {
            "endpoint": self.database.endpoint,
            "credentials": self.credentials,
            "directory": self.folder,
            "key_fingerprint": self.ring.fingerprint,
            "gnupg_home": self.ring.home,
            **changes,
        }
        return PgDumpBackup(**settings)

    def back_up(self, **changes: Any) -> BackupResult:
        return self.runner(**changes).run(self.ctx)

    def refused(self, error: type[CutterError], match: str, **changes: Any) -> CutterError:
        """The backup fails with one sentence, no secret in it or behind it, no file and no program
        left.
        """
        with pytest.raises(error, match=match) as caught:
            self.back_up(**changes)
        assert "\n" not in str(caught.value)
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
        assert self.password not in told
        assert "Traceback" not in str(caught.value)
        assert not self.folder.exists() or not list(self.folder.iterdir())
        assert children() == []
        return caught.value

    @property
    def password(self) -> str:
        return self.database.credentials(Principal.EXEC).password.get_secret_value()


def children() -> list[str]:
    return [
        child.name()
        for child in psutil.Process().children()
        if child.name() in ("pg_dump", "pg_restore", "gpg")
    ]


@pytest.fixture
def bench(database: Database, ring: Keyring, tmp_path: Path) -> Bench:
    live = live_bench(database, tmp_path)
    made = Bench(database, live, ring, tmp_path / "backups")
    run_phases(live.adapter, made.ctx, made.plan)
    return made


def wrapped(folder: Path, name: str, script: str) -> PostgresBinaries:
    """The real programs of the server's major, but one replaced by a shell script that may call
    `$REAL`.
    """
    real = binaries(16)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for tool in ("pg_dump", "pg_restore"):
        (folder / tool).symlink_to(real.tool(tool))
    write_script(folder / name, script, real.tool(name))
    return PostgresBinaries(folder, 16)


def write_script(path: Path, script: str, real: Path) -> None:
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\nREAL={real}\n{script}\n")
    path.chmod(0o755)


def version_of(database: Database) -> int:
    with database.connect() as conn:
        return conn.info.server_version // 10_000


# --- a good backup
# -------------------------------------------------------------------------------------------------


def test_a_backup_comes_back_row_for_row(bench: Bench, cluster: Cluster) -> None:
    before = row_hashes(bench.database)
    made = bench.back_up()
    with empty_database(cluster) as empty:
        restore_backup(
            Path(made.path),
            empty,
            bench.database.admin,
            gnupg_home=bench.ring.home,
            sha256=made.sha256,
        )
        restored = Database(cluster, empty.database)
        assert row_hashes(restored) == before
        assert before["public.information_unit"][0] == 14
        with (
            restored.connect(Principal.EXEC) as conn,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            conn.execute("DELETE FROM information_unit")  # the guards and privileges came back too


def test_the_result_and_the_manifest_describe_the_file(bench: Bench) -> None:
    made = bench.back_up()
    path = Path(made.path)
    data = path.read_bytes()
    assert (made.size, made.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    manifest = json.loads(manifest_path(path).read_text())
    assert manifest["file"] == path.name
    assert (manifest["size"], manifest["sha256"]) == (made.size, made.sha256)
    assert manifest["key_fingerprint"] == made.key_fingerprint == bench.ring.fingerprint
    assert manifest["change_set_id"] == str(bench.ctx.change_set_id)
    assert manifest["target"] == str(bench.ctx.target)
    assert manifest["server_version"] == made.server_version
    assert manifest["archive_size"] > made.size
    for file in (path, manifest_path(path)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(bench.folder.stat().st_mode) == 0o700
    assert sorted(bench.folder.iterdir()) == [path, manifest_path(path)]


def test_two_backups_of_one_change_set_lie_side_by_side(bench: Bench) -> None:
    assert bench.back_up().path != bench.back_up().path
    assert len(list(bench.folder.iterdir())) == 4


def test_no_plaintext_and_no_password_is_on_disk_in_an_environment_or_on_a_command_line(
    bench: Bench, tmp_path: Path
) -> None:
    seen: dict[str, bytes] = {}

    def look(program: Program) -> None:
        process = Path(f"/proc/{program.process.pid}")
        if process.exists():
            seen[program.name] = (process / "environ").read_bytes() + (
                process / "cmdline"
            ).read_bytes()
        assert not holding(bench.password, MARKER)

    def holding(*secrets: str) -> list[Path]:
        recent = [
            file
            for file in Path(tempfile.gettempdir()).iterdir()
            if file.is_file() and file.stat().st_size < 1 << 20
        ]
        ours = [
            file
            for folder in (tmp_path, bench.ring.home)
            for file in folder.rglob("*")
            if file.is_file()
        ]
        return [
            file
            for file in (*recent, *ours)
            if any(secret.encode() in file.read_bytes() for secret in secrets)
        ]

    bench.back_up(started=look)
    assert not holding(bench.password, MARKER)
    if Path("/proc/self/environ").exists():
        assert set(seen) == {"pg_dump", "pg_restore", "gpg"}
        assert b"PGUSER=cutter_exec" in seen["pg_dump"]
        assert b"--compress=0" in seen["pg_dump"]
        assert not [name for name, text in seen.items() if bench.password.encode() in text]
    (tmp_path / "control").write_text(bench.password)
    assert holding(bench.password) == [tmp_path / "control"]


def test_secrets_in_our_own_environment_are_not_handed_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "a canary in the environment")
    seen: list[bytes] = []
    bench.back_up(
        started=lambda program: seen.append(
            Path(f"/proc/{program.process.pid}/environ").read_bytes()
        )
    )
    assert len(seen) == 3
    assert not any(b"canary" in text for text in seen)


def test_where_memory_files_are_missing_the_password_file_is_private_and_short_lived(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with pgpass.child_login(bench.database.endpoint, bench.credentials(Principal.EXEC)) as child:
        path = Path(child.env["PGPASSFILE"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()
    assert bench.back_up().size > 0


@pytest.mark.parametrize("password", ["", "two\nlines"])
def test_a_password_that_libpq_can_not_read_is_refused_in_words(
    bench: Bench, password: str
) -> None:
    login = Credentials("cutter_exec", SecretStr(password))
    with (
        pytest.raises(ConfigMismatch, match="empty or holds a line break"),
        pgpass.child_login(bench.database.endpoint, login),
    ):
        pass


def test_a_password_with_the_passfiles_own_signs_works(bench: Bench) -> None:
    login = Credentials("cutter_test_signs", SecretStr("a:b\\c'd e"))
    with bench.database.connect(autocommit=True) as admin:
        admin.execute(
            "CREATE ROLE cutter_test_signs LOGIN PASSWORD 'a:b\\c''d e' IN ROLE pg_read_all_data"
        )
        admin.execute(
            f"GRANT CONNECT ON DATABASE {bench.database.name} TO cutter_test_signs".encode()
        )
    try:
        assert bench.back_up(credentials=lambda _: login).size > 0
    finally:
        with bench.database.connect(autocommit=True) as admin:
            admin.execute("DROP OWNED BY cutter_test_signs")
            admin.execute("DROP ROLE cutter_test_signs")


# --- refused before anything is asked
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_without_a_key_nothing_is_asked_of_anybody(bench: Bench, missing: str | None) -> None:
    error = bench.refused(ConfigMissing, "BACKUP_GPG_FPR is not set", key_fingerprint=missing)
    assert isinstance(error, ConfigMissing)
    assert error.key == "BACKUP_GPG_FPR"
    assert bench.asked == []


def test_without_gpg(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    bench.refused(ToolMissing, "Install GnuPG")
    assert bench.asked == []


@pytest.mark.parametrize("loose", ["iu-cutter throwaway", "28349581309D1234", "0x" + "A" * 40])
def test_a_name_or_a_short_key_id_is_no_fingerprint(bench: Bench, loose: str) -> None:
    bench.refused(ConfigMismatch, "BACKUP_GPG_FPR is not a fingerprint", key_fingerprint=loose)
    assert bench.asked == []


def test_a_fingerprint_may_be_written_as_gpg_prints_it(bench: Bench) -> None:
    plain = bench.ring.fingerprint
    printed = " ".join(plain[at : at + 4] for at in range(0, len(plain), 4)).lower()
    assert bench.back_up(key_fingerprint=printed).key_fingerprint == plain


def test_an_unknown_key_is_named_with_what_to_do(bench: Bench) -> None:
    bench.refused(
        BackupFailed,
        "the key " + "A" * 40 + ".* is not there. Import its public half",
        key_fingerprint="A" * 40,
    )
    assert bench.asked == []


def test_keys_that_can_not_encrypt_now_are_named(bench: Bench) -> None:
    expired = bench.ring.make_key("expired", "encrypt,cert", expires="1d", at="20200101T000000")
    signing = bench.ring.make_key("signing", "sign,cert")
    revoked = bench.ring.make_key("revoked", "encrypt,cert")
    certificate = bench.ring.home / "openpgp-revocs.d" / f"{revoked}.rev"
    certificate.write_text(certificate.read_text().replace(":-----BEGIN", "-----BEGIN"))
    bench.ring.gpg("--import", str(certificate))
    for key, why in (
        (expired, "has expired"),
        (signing, "can not encrypt"),
        (revoked, "has been revoked"),
    ):
        bench.refused(BackupFailed, f"{key}.*{why}", key_fingerprint=key)
    assert bench.asked == []


def test_a_fingerprint_of_a_subkey_is_not_taken_for_a_key(bench: Bench) -> None:
    records = [
        line.split(":")
        for line in bench.ring.gpg(
            "--with-colons", "--list-keys", bench.ring.fingerprint
        ).splitlines()
    ]
    subkey = [record[9] for record in records if record[0] == "fpr"][1]
    assert bench.back_up(key_fingerprint=subkey).size > 0


# --- the server
# -------------------------------------------------------------------------------------------------


def test_a_wrong_password(bench: Bench) -> None:
    login = Credentials("cutter_exec", SecretStr("a canary that is wrong"))
    error = bench.refused(
        DatabaseUnavailable, "refuses the password of cutter_exec", credentials=lambda _: login
    )
    assert "canary" not in "".join(traceback.format_exception(error)) + repr(error.__context__)


def test_a_dead_server(bench: Bench) -> None:
    bench.refused(
        DatabaseUnavailable, "does not answer", endpoint=replace(bench.database.endpoint, port=1)
    )


def test_a_backup_of_another_database_protects_nothing(bench: Bench) -> None:
    bench.ctx = replace(bench.ctx, target=TargetFingerprint("another", 1, 1))
    bench.refused(ConfigMismatch, "the change set is for another:1@1")


def test_client_programs_of_another_major(bench: Bench) -> None:
    other = 18 if version_of(bench.database) != 18 else 16
    bench.refused(BackupFailed, f"the pg_dump given is of {other}", binaries=binaries(other))


def test_client_programs_that_are_not_what_they_are_said_to_be(bench: Bench) -> None:
    """A newer pg_dump works on an older server and writes what the older pg_restore can not read:
    the check finds it.
    """
    major = version_of(bench.database)
    if major == 18:
        bench.refused(
            BackupFailed,
            "another major version",
            binaries=PostgresBinaries(binaries(16).bindir, 18),
        )
    else:
        assert client_binaries(major).major == major


def test_a_table_that_the_login_may_not_read_is_named(bench: Bench) -> None:
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("CREATE TABLE public.annex (n int)")
    bench.refused(BackupFailed, "pg_dump ended with status 1: its login may not read annex")


def test_a_dump_that_hangs_is_ended_in_time(bench: Bench) -> None:
    with locked(bench.database, "information_unit"):
        bench.refused(BackupFailed, "took longer than 1 s", limit=1.0)


def test_room_on_the_disk_is_looked_at_before_the_dump(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    last = folder / f"20260101T000000.000000Z-by-hand{SUFFIX}"
    with last.open("wb") as file:  # a hole: no disk has as much left
        file.truncate(shutil.disk_usage(folder).free)
    bench.refused(BackupFailed, "are left. Make room there", directory=folder)
    assert list(folder.iterdir()) == [last]


@contextlib.contextmanager
def locked(database: Database, table: str) -> Iterator[None]:
    with database.connect() as admin:
        admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield
        admin.rollback()


# --- programs that die
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("victim", ["pg_dump", "pg_restore", "gpg"])
def test_a_program_killed_at_once(bench: Bench, victim: str) -> None:
    def kill(program: Program) -> None:
        if program.name == victim:
            os.kill(program.process.pid, signal.SIGSTOP if victim == "gpg" else signal.SIGKILL)
            os.kill(program.process.pid, signal.SIGKILL)

    bench.refused(BackupFailed, f"{victim} was ended by signal 9", started=kill)


@pytest.mark.parametrize(
    ("name", "script", "match"),
    [
        ("pg_dump", '"$REAL" "$@" | head -c 60000; kill -9 $$', "pg_dump was ended by signal 9"),
        ("pg_dump", '"$REAL" "$@" | head -c 60000; exit 1', "pg_dump ended with status 1"),
        ("pg_dump", '"$REAL" "$@" | head -c 60000; exit 0', "pg_restore ended with status 1"),
        ("pg_dump", "exit 0", "pg_restore ended with status 1"),
        (
            "pg_dump",
            "echo 'pg_dump: error: connection to server at x failed' >&2; exit 1",
            "it lost the server",
        ),
        ("pg_restore", "cat >/dev/null; exit 3", "pg_restore ended with status 3"),
        ("pg_restore", "exit 0", "pg_restore stopped before the end of the dump"),
    ],
)
def test_a_dump_cut_off_in_the_middle_is_noticed(
    bench: Bench, tmp_path: Path, name: str, script: str, match: str
) -> None:
    if version_of(bench.database) != 16:
        pytest.skip("the scripts stand for the programs of version 16")
    if script == "exit 0" and name == "pg_restore":
        fill(bench.database)
    bench.refused(BackupFailed, match, binaries=wrapped(tmp_path / "bin", name, script))


@pytest.mark.parametrize(
    ("script", "match"),
    [
        ('head -c 100 | "$REAL" "$@"; kill -9 $$', "gpg was ended by signal 9"),
        ('"$REAL" "$@" | head -c 100; exit 2', "gpg ended with status 2"),
        ('head -c 100 | "$REAL" "$@"; exit 0', "gpg stopped before the end of the dump"),
    ],
)
def test_a_gpg_that_stops_in_the_middle_is_noticed(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, match: str
) -> None:
    fill(bench.database)
    folder = tmp_path / "bin"
    folder.mkdir()
    real = gpg.gpg_program()
    write_script(
        folder / "gpg",
        f'case "$*" in *--encrypt*) {script} ;; *) exec "$REAL" "$@" ;; esac',
        Path(real),
    )
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    bench.refused(BackupFailed, match)


def test_an_interrupted_backup_leaves_neither_programs_nor_files(bench: Bench) -> None:
    def interrupt(program: Program) -> None:
        if program.name == "gpg":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.back_up(started=interrupt)
    assert children() == []
    assert not list(bench.folder.iterdir())


def test_data_that_never_reached_gpg_are_missed_although_every_program_ended_well(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful:
        def compress(self, data: bytes) -> bytes:
            return b""

        def flush(self) -> bytes:
            raise MemoryError

    monkeypatch.setattr("zstandard.ZstdCompressor.compressobj", lambda _: Forgetful(), raising=True)
    bench.refused(BackupFailed, "could not be compressed whole")


def fill(database: Database, rows: int = 20_000) -> None:
    """Some 3 MB that do not compress, so that no pipe can swallow them whole."""
    with database.connect(autocommit=True) as admin:
        admin.execute(
            "CREATE TABLE public.noise AS SELECT string_agg(gen_random_uuid()::text, '') AS t FROM"
            " generate_series(1, %s) AS n GROUP BY n %% 100",
            (rows * 4,),
        )
        admin.execute("GRANT SELECT ON public.noise TO cutter_exec")


# --- the disk
# -------------------------------------------------------------------------------------------------


def test_a_disk_that_keeps_less_than_it_was_given_is_noticed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every program has ended well, every write was answered, and the file is short."""
    real = DumpPipe.stream

    def short(self: DumpPipe, login: Any, target: Any, *rest: Any) -> Streamed:
        streamed = real(self, login, target, *rest)
        os.ftruncate(target.fileno(), streamed.size - 1)
        return streamed

    monkeypatch.setattr(DumpPipe, "stream", short)
    bench.refused(BackupFailed, "shorter than what was written")


def test_a_full_disk(bench: Bench) -> None:
    fill(bench.database)
    with no_file_longer_than(4096):
        bench.refused(BackupFailed, "can not be written .*Make room")


def test_a_disk_without_room_for_anything(bench: Bench) -> None:
    with no_file_longer_than(0):
        bench.refused(BackupFailed, "gpg can not read the keyring .* Check its folder and the disk")


def test_a_disk_that_is_full_when_the_manifest_is_due(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = bench.back_up().size
    for file in bench.folder.iterdir():
        file.unlink()
    monkeypatch.setattr(
        "adapters.postgres.backups.manifest.json.dumps", lambda *_, **__: "x" * (size * 2)
    )
    with no_file_longer_than(size + 4096):
        bench.refused(BackupFailed, "can not be written")


def test_a_folder_that_is_a_file(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    bench.refused(BackupFailed, "choose another folder", directory=tmp_path / "taken" / "backups")


def test_what_a_killed_run_left_is_removed_and_what_another_run_writes_is_not(bench: Bench) -> None:
    bench.folder.mkdir()
    left, busy = bench.folder / f"left{PART}", bench.folder / f"busy{PART}"
    left.touch()
    with busy.open("w") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        bench.back_up()
        assert not left.exists()
        assert busy.exists()


# --- restoring
# -------------------------------------------------------------------------------------------------


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda _: b"",
        lambda data: data[:4000] + bytes([data[4000] ^ 1]) + data[4001:],
        lambda data: data[:-10] + bytes([data[-10] ^ 1]) + data[-9:],
    ],
    ids=["half", "one byte short", "empty", "a bit in the middle", "a bit near the end"],
)
def test_a_damaged_backup_does_not_come_back(
    bench: Bench, cluster: Cluster, tmp_path: Path, damage: Damage
) -> None:
    damaged = tmp_path / "damaged"
    damaged.write_bytes(damage(Path(bench.back_up().path).read_bytes()))
    with (
        empty_database(cluster) as empty,
        pytest.raises(RestoreFailed, match="was not restored") as refused,
    ):
        restore_backup(damaged, empty, bench.database.admin, gnupg_home=bench.ring.home)
    assert "\n" not in str(refused.value)
    assert children() == []


def test_a_whole_backup_that_is_not_the_recorded_one_is_refused(
    bench: Bench, cluster: Cluster
) -> None:
    made = bench.back_up()
    with (
        empty_database(cluster) as empty,
        pytest.raises(RestoreFailed, match="not the one that was recorded"),
    ):
        restore_backup(
            Path(made.path),
            empty,
            bench.database.admin,
            gnupg_home=bench.ring.home,
            sha256="0" * 64,
        )


def test_without_the_secret_key_it_stays_closed(bench: Bench, cluster: Cluster) -> None:
    made = bench.back_up()
    with (
        keyring() as other,
        empty_database(cluster) as empty,
        pytest.raises(RestoreFailed, match="secret key"),
    ):
        restore_backup(Path(made.path), empty, bench.database.admin, gnupg_home=other.home)


def test_a_database_with_anything_in_it_is_not_restored_over(bench: Bench) -> None:
    made = bench.back_up()
    before = row_hashes(bench.database)
    with pytest.raises(RestoreFailed, match="is not empty"):
        restore_backup(
            Path(made.path),
            bench.database.endpoint,
            bench.database.admin,
            gnupg_home=bench.ring.home,
        )
    assert row_hashes(bench.database) == before


def test_a_missing_backup_file(bench: Bench, cluster: Cluster, tmp_path: Path) -> None:
    with empty_database(cluster) as empty, pytest.raises(RestoreFailed, match="can not be read"):
        restore_backup(tmp_path / "gone", empty, bench.database.admin, gnupg_home=bench.ring.home)


# --- the throwaway key
# ------------------------------------------------------------------------------------------------


def test_the_throwaway_key_is_made_once_and_leaves_no_agent(ring: Keyring) -> None:
    assert create_backup_key(ring.home) == ring.fingerprint
    agents = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "gpg-agent"
    ]
    assert not [
        agent for agent in agents if str(ring.home) in " ".join(agent.info["cmdline"] or [])
    ]
    assert stat.S_IMODE(ring.home.stat().st_mode) == 0o700


def test_what_a_killed_session_leaves_the_next_one_removes() -> None:
    script = (
        "import sys; from tests.support.keys import keyring\n"
        "with keyring() as ring: print(ring.home, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdout is not None
        home = Path(session.stdout.readline().strip())
        reap_keyrings_of_killed_sessions()
        assert home.exists(), "in use"
        session.kill()
    reap_keyrings_of_killed_sessions()
    assert not home.exists()


def test_a_keyring_whose_path_is_too_long_for_sockets_says_so(tmp_path: Path) -> None:
    long = tmp_path / ("a" * 60) / str(uuid.uuid4())
    try:
        create_backup_key(long)  # works where the system has a runtime folder for sockets
    except ConfigMismatch as refused:
        assert "longer than" in str(refused)  # noqa: PT017  # both outcomes are right, each on its system
