"""Headings that a row of signs underlines."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import numbers, read

_TEXT = "The members of the club and their guests are heard by the board, and it is bound by that."


@pytest.mark.parametrize(
    ("high", "low"), [("=", "-"), ("-", "~"), ("=", "~"), ("^", "-"), ("+", "=")]
)
def test_underlined_headings_are_the_units_of_a_text(high: str, low: str) -> None:
    titles = ["Aims", "Standard voting", "Removal of a member", "Amendments"]
    listed = "1. Keep the boats in order.\n\n2. Lend them to the members.\n\n"
    text = f"Club bylaws\n{high * 11}\n\n" + "".join(
        f"{title}\n{low * len(title)}\n\n{_TEXT}\n\n{listed}" for title in titles
    )
    found = read(text)
    assert numbers(found) == titles
    assert not found.doubts


@pytest.mark.parametrize(
    "table",
    [
        "Name  Fee\n---------\nBoat    5\n",
        "Signed by\n" + "-" * 40 + "\n",
        "and in the end of it\n----\n",
    ],
)
def test_a_row_below_the_head_of_a_table_underlines_no_heading(table: str) -> None:
    text = "".join(f"Article {n}. Duty\n{_TEXT}\n\n{table}\n" for n in range(1, 6))
    found = read(text)
    assert numbers(found) == list("12345")
    assert not [mark for mark in found.marks if mark.level is not Level.BASIC]
