"""A throwaway server for one drill: made in a folder of its own, and destroyed with everything in
it, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.postgres.server.binaries import FOLDERS
from adapters.postgres.server.embedded import (
    THROWAWAY_SETTINGS,
    EmbeddedServer,
    embedded_server,
    remove_server,
)
from adapters.postgres.server.os_user import reachable_home, system_user
from domain.errors import CutterError, ToolMissing

PREFIX: Final = "iu-cutter-drill-"
OUTSIDE: Final = Path("/var/tmp")  # noqa: S108  # the names in it are random and the folders private
HALF_MADE_AFTER: Final = 600  # seconds after which a folder without a server is nobody's any more


@contextlib.contextmanager
def throwaway_server(major: int, folder: Path | None = None) -> Iterator[EmbeddedServer]:
    """An embedded server of this major version, or the next one there is, below `folder` or where
    temporary files are.

    What killed drills have left goes first.

    Raises `ToolMissing` or `DatabaseUnavailable`. The data restored there are plaintext in a folder
    of mode 0700, which a kill -9 leaves for the next drill to remove.
    """
    root = drill_place(folder)
    reap_servers(root, PREFIX)
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    try:
        with embedded_server(home, major=_nearest(major), settings=THROWAWAY_SETTINGS) as server:
            yield server
    finally:
        with contextlib.suppress(FileNotFoundError):
            remove_server(home)
        shutil.rmtree(home, ignore_errors=True)


def _nearest(major: int) -> int:
    """The major version to restore into: a newer server reads what an older one has written, never
    the other way round.

    >>> _nearest(16), _nearest(17)
    (16, 18)
    """
    for there in sorted(FOLDERS):
        if there >= major:
            return there
    raise ToolMissing(
        f"There is no embedded PostgreSQL {major} or later to restore into. Update cutter."
    )


def drill_place(folder: Path | None = None) -> Path:
    """Where what is restored lies as plaintext while a drill runs."""
    if folder is not None:
        return folder
    root = Path(tempfile.gettempdir())
    return reachable_home(root / PREFIX, OUTSIDE / PREFIX).parent


def reap_servers(root: Path, prefix: str) -> None:
    """Stop and remove what killed processes have left below `root`.

    A folder in use is left alone: its lock is held.
    """
    mine = {os.geteuid(), system_user().uid}
    for home in root.glob(f"{prefix}*"):
        with contextlib.suppress(OSError, CutterError):
            state = home.lstat()
            if state.st_uid not in mine or home.is_symlink():
                continue
            if (home / "ready").exists():
                remove_server(home)
            elif time.time() - state.st_mtime > HALF_MADE_AFTER:
                shutil.rmtree(home)
