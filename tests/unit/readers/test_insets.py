"""Long lists inside a numbered act, units in attachments only, and what else swallowed sections in
silence.
"""

from __future__ import annotations

import pytest

from adapters.readers.numbered.insets import runs_left_out
from adapters.readers.numbered.lines import numbered_lines
from adapters.readers.numbers.paths import path_of
from adapters.readers.text.normalised import View
from domain.reading.marks import Level
from tests.unit.readers.helpers import codes, marked, numbers

_TEXT = "The Harbour Act is amended in the way that the board of the harbour has asked for.\n"


def _sections(*wanted: int) -> str:
    return "".join(f"{i}. Amendment of section {i + 40}.\n{_TEXT}" for i in wanted)


def _list(last: int, end: str = ";") -> str:
    return "".join(f"{i}. Keeper of the Light Number {i}{end}\n" for i in range(1, last + 1))


@pytest.mark.parametrize("last", [4, 6, 12, 40])
@pytest.mark.parametrize("end", [";", ".", ""])
def test_a_list_longer_than_the_act_takes_no_section_from_it(last: int, end: str) -> None:
    text = f"{_sections(1, 2, 3)}It is replaced as follows:\n{_list(last, end)}{_sections(4, 5)}"
    assert numbers(marked(text)) == ["1", "2", "3", "4", "5"]


def test_two_such_lists_take_nothing() -> None:
    text = f"{_sections(1, 2)}Put in:\n{_list(9)}{_sections(3)}Put in:\n{_list(20)}{_sections(4)}"
    assert numbers(marked(text)) == ["1", "2", "3", "4"]


def test_a_part_whose_numbers_start_again_is_no_list() -> None:
    text = f"{_sections(1, 2, 3)}\nRULES\n\n{_sections(1, 2, 3, 4, 5, 6)}"
    assert numbers(marked(text)) == ["1", "2", "3", "1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ([1, 2, 3, 4, 5, 6], [4, 5]),
        ([1, 2, 3, 9, 10], [4, 5, 6]),
        ([1, 2, 3, 4], [7, 8]),
        ([1, 2, 3, 4, 5], []),
    ],
)
def test_a_clear_run_that_is_no_list_is_named(kept: list[int], left: list[int]) -> None:
    view = View(_sections(*kept, *left))
    items = numbered_lines(view)
    for item in items:
        item.weight = 2.0
    pairs = [(item, path_of(item.number)) for item in items]
    found = runs_left_out(items, pairs, pairs[: len(kept)])
    assert [item.order.whole for item in found] == left


def test_the_rest_of_a_list_is_no_run_of_its_own() -> None:
    view = View(f"{_sections(1, 2)}{_list(3)}10\n4. Keeper four;\n11\n5. Keeper five;\n")
    items = [item for item in numbered_lines(view) if item.rest]
    for item in items:
        item.weight = 2.0
    pairs = [(item, path_of(item.number)) for item in items]
    good = [pair for pair in pairs if pair[0].rest != "Keeper of the Light Number 3;"]
    assert runs_left_out(items, good, pairs[:2]) == []


@pytest.mark.parametrize("head", ["SCHEDULE", "First Schedule", "SCHEDULE 1\nThe Treaty"])
@pytest.mark.parametrize(
    "listed", ["ARRANGEMENT OF SECTIONS\n1. Short title\n2. Force\n3. Orders\n", ""]
)
def test_articles_of_a_treaty_in_a_schedule_leave_the_sections_of_the_act(
    head: str, listed: str
) -> None:
    act = "".join(
        f"{n}. {title}\n{_TEXT * 2}"
        for n, title in enumerate(("Short title", "Force", "Orders"), 1)
    )
    treaty = "".join(
        f"ARTICLE {n}\nDefinitions\n1. In this Treaty a word has its sense.\n{_TEXT * 3}"
        f"2. Any other word has the sense that the law gives it.\n{_TEXT * 3}"
        for n in ("I", "II", "III", "IV", "V", "VI")
    )
    found = marked(f"TREATY ACT\n{listed}{act}{head}\n{treaty}", profile="en")
    assert numbers(found) == ["1", "2", "3", "I", "II", "III", "IV", "V", "VI"]
    assert len(numbers(found, Level.ANNEX)) == 1


def test_articles_before_a_schedule_stay_the_units() -> None:
    articles = "".join(
        f"Article {i}\n1. The club meets.\n{_TEXT * 2}2. It keeps minutes.\n{_TEXT * 2}"
        for i in range(1, 6)
    )
    found = marked(f"{articles}SCHEDULE\nArticle 1\n{_TEXT}Article 2\n{_TEXT}", profile="en")
    assert numbers(found) == ["1", "2", "3", "4", "5", "1", "2"]


@pytest.mark.parametrize("act", ["2 of 2006", "3 of 1999", "12 of 2015"])
def test_the_number_of_an_amending_act_on_a_line_of_its_own_lists_nothing(act: str) -> None:
    note = f"[subsection deleted by Act\n{act}\n]\n"
    text = "".join(
        f"{i}. Terms of office of members\n{_TEXT}{note if i in (6, 7) else ''}"
        for i in range(1, 10)
    )
    text += f"{note}The fees are those of Act\n8 of 2015\n, as amended by Act\n8 of 2015\n."
    found = marked(text, profile="en")
    assert numbers(found) == [str(i) for i in range(1, 10)]
    assert "table-of-contents" not in codes(found)


@pytest.mark.parametrize(
    "day", ["1 May 2018: Sections 2 to 4", "1 January 2020", "1 of 2006", "1 Sept. 2019 and later"]
)
def test_a_day_or_the_number_of_an_act_before_the_first_section_is_none(day: str) -> None:
    text = "".join(f"{i}.  {_TEXT}\n" for i in range(1, 5))
    found = marked(f"Act 2017\n\n[{day}]\n\n{day} ]\n\nPRELIMINARY\n\n{text}", profile="en")
    assert [mark.label for mark in found.marks if mark.level is Level.BASIC] == [
        "1.",
        "2.",
        "3.",
        "4.",
    ]
