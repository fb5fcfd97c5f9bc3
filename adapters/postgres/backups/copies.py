"""A backup somewhere else as well: its two files at an address that fsspec can write to.

What was written is read again, from there, and compared: a copy that nobody has read is a hope. The
manifest goes last, as when a backup is made, so what has none there is not whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.postgres.backups.manifest import manifest_path, read_manifest
from domain.errors import BackupFailed, BadInput

STRETCH: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BackupCopy:
    """A backup's copy: where it lies, its size and SHA-256 as read from there, and whether it was
    there before.
    """

    backup: str
    copy: str
    size: int
    sha256: str
    was_there: bool


def copy_away(backup: Path, to: str) -> BackupCopy:
    """Copy a backup with its manifest into the folder at this address, and read both again.

    What is there already is compared and never written over. Raises `BadInput` for an address that
    can not be used, `RestoreFailed` for a backup without a manifest, and `BackupFailed` if what is
    there is not what lies here.
    """
    manifest, _ = read_manifest(backup)
    system, folder = _system(to)
    shown, there = _shown(to), []
    for path in (backup, manifest_path(backup)):
        try:
            there.append(_copied(system, path, f"{folder.rstrip('/')}/{path.name}"))
        except Exception as error:  # noqa: BLE001  # each system behind fsspec raises what it likes
            # Its own words may hold the whole address, password and all.
            raise BadInput(
                f"{path.name} could not be copied to {shown} ({type(error).__name__}); check that "
                f"it can be written to."
            ) from None
    sizes = [
        _same(system, path, f"{folder.rstrip('/')}/{path.name}", shown)
        for path in (backup, manifest_path(backup))
    ]
    if sizes[0][1] != manifest.sha256:
        raise BackupFailed(
            f"{backup.name} is not what its manifest says, here and at {shown}; make another."
        )
    return BackupCopy(backup.name, f"{shown.rstrip('/')}/{backup.name}", *sizes[0], all(there))


def _system(to: str) -> tuple[Any, str]:
    import fsspec  # noqa: PLC0415  # it takes longer to import than a list of backups takes to make

    try:
        system, folder = fsspec.core.url_to_fs(to)
        system.makedirs(folder, exist_ok=True)
    except ImportError:
        raise BadInput(
            f"{_shown(to)} needs a package of fsspec that is not installed; install it beside "
            f"iu-cutter."
        ) from None
    except Exception as error:  # noqa: BLE001  # as above
        raise BadInput(
            f"{_shown(to)} can not be written to ({type(error).__name__}); name a folder, or an "
            f"address that fsspec knows, such as s3://BUCKET/FOLDER."
        ) from None
    return system, str(folder)


def _copied(system: Any, path: Path, place: str) -> bool:
    """Write it unless it is there; whether it was."""
    if system.exists(place):
        return True
    part = f"{place}.part"
    with path.open("rb") as file, system.open(part, "wb") as out:
        while stretch := file.read(STRETCH):
            out.write(stretch)
    system.mv(part, place)
    return False


def _same(system: Any, path: Path, place: str, shown: str) -> tuple[int, str]:
    """Size and SHA-256 of what is there. Raises `BackupFailed` unless they are those of the file
    here.
    """
    with path.open("rb") as file:
        here = _digest(file)
    try:
        with system.open(place, "rb") as copy:
            there = _digest(copy)
    except Exception as error:  # noqa: BLE001  # as above
        raise BackupFailed(
            f"{path.name} could not be read again at {shown} ({type(error).__name__}); copy it "
            f"again."
        ) from None
    if here != there:
        raise BackupFailed(
            f"What is at {shown} under the name {path.name} is not what lies here; nothing there "
            f"was written over. Remove it there, or copy to another folder."
        )
    return there


def _digest(file: Any) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while stretch := file.read(STRETCH):
        size += len(stretch)
        digest.update(stretch)
    return size, digest.hexdigest()


def _shown(address: str) -> str:
    """An address without what may be secret in it: user, password and query."""
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return address.partition("://")[0] + "://..."
