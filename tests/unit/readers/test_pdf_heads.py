"""Running heads that name the unit of their page, and signs of several letters in Arabic script."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.pdf.glyphs import Glyph
from adapters.readers.pdf.right_to_left import as_read
from adapters.readers.pdf.rows import page_rows
from domain.reading.marks import ReadDocument
from tests.support.pdf import HEIGHT, LEFT, Page, Text, column, flowing, pdf
from tests.unit.readers.helpers import numbers

_TEXT = (
    "The harbour master of the town shall keep a register of all boats that lie in the harbour, "
    "and shall enter in it the name of the owner, the length of the boat and the day on which it "
    "came; boat {n} is entered as well, under the number that this section has."
)


def _printed(heads: list[tuple[str, str]], first: int = 1) -> ReadDocument:
    """A law of a section or two a page, each page with one of the heads on the left and right."""
    paragraphs = [
        paragraph
        for n in range(first, first + 2 * len(heads))
        for paragraph in (f"{n}. Boats of kind {n}", _TEXT.format(n=n), _TEXT.format(n=n + 100))
    ]
    lines = flowing(paragraphs)
    each = -(-len(lines) // len(heads))
    pages = []
    for i, (left, right) in enumerate(heads):
        texts = column(lines[each * i : each * (i + 1)])
        pages.append(
            Page([Text(LEFT, HEIGHT - 32, left, 9), Text(430, HEIGHT - 32, right, 9), *texts])
        )
    return read_document(pdf(pages), name="law.pdf")


@pytest.mark.parametrize(
    "heads",
    [
        [(f"Section {2 * i + 1}", "Cap. 405") for i in range(8)],
        [("Section 2", "Cap. 405")] * 3 + [("Section 9", "Cap. 405")] * 5,
        [(f"§ 10-{100 + 10 * i}", f"§ 10-{105 + 10 * i}") for i in range(8)],
        [("HARBOURS", f"§ 10-{100 + 10 * i}") for i in range(8)],
        [(f"s {3 * i + 1}", f"s {3 * i + 3}") for i in range(8)],
    ],
    ids=["section", "same", "signs", "title", "short"],
)
def test_a_head_that_names_the_unit_of_its_page_is_none(heads: list[tuple[str, str]]) -> None:
    found = _printed(heads)
    assert numbers(found) == [str(n) for n in range(1, 17)]
    assert not found.doubts


def _glyphs(*signs: str) -> list[Glyph]:
    """Signs from the right to the left, as the file has them."""
    return [
        Glyph(text, 200 - 6 * i, 205 - 6 * i, 200 - 6 * i, 206 - 6 * i, 100, 12, 400)
        for i, text in enumerate(signs)
    ]


@pytest.mark.parametrize(
    ("signs", "word"),
    [
        (["ا", "مل", "ا", "د", "ة"], "المادة"),  # as some programs write it
        (["ا", "لم", "ا", "د", "ة"], "المادة"),
        (["ا", "أل", "ح", "ك", "ا", "م"], "الأحكام"),
        (["ا", "لأ", "ح", "ك", "ا", "م"], "الأحكام"),
        (["إ", "ال"], "إلا"),
    ],
)
def test_a_sign_of_two_letters_is_read_in_their_order(signs: list[str], word: str) -> None:
    (row,) = page_rows(_glyphs(*signs))
    assert as_read([part.text for part in row.words]) == [word]
