"""Plain text keeps every byte, or is refused in one clear sentence."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.text import decoding
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity

_LAW = "\ufeffĐiều 1. Một\r\r\nNội dung.\x0c\r\nĐiều 2. Hai\r\n"


def test_the_text_is_the_files_own_bytes() -> None:
    data = _LAW.encode()
    read = read_document(data, name="law.txt")
    assert read.text.encode() == data
    assert read.reader == "plain_text"
    assert [m.number for m in read.marks] == ["1", "2"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Article 1\n\xe9t\xe9\n", "byte at byte offset 10 is 0xe9"),
        (b"Article 1\n\x00\n", "NUL byte at byte offset 10"),
        ("Điề".encode()[:-1], "byte at byte offset 3 is 0xe1"),
    ],
    ids=["latin-1", "nul", "truncated"],
)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".bluebell"])
def test_what_is_not_utf8_is_refused_with_the_offset(
    data: bytes, message: str, suffix: str
) -> None:
    with pytest.raises(DocumentRefused, match=message):
        read_document(data, name=f"law{suffix}")


def test_a_text_beyond_the_limit_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_TEXT_BYTES", 8)
    with pytest.raises(DocumentRefused, match="has 9 bytes; texts are read up to 8 bytes"):
        decoding.decode_text(b"\xff" * 9)


def test_a_text_without_units_has_no_marks() -> None:
    assert (
        read_document(
            b"Just a note to the file.\n", name="note.txt", granularity=Granularity.SUB
        ).marks
        == ()
    )
