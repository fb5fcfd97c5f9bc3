"""Units with heading words against units that numbers alone head: which reading is chosen."""

from __future__ import annotations

import pytest

from adapters.readers.html.reader import HtmlReader
from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import marked, numbers

_BODY = "The board shall see that the rules of the club are kept by every member of it.\n\n"
_RULES = "".join(f"{i}. Fees of the club\n\n{_BODY}" for i in range(1, 8))
_SEVEN = [str(i) for i in range(1, 8)]


@pytest.mark.parametrize(
    "annex",
    [
        "SCHEDULE\n\nSections 1 and 7\n\nThe table of fees.\n",
        "FORM A\n\nSections 1 and 7(1) of the Act may be changed.\n",
        "NOTE\n\nRegulation 2 defines words.\nRegulation 3(1) does so.\nRegulation 4 sets fees.\n",
        "SCHEDULE 1\n\nSection 9 (3)\n\nForm of notice\n",
        "Schedule 2\nArticle 2a (1)\nArticle 2b (1), (2) or (3)\nArticle 4 (1)\nArticle 7a (1)\n",
    ],
)
def test_a_few_lines_with_a_word_do_not_beat_the_numbers_of_the_act(annex: str) -> None:
    found = marked(_RULES + annex)
    assert numbers(found) == _SEVEN
    assert all(mark.number == "" for mark in found.marks if mark.unit_kind == "article")


def test_headings_of_pages_are_weighed_as_well() -> None:
    rules = "".join(f"<h3>{i}. Fees</h3><p>{_BODY}</p>" for i in range(1, 8))
    page = f"<html><body><h1>Rules</h1>{rules}<h2>Form</h2><p>Section 74</p><p>A.</p></body></html>"
    found = HtmlReader().read(page.encode(), granularity=Granularity.BASIC, profile=None)
    assert numbers(found) == _SEVEN


def test_words_right_above_numbers_group_them() -> None:
    found = marked(
        f"DIVISION I\nGENERAL\n1. Terms\n\n{_BODY}2. Scope\n\n{_BODY}§ 1. — Members\n\n"
        f"3. Fees\n\n{_BODY}4. Duties\n\n{_BODY}§ 2. — Guests\n\n5. Fees\n\n{_BODY}6. Duties\n\n{_BODY}"
    )
    assert numbers(found) == ["1", "2", "3", "4", "5", "6"]
    assert numbers(found, Level.CONTAINER) == ["I", "1", "2"]


def test_margin_notes_that_name_sections_do_not_beat_the_numbers() -> None:
    note = "Act of 1992\nSection 11. Act\nof 1995\n\n"
    found = marked(
        "".join(f"{note if i == 4 else ''}{i}.-(1) The club is open.\n{_BODY}" for i in range(1, 8))
    )
    assert numbers(found) == _SEVEN
    assert found.choice.chosen == "numbers"


def test_a_list_in_one_of_a_few_articles_does_not_beat_the_articles() -> None:
    listed = "".join(f"{i}. Boats of every kind\n\n" for i in range(1, 10))
    found = marked(
        f"Article 1\nTerms\n\nThese are boats:\n\n{listed}Article 2\nScope\n\n{_BODY}"
        f"Article 3\nEnd\n\n{_BODY}"
    )
    assert numbers(found) == ["1", "2", "3"]
    assert found.choice.chosen == "words"


def test_the_runner_up_and_its_margin_are_said() -> None:
    clear = marked(f"{_RULES}SCHEDULE\n\nSections 1 and 7\n\nThe table of fees.\n").choice
    assert (clear.chosen, clear.runner_up) == ("numbers", "words")
    assert clear.margin > 0.3
    assert marked(f"Article 1\n\n{_BODY}Article 2\n\n{_BODY}").choice.runner_up == ""
