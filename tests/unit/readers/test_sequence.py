"""Lines that look like units and are none: insets, mentions, references."""

from __future__ import annotations

from domain.marks import Level
from tests.unit.readers.helpers import codes, marked, numbers

_BODY = "Nội dung của điều này được quy định cụ thể trong luật.\n"


def _articles(first: int, last: int) -> str:
    return "".join(f"Điều {i}. Tên điều\n{_BODY}" for i in range(first, last + 1))


def test_a_run_of_another_law_inside_the_main_run_is_an_inset() -> None:
    found = marked(_articles(1, 6) + "Luật cũ quy định như sau.\n" + _articles(1, 3) + _articles(7, 9))
    assert numbers(found) == [str(i) for i in range(1, 10)]
    assert "out-of-sequence" in codes(found)


def test_an_annex_head_in_a_run_that_goes_on_is_only_mentioned() -> None:
    found = marked(_articles(1, 2) + "Phụ lục I\n" + _articles(3, 5))
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert numbers(found, Level.ANNEX) == []
    assert {mark.component for mark in found.marks} == {""}


def test_a_number_after_a_word_that_refers_is_a_reference() -> None:
    found = marked("§ 1 Zweck\n\nDas ist der Text des Gesetzes.\n\n§ 2 Ende\n\nDer Text gilt nach\n§ 3\nmit der Verordnung.\n")
    assert found.profile == "de"
    assert numbers(found) == ["1", "2"]


def test_a_reference_in_a_wrapped_line_is_text() -> None:
    found = marked(
        "Article 1\nScope\n\nThe owner of the land keeps the books of the house as they are set\n"
        "Article 2 The books\n\nArticle 2\nBooks\n\nThe books are kept by the owner.\n"
    )
    assert [mark.title for mark in found.marks] == ["Scope", "Books"]


def test_a_jump_is_followed_where_the_numbers_go_on_from_there() -> None:
    found = marked(_articles(1, 3) + _articles(101, 104) + _articles(201, 203))
    assert numbers(found) == ["1", "2", "3", "101", "102", "103", "104", "201", "202", "203"]
    assert codes(found).count("number-skipped") == 2
