"""Lines of XML and Bluebell that look like units which the markup does not declare."""

from __future__ import annotations

import pytest

from domain.reading.marks import ReadDocument
from tests.unit.readers.helpers import numbers, read

_AKN = (
    '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><body>{}</body>'
    "</act></akomaNtoso>"
)
_TEXT = "The owner of a boat keeps it in repair."


def _article(number: int, *more: str) -> str:
    lines = "".join(f"<p>{line}</p>" for line in (_TEXT, *more))
    return f"<article><num>Article {number}</num><heading>Boats</heading>{lines}</article>"


def _codes(found: ReadDocument) -> list[str]:
    return [doubt.code for doubt in found.doubts]


def test_an_article_in_plain_paragraphs_of_the_one_before_it() -> None:
    articles = (_article(1), _article(2, "Article 3", "Duties", _TEXT), _article(4))
    found = read(_AKN.format("".join(articles)), ".xml")
    assert numbers(found) == ["1", "2", "4"]
    assert _codes(found) == ["number-holes", "unexplained-line"]
    assert found.doubts[0].line == found.text[: found.text.index("Article 3")].count("\n") + 1


def test_the_last_articles_in_plain_paragraphs() -> None:
    last = ("Article 3", "Fines", _TEXT, "Article 4", "End", _TEXT)
    found = read(_AKN.format(_article(1) + _article(2, *last)), ".xml")
    assert _codes(found) == ["unexplained-line", "unexplained-line"]


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("Article 3 of the other act applies.", _TEXT),
        ("The following is put in:", "Article 3", _TEXT),
        ("“Article 3", "Duties", f"{_TEXT}”"),
    ],
)
def test_repealed_articles_references_and_quotations_are_no_doubt(more: tuple[str, ...]) -> None:
    found = read(_AKN.format(_article(1) + _article(2, *more) + _article(4)), ".xml")
    assert not found.doubts


def test_numbers_that_start_again_in_a_chapter_are_no_hole() -> None:
    chapters = "".join(
        f"<chapter><num>Chapter {n}</num>{''.join(_article(i) for i in (1, 2, 3))}</chapter>"
        for n in (1, 2)
    )
    found = read(_AKN.format(chapters), ".xml")
    assert not found.doubts
    assert found.account.counts == {"unit": 8}


def test_bluebell() -> None:
    text = (
        "BODY\n\nSECTION 1. - Boats\n\n  A boat is a boat.\n\nSECTION 2. - Owners\n\n"
        f"  {_TEXT}\n\n  Section 3. Duties\n\n  {_TEXT}\n\nSECTION 4. - Fees\n\n  Small.\n"
    )
    found = read(text)
    assert found.reader == "bluebell"
    assert _codes(found) == ["number-holes", "unexplained-line"]
