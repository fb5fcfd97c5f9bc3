"""Every ambiguity is a warning of its own code, with its line; a clear text has none."""

from __future__ import annotations

import pytest

from tests.unit.readers.helpers import marked, read

_BODY = "Nội dung của điều này được quy định cụ thể trong luật.\n"


def _law(*headings: str) -> str:
    return "".join(f"{heading}\n{_BODY}" for heading in headings)


CASES = {
    "number-skipped": (_law("Điều 1. Một", "Điều 2. Hai", "Điều 5. Năm"), 5),
    "repeated-number": (_law("Điều 1. Một", "Điều 2. Hai", "Điều 2. Hai", "Điều 3. Ba"), 5),
    "out-of-sequence": (
        _law(
            "Điều 1. Một", "Điều 2. Hai", "Điều 3. Ba", "Điều 1. Khác", "Điều 4. Bốn", "Điều 5. Năm"
        ),
        7,
    ),
    "unbalanced-quotation": (
        _law("Điều 1. Một") + "“Trích dẫn không đóng\n" + _law("Điều 2. Hai"),
        3,
    ),
    "text-before-first-unit": ("QUỐC HỘI\n" + _law("Điều 2. Hai", "Điều 3. Ba"), 1),
    "numbering-restarts": (
        _law("Điều 1. Một", "Điều 2. Hai") + "Phụ lục I\nMẪU\n" + _law("Điều 1. Tên", "Điều 2. Họ"),
        7,
    ),
    "table-of-contents": (
        "".join(f"Điều {i}. Tên {w}\n" for i, w in enumerate("abc", 1))
        + "".join(f"Điều {i}. Tên {w}\n{_BODY * 8}" for i, w in enumerate("abc", 1)),
        1,
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_each_ambiguity_has_a_code_and_a_line(code: str) -> None:
    text, line = CASES[code]
    found = marked(text)
    assert [(w.code, w.line) for w in found.warnings if w.code == code] == [(code, line)]
    assert all(w.reason for w in found.warnings)


def test_a_clear_text_has_no_warning() -> None:
    assert marked(_law("Điều 1. Một", "Điều 2. Hai", "Điều 2a. Hai a", "Điều 3. Ba")).warnings == ()


@pytest.mark.parametrize("first", ["Điều 1. Một", "Điều 1a. Một"])
def test_a_title_and_a_preamble_are_not_ambiguous(first: str) -> None:
    preamble = "\nQUỐC HỘI\nLUẬT VỀ NƯỚC\n\nCăn cứ Hiến pháp;\nQuốc hội ban hành Luật về nước.\n\n"
    assert marked(preamble + _law(first, "Điều 2. Hai")).warnings == ()


def test_text_before_the_first_unit_that_is_longer_than_the_units() -> None:
    found = marked("\n" + _BODY * 30 + _law("Điều 1. Một", "Điều 2. Hai"))
    assert [(w.code, w.line) for w in found.warnings] == [("text-before-first-unit", 2)]


def test_numbers_that_a_range_covers_are_not_missing() -> None:
    found = marked(
        "§ 1 Zweck\n\nDas ist der Text des Gesetzes.\n\n§§ 2 bis 6 (weggefallen)\n\n§ 7 "
        "Ende\n\nDas ist der Text.\n"
    )
    assert found.profile == "de"
    assert found.warnings == ()


def test_a_real_duplicate_under_another_title_is_a_unit() -> None:
    found = marked(_law("Điều 1. Một", "Điều 2. Hai", "Điều 2. Một tên khác hẳn", "Điều 3. Ba"))
    assert [m.number for m in found.marks] == ["1", "2", "2", "3"]


def test_front_matter_is_not_text_before_the_first_unit() -> None:
    assert read("---\ntitle: Luật\n---\n" + _law("Điều 1. Một", "Điều 2. Hai")).warnings == ()


def test_lines_are_those_of_the_text_with_any_line_end() -> None:
    text, line = CASES["number-skipped"]
    assert [w.line for w in marked(text.replace("\n", "\r\n")).warnings] == [line]
