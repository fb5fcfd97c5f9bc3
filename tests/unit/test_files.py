"""Files are written whole or not at all, and what is promised is on the disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.files import (
    PART,
    READABLE,
    append_whole,
    keep_bytes,
    make_folder,
    open_plain,
    read_plain,
    remove_abandoned,
    whole_or_nothing,
    write_plain,
)
from domain.errors import BadInput, ConfigMismatch


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


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, mask: int) -> None:
    folder = tmp_path / "home" / "state" / "plans"
    with umask(mask):
        make_folder(folder, above=0o711)
        keep_bytes(folder / "kept", b"x")
        keep_bytes(folder / "readable", b"x", READABLE)
        write_plain(tmp_path / "home" / "note", "x")
    modes = {path.name: oct(mode_of(path)) for path in tmp_path.rglob("*")}
    assert modes == {
        "home": "0o711",
        "state": "0o711",
        "plans": "0o700",
        "kept": "0o600",
        "readable": "0o644",
        "note": oct(0o600 & ~mask),
    }


def test_a_folder_that_is_there_stays_as_it_is_and_a_link_to_nowhere_is_none(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o750)
    make_folder(tmp_path)
    assert mode_of(tmp_path) == 0o750
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


def put_in_the_way(kind: str, path: Path, victim: Path) -> None:
    if kind == "a link":
        path.symlink_to(victim)
    elif kind == "a link to nowhere":
        path.symlink_to(victim.with_name("made"))
    elif kind == "a second name":
        os.link(victim, path)
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.parametrize(
    "kind", ["a link", "a link to nowhere", "a second name", "a pipe", "a folder"]
)
def test_nothing_is_written_through_what_is_no_plain_file(tmp_path: Path, kind: str) -> None:
    victim, path = tmp_path / "victim", tmp_path / "note"
    victim.write_text("of another")
    put_in_the_way(kind, path, victim)
    with pytest.raises(ConfigMismatch, match="is no plain file of cutter's"):
        write_plain(path, "ours")
    if kind != "a second name":
        with pytest.raises(ConfigMismatch, match="is no plain file of cutter's"):
            read_plain(path)
    assert victim.read_text() == "of another"
    assert not (tmp_path / "made").exists()


def test_a_folder_on_the_way_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "note").write_text("of another")
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")
    for act in (lambda p: write_plain(p, "ours", below=2), lambda p: read_plain(p, below=2)):
        with pytest.raises(ConfigMismatch, match="is no plain file"):
            act(tmp_path / "data" / "note")
    assert (tmp_path / "elsewhere" / "note").read_text() == "of another"
    write_plain(tmp_path / "elsewhere" / "note", "longer than before", below=2)
    write_plain(tmp_path / "elsewhere" / "note", "short", below=2)
    assert read_plain(tmp_path / "elsewhere" / "note", below=2) == "short"


def test_a_file_is_closed_again_whatever_it_was(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(ConfigMismatch):
        open_plain(tmp_path / "folder", os.O_RDONLY)
    os.close(open_plain(tmp_path / "folder" / "note", os.O_WRONLY | os.O_CREAT, below=2))
    assert len(os.listdir("/dev/fd")) == before


def test_of_a_line_that_does_not_fit_on_the_disk_nothing_is_left(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: a part of the line is written first."""
    kept = tmp_path / "lines"
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        append_whole(descriptor, b"first\n", kept)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        with pytest.raises(BadInput, match="can not be written: File too large"):
            append_whole(descriptor, b"second\n", kept)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert kept.read_bytes() == b"first\n"
    append_whole(descriptor, b"third\n", kept)
    os.close(descriptor)
    assert kept.read_bytes() == b"first\nthird\n"
