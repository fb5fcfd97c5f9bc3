"""The file of chain heads is read strictly: what could be read in two ways is not read at all."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from adapters.home.chain_heads import FILE_NAME, ChainHead, locked, read
from domain.errors import BadInput, ConfigMismatch
from tests.support.small_disk import small_disk

HEAD = ChainHead("kb:1@2", "test.law", 5, "a" * 64)
LINE = (
    '{"target": "kb:1@2", "document_code": "test.law", "chain_no": 5, "row_sha256": "'
    + "a" * 64
    + '"}'
)


def kept(folder: Path, text: str) -> Path:
    file = folder / FILE_NAME
    file.write_text(text, encoding="utf-8", newline="")
    return file


def test_heads_come_back_in_order(tmp_path: Path) -> None:
    later = json.loads(LINE) | {"chain_no": 9, "document_code": "luật\u2028.law"}
    found = read(kept(tmp_path, LINE + "\n" + json.dumps(later, ensure_ascii=False) + "\n"))
    assert found == [HEAD, ChainHead("kb:1@2", "luật\u2028.law", 9, "a" * 64)]


def test_of_two_processes_one_at_a_time_has_the_file(tmp_path: Path) -> None:
    """Else the one cuts off, as torn, what the other is writing."""
    path = tmp_path / FILE_NAME
    with locked(path) as heads, path.open("rb") as another:
        with pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_SH | fcntl.LOCK_NB)
        heads.append([HEAD])
    with path.open("rb") as another:
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert read(path) == [HEAD]


def test_where_a_new_beginning_fails_the_heads_before_count(tmp_path: Path) -> None:
    def one_and_then_no_more() -> Iterator[ChainHead]:
        yield ChainHead("kb:1@2", "other.law", 1, "b" * 64)
        raise KeyboardInterrupt

    path = kept(tmp_path, LINE + "\n")
    with pytest.raises(KeyboardInterrupt), locked(path) as heads:
        heads.begin_anew(one_and_then_no_more())
    assert read(path) == [HEAD]


def test_a_disk_without_room_leaves_the_heads_before(tmp_path: Path) -> None:
    with small_disk(tmp_path, 1) as disk:
        path = kept(tmp_path, LINE + "\n")
        many = [ChainHead("kb:1@2", f"law.{n}", 1, "b" * 64) for n in range(200)]
        with locked(path) as heads:
            disk.fill()
            with pytest.raises(BadInput, match="Make room there"):
                heads.begin_anew(many)
            assert read(path) == [HEAD]
            disk.free()
            heads.begin_anew(many)
        assert read(path) == many


def test_who_waited_for_the_file_writes_into_the_one_that_began_anew(tmp_path: Path) -> None:
    path, other = kept(tmp_path, LINE + "\n"), ChainHead("kb:1@2", "other.law", 1, "b" * 64)
    asked = Event()

    def waiting() -> None:
        asked.set()
        with locked(path) as heads:
            heads.append([HEAD])

    with ThreadPoolExecutor(1) as pool:
        with locked(path) as heads:
            waits = pool.submit(waiting)
            assert asked.wait(10)
            time.sleep(0.1)
            assert not waits.done()
            heads.begin_anew([other])
        waits.result(10)
    assert read(path) == [other, HEAD]


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    for length in range(len(LINE) + 1):
        assert read(kept(tmp_path, LINE + "\n" + LINE[:length])) == [HEAD]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"chain_no": 5', '"chain_no": 0'),
        ('"chain_no": 5', '"chain_no": -1'),
        ('"chain_no": 5', '"chain_no": "5"'),
        ('"chain_no": 5', '"chain_no": 5.0'),
        ('"chain_no": 5', '"chain_no": true'),
        ('"chain_no": 5', '"chain_no": NaN'),
        ('"chain_no": 5', '"chain_no": 9, "chain_no": 5'),
        ('"chain_no": 5, ', ""),
        ('"chain_no": 5', '"chain_no": 5, "more": 1'),
        ('"test.law"', "7"),
        ('"kb:1@2"', "null"),
        ("}", "} {}"),
        ("{", "["),
        (LINE, ""),
    ],
)
def test_a_line_that_is_not_exactly_a_head_is_named(tmp_path: Path, old: str, new: str) -> None:
    assert old in LINE
    with pytest.raises(ConfigMismatch, match=r"Line 2 of .* is not a chain head"):
        read(kept(tmp_path, LINE + "\n" + LINE.replace(old, new) + "\n" + LINE + "\n"))


def test_a_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(LINE.encode() + b"\n\xff\n")
    with pytest.raises(ConfigMismatch, match="Line 2"):
        read(file)
