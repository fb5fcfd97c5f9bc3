"""Forms in which laws print the numbers of their units."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

_EN = (
    "The members of the club and the guests that are in the house by the leave of the board shall "
    "be heard in the meeting, and any of them is free to speak for the time that the board allows."
)
_RU = "Члены общества собираются раз в году, и председатель совета созывает их для этого."
_JA = "会員は毎年三月に理事会の定める場所において総会を開くものとする。"


@pytest.mark.parametrize(
    "heading",
    [
        "Article ({})",
        "Article ({})\nMeetings",
        "Article ({}): Meetings",
        "ARTICLE ({})",
        "**Article ({})**",
    ],
)
def test_the_number_of_an_article_may_stand_in_brackets(heading: str) -> None:
    chapters = {1: "Chapter One\nDefinitions\n\n", 4: "Chapter Two\nOf Boats\n\n"}
    listed = (
        "1. A member pays the fee.\n2. A guest pays none, as Clause (1) of this Article says.\n"
    )
    text = "".join(
        f"{chapters.get(n, '')}{heading.format(n)}\n{_EN}\n{listed}\n" for n in range(1, 7)
    )
    found = marked(text)
    assert numbers(found) == list("123456")
    assert numbers(found, Level.CONTAINER) == ["One", "Two"]
    assert not found.doubts


def test_a_reference_to_an_article_in_brackets_heads_nothing() -> None:
    wrapped = "The board acts under\nArticle (1) of the act, and\nArticle (2) shall not apply.\n"
    text = "".join(f"Article ({n})\n{_EN}\n{wrapped}\n" for n in range(1, 5))
    assert numbers(marked(text)) == list("1234")


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("Статья {}", "article"), ("СТАТЬЯ {}.", "article"), ("Правило {}", "rule")],
)
@pytest.mark.parametrize("roman", [True, False])
def test_russian_treaties_have_roman_articles_and_rules(
    heading: str, kind: str, roman: bool
) -> None:
    names = ["I", "II", "III", "IV", "V"] if roman else list("12345")
    if roman and kind == "rule":
        names = ["1", "2", "3", "3bis", "4"]
    text = "".join(f"{heading.format(n)}\n\n{_RU}\n\n1. {_RU}\n\n2. {_RU}\n\n" for n in names)
    found = marked(text)
    assert (found.profile, numbers(found)) == ("ru", names)
    assert {mark.unit_kind for mark in found.marks if mark.level is Level.BASIC} == {kind}


@pytest.mark.parametrize("heading", ["附則", "附　則", "附　則　抄", "附 則 抄", "附則抄"])
def test_supplementary_provisions_are_no_part_of_the_last_article(heading: str) -> None:
    articles = "".join(f"第{n}条　{_JA}\n" for n in "一二三")
    found = marked(f"{articles}{heading}\n（施行期日）\n１　この法律は、公布の日から施行する。\n")
    assert len(numbers(found)) == 3
    assert [mark.unit_kind for mark in found.marks if mark.level is Level.ANNEX] == ["annex"]
