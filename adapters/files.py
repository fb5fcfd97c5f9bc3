"""Files that are written whole or not at all: a reader finds the old content or the new, also after
a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import IO, Final

from domain.errors import BadInput

PART: Final = ".part"
"""How the name of a file ends while it is being written.

Whoever writes it holds its lock, so one without is abandoned.
"""
PRIVATE: Final = 0o600
READABLE: Final = 0o644
"""For what others may read: root can have made it in a home that a service's user runs from."""


@contextlib.contextmanager
def whole_or_nothing(
    path: Path, mode: int = PRIVATE, *, buffering: int = -1
) -> Iterator[IO[bytes]]:
    """A new file that gets its name only when the block has ended well and the disk has all of it,
    its name too.

    It replaces the one of that name; if root writes, its owner stays. Raises OSError if the disk
    refuses; no half is left.
    """
    descriptor, name = mkstemp(
        PART, f"{path.name}.", path.parent
    )  # mode 0600, and a name that no other writer has
    part = Path(name)
    with open(descriptor, "wb", buffering=buffering) as file:
        fcntl.flock(
            file, fcntl.LOCK_EX
        )  # until the file is closed or this process dies: see `remove_abandoned`
        try:
            yield file
            file.flush()
            os.fchmod(descriptor, mode)
            _keep_owner(descriptor, path)
            os.fsync(descriptor)
            part.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise


def keep_bytes(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file whole or not at all, and its folder if there is none.

    Raises `BadInput` if it can not be written.
    """
    try:
        make_folder(path.parent)
        with whole_or_nothing(path, mode) as file:
            file.write(content)
    except OSError as error:
        raise not_written(path, error) from None


def not_written(path: Path, error: OSError) -> BadInput:
    """The error for a file of a home that the disk refuses."""
    return BadInput(
        f"{path} can not be written: {error.strerror}. Make room there or set CUTTER_HOME."
    )


def make_folder(folder: Path) -> None:
    """A folder for its owner only, and those above it. One that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def remove_abandoned(folder: Path) -> None:
    """Remove what killed processes have left half written.

    What is being written is locked and stays.
    """
    for part in folder.glob(f"*{PART}"):
        with contextlib.suppress(BlockingIOError, FileNotFoundError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk: a rename or a removal is there only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_owner(descriptor: int, path: Path) -> None:
    if os.geteuid() == 0 and path.exists():
        old = path.stat()
        os.fchown(descriptor, old.st_uid, old.st_gid)
