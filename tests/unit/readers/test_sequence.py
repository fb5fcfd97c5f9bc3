"""Lines that look like units and are none: insets, mentions, references."""

from __future__ import annotations

from domain.reading.marks import Level
from tests.unit.readers.helpers import codes, marked, numbers

_BODY = "Nội dung của điều này được quy định cụ thể trong luật.\n"


def _articles(first: int, last: int) -> str:
    return "".join(f"Điều {i}. Tên điều\n{_BODY}" for i in range(first, last + 1))


def test_a_run_of_another_law_inside_the_main_run_is_an_inset() -> None:
    found = marked(
        _articles(1, 6) + "Luật cũ quy định như sau.\n" + _articles(1, 3) + _articles(7, 9)
    )
    assert numbers(found) == [str(i) for i in range(1, 10)]
    assert "out-of-sequence" in codes(found)


def test_an_annex_head_in_a_run_that_goes_on_is_only_mentioned() -> None:
    found = marked(_articles(1, 2) + "Phụ lục I\n" + _articles(3, 5))
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert numbers(found, Level.ANNEX) == []
    assert {mark.component for mark in found.marks} == {""}


def test_a_number_after_a_word_that_refers_is_a_reference() -> None:
    found = marked(
        "§ 1 Zweck\n\nDas ist der Text des Gesetzes.\n\n§ 2 Ende\n\nDer Text gilt nach\n§ "
        "3\nmit der Verordnung.\n"
    )
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


def test_a_quotation_that_is_never_closed_hides_neither_articles_nor_chapters() -> None:
    found = marked(
        f"Chương I\nSỬA ĐỔI LUẬT A\nĐiều 1. Bổ sung Điều 4a\n“Điều 4a. Tên "
        f"mới\n{_BODY * 3}Điều 2. Thay thế cụm từ\n"
        f"Thay cụm từ “nước” bằng “nước sạch”.\nChương II\nSỬA ĐỔI LUẬT B\nĐiều 3. Bổ sung "
        f"Điều 5a\n"
        f"“Điều 5a. Tên khác\n{_BODY}”.\nĐiều 4. Sửa đổi Điều 6\n“Điều 6. Tên "
        f"sáu\n{_BODY}”.\nĐiều 5. Hiệu lực\n{_BODY}"
    )
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert numbers(found, Level.CONTAINER) == ["I", "II"]


def test_the_last_articles_are_found_inside_a_footnote_that_quotes_another_law() -> None:
    found = marked(
        _articles(1, 5) + f"6 Điều 11 của Luật số 1 quy định như sau:\n“Điều 11. Hiệu lực\n{_BODY}"
        f"{_articles(6, 7)}2. Bãi bỏ Điều 4 của Luật số 2.”.\nNơi nhận:\n- Như trên.\n"
    )
    assert numbers(found) == [str(i) for i in range(1, 8)]


def test_the_articles_that_a_quotation_goes_on_with_are_not_the_laws_own() -> None:
    found = marked(
        _articles(1, 2)
        + f"Điều 3. Bổ sung hai điều\n“Điều 4. Tên\n{_BODY}Điều 5. Tên khác\n{_BODY}”.\n"
    )
    assert numbers(found) == ["1", "2", "3"]


def test_the_number_before_comes_again_as_the_first_below_an_inserted_chapter() -> None:
    found = marked(
        "CHAPTER I\n\nArticle 1\n\nThe club is open.\n\nArticle 2\n\nThe judge is chosen by law.\n\n"
        "CHAPTER IA\n\nArticle 2\n\nThe land is an island.\n\nCHAPTER II\n\nArticle 3\n\nMembers."
    )
    assert numbers(found) == ["1", "2", "2", "3"]
    assert [mark.parent for mark in found.marks if mark.number == "2"] == [0, 3]
    assert "numbering-restarts" in codes(found)
