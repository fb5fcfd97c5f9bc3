"""The backup that exists before anything is written: the schema dumped, compressed and encrypted,
whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from adapters.files import make_folder, remove_abandoned, whole_or_nothing
from adapters.keys.gpg import require_encryption_key
from adapters.pipes import Program, Pump
from adapters.postgres.backups.contents import (
    Snapshot,
    coverage_of,
    exported_snapshot,
    read_contents,
)
from adapters.postgres.backups.dump_pipe import ZSTD_LEVEL, DumpPipe, Streamed
from adapters.postgres.backups.manifest import BackupManifest, manifest_path, manifest_tables
from adapters.postgres.backups.pgpass import child_login
from adapters.postgres.backups.room import require_room
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import read_identity, server_version
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.session import open_connection, uses_tls
from adapters.postgres.server.binaries import PostgresBinaries, client_binaries
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import BackupFailed, ConfigMismatch
from domain.ledger.backups import Contents, Coverage
from domain.phases import Principal
from domain.ports import CredentialsSource, Endpoint, Signer
from domain.results import BackupResult

SUFFIX: Final = ".pgdump.zst.gpg"
HOUR: Final = 3600.0
BY_HAND: Final = "by-hand"
CANCEL_TIMEOUT: Final = 10.0  # seconds
RUN_AGAIN: Final = "run it again; `cutter doctor` names what the login may not read"


@dataclass(frozen=True, slots=True)
class _Server:
    version: str
    major: int
    tls: bool


@dataclass(frozen=True, slots=True)
class _Purpose:
    """What a backup is for: the change set that is about to be cut, or nothing but itself."""

    target: TargetFingerprint
    change_set_id: uuid.UUID | None = None
    document_code: str | None = None


class PgDumpBackup:
    """Makes backups with `pg_dump` and `gpg`: a `BackupRunner`.

    Only the public half of the key is needed.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: CredentialsSource,
        directory: Path,
        key_fingerprint: str | None,
        *,
        signer: Signer | None = None,
        gnupg_home: Path | None = None,
        binaries: PostgresBinaries | None = None,
        limit: float = HOUR,
        started: Callable[[Program], None] = lambda _: None,
    ) -> None:
        """Keeps what it needs and touches nothing.

        `limit` is the longest time in seconds that a dump may take.

        `signer` signs the manifests; without one they are not signed, and a drill proves no such
        backup. `gnupg_home` None is the user's default keyring; `binaries` None finds those of the
        server's major version. `started` is told of each program that is started, for who wants to
        watch them.
        """
        self._endpoint = endpoint
        self._credentials = credentials
        self._directory = directory
        self._key_fingerprint = key_fingerprint
        self._signer = signer
        self._gnupg_home = gnupg_home
        self._binaries = binaries
        self._limit = limit
        self._started = started

    def run(self, ctx: CutContext) -> BackupResult:
        """Dump, compress, encrypt, check and rename into place; a manifest beside it is written
        last.

        Raises `ConfigMissing`, `ConfigMismatch`, `ToolMissing`, `DatabaseUnavailable` or
        `BackupFailed`; then no file is left.
        """
        return self._make(_Purpose(ctx.target, ctx.change_set_id, ctx.document_code))

    def make(self, target: TargetFingerprint) -> BackupResult:
        """A backup of this database outside any cut. Raises what `run` raises."""
        return self._make(_Purpose(target))

    def _make(self, purpose: _Purpose) -> BackupResult:
        fingerprint = require_encryption_key(
            self._key_fingerprint, self._gnupg_home
        )  # before any socket opens
        if self._signer:
            self._signer.key_id  # noqa: B018  # a key that is not there is found out now, not after the dump
        login = self._credentials(Principal.EXEC)
        began = datetime.now(UTC)
        path = (
            self._directory
            / f"{began:%Y%m%dT%H%M%S.%fZ}-{purpose.change_set_id or BY_HAND}{SUFFIX}"
        )
        with (
            contextlib.closing(open_connection(self._endpoint, login, "backup")) as conn,
            translated("Reading for the backup's manifest", BackupFailed, hint=RUN_AGAIN),
            exported_snapshot(conn) as snapshot,
        ):
            server = _server_of(conn, purpose.target)
            programs = self._programs(server)
            with _whole_folder(self._directory):
                covered = coverage_of(conn)
                _require_room(conn, self._directory, covered)
                pipe = DumpPipe(
                    programs,
                    fingerprint,
                    self._gnupg_home,
                    self._limit,
                    snapshot.name,
                    covered,
                )
                with (
                    whole_or_nothing(path, buffering=0) as file,
                    child_login(self._endpoint, login) as child,
                    _reading(conn) as read,
                ):
                    streamed = pipe.stream(child, file, self._started)
                    _require_on_disk(file, streamed)
                    contents = read()
                facts = _Facts(
                    path, purpose, fingerprint, server.version, began, snapshot, streamed, contents
                )
                return self._described(facts)

    def _described(self, facts: _Facts) -> BackupResult:
        """The result, once the manifest is written; without one the backup does not stay."""
        manifest = facts.manifest(datetime.now(UTC))
        try:
            signed = manifest.signed(self._signer) if self._signer else manifest
            text = signed.text()
            with whole_or_nothing(manifest_path(facts.path)) as file:
                file.write(text)
        except BaseException:
            facts.path.unlink(missing_ok=True)
            raise
        return BackupResult(
            str(facts.path),
            manifest.size,
            manifest.sha256,
            manifest.key_fingerprint,
            manifest.finished_at,
            manifest.server_version,
            manifest_sha256=hashlib.sha256(text).hexdigest(),
        )

    def _programs(self, server: _Server) -> PostgresBinaries:
        programs = self._binaries or client_binaries(server.major, tls=server.tls)
        if programs.major != server.major:
            raise BackupFailed(
                f"No backup was made: the server is PostgreSQL {server.major} and the pg_dump "
                f"given is of {programs.major}; "
                "its major version has to be the server's."
            )
        return programs


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything that is known of a backup that was just made."""

    path: Path
    purpose: _Purpose
    fingerprint: str
    version: str
    began: datetime
    snapshot: Snapshot
    streamed: Streamed
    contents: Contents

    def manifest(self, finished: datetime) -> BackupManifest:
        return BackupManifest(
            file=self.path.name,
            size=self.streamed.size,
            sha256=self.streamed.sha256,
            archive_size=self.streamed.archive_size,
            compression=f"zstd {ZSTD_LEVEL}",
            key_fingerprint=self.fingerprint,
            server_version=self.version,
            target=str(self.purpose.target),
            change_set_id=self.purpose.change_set_id,
            document_code=self.purpose.document_code,
            began_at=self.began,
            snapshot_at=self.snapshot.taken_at,
            finished_at=finished,
            objects=dict(self.contents.objects),
            tables=manifest_tables(self.contents),
            roles=dict(self.contents.roles),
        )


def _server_of(conn: Connection, target: TargetFingerprint) -> _Server:
    """The version of the server that holds the target.

    Another database than the change set's is refused: its backup would protect nothing.
    """
    identity = read_identity(conn)
    if identity.fingerprint != target:
        raise ConfigMismatch(
            f"The backup would be of {identity.fingerprint}, and the change set is for "
            f"{target}; name the right database."
        )
    return _Server(server_version(conn), identity.version // 10_000, uses_tls(conn))


@contextlib.contextmanager
def _reading(conn: Connection) -> Iterator[Callable[[], Contents]]:
    """Read what the snapshot holds while pg_dump reads the same. What the block is given waits for
    the end of that and answers with it. Nothing is read any more once the block ends.
    """
    found: list[Contents] = []

    def read() -> None:
        # In a savepoint: what can not be read must not take the snapshot away from pg_dump.
        with conn.transaction():
            found.append(read_contents(conn))

    pump = Pump(read, "contents of the snapshot")

    def wait() -> Contents:
        if error := pump.result():
            raise error
        return found[0]

    pump.start()
    try:
        yield wait
    finally:
        if pump.is_alive():
            conn.cancel_safe(timeout=CANCEL_TIMEOUT)
        pump.join()


@contextlib.contextmanager
def _whole_folder(directory: Path) -> Iterator[None]:
    """The folder, made and free of what was left half written.

    What the disk refuses in the block is said in one sentence.
    """
    try:
        make_folder(directory)
        remove_abandoned(directory)
        yield
    except OSError as error:
        raise BackupFailed(
            f"No backup was made: {directory} can not be written ({error.strerror}). Make room "
            f"there or choose another folder."
        ) from None


def _require_room(conn: Connection, folder: Path, covered: Coverage) -> None:
    """The newest backup there says how large the next one will be; for a first one, what the tables
    take: a dump has no indexes, and texts compress to a third or less.
    """
    sizes = {path.stat().st_mtime: path.stat().st_size for path in folder.glob(f"*{SUFFIX}")}
    if sizes:
        needed = sizes[max(sizes)] * 11 // 10
    else:
        needed = (read_value(conn, int, "backup_bytes", asdict(covered)) or 0) // 3
    hint = "Make room there, or let `cutter backup prune` say which old backups may go."
    require_room(folder, needed, "No backup was made: it", BackupFailed, hint)


def _require_on_disk(file: IO[bytes], streamed: Streamed) -> None:
    if os.fstat(file.fileno()).st_size != streamed.size:
        raise BackupFailed(
            "No backup was made: the file is shorter than what was written. Check the disk."
        )
