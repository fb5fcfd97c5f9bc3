"""Codes of cities: a charter before the code, sections numbered in chapters, ranges reserved, and
quotation marks that nobody closed.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

_TEXT = (
    "The clerk of the city shall keep the records of the council, and any of them is open to the "
    "members that ask for it; it shall not be lent to others by the clerk or in his name."
)


def _sections(*names: str) -> str:
    return "".join(f"Sec. {name}. - Duty.\n{_TEXT}\n\n" for name in names)


def _chapter(c: int, count: int, title: str = "Chapter {} - DUTIES") -> str:
    return f"{title.format(c)}\n\n" + _sections(*(f"{c}-{n}" for n in range(1, count + 1)))


@pytest.mark.parametrize(
    ("charter", "code"),
    [
        (("1", "2", "3", "4", "5"), "Chapter {} - DUTIES"),
        (("1", "2", "2.1", "3", "4"), "CHAPTER {}. DUTIES"),
        (("1", "1A", "1B", "2", "3"), "Chapter {}\n\nDuties"),
        (tuple(map(str, range(1, 40))), "Chapter {} - DUTIES"),
        (("1", "2", "3", "9", "10"), "Chapter {} — DUTIES"),
    ],
)
def test_a_code_begins_anew_behind_the_charter(charter: tuple[str, ...], code: str) -> None:
    text = f"PART I - CHARTER\n\n{_sections(*charter)}PART II - CODE OF ORDINANCES\n\n"
    found = marked(text + "".join(_chapter(c, 6, code) for c in (1, 2, 3)))
    own = [f"{c}-{n}" for c in (1, 2, 3) for n in range(1, 7)]
    assert numbers(found) == [*charter, *own]


@pytest.mark.parametrize("count", [3, 4, 8, 20, 60])
def test_a_quotation_that_holds_a_stretch_of_the_series_is_none(count: int) -> None:
    form = '"The defendant having been tried for the offence is guilty.\n'
    last = 'The act is known as the "Records Act.\n"Records" are kept.\nThat is its "name."\n'
    before, inside = range(1, 4), range(4, 4 + count)
    text = (
        "Chapter 2 - COURTS\n\n"
        + _sections(*(f"2-{n}" for n in before))
        + form
        + _sections(*(f"2-{n}" for n in inside))
        + last
        + _sections(*(f"2-{n}" for n in range(4 + count, 7 + count)))
    )
    found = marked(text)
    assert numbers(found) == [f"2-{n}" for n in range(1, 7 + count)]


def test_what_an_amending_act_quotes_stays_quoted() -> None:
    quoted = "“" + _sections("3", "4", "5").strip() + "”\n\n"
    text = _sections("1") + f"Sec. 2. - Insertion.\nAfter section 2 is inserted:\n{quoted}"
    found = marked(text + _sections("3", "4"))
    assert numbers(found) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "note",
    [
        "Secs. 4—9. - Reserved.",
        "Secs. 4-9. - Reserved.",
        "Sections 4 to 9. Repealed.",
        "Secs. 4–9. RESERVED",
        "[Secs. 4 to 9 repealed.]",
    ],
)
def test_numbers_that_are_said_to_be_reserved_are_no_hole(note: str) -> None:
    found = marked(
        "Article I\n\n" + _sections("1", "2", "3") + f"{note}\n\n" + _sections("10", "11")
    )
    assert [n for n in numbers(found, Level.BASIC) if n.isdecimal()] == ["1", "2", "3", "10", "11"]
    assert not [doubt for doubt in found.doubts if doubt.code == "number-holes"]
