"""Files that are written whole or not at all: a reader finds the old content or the new, also after
a crash.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import IO, Final

from domain.errors import BadInput, ConfigMismatch

PART: Final = ".part"
"""How the name of a file ends while it is being written.

Whoever writes it holds its lock, so one without is abandoned.
"""
PRIVATE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
PASSABLE_FOLDER: Final = 0o711
"""Of a folder that others may pass through, but not list."""
_NOT_PLAIN: Final = frozenset({errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENOTDIR, errno.EISDIR})
_WRITES: Final = os.O_WRONLY | os.O_RDWR
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


def append_whole(descriptor: int, data: bytes, path: Path) -> None:
    """Append to a file that is open for it; all of it is on the disk when this returns, or nothing.

    Raises what `not_written` makes: half a line would be read as damage later.
    """
    size = os.fstat(descriptor).st_size
    try:
        left = data
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError as error:
        os.ftruncate(descriptor, size)
        raise not_written(path, error) from None


def not_written(path: Path, error: OSError) -> BadInput:
    """The error for a file of a home that the disk refuses."""
    return BadInput(
        f"{path} can not be written: {error.strerror}. Make room there or set CUTTER_HOME."
    )


def make_folder(folder: Path, mode: int = PRIVATE_FOLDER, *, above: int = PRIVATE_FOLDER) -> None:
    """A folder with a mode, and those above it with the mode `above`, whatever the umask is.

    One that is there stays as it is.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        wanted = mode if one == folder else above
        try:
            one.mkdir(mode=wanted)
        except FileExistsError:
            if one.is_symlink() or not one.is_dir():
                raise
        else:
            one.chmod(wanted)


def open_plain(path: Path, flags: int, *, below: int = 1) -> int:
    """A descriptor of a plain file, opened through no link; a new one has the mode 0600.

    The last `below` parts of the path are not trusted: they lie in folders that another user may
    own, who could put a link there for root to follow, or a pipe for it to wait at. Raises
    `ConfigMismatch` for what is no plain file, else OSError.
    """
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with contextlib.ExitStack() as stack:
            folder = _walked(path, below, stack) if below > 1 else None
            descriptor = os.open(path.name if below > 1 else path, flags, PRIVATE, dir_fd=folder)
    except OSError as error:
        if error.errno in _NOT_PLAIN:
            raise _no_plain_file(path) from None
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or (flags & _WRITES and found.st_nlink > 1):
        os.close(descriptor)
        raise _no_plain_file(path)
    return descriptor


def _no_plain_file(path: Path) -> ConfigMismatch:
    return ConfigMismatch(
        f"{path} is no plain file of cutter's but a link, a folder or a pipe, so nothing was "
        f"written through it. Look at who put it there, and remove it."
    )


def write_plain(path: Path, text: str, *, below: int = 1) -> None:
    """Put a text into a file of the program's own, in place. See `open_plain`."""
    with open(open_plain(path, os.O_WRONLY | os.O_CREAT, below=below), "w", encoding="utf-8") as f:
        f.truncate(0)
        f.write(text)


def read_plain(path: Path, *, below: int = 1) -> str:
    """The text of a file of the program's own. See `open_plain`."""
    with open(open_plain(path, os.O_RDONLY, below=below), encoding="utf-8") as file:
        return file.read()


def _walked(path: Path, below: int, stack: contextlib.ExitStack) -> int:
    """A descriptor of the folder of a path, whose last `below` parts are not trusted."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(path.parents[below - 1], flags)
    stack.callback(os.close, folder)
    for name in path.parts[-below:-1]:
        folder = os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
        stack.callback(os.close, folder)
    return folder


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
    if os.geteuid() == 0 and os.path.lexists(path):
        old = path.lstat()
        os.fchown(descriptor, old.st_uid, old.st_gid)


def sha256_if_there(path: Path) -> str | None:
    """The SHA-256 of a file, hexadecimal; None if it can not be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
