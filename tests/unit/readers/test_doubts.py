"""A document that is cut wrong is doubted: small laws that were damaged the way real ones are, in
several languages, each with the place that a person should look at.
"""

from __future__ import annotations

from typing import Final

import pytest

from adapters.readers.by_content import read_document
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.doubts import DOUBTS, Doubt
from domain.reading.marks import Granularity
from tests.unit.readers.helpers import marked

EN: Final = (
    "The owner of the house shall be liable to the tenant for any damage that is caused by the "
    "house or by what is in it."
)
DE: Final = (
    "Der Eigentümer des Hauses haftet dem Mieter für jeden Schaden, der durch das Haus oder durch "
    "das, was darin ist, entsteht."
)
VI: Final = (
    "Chủ sở hữu nhà phải bồi thường cho người thuê mọi thiệt hại do nhà hoặc những gì ở trong nhà "
    "gây ra theo quy định của luật này."
)
FR: Final = (
    "Le propriétaire de la maison est responsable envers le locataire de tout dommage causé par la "
    "maison ou par ce qui s'y trouve."
)
IT: Final = (
    "Il proprietario della casa è responsabile verso l'inquilino di ogni danno che la casa o ciò "
    "che vi si trova può causare a lui."
)
TITLES: Final = ("Alpha", "Beta", "Gamma", "Delta", "Omega", "Sigma", "Theta")
_SEVEN: Final = range(1, 8)


def law(word: str, body: str, numbers: range | list[int] = _SEVEN) -> str:
    """A law with one article a paragraph."""
    return "".join(f"{word} {n}. {TITLES[n - 1]}\n{body}\n\n" for n in numbers)


def planned(text: str, granularity: Granularity = Granularity.BASIC) -> CutPlan:
    """The plan of a text."""
    read = read_document(text.encode(), name="law.txt", granularity=granularity)
    document = TargetDocument("xx.1")
    return build_plan(read, document, source_name="law.txt", granularity=granularity)


def doubts(text: str) -> list[tuple[str, int]]:
    """The doubts of a text: their codes and lines."""
    return [(doubt.code, doubt.line) for doubt in planned(text).doubts]


@pytest.mark.parametrize(
    ("word", "body"),
    [("Article", EN), ("§", DE), ("Điều", VI), ("Article", FR), ("Articolo", IT), ("Artikel", DE)],
)
def test_a_law_that_is_cut_right_has_no_doubt(word: str, body: str) -> None:
    assert planned(law(word, body)).doubts == ()


DAMAGED: Final[dict[str, tuple[str, str, int]]] = {
    "a heading lost its number": (
        law("Article", EN).replace("Article 4. Delta", "Article Delta"),
        "number-holes",
        13,
    ),
    "headings were lost": (law("Article", FR, [1, 2, 5, 6, 7]), "number-holes", 7),
    "the first articles were lost": (law("Article", EN, [4, 5, 6, 7]), "number-holes", 1),
    "an entity that nobody knows stands for the sign": (
        law("§", DE).replace("§ 3.", "&para; 3.").replace("§ 4.", "&para; 4."),
        "number-holes",
        13,
    ),
    "from the fourth on something stands before the word": (
        law("Section", EN, [1, 2, 3]) + law("~= &amp; =~ Section", EN, [4, 5, 6, 7]),
        "unexplained-line",
        10,
    ),
    "numbers start again without a heading": (
        law("Điều", VI) + law("Điều", VI),
        "number-restarts",
        22,
    ),
    "two articles have one number": (
        law("Article", EN).replace("Article 4. Delta", "Article 3. Delta"),
        "repeated-number",
        10,
    ),
    "only a table of contents was kept": (
        "LEY DE CASAS\n\n"
        + "".join(f"Artículo {n}. Nombre de él ..... {n}\n" for n in range(1, 9)),
        "contents-cut",
        3,
    ),
    "most of the text is in the last article": (
        law("Article", EN, [1, 2, 3, 4]) + f"Fifth article\n{EN}\n" * 150,
        "oversized-unit",
        10,
    ),
    "a second part is in another language": (
        law("Section", EN) + "".join(f"Artikel {n}\n{DE}\n" for n in range(1, 5)),
        "unexplained-line",
        22,
    ),
    "the contents list an article that has no heading": (
        "Table of contents\n"
        + "".join(f"{n}. {TITLES[n - 1]}\n" for n in _SEVEN)
        + "7A. Iota\n\n"
        + law("", EN).replace("\n ", "\n").lstrip()
        + f"IA. Iota\n{EN}\n",
        "number-holes",
        9,
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_law_is_doubted_at_its_place(damage: str) -> None:
    text, code, line = DAMAGED[damage]
    found = doubts(text)
    assert (code, line) in found, found


def test_a_hole_names_the_line_that_may_fill_it() -> None:
    text = law("Section", EN, [1, 2, 4, 5]).replace(
        f"Beta\n{EN}", f"Beta\n{EN}\nPowers of the owner 3. Gamma (1) {EN}"
    )
    [hole] = [doubt for doubt in planned(text).doubts if doubt.code == "number-holes"]
    assert "Powers of the owner 3. Gamma" in hole.reason


def test_a_hole_that_a_note_in_brackets_explains_is_none() -> None:
    text = law("Section", EN, [1, 2, 5, 6])
    noted = text.replace("Section 5.", "[Sections 3-4 deleted by Act 12 of 1990.]\nSection 5.")
    assert doubts(text)
    assert not doubts(noted)


def test_letters_that_follow_each_other_are_no_roman_numbers() -> None:
    text = "".join(
        f"## {letter}. {title}\n\n{EN}\n\n" for letter, title in zip("ABCDEFG", TITLES, strict=True)
    )
    read = read_document(text.encode(), name="law.md")
    assert [doubt.code for doubt in read.doubts] == []


def test_what_nothing_explains_is_a_warning_as_well() -> None:
    plan = planned(DAMAGED["numbers start again without a heading"][0])
    warnings = {(warning.code, warning.line, warning.reason) for warning in plan.warnings}
    assert plan.doubts
    assert {(doubt.code, doubt.line, doubt.reason) for doubt in plan.doubts} <= warnings


def test_a_language_without_a_profile_is_a_doubt() -> None:
    text = "".join(
        f"## {n} статья. Максат\n\nБарлык кешеләр азат һәм хокуклары буенча тиң булып туа, бу закон "
        f"белән билгеләнгән тәртиптә яшәргә хокуклы яки башкача. Йорт хуҗасы зыянны тулысынча "
        f"капларга тиеш, моның өчен судка мөрәҗәгать итә ала.\n\n"
        for n in range(1, 8)
    )
    found = read_document(text.encode(), name="law.md")
    assert [mark.number for mark in found.marks]
    assert "unknown-language" in [doubt.code for doubt in found.doubts]


def test_two_languages_that_little_tells_apart_are_a_doubt_where_they_cut_otherwise() -> None:
    alike = "Art. 1. x\nab\nArt. 2. y\ncd\n"
    assert not marked(alike).doubts
    other = alike + "Artikel 3\nef\nArtikel 4\ngh\n"
    [doubt] = [d for d in marked(other).doubts if d.code == "thin-profile"]
    assert doubt.line == 5
    assert "came second" in doubt.reason
    assert not [d for d in marked(other, profile="es").doubts if d.code == "thin-profile"]


def test_every_doubt_has_a_code_of_the_table() -> None:
    found: list[Doubt] = []
    for text, _, _ in DAMAGED.values():
        found += planned(text).doubts
    assert {doubt.code for doubt in found} <= set(DOUBTS)
    assert all(doubt.reason.endswith(".") and doubt.reason.isprintable() for doubt in found)


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_chapters_that_hold_the_text_beside_their_articles_are_doubted(parts: int) -> None:
    lines = "".join(
        f"Act of {1900 + n} on harbours. It applies to all islands.\n" for n in range(90)
    )
    listed = "".join(f"PART {'ABCDE'[n]}\nHARBOURS\n{lines}" for n in range(parts))
    notes = "".join(f"Article {n}. Note\nSee the act.\n" for n in (1, 2, 3))
    places = [line for code, line in doubts(f"{notes}{listed}") if code == "oversized-unit"]
    assert len(places) >= 1


def test_short_headings_of_chapters_are_not_doubted() -> None:
    text = "".join(f"PART {p}\nHARBOURS\n{law('Article', EN, [n])}" for n, p in enumerate("ABC", 1))
    assert doubts(text * 1) == []


@pytest.mark.parametrize("listed", ["0. Foreword 3", "0. Foreword", "0 Foreword"])
def test_a_line_with_a_zero_before_all_units_is_doubted(listed: str) -> None:
    text = "".join(f"{n}. {TITLES[n - 1]}\n\n{EN}\n\n" for n in (1, 2, 3))
    found = planned(f"{listed}\n\n{text}")
    first = found.rows[0]
    if first.label.startswith("0"):
        assert ("contents-cut", 1) in [(doubt.code, doubt.line) for doubt in found.doubts]
    assert [r.label for r in found.rows if r.level == "basic"][-3:] == ["1.", "2.", "3."]


def test_a_section_0_with_text_is_not_doubted() -> None:
    text = "".join(f"{n}. {TITLES[n]}\n\n{EN}\n\n" for n in (0, 1, 2, 3))
    assert planned(text).doubts == ()


@pytest.mark.parametrize(
    ("form", "language"),
    [("§ {}", "no"), ("§ {}", "de"), ("Article {}", "en"), ("Artikel {}", "nl"), ("Art. {}", "it")],
)
def test_the_mark_of_a_note_behind_a_number_is_doubted(form: str, language: str) -> None:
    def law(*given: str) -> list[tuple[str, int]]:
        body = "The members pay what is due."
        text = "".join(f"## {form.format(n)} (Dues)\n\n{body}\n\n" for n in given)
        found = read_document(text.encode(), name="law.md", profile=language)
        return [(d.code, d.line) for d in found.doubts if "mark of a note" in d.reason]

    assert law("1", "2", "3", "4", "5.1", "6", "7", "8.12", "9") == [
        ("number-holes", 17),
        ("number-holes", 29),
    ]
    assert law("1", "2", "3", "4.1", "4.2", "5", "6") == []
    assert law("1", "2", "3", "4", "4.1", "5", "6") == []
    assert law("1.1", "2.1", "3.1", "4", "5") == []
