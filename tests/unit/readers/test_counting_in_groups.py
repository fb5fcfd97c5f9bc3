"""Lines that count on in the own text of parts and chapters are units that were missed."""

from __future__ import annotations

import pytest

from tests.unit.readers.helpers import marked

_TEXT = "The clerk of the town keeps the records of the council and lends them to nobody."
_TREATY = "".join(f"Article {n}\n{_TEXT}\n\n" for n in range(1, 13))


@pytest.mark.parametrize(
    "heading",
    [
        "{}  Duty of the clerk",
        "{} Duty of the clerk",
        "{}: Duty of the clerk",
        "{}\tDuty of the clerk",
        "{} — Duty of the clerk",
    ],
)
def test_sections_before_the_articles_of_a_treaty_are_named(heading: str) -> None:
    parts = "".join(
        f"Part {p}—Of Records\n\n"
        + "".join(f"{heading.format(n)}\n{_TEXT}\n\n" for n in range(3 * p - 2, 3 * p + 1))
        for p in (1, 2, 3)
    )
    found = marked(f"{parts}Schedule 1\nThe Treaty\n\n{_TREATY}")
    if len([mark for mark in found.marks if mark.unit_kind == "section"]) == 9:
        return  # cut right, which is better than a doubt
    named = {doubt.reason for doubt in found.doubts if doubt.code == "unexplained-line"}
    assert any("Duty of the clerk" in reason for reason in named)


def test_a_list_in_one_chapter_is_none() -> None:
    listed = "".join(f"{n}. Boats that are longer than others.\n" for n in range(1, 8))
    chapters = "".join(
        f"Chapter {c}\nOf Boats\n\n{listed if c == 2 else ''}\n"
        + "".join(f"Article {n}\n{_TEXT}\n\n" for n in range(5 * c - 4, 5 * c + 1))
        for c in (1, 2, 3)
    )
    assert not marked(chapters).doubts


def test_forms_that_are_numbered_through_the_parts_of_an_annex_are_none() -> None:
    parts = "".join(
        f"Part {p}\n\n"
        + "".join(
            f"{n}. Name of the boat and of its owner\n\n" for n in range(3 * p - 2, 3 * p + 1)
        )
        for p in (1, 2, 3)
    )
    assert not marked(f"{_TREATY}Annex I\nApplication\n\n{parts}", profile="en").doubts
