"""Page furniture in text from a PDF: running heads, page numbers, what a page break repeats."""

from __future__ import annotations

import pytest

from adapters.readers.engine import mark_text
from adapters.readers.text.furniture import find_furniture
from adapters.readers.text.normalised import View
from domain.reading.marks import Granularity
from tests.unit.readers.helpers import codes, numbers, read

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _page(seed: int, lines: int = 24) -> list[str]:
    """A page of running English without a number, unlike any other page."""
    return [
        f"the {_LETTERS[seed] * 4}{_LETTERS[i] * 3} of the boats is kept or shall be in a place to which any"
        for i in range(lines)
    ]


def _book(heads: list[list[str]], articles: dict[int, str], feet: list[list[str]]) -> str:
    """Pages with their heads and feet; the articles stand in the middle of pages."""
    lines: list[str] = []
    for i, head in enumerate(heads):
        body = _page(i)
        if i in articles:
            body[12:12] = [*articles[i].split("\n")]
        lines += [*head, *body, *feet[i]]
    return "\n".join(lines) + "\n"


_ARTICLES = {
    0: "of it.\n\nArticle 1. Boats",
    1: "of it.\n\nArticle 2. Oars",
    3: "of it.\n\nArticle 3. Sails",
    5: "of it.\n\nArticle 4. Ropes",
}
_NONE: list[list[str]] = [[]] * 6
_LAYOUTS = {
    "left-and-right": (
        [[f"{n} Cap. 12 Boats"] if n % 2 else [f"Cap. 12 Boats {n}"] for n in range(1, 7)],
        _NONE,
    ),
    "page-of-pages": (_NONE, [[f"Page {n} of 6"] for n in range(1, 7)]),
    "numbers-alone": ([[], *[["Boats Act"]] * 5], [["", f"- {n} -"] for n in range(31, 37)]),
    "two-lines": ([[f"Act of 2005 {n} NORTH", "AND", "SOUTH"] for n in range(1, 7)], _NONE),
    "glued": (
        [["Keeping, Use and Sale of", f"Boats{n}"] for n in range(5, 11)],
        _NONE,
    ),
}


@pytest.mark.parametrize("layout", _LAYOUTS)
def test_furniture_is_no_unit_and_no_title(layout: str) -> None:
    heads, feet = _LAYOUTS[layout]
    text = _book(heads, _ARTICLES, feet)
    found = mark_text(text, profile="en", granularity=Granularity.BASIC, paged=True)
    assert numbers(found) == ["1", "2", "3", "4"]
    assert [m.title for m in found.marks] == ["Boats", "Oars", "Sails", "Ropes"]
    printed = [text[start:end] for start, end in found.furniture]
    want = [
        "\n".join(line for line in (*foot, *head) if line)
        for foot, head in zip([[], *feet], [*heads, []], strict=True)
    ]
    assert [block.strip() for block in printed if block.strip()] == [w for w in want if w]


def test_a_running_head_in_the_middle_of_a_sentence_is_not_before_a_reference() -> None:
    articles = {
        **_ARTICLES,
        2: "which is kept under",
        3: "Article 9 of another act.\n\nArticle 3. Sails",
    }
    heads = [[f"{n} Cap. 12 Boats"] for n in range(1, 7)]
    text = _book(heads, articles, _NONE)
    assert numbers(read(text)) == ["1", "2", "3", "4"]


def test_form_feeds_tell_the_lines_of_a_running_head() -> None:
    """Those on the first page are the title."""
    pages = ["Boats Act\n" + "\n".join(_page(i, 9)) for i in range(5)]
    text = "\f".join(pages)
    view = View(text)
    lines = view.text.split("\n")
    assert [lines[i] for i in find_furniture(view)] == ["Boats Act"] * 4


def test_a_heading_that_goes_on_after_a_page_break_is_no_unit() -> None:
    found = read(
        "Article 1. Boats\n\nThey float.\n\nArticle 2. Oars\n\nThey are long.\n\nArticle 2 "
        "(continued)\n\nAnd of wood.\n\nArticle 3. Sails\n\nThey are white.\n"
    )
    assert numbers(found) == ["1", "2", "3"]
    assert codes(found) == []


@pytest.mark.parametrize(
    "line",
    [
        "Article {n}",
        "Article {n}. Repealed by Act",
        "{n}. Repealed by Act",
        "§ {n}",
        "[Section {n} added.]",
    ],
)
def test_what_an_author_numbers_is_no_furniture(line: str) -> None:
    text = _book([[line.format(n=n)] for n in range(1, 7)], {}, _NONE)
    assert find_furniture(View(text)) == []


def test_numbers_of_lists_are_no_page_numbers() -> None:
    lines = [
        line
        for i in range(6)
        for n in (1, 2, 3)
        for line in (str(n), *_page(i * 3 + n, 4 + 9 * n % 7))
    ]
    assert find_furniture(View("\n".join(lines))) == []


def test_warnings_count_the_lines_of_furniture() -> None:
    articles = {0: "of it.\n\nArticle 1. Boats", 4: "of it.\n\nArticle 5. Ropes"}
    text = _book([[f"{n} Cap. 12 Boats"] for n in range(1, 7)], articles, _NONE)
    skipped = [w for w in read(text).warnings if w.code == "number-skipped"]
    assert [text.split("\n")[w.line - 1] for w in skipped] == ["Article 5. Ropes"]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_running_heads_are_left_out_in_every_format(suffix: str) -> None:
    gap = "\n\n" if suffix == ".md" else "\n"
    pages = [
        f"Section {i}. Boats{gap}"
        + "".join(
            f"The {word} of the board shall see to the boats.{gap}" for word in "abcdefghijkl"
        )
        + f"Section {i + 1} (continued){gap}{i} Cap. 12 Boats and nets{gap}"
        for i in range(1, 9)
    ]
    text = "".join(pages)
    if suffix == ".html":
        lines = "".join(f"<p>{line}</p>" for line in text.split("\n") if line)
        text = f"<html><body>{lines}</body></html>"
    found = read(text, suffix)
    assert numbers(found) == [str(i) for i in range(1, 9)]
    assert codes(found) == []


def test_headings_that_the_format_declares_are_no_running_heads() -> None:
    body = "".join(
        f"Der Teich {word} liegt in der Stadt und ist tief.\n\n" for word in "abcdefghijk"
    )
    text = "".join(f"# Art Teich {i}\n\n{body}" for i in range(1, 9))
    assert len(numbers(read(text, ".md"))) == 8
