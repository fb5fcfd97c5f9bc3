"""Shapes that are odd and right: they are no doubts, and what is wrong beside them still is one."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from tests.unit.readers.helpers import marked, numbers

_BODY = (
    "Every member of the club shall pay the fee that the board has set, and no more than that.\n"
)


def _codes(text: str) -> set[str]:
    return {doubt.code for doubt in marked(text, profile="en").doubts}


@pytest.mark.parametrize(
    ("head", "first"),
    [
        ("§ {}. Dues", 400),
        ("Section {}. Dues", 12),
        ("Article {}. Dues", 7),
        ("Article {} - Dues", 101),
        ("Section {} Dues", 31),
    ],
)
def test_a_chapter_whose_contents_begin_with_its_first_number_begins_there(
    head: str, first: int
) -> None:
    count = range(first, first + 6)
    listed = "".join(f"{head.format(i)} of year {i}\n" for i in count)
    body = "".join(f"{head.format(i)} of year {i}\n{_BODY}" for i in count)
    assert numbers(marked(listed + body, profile="en")) == [str(i) for i in count]
    assert _codes(listed + body) == set()
    assert _codes(body) == {"number-holes"}  # without contents nobody can tell


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_contents_that_begin_before_the_first_unit_leave_the_doubt(missing: int) -> None:
    listed = "".join(f"Section {i}. Dues of year {i}\n" for i in range(1, 9))
    body = "".join(f"Section {i}. Dues of year {i}\n{_BODY}" for i in range(1 + missing, 9))
    assert _codes(listed + body) != set()


_ACT = "".join(f"{i}. Dues\n\n{_BODY}\n" for i in range(1, 6))


@pytest.mark.parametrize(
    "stack",
    [
        ["Article 9", "Article 2 (1) or (2)", "Article 8a"],
        ["Article 14", "Article 6 (1)", "Article 3a"],
        ["Article 9", "Article 7 (1)", "Article 8"],
        ["Article 21", "Article 20 (4)", "Article 12", "Article 13"],
        ["Article 30", "Article 31 (1)", "Article 8", "Article 2 (5)"],
    ],
)
def test_a_line_in_a_list_of_references_is_one(stack: list[str]) -> None:
    listed = "".join(f"{line}\n" for line in stack)
    found = marked(f"{_ACT}Offences under the rules of the harbour\n{listed}", profile="en")
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert found.account.unexplained == ()


def test_the_same_lines_with_text_between_them_are_doubted() -> None:
    apart = f"Article 9\n{_BODY}Article 2 (1) or (2)\n{_BODY}Article 8a\n{_BODY}"
    assert marked(f"{_ACT}Offences\n{apart}", profile="en").account.unexplained != ()


@pytest.mark.parametrize(
    ("word", "span"),
    [("Điều", "3-5"), ("Article", "3-5"), ("Artikel", "3–5"), ("Artículo", "3-5"), ("Art.", "3-5")],
)
def test_numbers_that_one_heading_counts_for_are_no_hole(word: str, span: str) -> None:
    def holes(given: tuple[str, ...]) -> list[str]:
        text = "".join(f"## {word} {n}. Dues\n\nWhat is due is paid.\n\n" for n in given)
        found = read_document(text.encode(), name="law.md", profile=_LANGUAGES[word])
        return [doubt.code for doubt in found.doubts if doubt.code == "number-holes"]

    assert holes(("1", "2", span, "6", "7")) == []
    assert holes(("1", "2", span, "7", "8")) == ["number-holes"]


_LANGUAGES = {"Điều": "vi", "Article": "en", "Artikel": "nl", "Artículo": "es", "Art.": "it"}
