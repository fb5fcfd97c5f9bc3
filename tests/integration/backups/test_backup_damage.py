"""Four hundred ways to damage a backup, or its making: refused every time, and never with a file
left that looks like one.

Chance is seeded: a try that fails can be run again alone.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.pipes import Program
from adapters.postgres.backups.manifest import manifest_path, read_manifest
from adapters.postgres.backups.restore import restore_backup
from adapters.postgres.server.embedded import EmbeddedServer
from domain.errors import BackupFailed, CutterError, RestoreFailed
from domain.ports import Credentials, Endpoint
from tests.support.backups import (
    BackupBench,
    Throwaway,
    backup_bench,
    flipped,
    no_file_longer_than,
    superuser,
)
from tests.support.keys import Keyring, keyring
from tests.support.postgres import Cluster, fresh_database, wanted_major

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("CUTTER_TEST_SEED", "7"))


@dataclass
class Kept:
    """A database with two good backups, whole as they were made."""

    bench: BackupBench
    path: Path
    other: Path
    data: bytes
    manifest: bytes

    def restore(self) -> None:
        """Put both files of the first backup back."""
        self.path.write_bytes(self.data)
        manifest_path(self.path).write_bytes(self.manifest)

    def refused(self, throwaway: Throwaway, **changes: object) -> str:
        """The drill's one finding; it is an error of the test if the backup passes."""
        report = self.bench.drill(throwaway=throwaway, **changes).prove(self.path)
        assert not report.proven
        assert report.findings[0]
        assert "\n" not in report.findings[0]
        return report.findings[0]


@pytest.fixture(scope="module")
def kept(
    cluster: Cluster, ring: Keyring, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    with fresh_database(cluster) as database:
        bench = backup_bench(database, ring, tmp_path_factory.mktemp("damage"))
        first, second = (Path(bench.back_up().path) for _ in range(2))
        yield Kept(bench, first, second, first.read_bytes(), manifest_path(first).read_bytes())


@pytest.fixture(autouse=True)
def whole_afterwards(kept: Kept) -> Iterator[None]:
    yield
    kept.restore()


def no_server(_major: int) -> AbstractContextManager[EmbeddedServer]:
    """Damage that can be seen has to be seen before anything of the file is looked into."""
    raise AssertionError("a damaged backup was about to be restored")


def test_the_whole_backup_is_proven(kept: Kept, lent: Throwaway) -> None:
    """Without this, everything below would pass for a drill that refuses everything."""
    assert kept.bench.drill(throwaway=lent).prove(kept.path).proven


def test_truncated_at_any_length_100_tries(kept: Kept) -> None:
    dice = random.Random(SEED)  # noqa: S311  # repeatable, no secret
    for length in [0, 1, len(kept.data) - 1, *(dice.randrange(len(kept.data)) for _ in range(97))]:
        kept.path.write_bytes(kept.data[:length])
        assert f"has {length} bytes" in kept.refused(no_server), f"length {length}"


def test_a_bit_flipped_anywhere_100_tries(kept: Kept) -> None:
    dice = random.Random(SEED + 1)  # noqa: S311  # repeatable, no secret
    for number in range(100):
        kept.path.write_bytes(flipped(kept.data, dice))
        assert "its SHA-256 is another" in kept.refused(no_server), f"try {number}"


def test_a_manifest_edited_anywhere_100_tries(kept: Kept) -> None:
    """A bit flipped, a byte less, a byte more, a digit changed: whatever still parses is not what
    was signed.
    """
    dice = random.Random(SEED + 2)  # noqa: S311  # repeatable, no secret
    edits: list[Callable[[bytes], bytes]] = [
        lambda text: flipped(text, dice),
        lambda text: text[: dice.randrange(len(text))],
        lambda text: text + b" ",
        lambda text: other_digit(text, dice),
    ]
    for number in range(100):
        manifest_path(kept.path).write_bytes(edits[number % 4](kept.manifest))
        try:
            assert kept.refused(no_server), f"try {number}"
        except CutterError as refused:  # of another database, by the edited target
            assert "name one of this database" in str(refused)  # noqa: PT017  # both outcomes are refusals


def other_digit(text: bytes, dice: random.Random) -> bytes:
    """The same with one digit changed, so that it is JSON still."""
    places = [at for at, sign in enumerate(text) if chr(sign).isdigit()]
    at = dice.choice(places)
    digit = dice.choice([d for d in b"0123456789" if d != text[at]])
    return text[:at] + bytes([digit]) + text[at + 1 :]


def test_swapped_and_missing_parts_20_tries(kept: Kept, tmp_path: Path) -> None:
    other, manifest = kept.other.read_bytes(), manifest_path(kept.other).read_bytes()
    renamed = read_manifest(kept.other)[0].model_copy(update={"file": kept.path.name}).text()
    swaps: list[tuple[bytes | None, bytes | None, str]] = [
        (other, None, "bytes, and|SHA-256 is another"),
        (None, manifest, "is of another backup"),
        (other, manifest, "is of another backup"),
        (other, renamed, "changed after it was signed"),
        (b"", None, "has 0 bytes"),
        (None, b"", "damaged"),
        (None, b"{}", "damaged"),
        (None, b"null", "damaged"),
        (None, kept.data, "damaged"),
        (kept.manifest, None, "bytes, and"),
    ]
    for number, (data, text, says) in enumerate(swaps * 2):
        kept.restore()
        if data is not None:
            kept.path.write_bytes(data)
        if text is not None:
            manifest_path(kept.path).write_bytes(text)
        assert re.search(says, kept.refused(no_server)), f"swap {number}"
    manifest_path(kept.path).unlink()
    assert "has no manifest beside it" in kept.refused(no_server)
    assert not list(tmp_path.iterdir())


def test_a_wrong_key_10_tries(kept: Kept, lent: Throwaway) -> None:
    with keyring() as other:
        for _ in range(10):
            assert "secret key that it is encrypted to is not in the keyring" in kept.refused(
                lent, gnupg_home=other.home
            )


def test_below_the_hash_a_flipped_bit_or_a_cut_is_still_refused_20_tries(
    kept: Kept, lent: Throwaway
) -> None:
    """gpg, zstd and pg_restore by themselves: what a drill would meet if the hash did not stand
    before them.
    """
    dice = random.Random(SEED + 3)  # noqa: S311  # repeatable, no secret
    damaged = kept.path.with_name("damaged")
    for number in range(20):
        data = (
            flipped(kept.data, dice) if number % 2 else kept.data[: dice.randrange(len(kept.data))]
        )
        damaged.write_bytes(data)
        with lent(wanted_major()) as server:
            with superuser(server) as admin:
                admin.execute("CREATE DATABASE restored TEMPLATE template0")
            endpoint = Endpoint(server.host, server.port, "restored", sslmode="disable")
            with pytest.raises(RestoreFailed):
                restore_backup(
                    damaged,
                    endpoint,
                    Credentials(server.superuser, server.password),
                    gnupg_home=kept.bench.ring.home,
                )
    damaged.unlink()


# --- while it is made
# -------------------------------------------------------------------------------------------------


def files(bench: BackupBench) -> set[str]:
    return {path.name for path in bench.folder.iterdir()}


def fill(bench: BackupBench) -> None:
    """Some 4 MB that do not compress, so that programs are met in the middle of their work."""
    bench.execute(
        "CREATE TABLE IF NOT EXISTS public.noise AS SELECT string_agg(gen_random_uuid()::text, "
        "'') AS t"
        " FROM generate_series(1, 100000) AS n GROUP BY n % 500"
    )
    bench.execute("GRANT SELECT ON public.noise TO cutter_exec")


def test_a_program_killed_at_any_moment_30_tries(kept: Kept) -> None:
    """A kill that comes too late meets a backup that was whole already, which is then what it says
    it is.
    """
    fill(kept.bench)
    dice = random.Random(SEED + 4)  # noqa: S311  # repeatable, no secret
    before, killed = files(kept.bench), 0
    for number in range(30):
        victim, delay = ("pg_dump", "pg_dump", "gpg")[number % 3], dice.uniform(0, 0.12)

        def kill_later(program: Program, victim: str = victim, delay: float = delay) -> None:
            if program.name == victim:
                threading.Timer(delay, kill_if_running, [program]).start()

        try:
            made = Path(kept.bench.back_up(started=kill_later).path)
        except BackupFailed as refused:
            killed += 1
            assert "was ended by signal 9" in str(refused) or "could not" in str(refused)  # noqa: PT017  # not every try fails
        else:
            assert read_manifest(made)[0].size == made.stat().st_size
            made.unlink()
            manifest_path(made).unlink()
        assert files(kept.bench) == before, f"try {number} left something"
    assert killed >= 10, "hardly any kill came in time: make the table larger"


def kill_if_running(program: Program) -> None:
    """A process that has ended was waited for: its number may be another's by now."""
    if program.process.poll() is None:
        program.process.kill()


def test_a_server_that_ends_its_sessions_in_the_middle_10_tries(kept: Kept) -> None:
    fill(kept.bench)
    before = files(kept.bench)
    for number in range(10):

        def end_all(program: Program, number: int = number) -> None:
            if program.name == "gpg":
                time.sleep(number / 100)
                kept.bench.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name LIKE 'iu-cutter "
                    "backup%'"
                )

        with pytest.raises(BackupFailed):
            kept.bench.back_up(started=end_all)
        assert files(kept.bench) == before


def test_a_disk_that_is_full_at_any_point_20_tries(kept: Kept) -> None:
    fill(kept.bench)
    whole = Path(kept.bench.back_up().path)
    size = whole.stat().st_size
    before, dice = files(kept.bench), random.Random(SEED + 5)  # noqa: S311  # repeatable, no secret
    for _ in range(20):
        with (
            no_file_longer_than(dice.randrange(4096, size - 4096)),
            pytest.raises(BackupFailed, match="can not be written"),
        ):
            kept.bench.back_up()
        assert files(kept.bench) == before
