"""The folder that backups lie in: which there are, which is the newest, and removing one with its
manifest.
"""

from __future__ import annotations

import fcntl
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.files import sync_folder
from adapters.postgres.backups.backup import SUFFIX
from adapters.postgres.backups.manifest import MANIFEST_SUFFIX, manifest_path, read_manifest
from domain.errors import BadInput, RestoreFailed
from domain.ledger.backups import KeptBackup

_GONE: Final = "its file is gone, and the manifest is left"


def kept_backups(folder: Path) -> list[KeptBackup]:
    """Every backup in the folder, newest first, also those that are unfinished or whose file is
    gone. Changes nothing.

    A manifest is read and not verified here: that is a drill's part. Raises `BadInput` if the
    folder can not be read.
    """
    try:
        files = {path.name for path in folder.iterdir()} if folder.exists() else set()
        names = {name for name in files if name.endswith(SUFFIX)}
        orphans = {
            name.removesuffix(MANIFEST_SUFFIX)
            for name in files
            if name.endswith(SUFFIX + MANIFEST_SUFFIX)
        } - names
        found = [_kept_backup(folder / name) for name in sorted(names)]
    except OSError as error:
        raise BadInput(f"The folder {folder} can not be read: {error.strerror}.") from None
    found += [KeptBackup(name, 0, trouble=_GONE) for name in sorted(orphans)]
    return sorted(found, key=_age, reverse=True)


def newest_backup(folder: Path, target: str) -> Path:
    """The newest finished backup of this database. Raises `BadInput` if there is none."""
    for one in kept_backups(folder):
        if not one.trouble and one.target == target:
            return folder / one.name
    raise BadInput(
        f"There is no backup of {target} in {folder}; make one with `cutter backup make`."
    )


def remove_backup(folder: Path, name: str) -> bool:
    """Remove a backup, then its manifest, so that a file without one is always an unfinished one.

    False if it is in use.

    Raises `BadInput` if it can not be removed.
    """
    backup = folder / name
    try:
        with backup.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a drill that reads it holds it
            backup.unlink()
        manifest_path(backup).unlink(missing_ok=True)
        sync_folder(folder)
    except BlockingIOError:
        return False
    except OSError as error:
        raise BadInput(f"{backup} can not be removed: {error.strerror}.") from None
    return True


def _kept_backup(backup: Path) -> KeptBackup:
    size = backup.stat().st_size
    try:
        manifest, _ = read_manifest(backup)
    except RestoreFailed:
        return KeptBackup(backup.name, size, trouble="it has no manifest that can be read")
    trouble = ""
    if manifest.file != backup.name:
        trouble = f"its manifest is of another backup, {manifest.file}"
    elif manifest.size != size:
        trouble = f"it has {size} bytes, and {manifest.size} were written"
    return KeptBackup(
        backup.name,
        size,
        manifest.snapshot_at,
        manifest.sha256,
        manifest.target,
        manifest.change_set_id,
        trouble=trouble,
    )


def _age(one: KeptBackup) -> tuple[bool, float, str]:
    taken: datetime | None = one.taken_at
    return (taken is not None, taken.timestamp() if taken else 0.0, one.name)
