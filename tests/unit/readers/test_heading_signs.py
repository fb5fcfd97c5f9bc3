"""Signs around the heading of a unit: entities, rules, bullets, the label printed twice."""

from __future__ import annotations

import pytest

from domain.reading.marks import Mark, ReadDocument
from tests.unit.readers.helpers import codes, marked, numbers, read

# A heading word with the mark before its number as an entity, a title, and a sentence.
_ENTITIES = {
    "de": ("&sect; {}", "Zweck", "Dieses Gesetz ist für die Teiche in der Stadt und das Wasser."),
    "sv": ("{}&nbsp;&sect;", "", "Denna lag gäller för den som är medlem av den förening."),
    "fr": ("Article&#160;{}", "", "La présente loi est pour les eaux et les forêts du pays."),
    "vi": ("&#272;i&#7873;u {}.", "Nước", "Nội dung của điều này được quy định cụ thể trong luật."),
    "es": ("Art&iacute;culo {}.", "Agua", "La ley del agua es para el uso de las personas."),
    "hu": ("{}.&sect;", "", "Ez a törvény a vizek védelméről szól, és nem a halakról."),
}


def _own(found: ReadDocument, mark: Mark) -> str:
    return found.text[mark.start : mark.end]


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@pytest.mark.parametrize("language", _ENTITIES)
def test_an_entity_is_read_as_its_character_and_kept_in_the_body(
    language: str, suffix: str
) -> None:
    head, title, sentence = _ENTITIES[language]
    lines = [f"{head.format(i)} {title}\n\n{sentence}\n\n" for i in (1, 2, 3)]
    found = read("".join(lines), suffix)
    assert (found.profile, numbers(found)) == (language, ["1", "2", "3"])
    assert [_own(found, mark) for mark in found.marks] == lines
    assert not any("&" in mark.label + mark.title for mark in found.marks)


def test_an_entity_that_is_none_stays_and_a_line_feed_parts_no_line() -> None:
    found = read("Article 1. A &such; B\n\nA text.\n\nArticle 2. C&#10;Article 3. D\n\nA text.\n")
    assert [mark.title for mark in found.marks] == ["A &such; B", "C Article 3. D"]


_LAW = {
    "en": ("Section {}.", "Name", "This Act is for the members of the club and the board."),
    "de": ("§ {}", "Zweck", "Dieses Gesetz ist für die Teiche in der Stadt und das Wasser."),
    "it": ("Articolo {}.", "Scopo", "La legge è per il bene delle persone e delle acque."),
    "pl": ("Art. {}.", "Cel", "Ustawa jest dla ludzi, którzy są w tym kraju, i dla wody."),
    "vi": ("Điều {}.", "Nước", "Nội dung của điều này được quy định cụ thể trong luật."),
}


@pytest.mark.parametrize(
    "line", ["--- {0} {1} ---", "=== {0} {1} ===", "-- {0} {0}{1} --", "*** {0} {1} ***"]
)
@pytest.mark.parametrize("language", _LAW)
def test_rules_around_a_heading_are_none_of_it(language: str, line: str) -> None:
    head, title, sentence = _LAW[language]
    text = "".join(f"{line.format(head.format(i), title)}\n{sentence}\n\n" for i in (1, 2, 3, 4))
    found = read(text)
    assert (found.profile, numbers(found)) == (language, ["1", "2", "3", "4"])
    assert {mark.title for mark in found.marks} == {title}


@pytest.mark.parametrize("bullet", ["-", "+", "•", "*", "–"])
@pytest.mark.parametrize("language", ["en", "it", "pl", "vi"])
def test_a_heading_may_be_an_item_of_a_list(language: str, bullet: str) -> None:
    head, title, sentence = _LAW[language]
    text = "".join(f"{bullet} {head.format(i)} {title}\n{sentence}\n\n" for i in (1, 2, 3, 4))
    assert numbers(read(text)) == ["1", "2", "3", "4"]


def test_a_mention_in_a_list_gives_way_to_the_article_itself() -> None:
    head = "Article {}. Land\nThe land of the town is for the use of its people.\n\n"
    listed = "- Article 2. Land\n- Article 3. Land\n\n"
    found = read(head.format(1) + listed + head.format(2) + head.format(3))
    assert numbers(found) == ["1", "2", "3"]
    assert [found.text.count("\n", 0, mark.start) for mark in found.marks] == [0, 6, 9]


@pytest.mark.parametrize("language", _LAW)
def test_what_was_inserted_need_not_stand_in_order(language: str) -> None:
    head, title, sentence = _LAW[language]
    text = "".join(
        f"{head.format(n)} {title}\n{sentence}\n\n" for n in ("1", "2", "2b", "2a", "3", "4")
    )
    assert numbers(read(text)) == ["1", "2", "2b", "2a", "3", "4"]


def test_an_inserted_number_that_comes_again_is_the_one_in_order() -> None:
    body = "The land of the town is for the use of its people.\n\n"
    text = "".join(f"Article {n}. Land\n{body}" for n in ("1", "1a", "1b", "1a", "2"))
    found = read(text)
    assert numbers(found) == ["1", "1a", "1b", "2"]
    assert "out-of-sequence" in codes(found)


@pytest.mark.parametrize(
    "said",
    [
        "Article IV.B.1.b: Clause reworded",
        "Article VI.J: Clauses 2 and 3 inserted",
        "Article XI.I: Deleted.",
        "Article 4.B.1: Renumbered",
        "ARTICLE II.C : New",
    ],
)
def test_a_part_behind_a_number_tells_of_an_amendment(said: str) -> None:
    sentence = "The members of the club shall pay what the board has set for the year.\n"
    romans = ("I", "II", "III", "IV", "V", "VI")
    law = "".join(f"Article {n}. Dues\n{sentence}" for n in romans)
    found = marked(f"{law}Appendix A: Amendments\nMarch 2011\n{said}\n{said}\nMay 2012\n{said}\n")
    assert numbers(found) == list(romans)
    assert found.doubts == ()


def test_a_letter_behind_a_stop_may_belong_to_the_number() -> None:
    sentence = "The members of the club shall pay what the board has set for the year.\n"
    law = "".join(f"Article {n}: Dues\n{sentence}" for n in ("1", "2", "2.A", "3"))
    found = marked(law)
    assert len(found.marks) == 4 or found.doubts != ()
