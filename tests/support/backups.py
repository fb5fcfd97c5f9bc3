"""Backups of a test's own database, and drills of them: with a throwaway server a drill, or one
that many drills share.
"""

from __future__ import annotations

import contextlib
import random
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.backups.drill import RestoreDrill
from adapters.postgres.server.embedded import EmbeddedServer
from adapters.postgres.server.throwaway import throwaway_server
from domain.ports import Credentials
from domain.results import BackupResult
from tests.support.keys import Keyring
from tests.support.live import LiveBench, live_bench
from tests.support.postgres import Connection, Database, Server

Throwaway = Callable[[int], contextlib.AbstractContextManager[EmbeddedServer]]
"""Makes a server of a major version for a drill."""

TEXT = "Whoever reads this sentence in a restored table has it back."


@dataclass
class BackupBench:
    """A database with a table of its own in it, its backups, and drills of them."""

    database: Database
    live: LiveBench
    ring: Keyring
    folder: Path

    def runner(self, **changes: Any) -> PgDumpBackup:
        """The backup as a cut makes it."""
        settings: dict[str, Any] = {
            "endpoint": self.database.endpoint,
            "credentials": self.database.credentials,
            "directory": self.folder,
            "key_fingerprint": self.ring.fingerprint,
            "gnupg_home": self.ring.home,
            "signer": self.live.executor,
            **changes,
        }
        return PgDumpBackup(**settings)

    def back_up(self, **changes: Any) -> BackupResult:
        """A backup outside a cut."""
        return self.runner(**changes).make(self.live.target)

    def drill(self, **changes: Any) -> RestoreDrill:
        """The drill as it runs in production, on a server of its own unless the changes say
        otherwise.
        """
        return replace(
            RestoreDrill(self.live.connections, self.live.target, self.ring.home, "tester"),
            **changes,
        )

    def execute(self, statement: str) -> None:
        """Run a statement as the administrator."""
        with self.database.connect(autocommit=True) as admin:
            admin.execute(statement.encode())


def backup_bench(database: Database, ring: Keyring, folder: Path, rows: int = 300) -> BackupBench:
    """A bench whose database has a table `annex` with this many rows."""
    bench = BackupBench(database, live_bench(database, folder), ring, folder / "backups")
    bench.execute(
        "CREATE TABLE public.annex (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text, "
        "amount numeric)"
    )
    bench.execute(
        f"INSERT INTO public.annex (body, amount) SELECT '{TEXT}' || n, n / 7.0 FROM "
        f"generate_series(1, {rows}) n"
    )  # ours
    bench.execute("GRANT SELECT ON public.annex TO cutter_exec")
    return bench


@contextlib.contextmanager
def shared_throwaway(major: int) -> Iterator[Throwaway]:
    """A throwaway server that many drills use in turn; what each has restored is dropped after
    it.
    """

    @contextlib.contextmanager
    def lent(_major: int) -> Iterator[EmbeddedServer]:
        try:
            yield server
        finally:
            with superuser(server) as admin:
                admin.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")

    with throwaway_server(major) as server:
        yield lent


def superuser(server: EmbeddedServer, database: str = "postgres") -> Connection:
    """A connection as a throwaway server's superuser. The caller closes it."""
    return Server(server.host, server.port, Credentials(server.superuser, server.password)).connect(
        database
    )


@contextlib.contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """What a full disk does: the kernel refuses to write on.

    Python ignores the signal that comes with it.
    """
    assert signal.getsignal(signal.SIGXFSZ) is signal.SIG_IGN
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def flipped(data: bytes, dice: random.Random) -> bytes:
    """The same with one bit the other way round."""
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
