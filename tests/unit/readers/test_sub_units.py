"""Paragraphs and points below the basic units."""

from __future__ import annotations

import pytest

from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import codes, marked, numbers

CASES = {
    "vi": (
        (
            "Điều 1. Một\nLuật này có các quy định sau:\n1. Khoản một được quy định:\na) Điểm "
            "a;\nb) Điểm b;\n"
            "đ) Không phải điểm;\n"
            "c) Điểm c;\nd) Điểm d;\nđ) Điểm đ.\n2. Khoản hai.\n2a. Khoản chèn.\n3. Khoản "
            "ba.\n5. Không kế tiếp.\n"
            "Điều 2. Hai\n1. Khoản.\n"
        ),
        ["1", "1/1", "1/1/a", "1/1/b", "1/1/c", "1/1/d", "1/1/đ", "1/2", "1/2a", "1/3", "2", "2/1"],
    ),
    "de": (
        (
            "§ 1 Zweck\n\n(1) Das Gesetz gilt für\n1. die Gewässer und\n2. das Meer mit\na) "
            "Küste,\nb) Watt.\n"
            "(2) Es gilt nicht für den Rest.\n\n"
            "§ 2 Ende\n\n(1) Das ist der Text.\n"
        ),
        ["1", "1/1", "1/1/1", "1/1/2", "1/1/2/a", "1/1/2/b", "1/2", "2", "2/1"],
    ),
    "en": (
        (
            "Article 1\nScope\n\n1. This Act applies to:\n(a) the rivers;\n(b) the lakes, that "
            "is\n(i) natural ones;\n"
            "(ii) others;\n(c) the sea.\n"
            "2. It is read with the Treaty.\n\nArticle 2\nList\n\n(g) not the first;\n(a) "
            "first;\n(b) second.\n"
        ),
        ["1", "1/1", "1/1/a", "1/1/b", "1/1/b/i", "1/1/b/ii", "1/1/c", "1/2", "2", "2/a", "2/b"],
    ),
    "pt": (
        (
            "Art. 1º As águas são bens da União e dos Estados:\n\nI - os rios;\n\nII - os "
            "lagos:\na) naturais;\n"
            "b) de obras.\n\n"
            "§ 1º A lei dispõe sobre as águas.\n\n§ 2º A lei do Estado dispõe sobre o resto.\n\n"
            "Art. 2º A lei entra em vigor.\n"
        ),
        ["1", "1/I", "1/II", "1/II/a", "1/II/b", "1/1", "1/2", "2"],
    ),
}


def _paths(text: str) -> list[str]:
    marks = marked(text, granularity=Granularity.SUB).marks
    paths: list[str] = []
    for mark in marks:
        paths.append(mark.number if mark.parent is None else f"{paths[mark.parent]}/{mark.number}")
    return paths


@pytest.mark.parametrize("language", CASES)
def test_the_outline_below_each_unit(language: str) -> None:
    text, want = CASES[language]
    assert _paths(text) == want


def test_kinds_are_those_of_an_address() -> None:
    marks = marked(CASES["vi"][0], granularity=Granularity.SUB).marks
    assert [m.unit_kind for m in marks[:3]] == ["article", "paragraph", "point"]
    assert marks[2].label == "a)"


def test_nothing_is_lost_or_doubled_by_going_deeper() -> None:
    text = CASES["vi"][0]
    for depth in Granularity:
        marks = marked(text, granularity=depth).marks
        assert "".join(text[m.start : m.end] for m in marks) == text
    assert all(m.level is not Level.SUB for m in marked(text).marks)


def test_points_of_quoted_text_are_not_units() -> None:
    assert _paths(
        "Điều 1. Sửa khoản 2\n“1. Khoản mới của luật khác.\n2. Khoản khác.”\nĐiều 2. Hai\nNội "
        "dung của điều.\n"
    ) == [
        "1",
        "2",
    ]


def test_a_footnote_after_the_number_of_a_paragraph_is_no_part_of_it() -> None:
    found = marked(
        "Điều 1. Giải thích\n1.2 Nước là nước của sông và của hồ.\n2. Sông là sông.\na) Sông "
        "lớn;\n3.14 Hồ là hồ.\n"
        "Điều 2. Hiệu lực\nTừ ngày ký.\n",
        granularity=Granularity.SUB,
    )
    assert numbers(found, Level.SUB) == ["1", "2", "a", "3"]


def test_points_that_markdown_prints_as_a_list() -> None:
    text = (
        "Điều 1. Yêu cầu\n1. Nguyên tắc\n- a) Đúng thẩm quyền.\n- b) Đúng thời hạn.\n2. Thống "
        "nhất.\n- Không phải điểm.\n"
    )
    assert _paths(text) == ["1", "1/1", "1/1/a", "1/1/b", "1/2"]


@pytest.mark.parametrize(
    ("markers", "paths"),
    [
        (
            "(a) (1) (i) (a) (b) (ii) (2) (b)",
            "a a/1 a/1/i a/1/i/a a/1/i/b a/1/ii a/2 b",
        ),
        ("1. a) 1. 2. b) 2.", "1 1/a 1/a/1 1/a/2 1/b 2"),
        ("1. a) 1. 2. 3. 2. 3.", "1 1/a 1/a/1 1/a/2 1/a/3 2 3"),
        ("(a) (i) (A) (B) (a) (C) (b)", "a a/i a/i/A a/i/B a/i/B/a a/i/C b"),
    ],
)
def test_a_form_that_comes_again_further_in(markers: str, paths: str) -> None:
    text = "Article 1. Boats\n\n" + "".join(f"{m} A boat floats.\n\n" for m in markers.split())
    assert _paths(text) == ["1", *(f"1/{path}" for path in paths.split())]
    assert codes(marked(text, granularity=Granularity.SUB)) == []


@pytest.mark.parametrize(
    ("markers", "paths"),
    [
        ("1. a) 1. 2.", "1 1/a"),
        ("(a) (i) (A) (B) (a)", "a a/i a/i/A a/i/B"),
        ("(1) (2) (1) (2) (3)", "1 2"),
        ("(1) (a) (i) (a) (b) (2)", "1 1/a 1/a/i 2"),
    ],
)
def test_what_may_belong_to_two_lists_stays_in_the_text_around_it(markers: str, paths: str) -> None:
    text = "Article 1. Boats\n\n" + "".join(f"{m} A boat floats.\n\n" for m in markers.split())
    assert _paths(text) == ["1", *(f"1/{path}" for path in paths.split())]
    assert codes(marked(text, granularity=Granularity.SUB)) == ["ambiguous-list"]


def test_a_reference_that_begins_a_line_opens_no_list() -> None:
    text = (
        "Article 1. Boats\n\n(1) A boat that is under paragraph\n(1) of this article floats.\n\n"
        "(2) It is dry.\n"
    )
    assert _paths(text) == ["1", "1/1", "1/2"]
    assert codes(marked(text, granularity=Granularity.SUB)) == []


def _held(markers: list[str], profile: str = "en") -> list[str]:
    """The sub units of one article with these markers, a line each, with what holds them."""
    lines = "".join(f"{marker} The text of the rule.\n" for marker in markers)
    head = {"en": "Article 1. Scope", "de": "§ 1 Zweck"}[profile]
    found = marked(f"{head}\n{lines}", profile=profile, granularity=Granularity.SUB)
    paths: list[str] = []
    for mark in found.marks[1:]:
        held = "" if not mark.parent else f"{paths[mark.parent - 1]} "
        paths.append(f"{held}{mark.label}")
    return paths


@pytest.mark.parametrize(
    ("markers", "wanted"),
    [
        (["(a)(1)", "(2)", "(b)"], ["(a)", "(a) (1)", "(a) (2)", "(b)"]),
        (
            ["(a)(1)(i)", "(ii)", "(2)", "(b)"],
            ["(a)", "(a) (1)", "(a) (1) (i)", "(a) (1) (ii)", "(a) (2)", "(b)"],
        ),
        (["1. (1)", "(2)", "2. (1)", "(2)"], ["1.", "1. (1)", "1. (2)", "2.", "2. (1)", "2. (2)"]),
        (["(a) (i)", "(ii)", "(b)"], ["(a)", "(a) (i)", "(a) (ii)", "(b)"]),
        (
            ["(1)", "(a)(i)", "(ii)", "(2)"],
            ["(1)", "(1) (a)", "(1) (a) (i)", "(1) (a) (ii)", "(2)"],
        ),
    ],
)
def test_a_marker_behind_another_opens_a_level_that_a_later_one_goes_on_with(
    markers: list[str], wanted: list[str]
) -> None:
    assert _held(markers) == wanted


@pytest.mark.parametrize(
    ("markers", "wanted"),
    [
        (["(a)(1)", "(b)"], ["(a)", "(b)"]),
        (["(a) (2)", "(b) (3)"], ["(a)", "(b)"]),
        (["(1)(1)", "(2)"], ["(1)", "(2)"]),
        (["(a)(1)", "(b)", "(2)"], ["(a)", "(b)"]),
    ],
)
def test_a_marker_behind_another_that_none_goes_on_with_is_text(
    markers: list[str], wanted: list[str]
) -> None:
    assert _held(markers) == wanted


def test_doubled_letters_behind_a_letter_are_a_level() -> None:
    assert _held(["a) aa)", "bb)", "b)"], "de") == ["a)", "a) aa)", "a) bb)", "b)"]


@pytest.mark.parametrize("odd", ["\u00ad", "\u200b", "A\u0309", "&nbsp;", "\u00a0\u00ad"])
def test_a_marker_behind_another_begins_at_itself_whatever_the_text_holds(odd: str) -> None:
    """Characters that do not print, marks on letters and entities move what stands behind them."""
    text = (
        f"Section 1. Fees{odd}\n(a)(1) The first{odd} fee.\n(2) The second fee.\n"
        f"(b) Other fees of the club.\nSection 2. More\nThe board of the club keeps them.\n"
    )
    found = marked(text, profile="en", granularity=Granularity.SUB)
    bodies = [text[m.start : m.end] for m in found.marks if m.level is Level.SUB]
    assert bodies == [
        "(a)",
        f"(1) The first{odd} fee.\n",
        "(2) The second fee.\n",
        "(b) Other fees of the club.\n",
    ]
