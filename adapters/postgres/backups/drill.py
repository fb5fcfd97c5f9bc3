"""A restore drill: a backup is only proven by bringing it back and finding everything as it was.

Its manifest has to be vouched for, by the executor's signature and where a cut made it by the
journal; the file has to be the one that it describes. Then it is restored into a throwaway server,
everything is counted and hashed again, and the result is recorded.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from psycopg import sql

from adapters.postgres.backups.contents import contents_like
from adapters.postgres.backups.manifest import (
    BackupManifest,
    file_sha256,
    read_manifest,
    require_file,
    require_signature,
)
from adapters.postgres.backups.proof import journaled_hashes, record_proof, signing_keys
from adapters.postgres.backups.restore import restore_backup
from adapters.postgres.backups.room import require_room
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_values
from adapters.postgres.connection.session import ConnectionProvider, administrator, connected
from adapters.postgres.server.embedded import EmbeddedServer
from adapters.postgres.server.throwaway import drill_place, throwaway_server
from domain.change_set import TargetFingerprint
from domain.errors import BadInput, ConfigMismatch, DatabaseUnavailable, RestoreFailed
from domain.ledger.backups import Contents, RestoreReport, compare_contents
from domain.phases import Principal
from domain.ports import Credentials, Endpoint

Throwaway = Callable[[int], AbstractContextManager[EmbeddedServer]]

RESTORED: Final = "restored"
TIMES_THE_ARCHIVE: Final = 2
"""What a restored database takes beside the archive that it comes from: rows, and indexes."""


@dataclass(frozen=True, slots=True)
class RestoreDrill:
    """What a drill needs: the knowledge base (as the verifier), the target's name, and a keyring
    with the secret key.

    `actor` is who is named on the record; `place` is where the throwaway server lies, if not among
    temporary files.
    """

    connections: ConnectionProvider
    target: TargetFingerprint
    gnupg_home: Path
    actor: str
    throwaway: Throwaway = throwaway_server
    place: Path | None = None

    def prove(self, backup: Path) -> RestoreReport:
        """Bring this backup back, compare it with its manifest and record what came of it.

        What is wrong with it is a finding.

        Raises `BadInput` for a file that is not there, `ConfigMismatch` for a backup of another
        database, and `DatabaseUnavailable`, `ToolMissing` or a connection's refusal where the drill
        itself could not be made or recorded.
        """
        started = time.monotonic()
        with _in_use(backup):
            report = self._restored_and_compared(backup)
        report = replace(report, seconds=round(time.monotonic() - started, 3))
        self._record(report)
        return report

    def _restored_and_compared(self, backup: Path) -> RestoreReport:
        report = RestoreReport(backup.name, "", "", str(self.target), None, 0, 0, 0.0)
        try:
            report = replace(report, backup_sha256=_sha256_of(backup))
            manifest, manifest_sha256 = read_manifest(backup)
            self._require_vouched(manifest, manifest_sha256)
            report = replace(
                report, manifest_sha256=manifest_sha256, snapshot_at=manifest.snapshot_at
            )
            require_file(manifest, backup, report.backup_sha256)
            found = self._restored(manifest, backup)
        except RestoreFailed as error:
            return replace(report, findings=(str(error),))
        findings = compare_contents(manifest.contents, found) or (
            () if found.tables else ("The backup holds no table.",)
        )
        rows = sum(table.rows for table in found.tables.values())
        return replace(report, findings=findings, tables=len(found.tables), rows=rows)

    def _require_vouched(self, manifest: BackupManifest, manifest_sha256: str) -> None:
        """Raises `RestoreFailed` unless the knowledge base vouches for the manifest,
        `ConfigMismatch` if it is of another.
        """
        if manifest.target != str(self.target):
            raise ConfigMismatch(
                f"The backup {manifest.file} is of {manifest.target}, and the registered "
                f"target is {self.target}; "
                "name one of this database."
            )
        with self._knowledge_base("Reading who vouches for the backup") as conn:
            keys = signing_keys(conn)
            pinned = (
                journaled_hashes(conn, manifest.change_set_id) if manifest.change_set_id else None
            )
        require_signature(manifest, keys)
        if pinned not in (None, (manifest.sha256, manifest_sha256)):
            raise RestoreFailed(
                f"The backup {manifest.file} is not the one that the journal of its change set "
                f"names."
            )

    def _restored(self, manifest: BackupManifest, backup: Path) -> Contents:
        require_room(
            drill_place(self.place),
            TIMES_THE_ARCHIVE * manifest.archive_size,
            "The drill was not made: it",
            DatabaseUnavailable,
            "Make room there, or name another folder as CUTTER_DRILL_FOLDER.",
        )
        with self.throwaway(manifest.major) as server:
            endpoint = Endpoint(server.host, server.port, RESTORED, sslmode="disable")
            login = Credentials(server.superuser, server.password)
            _prepare(replace(endpoint, database="postgres"), login, manifest.roles)
            restore_backup(
                backup, endpoint, login, gnupg_home=self.gnupg_home, sha256=manifest.sha256
            )
            with administrator(
                endpoint, login, f"Reading what came back from {backup.name}", RestoreFailed
            ) as conn:
                return contents_like(conn, manifest.contents)

    def _record(self, report: RestoreReport) -> None:
        with self._knowledge_base("Recording the drill") as conn:
            record_proof(conn, report, self.actor)

    @contextlib.contextmanager
    def _knowledge_base(self, doing: str) -> Iterator[Connection]:
        with connected(self.connections, Principal.VERIFY, doing, DatabaseUnavailable) as conn:
            yield conn


def _sha256_of(backup: Path) -> str:
    try:
        return file_sha256(backup)
    except OSError as error:
        raise RestoreFailed(
            f"The backup {backup.name} can not be read: {error.strerror}."
        ) from None


@contextlib.contextmanager
def _in_use(backup: Path) -> Iterator[None]:
    """Hold the file, so that nobody prunes it meanwhile.

    Raises `BadInput` if it is not there or about to go.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(backup.open("rb"))
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            raise BadInput(
                f"There is no backup {backup}; `cutter backup list` names those there are."
            ) from None
        except OSError as error:
            raise BadInput(f"The backup {backup} can not be read: {error.strerror}.") from None
        yield


def _prepare(maintenance: Endpoint, login: Credentials, roles: Mapping[str, bool]) -> None:
    """An empty database, and the roles that the backup's objects are owned by and granted to.

    None of them has a password.
    """
    with administrator(
        maintenance, login, "Preparing the throwaway server", DatabaseUnavailable
    ) as conn:
        there = set(read_values(conn, str, "server_roles"))
        for role, may_log_in in roles.items():
            if role not in there:
                words = "CREATE ROLE {} LOGIN" if may_log_in else "CREATE ROLE {} NOLOGIN"
                conn.execute(sql.SQL(words).format(sql.Identifier(role)))
        conn.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(RESTORED)
            )
        )
