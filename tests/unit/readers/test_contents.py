"""Contents lists are not cut instead of the text, and short acts are not taken for them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import codes, marked, numbers

_BODY = "The board shall see that the rules of the club are kept by every member of it.\n" * 3
_TITLES = ("Terms", "Scope", "Fees", "Duties", "End")


def _text(head: str, *, title: bool) -> str:
    return "".join(
        f"{head.format(i)}{f' {name}.' if title else f'{chr(10)}{name}'}\n{_BODY}\n"
        for i, name in enumerate(_TITLES, 400)
    )


@pytest.mark.parametrize("title", [True, False])
@pytest.mark.parametrize("head", ["§ {}.", "Section {}:", "Article {}"])
def test_a_list_that_no_heading_announces(head: str, title: bool) -> None:
    listed = "".join(f"{head.format(i)} {name}.\n" for i, name in enumerate(_TITLES, 400))
    text = f"THE CLUB ACT\n\n{listed}\n{_text(head, title=title)}"
    found = marked(text, profile="en")
    assert numbers(found) == ["400", "401", "402", "403", "404"]
    assert found.marks[0].start > len(listed)
    assert "table-of-contents" in codes(found)


def test_a_list_of_numbers_alone_whose_titles_stand_above_the_sections() -> None:
    listed = "".join(f" {i}. {name}\n" for i, name in enumerate(_TITLES, 1))
    body = "".join(f"{name}\n{i}. (1) {_BODY}" for i, name in enumerate(_TITLES, 1))
    found = marked(f"THE CLUB ACT\n\nPART I\n{listed}\nPART I\n{body}")
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert found.marks[-1].end - found.marks[-1].start > len(_BODY)
    assert all(mark.start > len(listed) for mark in found.marks if mark.unit_kind == "section")


def test_a_list_goes_on_with_that_of_a_schedule() -> None:
    titles = "".join(f"{i}.\tRates\t{i}\n" for i in (1, 2, 3, 4))
    sections = "".join(f"{i}.\tFees\n{_BODY}" for i in (1, 2, 3, 4, 5))
    found = marked(
        f"Contents\n{titles}5.\tEnd\t6\nFirst Schedule — Rates\n{titles}\n"
        f"Club Act\n\n{sections}First Schedule — Rates\n{titles.replace('Rates', 'The rate')}"
    )
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert found.marks[0].start > len(titles) * 2


def test_a_list_behind_the_text() -> None:
    listed = "".join(f"{i}. {name}\n" for i, name in enumerate(_TITLES, 1))
    body = "".join(f"{i}. (1) {_BODY}" for i in range(1, 6))
    found = marked(f"CLUB ACT\n\n{body}ARRANGEMENT OF SECTIONS\n{listed}")
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert found.marks[0].start < len(body)


def test_short_articles_of_a_decree_are_no_list_of_the_rules_that_it_adopts() -> None:
    decree = "".join(
        f"Article {i}\n\n{text}\n\n"
        for i, text in enumerate(("The rules are adopted.", "The minister acts.", "In force."), 1)
    )
    rules = "".join(f"Article {i}\n\n{_BODY}\n" for i in range(1, 9))
    found = marked(f"{decree}Article 4\n\nIt is published.\n\nRULES OF THE CLUB\n\n{rules}")
    assert numbers(found) == ["1", "2", "3", "4", *(str(i) for i in range(1, 9))]
    assert "table-of-contents" not in codes(found)


def _chapters(titles: Sequence[str]) -> str:
    return "".join(f"Chapter {i}\n{title}\n\n{_BODY * 3}\n" for i, title in enumerate(titles, 1))


def test_a_list_of_numbers_of_what_chapters_hold() -> None:
    listed = "".join(f"1.{i}. {title} .... {i}\n" for i, title in enumerate(_TITLES, 1))
    found = marked(f"HOUSE RULES\n\n{listed}\n{_chapters(_TITLES)}", profile="en")
    assert [mark.label for mark in found.marks] == [f"Chapter {i}" for i in range(1, 6)]
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert "table-of-contents" in codes(found)
    assert not found.doubts


def test_a_list_of_more_than_there_are_chapters_is_a_doubt() -> None:
    listed = "".join(f"{i}.{k}. {_TITLES[k]}\n" for i in (1, 2) for k in (1, 2, 3))
    found = marked(f"HOUSE RULES\n\n{listed}\n{_chapters(_TITLES[:2])}", profile="en")
    assert numbers(found) == ["1", "2"]
    assert [doubt.code for doubt in found.doubts] == ["thin-margin"]


def test_chapters_are_cited_where_nothing_smaller_is_and_parts_still_group_them() -> None:
    found = marked(f"HOUSE RULES\n\nPart A\n\n{_chapters(_TITLES[:3])}", profile="en")
    assert numbers(found) == ["1", "2", "3"]
    assert numbers(found, Level.CONTAINER) == ["A"]
    assert [mark.parent for mark in found.marks] == [None, 0, 0, 0]


_BOATS = ("Licences", "Renewal of licences", "Fees", "Registers", "Penalties")
_SENTENCE = (
    "No person shall keep a boat in the harbour unless the board has given that person leave.\n"
    "  (1) The board shall keep a book of such persons.\n  (2) The book shall be open to all.\n"
)


@pytest.mark.parametrize(
    ("code", "chapter", "parts"),
    [
        ("", "837", ("005", "010", "015", "030", "040")),
        ("NRS ", "1", ("010", "020", "0435", "044", "055")),
        ("KRS ", "61", ("805", "810", "820", "830", "870")),
        ("NRS\u2002", "432B", ("010", "0135", "014", "110", "1105")),
        ("", "1", ("001", "002", "003", "110", "735")),
    ],
)
@pytest.mark.parametrize("indent", ["", "      ", "\xa0\xa0\xa0\xa0\xa0 "])
def test_what_a_contents_list_of_a_code_lists_is_a_section_however_it_is_set(
    code: str, chapter: str, parts: tuple[str, ...], indent: str
) -> None:
    sections = [f"{code}{chapter}.{part}" for part in parts]
    listed = "".join(f"{n}     {title}\n" for n, title in zip(sections, _BOATS, strict=True))
    body = "".join(
        f"{indent}{n}  {title}.  {_SENTENCE}{indent}[1911 c.9; 2005 c.{i}]\n"
        for i, (n, title) in enumerate(zip(sections, _BOATS, strict=True))
    )
    text = f"Of boats\n\n{listed}\nGENERALLY\n\n{body}"
    found = marked(text, profile="en")
    assert numbers(found) == [f"{chapter}.{part}" for part in parts]
    units = [mark for mark in found.marks if mark.level is Level.BASIC]
    assert [mark.label for mark in units] == [n.replace("\u2002", " ") for n in sections]
    assert units[0].start >= len(listed)
    assert "contents-cut" not in {doubt.code for doubt in found.doubts}


def test_the_number_of_a_code_within_a_sentence_is_no_section() -> None:
    text = "".join(
        f"{i}. {title}\nWhat is said in\nNRS 1.0{i}0 of this is so.\n\n"
        for i, title in enumerate(_BOATS, start=1)
    )
    assert numbers(marked(text, profile="en")) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "given",
    [
        ("1.61-1", "1.61-2T", "1.1031(a)-1", "1.1031(b)-1", "1.1031(d)-1T"),
        ("1.1.a", "1.1.b", "1.2.a", "1.2.b", "1.3.a"),
        ("12.3bis", "12.4", "12.5ter", "12.6", "12.7"),
        ("L.111-1", "L.111-2", "L.111-3", "R.1.2-1", "R.1.2-2"),
        ("1.²", "1.2³", "1.3", "1.4", "1.5"),
    ],
)
@pytest.mark.parametrize("word", ["§", "Section", "Article"])
def test_numbers_of_any_form_are_compared(given: tuple[str, ...], word: str) -> None:
    listed = "".join(f"{word} {n} {title}\n" for n, title in zip(given, _BOATS, strict=True))
    body = "".join(
        f"{word} {n} {title}\n{_SENTENCE}" for n, title in zip(given, _BOATS, strict=True)
    )
    found = marked(f"{listed}\n{body}", profile="en")
    assert len(found.marks) <= 2 * len(given)
