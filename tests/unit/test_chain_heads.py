"""The file of chain heads is read strictly: what could be read in two ways is not read at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.home.chain_heads import FILE_NAME, ChainHead, read
from domain.errors import ConfigMismatch

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
