"""The view of a text: what it leaves out, and how its lines map back."""

from __future__ import annotations

import unicodedata

import pytest

from adapters.readers.text.normalised import View
from domain.reading.marks import Level
from tests.unit.readers.helpers import numbers, read

_LINES = (
    "Article 1. Toads",
    "A toad sits.",
    "Article 2. Newts",
    "A newt swims.",
    "Article 3. Efts",
)


@pytest.mark.parametrize(
    "hidden",
    ["\xad", "\u200b", "\u2060", "\ufeff", "\u200e", "<wbr>", "<wbr/>", "&shy;"],
    ids=["soft-hyphen", "zero-width-space", "joiner", "bom", "direction", "wbr", "wbr-xml", "shy"],
)
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_what_does_not_print_hides_no_heading(hidden: str, suffix: str) -> None:
    text = "\n\n".join(line.replace("ti", f"ti{hidden}") for line in _LINES)
    found = read(text, suffix)
    assert numbers(found) == ["1", "2", "3"]
    assert [m.title for m in found.marks] == ["Toads", "Newts", "Efts"]
    assert "".join(text[m.start : m.end] for m in found.marks) == text
    assert all(text[m.start : m.start + 5] == f"Arti{hidden}"[:5] for m in found.marks)


def test_a_hidden_character_before_a_heading_belongs_to_its_unit() -> None:
    text = "\u200fArticle 1. One\n\nText.\n\n\u200fArticle 2. Two\n\nText.\n"
    assert [text[m.start] for m in read(text).marks] == ["\u200f", "\u200f"]


def test_a_number_escaped_as_in_markdown_is_read_in_text_as_well() -> None:
    found = read("1\\. Purpose\n\nPlain.\n\n2\\. Scope\n\nAll.\n\n3\\. Duties\n\nDo.\n")
    assert numbers(found, Level.BASIC) == ["1", "2", "3"]


def test_lines_map_back_whatever_was_left_out() -> None:
    source = "a\xadb\r\n" + unicodedata.normalize("NFD", "Điều ộ") + "\n\u200b\nend"
    view = View(source)
    starts = [0, *(i + 1 for i, c in enumerate(source) if c == "\n")]
    found = [1, *(i + 1 for i, c in enumerate(view.text) if c == "\n" and i)]
    assert view.to_sources(found) == starts
    assert [view.from_source(start) for start in starts] == found


def test_a_character_is_seen_alike_alone_and_in_a_long_text_that_holds_no_other() -> None:
    long = "A line of a law that is written in letters of ASCII alone.\n" * 2
    for code in (*range(0x80, 0x3100), 0xAC00, 0xFB1D, 0xFEFF):
        for before in ("", "e", "\u0110e"):
            alone = View(f"{before}{chr(code)}").text[1:]
            assert View(f"{long}{before}{chr(code)}").text[len(long) + 1 :] == alone, hex(code)
