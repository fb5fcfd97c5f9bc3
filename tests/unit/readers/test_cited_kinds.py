"""Which of two kinds of headings people cite, where one stands below the other."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

_TEXT = (
    "The clerk of the town shall keep the records of the council, and any of them is open to the "
    "members that ask for it; it shall not be lent to others by the clerk or in his name."
)
_GROUPS = {
    "Article I": ["Section 2-1", "Section 2-2", "Section 2-3"],
    "Article II": ["Section 2-31", "Section 2-32", "Section 2-33"],
    "Article III": ["Section 2-61", "Section 2-62"],
}


def _law(
    groups: dict[str, list[str]], article: str = "{}. In general", section: str = "{}. Duty"
) -> str:
    parts = []
    for group, sections in groups.items():
        parts.append(article.format(group))
        for number in sections:
            parts += [section.format(number), _TEXT]
    return "".join(f"{part}\n\n" for part in parts)


@pytest.mark.parametrize(
    ("word", "group", "heading"),
    [
        ("Section", "ARTICLE {}. - IN GENERAL", "Sec. {}. - Duty."),
        ("Section", "Article {}", "§ {}. Duty."),
        ("Section", "ARTICLE {}\nIn General", "Sec. {} Duty."),
        ("Section", "Article {} — In General", "SECTION {}. DUTY"),
        ("Section", "**ARTICLE {}. IN GENERAL**", "**Sec. {}. Duty.**"),
    ],
)
def test_sections_that_count_on_through_articles_are_cited(
    word: str, group: str, heading: str
) -> None:
    text = _law(
        {name.split()[1]: [s.split()[1] for s in sections] for name, sections in _GROUPS.items()},
        group,
        heading,
    )
    found = marked(f"CHAPTER 2\n\nADMINISTRATION\n\n{text}")
    assert numbers(found) == ["2-1", "2-2", "2-3", "2-31", "2-32", "2-33", "2-61", "2-62"]
    assert numbers(found, Level.CONTAINER) == ["2", "I", "II", "III"]
    assert not found.doubts


def test_chapters_may_leave_numbers_between_their_sections_and_those_of_the_next() -> None:
    text = "".join(
        f"Chapter {c}\n\nOF BOATS\n\n"
        + _law({f"Article {n}": [f"§ {c}-{n}{m}0" for m in (0, 1, 2)] for n in (1, 2)})
        for c in (10, 20, 30)
    )
    found = marked(text)
    assert len(numbers(found)) == 18
    assert numbers(found)[5:7] == ["10-220", "20-100"]
    assert not [doubt for doubt in found.doubts if doubt.code == "number-holes"]


@pytest.mark.parametrize(
    "sections",
    [
        {"Article I": ["Section 1", "Section 2"], "Article II": ["Section 1", "Section 2"]},
        {"Article 1": ["Section 1.1", "Section 1.2"], "Article 2": ["Section 2.1", "Section 2.2"]},
        {"Article I": ["Section 1.01", "Section 1.02"], "Article II": ["Section 2.01"]},
        {"Article 1": ["Section 1-1", "Section 1-2"], "Article 2": ["Section 2-1", "Section 2-2"]},
        {"Article I": ["§ 1", "§ 2", "§ 3"], "Article II": ["§ 1", "§ 2", "§ 3"]},
    ],
    ids=["again", "parts", "roman", "hyphen", "signs"],
)
def test_sections_of_an_article_divide_it(sections: dict[str, list[str]]) -> None:
    found = marked(_law(sections))
    assert numbers(found) == [name.split()[1] for name in sections]
