"""Files are written whole or not at all, and what is promised is on the disk."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

import pytest

from adapters.files import PART, READABLE, keep_bytes, remove_abandoned, whole_or_nothing
from domain.errors import BadInput


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_block_that_fails_leaves_the_old_content_and_no_half(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    keep_bytes(path, b"old")

    def interrupted() -> None:
        with whole_or_nothing(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["kept.json"]


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    with whole_or_nothing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"


def test_content_then_name_are_put_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "kept.json", list[tuple[str, bool]]()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        kind = (
            "folder"
            if stat.S_ISDIR(os.fstat(descriptor).st_mode)
            else f"{os.fstat(descriptor).st_size} bytes"
        )
        synced.append((kind, path.exists()))
        real(descriptor)

    monkeypatch.setattr("adapters.files.os.fsync", fsync)
    keep_bytes(path, b"twelve bytes")
    assert synced == [("12 bytes", False), ("folder", True)]


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    with whole_or_nothing(path) as one, whole_or_nothing(path) as other:
        one.write(b"1" * 10)
        other.write(b"22")
    assert path.read_bytes() == b"1" * 10


def test_files_and_folders_are_for_their_owner_unless_said_otherwise(tmp_path: Path) -> None:
    private, public = tmp_path / "made" / "private", tmp_path / "made" / "public"
    keep_bytes(private, b"")
    keep_bytes(public, b"", READABLE)
    assert (mode_of(private), mode_of(public), mode_of(private.parent)) == (0o600, 0o644, 0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_file_that_root_replaces_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_bytes(b"old")
    os.chown(path, 12345, 12346)
    keep_bytes(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid, path.read_bytes()) == (12345, 12346, b"new")


def test_a_place_that_can_not_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "below", tmp_path):
        with pytest.raises(
            BadInput, match=r"can not be written: .*\. Make room there or set CUTTER_HOME\.$"
        ):
            keep_bytes(path, b"content")
    assert os.listdir(tmp_path) == ["file"]


def test_what_a_killed_writer_left_is_removed_and_what_is_being_written_stays(
    tmp_path: Path,
) -> None:
    left = tmp_path / f"left{PART}"
    left.touch()
    with whole_or_nothing(tmp_path / "kept.json") as file:
        remove_abandoned(tmp_path)
        file.write(b"whole")
    assert os.listdir(tmp_path) == ["kept.json"]
    with left.open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        remove_abandoned(tmp_path)
        assert left.exists()
