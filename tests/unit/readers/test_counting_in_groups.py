"""Lines that count on in the own text of parts and chapters are units that were missed."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, read

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


_HEADINGS = {
    "roman": "## {roman}. General {n}",
    "letters": "## {letter}. General {n}",
    "words": "## General {letter}",
    "setext": "{roman}. General {n}\n-----------",
    "bold": "## **{roman}.** **General {n}**",
}


def _regulation(heading: str, *, again: bool) -> str:
    parts, number = ["# Rules of the house\n\n"], 1
    for n, (roman, letter) in enumerate(zip(["I", "II", "III", "IV"], "ABCD", strict=True), 1):
        parts.append(heading.format(roman=roman, letter=letter, n=n) + "\n\n")
        number = 1 if again else number
        for _ in range(4):
            parts.append(f"{number}. {_TEXT}\n\n")
            number += 1
    return "".join(parts)


@pytest.mark.parametrize("form", list(_HEADINGS))
def test_sections_that_count_on_through_chapters_that_were_cut_are_named(form: str) -> None:
    found = read(_regulation(_HEADINGS[form], again=False), ".md")
    if [mark.number for mark in found.marks if mark.level is Level.BASIC][-1:] == ["16"]:
        return  # cut right, which is better than a doubt
    assert [doubt.line for doubt in found.doubts if doubt.code == "unexplained-line"]


@pytest.mark.parametrize("form", list(_HEADINGS))
def test_a_list_that_begins_again_in_each_chapter_is_none(form: str) -> None:
    found = read(_regulation(_HEADINGS[form], again=True), ".md")
    assert not [doubt for doubt in found.doubts if doubt.code == "unexplained-line"]
