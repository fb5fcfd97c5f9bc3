"""pg_dump, zstd and gpg in one pipe: the encrypted dump as a stream, without plaintext on any disk.

    pg_dump -Fc -Z0 --+--> zstd (in this process) --> gpg --> the caller's file
                      +--> pg_restore -f /dev/null

The second branch reads the whole archive as a restore would. A cut-off dump encrypts, decrypts and
lists without a complaint; only pg_dump's own exit status and a full reading notice it, so both are
looked at, with the status of every other program.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import zstandard

from adapters.keys.gpg import encrypt_command, gpg_environment
from adapters.pipes import CHUNK, Program, Pump, write_all
from adapters.postgres.backups.pgpass import ChildLogin
from adapters.postgres.server.binaries import PostgresBinaries
from domain.errors import BackupFailed
from domain.ledger.backups import EVERYTHING, Coverage

ZSTD_LEVEL: Final = (
    2  # on law texts half as fast again as level 3, for files that are a sixteenth larger
)
# beside this one, which then has the pipes to itself: compression is half of what a dump costs
ZSTD_THREADS: Final = 1
READ: Final = 256 * 1024  # bytes read at a time: a buffer that stays in a core's cache
LOCK_WAIT: Final = "60s"  # how long pg_dump may wait for a table that somebody is changing

# What pg_dump may be heard to say. Only these words are passed on: a program's own text can quote
# what must stay here.
REASONS: Final[tuple[tuple[str, str], ...]] = (
    (r"permission denied for (?:\w+ )*(\w+)", "its login may not read {0}; grant SELECT on it"),
    (
        r"password authentication failed",
        "the server refuses its password; store the right one in its Secret block",
    ),
    (r"server version mismatch", "the server is of another major version than pg_dump"),
    (
        r"could not obtain lock|lock timeout",
        f"a table stayed locked for {LOCK_WAIT}; run again when its writer has ended",
    ),
    (
        r"server closed the connection|connection to server .* failed|terminating connection",
        "it lost the server; start it and run again",
    ),
    (r"No space left", "a disk is full; make room"),
)


@dataclass(frozen=True, slots=True)
class Streamed:
    """What went through the pipe, in bytes: the archive before compression, and the ciphertext with
    its SHA-256.
    """

    archive_size: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DumpPipe:
    """Which programs dump and encrypt, to which key, and what moment of the database: a snapshot
    that somebody holds open.

    `limit` is the time in seconds after which a hanging dump is ended.
    """

    programs: PostgresBinaries
    fingerprint: str
    gnupg_home: Path | None
    limit: float
    snapshot: str
    coverage: Coverage = EVERYTHING

    def stream(
        self,
        login: ChildLogin,
        target: IO[bytes],
        started: Callable[[Program], None] = lambda _: None,
    ) -> Streamed:
        """Dump the database that `login` reaches into `target`, an unbuffered file.

        `started` is told of each program.

        Raises `BackupFailed` when any program ends with another status than 0, OSError when
        `target` can not be written.
        """
        dump_options = [
            "--format=custom",
            "--compress=0",
            *(f"--schema={_pattern(schema)}" for schema in self.coverage.schemas),
            *(
                f"--exclude-table={_pattern(*name.split('.', 1))}"
                for name in self.coverage.excluded
            ),
            f"--snapshot={self.snapshot}",
            "--no-password",
        ]
        dump_command = [
            str(self.programs.tool("pg_dump")),
            *dump_options,
            f"--lock-wait-timeout={LOCK_WAIT}",
        ]
        check_command = [
            str(self.programs.tool("pg_restore")),
            "--format=custom",
            "--file=/dev/null",
        ]
        gpg_env = gpg_environment(self.gnupg_home)
        with contextlib.ExitStack() as stack:
            dump = stack.enter_context(
                Program("pg_dump", dump_command, env=login.env, pass_fds=login.pass_fds)
            )
            check = stack.enter_context(
                Program(
                    "pg_restore",
                    check_command,
                    env=gpg_env,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                )
            )
            gpg = stack.enter_context(
                Program(
                    "gpg", encrypt_command(self.fingerprint), env=gpg_env, stdin=subprocess.PIPE
                )
            )
            programs = (dump, check, gpg)
            for program in programs:
                started(program)
            with _time_limit(self.limit, programs) as overrun:
                return self._run(dump, check, gpg, target, overrun)

    def _run(
        self,
        dump: Program,
        check: Program,
        gpg: Program,
        target: IO[bytes],
        overrun: threading.Event,
    ) -> Streamed:
        flow = _Flow()
        pump = Pump(lambda: _compress(dump, check, gpg, flow), "dump to gpg")
        pump.start()
        try:
            size, sha256 = _store(gpg.stdout, target)
        except BaseException:
            for program in (dump, check, gpg):
                program.kill()
            pump.join()
            raise
        broken = pump.result()
        statuses = {program: program.status() for program in (dump, gpg, check)}
        if overrun.is_set():
            raise BackupFailed(
                f"No backup was made: the dump took longer than {self.limit:.0f} s and was ended."
            )
        failed = _first_to_blame(statuses, flow.refused_by)
        if failed:
            raise BackupFailed(f"No backup was made: {_account(failed, statuses[failed])}.")
        if broken:
            raise BackupFailed(
                f"No backup was made: the dump could not be compressed whole "
                f"({type(broken).__name__}). Run it again."
            )
        return Streamed(flow.octets, size, sha256)


def _pattern(*names: str) -> str:
    """A name as pg_dump's options read it: taken letter by letter, without wildcards.

    >>> _pattern("public", 'odd "name"*')
    '"public"."odd ""name""*"'
    """
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


@dataclass(slots=True)
class _Flow:
    """What the pump has seen: bytes of the archive, and the program that stopped reading before its
    end.
    """

    octets: int = 0
    refused_by: str = ""

    def give(self, program: Program, data: bytes | memoryview) -> None:
        try:
            write_all(program.stdin, data)
        except OSError:
            self.refused_by = program.name
            raise


def _compress(dump: Program, check: Program, gpg: Program, flow: _Flow) -> None:
    """Everything that pg_dump says, to the checker as it is and to gpg compressed.

    Closes both, or they would wait for ever.
    """
    compressor = zstandard.ZstdCompressor(
        level=ZSTD_LEVEL, write_checksum=True, threads=ZSTD_THREADS
    ).compressobj()
    buffer = memoryview(bytearray(READ))
    try:
        while got := dump.stdout.readinto(buffer):  # type: ignore[attr-defined]  # the pipe is unbuffered: a raw file
            chunk = buffer[:got]
            flow.octets += got
            flow.give(check, chunk)
            if packed := compressor.compress(chunk):
                flow.give(gpg, packed)
        flow.give(gpg, compressor.flush())
    finally:
        for end in (check.stdin, gpg.stdin, dump.stdout):
            with contextlib.suppress(OSError):
                end.close()


def _store(ciphertext: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Write the ciphertext and hash it on the way: size in bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while chunk := ciphertext.read(CHUNK):
        write_all(target, chunk)
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


@contextlib.contextmanager
def _time_limit(seconds: float, programs: Iterable[Program]) -> Iterator[threading.Event]:
    overrun = threading.Event()

    def end_all() -> None:
        overrun.set()
        for program in programs:
            program.kill()

    timer = threading.Timer(seconds, end_all)
    timer.daemon = True
    timer.start()
    try:
        yield overrun
    finally:
        timer.cancel()
        timer.join()


def _first_to_blame(statuses: dict[Program, int], refused_by: str) -> Program | None:
    """The program that failed by itself.

    A broken pipe (SIGPIPE), or half an archive to read, only followed another's end.
    """
    failed = [program for program, status in statuses.items() if status != 0]
    refusing = [program for program in statuses if program.name == refused_by]
    by_itself = [
        program
        for program in failed
        if statuses[program] != -signal.SIGPIPE and program.name != "pg_restore"
    ]
    return next(iter(by_itself or refusing or failed), None)


def _account(program: Program, status: int) -> str:
    """One clause on a program's end, in our words; what it said itself is only searched.

    A status below zero is the signal that ended it.
    """
    ended = (
        f"{program.name} was ended by signal {-status}"
        if status < 0
        else f"{program.name} ended with status {status}"
    )
    if status == 0:
        return f"{program.name} stopped before the end of the dump"
    for pattern, reason in REASONS:
        if found := re.search(pattern, program.words):
            return f"{ended}: {reason.format(*found.groups())}"
    return ended
