"""What lies in the folder of backups: which are whole, which is the newest of this database, and
how one goes.
"""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.postgres.backups.backup import SUFFIX
from adapters.postgres.backups.manifest import BackupManifest, manifest_path
from adapters.postgres.backups.store import kept_backups, newest_backup, remove_backup
from domain.errors import BadInput
from domain.ledger.backups import KeptBackup, OnRecord, Retention, fates

NOW = datetime(2030, 1, 31, tzinfo=UTC)
TARGET = "kb:1@2"


def keep(folder: Path, name: str, *, age: int = 0, target: str = TARGET, says: str = "") -> Path:
    """A backup with its manifest, taken this many days ago; `says` is the name in the manifest."""
    backup = folder / (name + SUFFIX)
    backup.write_bytes(b"encrypted")
    at = NOW - timedelta(days=age)
    manifest = BackupManifest(
        file=says or backup.name,
        size=9,
        sha256=f"{age:064d}",
        archive_size=1,
        compression="zstd",
        key_fingerprint="A" * 40,
        server_version="16.1",
        target=target,
        change_set_id=None,
        document_code=None,
        began_at=at,
        snapshot_at=at,
        finished_at=at,
        objects={},
        tables={},
        roles={},
    )
    manifest_path(backup).write_bytes(manifest.text())
    return backup


def troubles(folder: Path) -> dict[str, str]:
    return {one.name.removesuffix(SUFFIX): one.trouble for one in kept_backups(folder)}


def test_what_is_not_whole_is_named_and_is_never_the_newest(tmp_path: Path) -> None:
    whole = keep(tmp_path, "old", age=3)
    keep(tmp_path, "of-another-base", age=1, target="other:1@2")
    keep(tmp_path, "renamed", age=1, says="old" + SUFFIX)
    with keep(tmp_path, "short").open("ab") as file:
        file.truncate(8)
    keep(tmp_path, "gone").unlink()
    manifest_path(keep(tmp_path, "unfinished")).unlink()
    found = troubles(tmp_path)
    assert (found.pop("old"), found.pop("of-another-base")) == ("", "")
    assert found == {
        "renamed": f"its manifest is of another backup, old{SUFFIX}",
        "short": "it has 8 bytes, and 9 were written",
        "gone": "its file is gone, and the manifest is left",
        "unfinished": "it has no manifest that can be read",
    }
    assert newest_backup(tmp_path, TARGET) == whole
    with pytest.raises(BadInput, match="There is no backup of third"):
        newest_backup(tmp_path, "third:1@2")


def test_the_newest_is_by_the_moment_that_it_holds_and_not_by_its_name_or_file(
    tmp_path: Path,
) -> None:
    keep(tmp_path, "z", age=2)
    newest = keep(tmp_path, "a", age=1)
    os.utime(newest, (0, 0))
    assert [one.name for one in kept_backups(tmp_path)] == ["a" + SUFFIX, "z" + SUFFIX]
    assert newest_backup(tmp_path, TARGET) == newest


def test_one_that_is_read_at_this_moment_stays(tmp_path: Path) -> None:
    backup = keep(tmp_path, "one")
    with backup.open("rb") as reading:
        fcntl.flock(reading, fcntl.LOCK_SH)
        assert not remove_backup(tmp_path, backup.name)
        assert backup.exists()
        assert manifest_path(backup).exists()
    assert remove_backup(tmp_path, backup.name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_file_that_is_not_there_or_not_ours_is_said(tmp_path: Path) -> None:
    assert kept_backups(tmp_path / "none") == []
    with pytest.raises(BadInput, match="can not be removed"):
        remove_backup(tmp_path, "none" + SUFFIX)
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="can not be read"):
        kept_backups(tmp_path / "file")


@pytest.mark.parametrize(
    ("about", "on_record", "why"),
    [
        ({}, OnRecord(), "no backup here is proven yet"),
        ({}, OnRecord(proven=("other",)), "no backup here is proven yet"),
        ({"trouble": "it is short"}, OnRecord(proven=("new",)), "it is short; look at it yourself"),
        ({"taken_at": NOW - timedelta(days=6)}, OnRecord(proven=("new",)), "is younger than 7 day"),
    ],
)
def test_what_speaks_for_a_backup_keeps_it_by_itself(
    about: dict[str, object], on_record: OnRecord, why: str
) -> None:
    """It is old, neither the last proven one nor needed, and not among the newest, but for one."""
    fields: dict[str, object] = {"taken_at": NOW - timedelta(days=99), "sha256": "old"}
    old = KeptBackup("old", 1, target=TARGET, **(fields | about))  # type: ignore[arg-type]  # a table of cases
    new = KeptBackup("new", 1, NOW, "new", TARGET)
    fate = fates([new, old], on_record, TARGET, Retention(1, 7), NOW)[1]
    assert not fate.goes
    assert why in fate.why
    plain = KeptBackup("old", 1, NOW - timedelta(days=7), "old", TARGET)
    proven = OnRecord(proven=("new",))
    assert fates([new, plain], proven, TARGET, Retention(1, 7), NOW)[1].goes
