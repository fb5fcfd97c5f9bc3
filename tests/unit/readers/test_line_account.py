"""Each line that looks like the start of a unit has a reason, and the reasons come to all of them."""

from __future__ import annotations

from domain.reading.doubts import LineReason
from domain.reading.marks import Granularity
from tests.unit.readers.helpers import marked, numbers, read

TEXT = """Article 1. Scope
The board may:
(a) meet;
(b) vote under
Article 9 of the other law.

Article 2. Words
In the other law is put:
“Article 5. New
1. One.
2. Two.”
"""


def test_each_line_has_the_reason_that_fits() -> None:
    account = marked(TEXT).account
    assert account.counts == {
        "unit": 2,
        "list item": 2,
        "quotation": 3,
        "cross-reference": 1,
    }
    assert account.unexplained == ()


def test_items_that_are_cut_are_sub_units() -> None:
    account = marked(TEXT, granularity=Granularity.SUB).account
    assert account.counts["sub unit"] == 2
    assert LineReason.LIST_ITEM not in account.counts


def test_a_table_of_contents_has_a_reason() -> None:
    titles = ("Scope", "Words", "Rights", "Duties")
    listed = "".join(f"Article {n}. {title}\n" for n, title in enumerate(titles, 1))
    body = "".join(
        f"Article {n}. {title}\n{'It is the duty of the board. ' * 20}\n"
        for n, title in enumerate(titles, 1)
    )
    account = marked(f"Table of contents\n{listed}\n{body}").account
    assert account.counts["table of contents"] == 4
    assert account.counts["unit"] == 4


def test_parts_are_kept_where_they_stand() -> None:
    account = marked(TEXT).account
    starts = {mark.start for mark in marked(TEXT).marks}
    listed = [part for part in account.parts if part.reason == LineReason.LIST_ITEM]
    assert [(part.start in starts, part.lines) for part in listed] == [(True, 2)]


def test_the_clause_after_a_colon_is_quoted_and_one_in_the_open_is_unexplained() -> None:
    body = "The board meets in the house.\n"
    units = "".join(f"Article {n}. Name {n}\n{body}" for n in (1, 2, 3, 4))
    announced = units.replace(
        "Name 2\n", "Name 2\nThe other act reads as follows:\nArticle 9. Old\n"
    )
    assert marked(announced).account.unexplained == ()
    found = marked(units.replace("Name 2\n", f"Name 2\n{body}Article 9. Old\n")).account
    [line] = found.unexplained
    assert (line.line, line.text) == (5, "Article 9. Old")


def test_a_line_in_a_script_of_its_own_is_accounted_for() -> None:
    text = "".join(
        f"第{n}条 为了管理灯具，制定本法。\n（一）手灯；\n（二）挂灯。\n" for n in "一二三四"
    )
    account = read(text).account
    assert account.counts == {"unit": 4, "list item": 8}


def test_numbers_that_go_on_behind_a_tabulator_are_doubted() -> None:
    body = "The members of the club pay the fee that the board sets for the year."
    rows = "".join(f"Article {n}. {body}\tArticle {n + 3}. {body}\n" for n in (1, 2, 3))
    found = marked(rows)
    assert numbers(found) == ["1", "2", "3"]
    assert [d.line for d in found.doubts if d.code == "unexplained-line"] == [1, 2, 3]


def test_a_reference_behind_a_tabulator_is_no_unit_of_a_column() -> None:
    body = "The members of the club pay the fee that the board sets for the year."
    rows = "".join(f"Article {n}. {body}\tArticle 4 holds.\n" for n in (1, 2, 3))
    assert marked(rows).doubts == ()
