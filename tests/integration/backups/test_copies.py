"""A backup somewhere else as well: written, read again from there, never written over."""

from __future__ import annotations

import hashlib
from pathlib import Path

import fsspec
import pytest

from adapters.postgres.backups.copies import copy_away
from adapters.postgres.backups.manifest import manifest_path
from domain.errors import BackupFailed, BadInput, RestoreFailed
from tests.support.backups import backup_bench
from tests.support.keys import Keyring
from tests.support.postgres import Database


@pytest.fixture
def backup(database: Database, ring: Keyring, tmp_path: Path) -> Path:
    return Path(backup_bench(database, ring, tmp_path, rows=3).back_up().path)


@pytest.mark.parametrize("to", ["{folder}/away/twice", "file://{folder}/away", "memory://away"])
def test_both_files_arrive_and_are_read_again(backup: Path, tmp_path: Path, to: str) -> None:
    to = to.format(folder=tmp_path)
    done = copy_away(backup, to)
    assert (done.size, done.was_there) == (backup.stat().st_size, False)
    assert done.sha256 == hashlib.sha256(backup.read_bytes()).hexdigest()
    for path in (backup, manifest_path(backup)):
        with fsspec.open(f"{to}/{path.name}", "rb") as copy:
            assert copy.read() == path.read_bytes()
    again = copy_away(backup, to)
    assert again.was_there
    assert again.sha256 == done.sha256


@pytest.mark.parametrize("which", ["backup", "manifest"])
def test_what_is_there_is_compared_and_never_written_over(
    backup: Path, tmp_path: Path, which: str
) -> None:
    there = tmp_path / "away"
    copy_away(backup, str(there))
    other = there / (backup.name if which == "backup" else manifest_path(backup).name)
    other.write_bytes(other.read_bytes()[:-1] + b"x")
    before = other.read_bytes()
    with pytest.raises(BackupFailed, match="is not what lies here"):
        copy_away(backup, str(there))
    assert other.read_bytes() == before


def test_a_backup_that_rotted_here_is_not_called_a_copy(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-1] + b"x")
    with pytest.raises(BackupFailed, match="not what its manifest says"):
        copy_away(backup, str(tmp_path / "away"))


def test_an_unfinished_backup_is_not_copied(backup: Path, tmp_path: Path) -> None:
    manifest_path(backup).unlink()
    with pytest.raises(RestoreFailed):
        copy_away(backup, str(tmp_path / "away"))
    assert not (tmp_path / "away").exists()


@pytest.mark.parametrize("to", ["gopher://x/y", "s3://user:hunter2@bucket/x?token=hunter2"])
def test_an_address_that_can_not_be_used_is_said_without_its_secrets(backup: Path, to: str) -> None:
    with pytest.raises(BadInput) as refused:
        copy_away(backup, to)
    assert "hunter2" not in str(refused.value)
    assert "can not be written to" in str(refused.value) or "needs a package" in str(refused.value)


def test_a_folder_that_can_not_be_written_is_said(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BadInput, match="can not be written to"):
        copy_away(backup, str(tmp_path / "file"))
