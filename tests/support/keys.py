"""Keys for backups in tests: each keyring in a short path of its own, its agent stopped
afterwards.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.keys.gpg import create_backup_key, gpg_environment, gpg_program, stop_agents

PREFIX = "iuc-gpg-"
IN_USE = "in-use"


@dataclass(frozen=True, slots=True)
class Keyring:
    """A throwaway keyring and the key in it that encrypts."""

    home: Path
    fingerprint: str

    def gpg(self, *arguments: str) -> str:
        """What gpg answers on this keyring."""
        command = [gpg_program(), "--batch", "--no-tty", "--quiet", "--passphrase", "", *arguments]
        done = subprocess.run(
            command, env=gpg_environment(self.home), capture_output=True, text=True, check=True
        )
        return done.stdout

    def make_key(
        self, name: str, usage: str, *, expires: str = "never", at: str | None = None
    ) -> str:
        """Another key in this keyring, made now or at a time like 20200101T000000; its
        fingerprint.
        """
        when = ["--faked-system-time", f"{at}!"] if at else []
        answer = self.gpg(
            *when, "--status-fd", "1", "--quick-generate-key", name, "rsa2048", usage, expires
        )
        return next(line.split()[-1] for line in answer.splitlines() if "KEY_CREATED" in line)


@contextlib.contextmanager
def keyring() -> Iterator[Keyring]:
    """A keyring with one key.

    A socket's path may be 107 bytes long, so it does not lie in the test's own folder.
    """
    reap_keyrings_of_killed_sessions()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (home / IN_USE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel drops it even on kill -9
        try:
            yield Keyring(home, create_backup_key(home))
        finally:
            _remove(home)


def reap_keyrings_of_killed_sessions() -> None:
    """Remove keyrings, and stop their agents, whose session was ended by kill -9."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{IN_USE}"):
        with contextlib.suppress(OSError), lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock.parent)


def _remove(home: Path) -> None:
    stop_agents(home)
    shutil.rmtree(home, ignore_errors=True)
