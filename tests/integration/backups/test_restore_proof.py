"""Restore drills: what is proven is really there again, what is not is named, and nobody else can
say what was proven.
"""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.backups import drill as drill_module
from adapters.postgres.backups.contents import contents_like
from adapters.postgres.backups.manifest import manifest_path, read_manifest
from adapters.postgres.backups.proof import record_proof, require_restore_proof
from adapters.postgres.backups.restore import restore_backup
from adapters.postgres.server.embedded import EmbeddedServer
from adapters.postgres.server.throwaway import PREFIX, throwaway_server
from domain.change_set import TargetFingerprint
from domain.errors import (
    BadInput,
    ConfigMismatch,
    DatabaseUnavailable,
    PrincipalCapabilityError,
    RestoreNotProven,
)
from domain.ledger.backups import RestoreReport
from domain.phases import Phase, Principal
from tests.support.backups import BackupBench, Throwaway, backup_bench, superuser
from tests.support.keys import Keyring, keyring
from tests.support.live import run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Database, wanted_major

pytestmark = pytest.mark.slow


@pytest.fixture
def bench(database: Database, ring: Keyring, tmp_path: Path) -> BackupBench:
    return backup_bench(database, ring, tmp_path)


def test_a_drill_lies_where_the_setting_says_and_looks_for_room_first(
    bench: BackupBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        place = Path(name)
        place.chmod(0o711)  # the server's user passes through
        seen: list[Path] = []

        @contextlib.contextmanager
        def throwaway(major: int) -> Iterator[EmbeddedServer]:
            with throwaway_server(major, place) as server:
                seen.extend(place.iterdir())
                yield server

        made = Path(bench.back_up().path)
        assert bench.drill(throwaway=throwaway, place=place).prove(made).proven
        assert len(seen) == 1
        assert list(place.iterdir()) == []
        monkeypatch.setattr(drill_module, "TIMES_THE_ARCHIVE", 10**12)
        with pytest.raises(DatabaseUnavailable, match="name another folder as CUTTER_DRILL_FOLDER"):
            bench.drill(throwaway=throwaway, place=place).prove(made)
        assert len(seen) == 1


@pytest.fixture
def drills(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that throwaway servers of this test are made in: nobody else's are there."""
    folder = Path(tempfile.mkdtemp(prefix="iuc-drills-"))
    folder.chmod(0o711)  # the server's user passes through
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder)


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob(f"{PREFIX}*"))


def records(database: Database) -> list[tuple[str, list[str]]]:
    with database.connect() as admin:
        return admin.execute(
            "SELECT verdict, findings FROM restore_proof ORDER BY recorded_at"
        ).fetchall()


# --- a good backup
# -------------------------------------------------------------------------------------------------


def test_a_backup_is_proven_on_a_server_of_its_own_and_put_on_record(
    bench: BackupBench, drills: Path
) -> None:
    made = bench.back_up()
    report = bench.drill().prove(Path(made.path))
    assert report.findings == ()
    assert report.proven
    assert (report.backup_sha256, report.manifest_sha256) == (made.sha256, made.manifest_sha256)
    assert report.rows > 300
    with bench.database.connect() as admin:
        row = admin.execute(
            "SELECT target, backup, backup_sha256, manifest_sha256, verdict, actor, principal, "
            "table_count, row_count,"
            " snapshot_at < recorded_at AND recorded_at <= clock_timestamp() FROM restore_proof"
        ).fetchone()
    names = (str(bench.live.target), Path(made.path).name, made.sha256, made.manifest_sha256)
    assert row == (*names, "proven", "tester", "cutter_verify", report.tables, report.rows, True)
    assert left_in(drills) == []


@pytest.mark.parametrize(
    ("statements", "cause"),
    [
        (
            (
                "CREATE SCHEMA other",
                "CREATE TYPE other.mood AS ENUM ('a', 'b')",
                "CREATE TABLE public.t2 (m other.mood)",
            ),
            "schema other",
        ),
        (
            (
                "CREATE TYPE public.vector AS (x int)",
                "ALTER EXTENSION plpgsql ADD TYPE public.vector",
                "CREATE TABLE public.t2 (v public.vector)",
            ),
            "type public.vector",
        ),
    ],
)
def test_what_a_backup_lacks_is_named_by_the_proof(
    bench: BackupBench, lent: Throwaway, statements: tuple[str, ...], cause: str
) -> None:
    with bench.database.connect() as admin:
        for one in (*statements, "GRANT SELECT ON public.t2 TO cutter_exec, cutter_verify"):
            admin.execute(one.encode())
        if "SCHEMA other" in statements[0]:
            admin.execute("GRANT USAGE ON SCHEMA other TO cutter_exec")
    report = bench.drill(throwaway=lent).prove(Path(bench.back_up().path))
    assert not report.proven
    assert f"the backup rests on the {cause}, which is not part of it" in report.findings[0]


def test_a_cuts_backup_is_proven_against_its_journal(bench: BackupBench, lent: Throwaway) -> None:
    plan = made_plan(units=4)
    ctx = bench.live.context(plan)
    bench.live.backup = bench.runner()  # type: ignore[assignment]  # the real one
    made = run_phases(bench.live.new_adapter(), ctx, plan)[Phase.PRE_WRITE_BACKUP]
    assert made.manifest_sha256
    with bench.database.connect() as admin:
        pinned = scalar(
            admin,
            (
                "SELECT result ->> 'manifest_sha256' FROM cut_phase_journal WHERE phase = "
                "'pre_write_backup'"
            ),
        )
    assert pinned == made.manifest_sha256
    assert bench.drill(throwaway=lent).prove(Path(made.path)).proven
    # Another backup of the same executor, renamed so that it fits: everything about it is right but
    # what the journal says.
    other, name = Path(bench.back_up().path), Path(made.path).name
    text = read_manifest(other)[0].model_copy(
        update={"file": name, "change_set_id": ctx.change_set_id, "signature": None}
    )
    other.rename(other.with_name(name))
    manifest_path(Path(made.path)).write_bytes(text.signed(bench.live.executor).text())
    report = bench.drill(throwaway=lent).prove(Path(made.path))
    assert report.findings == (
        f"The backup {name} is not the one that the journal of its change set names.",
    )


def test_the_manifest_is_of_the_moment_of_the_dump_although_rows_are_written_meanwhile(
    bench: BackupBench, lent: Throwaway
) -> None:
    def write(
        _program: object,
    ) -> None:  # pg_dump, pg_restore and gpg are started one after the other, within the snapshot
        bench.execute("INSERT INTO public.annex (body) SELECT 'late' FROM generate_series(1, 50)")

    made = bench.back_up(started=write)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM annex") == 450
    assert read_manifest(Path(made.path))[0].tables["public.annex"].rows == 300
    assert bench.drill(throwaway=lent).prove(Path(made.path)).proven


def test_a_large_table_is_hashed_the_cheap_way_and_still_row_by_row(
    bench: BackupBench, lent: Throwaway, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.execute(
        "CREATE TABLE public.plain AS SELECT n, n || ' of them' AS body, now() AS at FROM "
        "generate_series(1, 500) n"
    )
    bench.execute("GRANT SELECT ON public.plain TO cutter_exec")
    monkeypatch.setattr("adapters.postgres.backups.contents.LARGE", 0)
    made = Path(bench.back_up().path)
    monkeypatch.undo()  # the drill takes the manifest's method, not the one that the size calls for
    tables = read_manifest(made)[0].tables
    assert tables["public.plain"].method == "sum64"
    assert tables["public.annex"].method == "sha256", (
        "two numerics that look different can hash alike"
    )
    assert bench.drill(throwaway=lent).prove(made).proven
    with meddled(lent, "UPDATE public.plain SET body = 'x' WHERE n = 250") as meddling:
        assert bench.drill(throwaway=meddling).prove(made).findings == (
            "The table public.plain has other rows than were backed up.",
        )


# --- what did not come back
# -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def meddled(lent: Throwaway, *statements: str) -> Iterator[Throwaway]:
    """A throwaway server on which these statements run after the restore: as if the backup had not
    held what it should.
    """
    servers: list[EmbeddedServer] = []

    @contextlib.contextmanager
    def watched(major: int) -> Iterator[EmbeddedServer]:
        with lent(major) as server:
            servers.append(server)
            yield server

    def then_meddle(*arguments: object, **options: object) -> None:
        restore_backup(*arguments, **options)  # type: ignore[arg-type]  # handed on as it came
        with superuser(servers[-1], "restored") as admin:
            for statement in statements:
                admin.execute(statement.encode())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.postgres.backups.drill.restore_backup", then_meddle)
        yield watched


OTHER_DATA = [
    ("DELETE FROM annex WHERE body LIKE '%of it'", None),
    (
        "DELETE FROM annex WHERE ctid = '(0,1)'",
        "The table public.annex has 299 rows, and 300 rows were backed up.",
    ),
    (
        "INSERT INTO annex DEFAULT VALUES",
        "The table public.annex has 301 rows, and 300 rows were backed up.",
    ),
    (
        "UPDATE annex SET body = body || ' ' WHERE ctid = '(0,1)'",
        "The table public.annex has other rows than were backed up.",
    ),
    (
        "UPDATE annex SET amount = amount + 0.0000000000000000000000001 WHERE ctid = '(0,1)'",
        "annex has other rows",
    ),
    ("UPDATE annex SET body = NULL WHERE ctid = '(0,1)'", "annex has other rows"),
    ("DROP TABLE annex", "The table public.annex did not come back."),
    ("CREATE TABLE cutter.more (n int)", "There is a table cutter.more that was not backed up."),
    (
        "ALTER TABLE annex DROP CONSTRAINT annex_pkey",
        "The table public.annex is not as it was backed up.",
    ),
    (
        "ALTER TABLE verify_result DISABLE TRIGGER append_only",
        "The table cutter.verify_result is not as it was backed up.",
    ),
    (
        "REVOKE SELECT ON annex FROM cutter_exec",
        "The table public.annex is not as it was backed up.",
    ),
    (
        "GRANT DELETE ON verify_result TO cutter_exec",
        "The table cutter.verify_result is not as it was backed up.",
    ),
    (
        "ALTER TABLE annex OWNER TO cutter_owner",
        "The table public.annex is not as it was backed up.",
    ),
    (
        "DROP FUNCTION fn_restore_proof() CASCADE",
        "The function cutter.fn_restore_proof() did not come back.",
    ),
    (
        (
            "CREATE OR REPLACE FUNCTION fn_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN NEW; END'"
        ),
        "The function cutter.fn_append_only() is not as it was backed up.",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO cutter_exec",
        "The schema public is not as it was backed up.",
    ),
    (
        "REVOKE USAGE ON SCHEMA cutter FROM cutter_verify",
        "The schema cutter is not as it was backed up.",
    ),
    ("DROP VIEW iu_unit CASCADE", "The table cutter.iu_unit did not come back."),
]


@pytest.mark.parametrize(("statement", "finding"), OTHER_DATA)
def test_every_difference_is_named(
    bench: BackupBench, lent: Throwaway, statement: str, finding: str | None
) -> None:
    made = Path(bench.back_up().path)
    with meddled(lent, statement) as meddling:
        report = bench.drill(throwaway=meddling).prove(made)
    assert report.proven is (finding is None)
    assert finding is None or any(finding in found for found in report.findings)
    assert records(bench.database) == [
        ("proven" if finding is None else "refuted", list(report.findings))
    ]


def test_the_throwaway_server_is_gone_after_a_backup_that_does_not_come_back(
    bench: BackupBench, drills: Path
) -> None:
    made, seen = Path(bench.back_up().path), []

    @contextlib.contextmanager
    def watched(major: int) -> Iterator[EmbeddedServer]:
        with throwaway_server(major) as server:
            seen.extend(left_in(drills))
            yield server

    with keyring() as other:
        report = bench.drill(gnupg_home=other.home, throwaway=watched).prove(made)
    assert "the secret key that it is encrypted to is not in the keyring" in report.findings[0]
    assert len(seen) == 1
    assert left_in(drills) == []


def test_what_a_killed_drill_has_left_the_next_one_removes(drills: Path) -> None:
    script = (
        "import sys; from adapters.postgres.server.throwaway import throwaway_server\n"
        f"with throwaway_server({wanted_major()}) as server: print(server.home, flush=True); "
        f"sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as drill:
        assert drill.stdout is not None
        home = Path(drill.stdout.readline().strip())
        with throwaway_server(wanted_major()):
            assert home.exists(), "in use"
        drill.kill()
    assert left_in(drills) == [home]
    with throwaway_server(wanted_major()):
        assert not home.exists()


def test_a_disk_that_is_full_in_the_drill_refutes_nothing_silently(bench: BackupBench) -> None:
    bench.execute(
        "INSERT INTO annex (body) SELECT string_agg(gen_random_uuid()::text, '')"
        " FROM generate_series(1, 440000) n GROUP BY n % 220"
    )
    bench.execute(
        "CREATE TABLE public.long AS SELECT repeat(body, 1) AS body, n FROM annex, "
        "generate_series(1, 6) n"
    )
    bench.execute("ALTER TABLE public.long ALTER body SET STORAGE EXTERNAL")
    bench.execute("GRANT SELECT ON public.long TO cutter_exec")
    made = Path(bench.back_up().path)

    @contextlib.contextmanager
    def small(major: int) -> Iterator[EmbeddedServer]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (17 * 1024 * 1024, hard)
        )  # a segment of the log fits, the table does not
        try:
            with throwaway_server(major) as server:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
                yield server
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    report = bench.drill(throwaway=small).prove(made)
    assert (
        "was not restored: pg_restore ended with status 1 at table long: a disk is full; make room"
    ) in report.findings[0]
    assert records(bench.database)[0][0] == "refuted"


# --- who vouches
# -------------------------------------------------------------------------------------------------


def test_an_unsigned_backup_is_not_proven(bench: BackupBench) -> None:
    report = bench.drill().prove(Path(bench.back_up(signer=None).path))
    assert report.findings[0].endswith("is not signed, so nobody answers for it.")
    assert report.snapshot_at is None


@pytest.mark.parametrize("whose", ["nobody's", "the verifier's", "a retired one"])
def test_a_manifest_signed_by_another_key_is_not_believed(bench: BackupBench, whose: str) -> None:
    signer = bench.live.verifier if whose == "the verifier's" else Ed25519Signer(new_private_key())
    if whose == "a retired one":
        signer = bench.live.executor
        bench.execute("UPDATE principal_key SET retired_at = now() WHERE principal = 'cutter_exec'")
    report = bench.drill().prove(Path(bench.back_up(signer=signer).path))
    assert report.findings[0].endswith(
        "is signed with a key that is not registered for cutter_exec."
    )


def test_a_manifest_that_claims_another_signers_key_is_not_believed(bench: BackupBench) -> None:
    made = Path(bench.back_up().path)
    manifest = read_manifest(made)[0]
    forged = manifest.signed(Ed25519Signer(new_private_key()))
    assert forged.signature is not None
    assert manifest.signature is not None
    claimed = forged.signature.model_copy(update={"key_id": manifest.signature.key_id})
    manifest_path(made).write_bytes(forged.model_copy(update={"signature": claimed}).text())
    assert bench.drill().prove(made).findings[0].endswith("was changed after it was signed.")


def test_a_backup_of_another_database_is_not_taken_for_ours(bench: BackupBench) -> None:
    made = Path(bench.back_up().path)
    elsewhere = replace(bench.live.target, database_oid=1)
    with pytest.raises(ConfigMismatch, match="name one of this database"):
        bench.drill(target=elsewhere).prove(made)
    assert records(bench.database) == []


def test_a_file_that_is_not_there(bench: BackupBench, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no backup"):
        bench.drill().prove(tmp_path / "gone")
    with pytest.raises(BadInput, match="can not be read"):
        bench.drill().prove(tmp_path)


# --- the record
# -------------------------------------------------------------------------------------------------


def a_report(
    target: TargetFingerprint,
    *,
    age: timedelta = timedelta(minutes=1),
    findings: tuple[str, ...] = (),
) -> RestoreReport:
    return RestoreReport(
        "b", "a" * 64, "b" * 64, str(target), datetime.now(UTC) - age, 3, 10, 1.0, findings
    )


def test_only_the_verifier_records_and_nobody_changes_what_is_recorded(bench: BackupBench) -> None:
    report = a_report(bench.live.target)
    with (
        bench.database.connect(Principal.EXEC, autocommit=True) as conn,
        pytest.raises(PrincipalCapabilityError, match="42501"),
    ):
        record_proof(conn, report, "x")
    with bench.database.connect(autocommit=True) as admin:
        with pytest.raises(PrincipalCapabilityError) as refused:
            record_proof(admin, report, "x")
        assert refused.value.sqlstate == "IU004"
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        record_proof(conn, report, "x")
        for change in (
            "UPDATE restore_proof SET actor = 'y'",
            "DELETE FROM restore_proof",
            "TRUNCATE restore_proof",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(change.encode())
    with bench.database.connect(autocommit=True) as admin:
        for change in (
            "UPDATE restore_proof SET actor = 'y'",
            "DELETE FROM restore_proof",
            "TRUNCATE restore_proof",
        ):
            with pytest.raises(psycopg.Error) as kept:
                admin.execute(change.encode())
            assert kept.value.sqlstate == "IU002"


RECORD = """
    INSERT INTO restore_proof (proof_id, target, backup, backup_sha256, manifest_sha256, snapshot_at, verdict, findings,
                               table_count, row_count, actor, principal, recorded_at)
    VALUES (gen_random_uuid(), 't', 'b', repeat('a', 64), repeat('b', 64), %s, %s, %s, 1, 1, 'x', 'postgres', '2100-01-01')
"""


def test_role_and_time_are_the_servers_whatever_is_inserted(bench: BackupBench) -> None:
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        conn.execute(RECORD.encode(), (datetime.now(UTC), "proven", []))
        row = conn.execute(
            "SELECT principal, recorded_at <= clock_timestamp() FROM restore_proof"
        ).fetchone()
    assert row == ("cutter_verify", True)


@pytest.mark.parametrize(
    ("verdict", "findings", "snapshot"),
    [
        ("proven", ["something"], datetime.now(UTC)),
        ("refuted", [], datetime.now(UTC)),
        ("proven", [], None),
        ("proven", [], datetime.now(UTC) + timedelta(days=1)),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    bench: BackupBench, verdict: str, findings: list[str], snapshot: datetime | None
) -> None:
    with (
        bench.database.connect(Principal.VERIFY, autocommit=True) as conn,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        conn.execute(RECORD.encode(), (snapshot, verdict, findings))


# --- the policy
# -------------------------------------------------------------------------------------------------


def test_without_a_recent_proof_nothing_is_cut(bench: BackupBench) -> None:
    target = bench.live.target
    another = replace(target, database_oid=1)
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:

        def refused() -> bool:
            try:
                require_restore_proof(conn, target, 24)
            except RestoreNotProven as error:
                assert "`cutter backup verify`" in str(error)  # noqa: PT017  # both outcomes are looked at
                return True
            return False

        assert refused(), "nothing is on record"
        record_proof(conn, a_report(another), "x")
        assert refused(), "it is of another database"
        record_proof(conn, a_report(target, findings=("broken",)), "x")
        assert refused(), "it was refuted"
        record_proof(
            conn, replace(a_report(target, age=timedelta(hours=25)), backup_sha256="c" * 64), "x"
        )
        assert refused(), "its data are too old"
        record_proof(conn, a_report(target, age=timedelta(hours=23)), "x")
        assert not refused()
        record_proof(conn, a_report(target, findings=("gone bad",)), "x")
        assert refused(), "the same file was refuted afterwards"
        record_proof(conn, a_report(target), "x")
        assert not refused(), "and then proven again"


def test_a_proof_gets_old_by_the_databases_clock(bench: BackupBench) -> None:
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        record_proof(conn, a_report(bench.live.target), "x")
        require_restore_proof(conn, bench.live.target, 24)
        bench.execute("ALTER TABLE restore_proof DISABLE TRIGGER append_only")
        for column in ("snapshot_at", "recorded_at"):
            bench.execute(
                f"UPDATE restore_proof SET {column} = {column} - interval '25 hours'"
            )  # ours
        with pytest.raises(RestoreNotProven, match="made in the last 24 hours"):
            require_restore_proof(conn, bench.live.target, 24)
        require_restore_proof(conn, bench.live.target, 26)


# --- the contents
# -------------------------------------------------------------------------------------------------


def test_the_hash_of_a_table_depends_on_its_rows_alone(bench: BackupBench) -> None:
    """Not on the order that they lie in, the time zone of who looks, or his rights."""
    with bench.database.connect(autocommit=True) as admin:
        from domain.ledger.backups import Contents

        first = contents_like(admin, Contents({}, {}, {}))
        admin.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM annex")
        admin.execute("TRUNCATE annex")
        admin.execute("INSERT INTO annex SELECT * FROM kept ORDER BY id DESC")
        admin.execute(
            "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET extra_float_digits = 0"
        )
        assert contents_like(admin, first) == first
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        assert contents_like(conn, first) == first


def test_rows_that_row_security_hides_are_not_left_out_silently(bench: BackupBench) -> None:
    bench.execute("ALTER TABLE annex ENABLE ROW LEVEL SECURITY")
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        from domain.ledger.backups import Contents

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            contents_like(conn, Contents({}, {}, {}))


def test_a_manifest_says_what_it_says_in_one_spelling(bench: BackupBench) -> None:
    made = Path(bench.back_up().path)
    path = manifest_path(made)
    text = path.read_bytes()
    assert read_manifest(made)[0].text() == text
    path.write_bytes(json.dumps(json.loads(text)).encode())
    report = bench.drill().prove(made)
    assert report.findings == (f"The manifest of {made.name} was changed after it was written.",)
    assert records(bench.database) == [("refuted", list(report.findings))]
