"""What a sequence of numbered lines lacks, and where numbers run a second time."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import codes, marked, numbers, read

_BODY = "The board shall see that the rules of the club are kept by every member of it.\n\n"
_FIRST = "(1) The members of the club shall pay the fee that the board sets.\n(2) It is yearly.\n"


def _sections(*wanted: int, text: str = _FIRST) -> str:
    return "".join(f"{i}. {text}" for i in wanted)


@pytest.mark.parametrize("text", [f"Fees\n{_BODY}", _FIRST, f"\n{_BODY}", f"\n\n{_BODY}"])
def test_a_gap_does_not_swallow_the_number_after_it(text: str) -> None:
    found = marked(_sections(1, 2, 4, 5, text=text))
    assert numbers(found) == ["1", "2", "4", "5"]
    assert "number-skipped" in codes(found)


def test_a_repealed_part_between_two_others_is_a_gap() -> None:
    found = marked(
        f"PART I\n{_sections(1, 2, 3, 4)}PART II\nSections 5 to 9 repealed.\n"
        f"PART III\n{_sections(10, 11, 12)}"
    )
    assert numbers(found) == ["1", "2", "3", "4", "10", "11", "12"]


@pytest.mark.parametrize(
    "above",
    [
        "Spending of the money of the club before the yearly budget is passed",
        "7 Club Laws 2002 Members of the club and of its committees ss. 3-4",
    ],
)
def test_the_next_number_below_a_long_line_without_a_stop_is_a_unit(above: str) -> None:
    text = f"{_sections(1, 2)}{above}\n{_sections(3, 4)}{above}\n{_sections(5)}"
    assert numbers(marked(text)) == ["1", "2", "3", "4", "5"]


def test_a_list_in_the_last_section_does_not_go_on_with_the_sections() -> None:
    listed = "".join(f"{i}. The members come on time.\n" for i in range(1, 8))
    assert numbers(marked(f"{_sections(1, 2, 3)}The rules of the house are these:\n{listed}")) == [
        "1",
        "2",
        "3",
    ]


def test_a_longer_list_in_an_appendix_leaves_the_main_part() -> None:
    listed = "".join(f"{i}. Rate of the fee\n\n{_BODY}" for i in range(1, 9))
    found = marked(f"{_sections(1, 2, 3, text=f'Fees{chr(10)}{_BODY}')}APPENDIX A\n\n{listed}")
    assert numbers(found) == ["1", "2", "3"]
    assert numbers(found, Level.ANNEX) == ["A"]


def test_numbers_that_run_a_second_time_without_a_heading_are_units() -> None:
    first = "".join(f"{i}. Chapter\n\n{_BODY}{i}.1. Part\n\n{_BODY}" for i in (1, 2, 3))
    second = f"1. Tools\n\n{_BODY}2. Steps\n\n{_BODY}2.1. tests\n\n{_BODY}3. End\n\n{_BODY}"
    found = marked(first + second)
    assert numbers(found) == ["1", "1.1", "2", "2.1", "3", "3.1", "1", "2", "2.1", "3"]
    assert "numbering-restarts" in codes(found)


def test_notes_on_deleted_sections_are_none() -> None:
    text = f"1. Name\n{_BODY}[2. Deleted by Act 4 s. 3.]\n\n3. Seat\n{_BODY}4. Board\n{_BODY}"
    assert numbers(marked(text)) == ["1", "3", "4"]


def test_the_number_of_a_running_head_is_no_section() -> None:
    head = "\n12 Club Laws 1979 Revised\n"
    text = f"{_sections(1, 2)}{head}{_sections(3, 4)}\n5 Club Laws 1979 Revised\n{_sections(5, 6)}"
    assert numbers(marked(text)) == ["1", "2", "3", "4", "5", "6"]


def test_a_stop_after_the_marks_of_bold() -> None:
    text = "".join(f"**{i}.1**. Use. The member uses the boats.\n\n" for i in (1, 2, 3))
    assert numbers(read(f"Terms\n\n{text}", ".md")) == ["1.1", "2.1", "3.1"]


@pytest.mark.parametrize(
    ("notes", "text"),
    [
        (("Fees.", "Seat of the"), "(1) The members of the club shall pay the fee that is set.\n"),
        (("Beiträge.", "Sitz des"), "Die Mitglieder des Vereins zahlen den Beitrag der Satzung.\n"),
        (("Cotisations.", "Siège de"), "Les membres de la société versent la cotisation fixée.\n"),
        (("Ada.", "Makao ya"), "Wanachama wa chama hiki watalipa ada iliyowekwa na bodi.\n"),
        (("Contributie.", "Zetel van de"), "De leden van de vereniging betalen de contributie.\n"),
    ],
)
def test_a_number_behind_a_margin_note_is_the_one_that_lacks(
    notes: tuple[str, str], text: str
) -> None:
    lines = [f"{i}. {text}" for i in range(1, 8)]
    lines[3], lines[4], lines[6] = (f"{notes[0]} {lines[3]}", f"{notes[1]} {lines[4]}", lines[6])
    found = marked("\n".join(lines))
    assert numbers(found) == ["1", "2", "3", "4", "5", "6", "7"]
    assert found.marks[3].title == notes[0][:-1]


@pytest.mark.parametrize("before", ["Under the Rule", "See No.", "The Act of 1987,", "as said in"])
def test_a_number_in_a_sentence_is_not_behind_a_margin_note(before: str) -> None:
    text = f"{_sections(1, 2)}{before} 3. It tells more of the club.\n{_sections(4, 5)}"
    assert numbers(marked(text)) == ["1", "2", "4", "5"]


@pytest.mark.parametrize("sentence", [_BODY.strip(), "Die Teiche sind tief.", "Les eaux coulent."])
def test_numbers_alone_on_their_lines_head_what_stands_below(sentence: str) -> None:
    found = marked("\n".join(f"{i}.\n{sentence}" for i in (1, 2, 4, 5)))
    assert numbers(found) == ["1", "2", "4", "5"]
    assert codes(found) == ["number-skipped"]


@pytest.mark.parametrize("word", ["APPENDIX", "ANNEX", "Schedule"])
def test_a_head_without_a_number_does_not_take_that_of_its_first_section(word: str) -> None:
    section = _BODY.strip()
    text = "\n".join([*(f"{i}. {section}" for i in (1, 2, 3, 4)), word, f"1. {section}"])
    found = marked(f"{text}\n2. {section}")
    assert numbers(found) == ["1", "2", "3", "4"]
    assert [(m.label, m.level) for m in found.marks[4:]] == [(word, Level.ANNEX)]


def test_a_note_on_an_omitted_section_may_end_a_line_below() -> None:
    note = "[3. Omitted under the Reprints Act 1984 s. 7(4)(f) and\n(g).]\n\n"
    found = marked(f"{_sections(1, 2)}\n{note}{_sections(4, 5)}")
    assert (numbers(found), found.doubts) == (["1", "2", "4", "5"], ())
