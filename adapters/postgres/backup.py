"""The backup that exists before anything is written: the schema dumped, compressed and encrypted, whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from adapters.gpg import require_encryption_key
from adapters.pipes import Program, write_all
from adapters.postgres.binaries import PostgresBinaries, client_binaries
from adapters.postgres.dump_pipe import ZSTD_LEVEL, DumpPipe, Streamed
from adapters.postgres.pgpass import child_login
from adapters.postgres.session import open_connection, read_identity
from domain.errors import BackupFailed, ConfigMismatch
from domain.phases import CutContext, Principal
from domain.ports import Credentials, CredentialsSource, Endpoint
from domain.results import BackupResult

SUFFIX: Final = ".pgdump.zst.gpg"
MANIFEST_SUFFIX: Final = ".manifest.json"
PART: Final = ".part"
MANIFEST_FORMAT: Final = 1
HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Server:
    version: str
    major: int


class PgDumpBackup:
    """Makes backups with `pg_dump` and `gpg`: a `BackupRunner`. Only the public half of the key is needed."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: CredentialsSource,
        directory: Path,
        key_fingerprint: str | None,
        *,
        gnupg_home: Path | None = None,
        binaries: PostgresBinaries | None = None,
        limit: float = HOUR,
        started: Callable[[Program], None] = lambda _: None,
    ) -> None:
        """Keeps what it needs and touches nothing. `limit` is the longest time in seconds that a dump may take.

        `gnupg_home` None is the user's default keyring; `binaries` None finds those of the server's major version. `started` is
        told of each program that is started, for who wants to watch them.
        """
        self._endpoint = endpoint
        self._credentials = credentials
        self._directory = directory
        self._key_fingerprint = key_fingerprint
        self._gnupg_home = gnupg_home
        self._binaries = binaries
        self._limit = limit
        self._started = started

    def run(self, ctx: CutContext) -> BackupResult:
        """Dump, compress, encrypt, check and rename into place; a manifest beside it is written last.

        Raises `ConfigMissing`, `ConfigMismatch`, `ToolMissing`, `DatabaseUnavailable` or `BackupFailed`; then no file is left.
        """
        fingerprint = require_encryption_key(self._key_fingerprint, self._gnupg_home)  # before any socket opens
        login = self._credentials(Principal.EXEC)
        server = self._ask_server(login, ctx)
        pipe = DumpPipe(self._programs(server), fingerprint, self._gnupg_home, self._limit)
        began = datetime.now(UTC)
        path = self._directory / f"{began:%Y%m%dT%H%M%S.%fZ}-{ctx.change_set_id}{SUFFIX}"
        try:
            _make_directory(self._directory)
            _remove_abandoned(self._directory)
            with _whole_or_nothing(path) as file, child_login(self._endpoint, login) as child:
                streamed = pipe.stream(child, file, self._started)
                if os.fstat(file.fileno()).st_size != streamed.size:
                    raise BackupFailed(f"No backup was made: {path.name} is shorter than what was written. Check the disk.")
            result = BackupResult(str(path), streamed.size, streamed.sha256, fingerprint, datetime.now(UTC), server.version)
            _write_manifest(path, _manifest(ctx, result, streamed, began))
        except OSError as error:
            raise BackupFailed(
                f"No backup was made: {self._directory} can not be written ({error.strerror}). "
                "Make room there or choose another folder."
            ) from None
        return result

    def _ask_server(self, login: Credentials, ctx: CutContext) -> _Server:
        """Which version it is. Another database than the change set's is refused: its backup would protect nothing."""
        with open_connection(self._endpoint, login.user, login.password.get_secret_value(), "backup") as conn:
            identity = read_identity(conn)
            version = conn.info.parameter_status("server_version") or ""
        if identity.fingerprint != ctx.target:
            raise ConfigMismatch(
                f"The backup would be of {identity.fingerprint}, and the change set is for {ctx.target}; "
                "name the right database."
            )
        return _Server(version, identity.version // 10_000)

    def _programs(self, server: _Server) -> PostgresBinaries:
        programs = self._binaries or client_binaries(server.major)
        if programs.major != server.major:
            raise BackupFailed(
                f"No backup was made: the server is PostgreSQL {server.major} and the pg_dump given is of {programs.major}; "
                "its major version has to be the server's."
            )
        return programs


def manifest_path(backup: Path) -> Path:
    """The manifest that lies beside a backup. It is written last: a backup without one is not finished.

    >>> manifest_path(Path("b/x.pgdump.zst.gpg")).name
    'x.pgdump.zst.gpg.manifest.json'
    """
    return backup.with_name(backup.name + MANIFEST_SUFFIX)


def _manifest(ctx: CutContext, result: BackupResult, streamed: Streamed, began: datetime) -> dict[str, object]:
    return {
        "format": MANIFEST_FORMAT,
        "file": Path(result.path).name,
        "size": result.size,
        "sha256": result.sha256,
        "archive_size": streamed.archive_size,
        "compression": f"zstd {ZSTD_LEVEL}",
        "key_fingerprint": result.key_fingerprint,
        "server_version": result.server_version,
        "target": str(ctx.target),
        "change_set_id": str(ctx.change_set_id),
        "document_code": ctx.document_code,
        "began_at": began.isoformat(),
        "finished_at": result.finished_at.isoformat(),
    }


def _write_manifest(backup: Path, manifest: dict[str, object]) -> None:
    """Write the manifest whole or not at all; without it the backup does not stay either."""
    try:
        with _whole_or_nothing(manifest_path(backup)) as file:
            write_all(file, json.dumps(manifest, indent=2).encode() + b"\n")
    except BaseException:
        backup.unlink(missing_ok=True)
        raise


def _make_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextlib.contextmanager
def _whole_or_nothing(path: Path) -> Iterator[IO[bytes]]:
    """A new file of mode 0600 that gets its name only when the block has ended well and the disk has all of it."""
    part = path.with_name(path.name + PART)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until the file is closed or this process dies: see `_remove_abandoned`
        try:
            yield file
            os.fsync(file.fileno())
            part.rename(path)
            _sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_abandoned(directory: Path) -> None:
    """Remove what killed processes have left half written. What is being written is locked and stays."""
    for part in directory.glob(f"*{PART}"):
        with contextlib.suppress(BlockingIOError, FileNotFoundError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
