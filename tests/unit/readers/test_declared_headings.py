"""Headings that a format declares: their titles, quoted ones, and those that were forgotten."""

from __future__ import annotations

from adapters.readers.by_content import read_document
from adapters.readers.engine import Structure
from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.marks import Granularity, Level, ReadDocument
from tests.unit.readers.helpers import marked, numbers, read

_CZ = "Organizace podle tohoto zákona hospodaří se svým majetkem a vede o něm evidenci.\n\n"
_EN = "The members of the club shall pay the fee that the board sets for the year.\n\n"
_CA = (
    "Les persones que exerceixen la professió han de complir els deures que la llei estableix.\n\n"
)


def _labels(found: Structure | ReadDocument) -> list[str]:
    return [mark.label for mark in found.marks if mark.level is Level.BASIC]


def test_the_title_of_a_section_stands_as_a_heading_below_its_number() -> None:
    text = "# Zákon\n\n" + "".join(f"##### § {i}\n\n#### Fond {i}\n\n{_CZ}{_CZ}" for i in (1, 2, 3))
    found = read(text, ".md")
    basic = [mark for mark in found.marks if mark.level is Level.BASIC]
    assert [(mark.number, mark.title) for mark in basic] == [
        ("1", "Fond 1"),
        ("2", "Fond 2"),
        ("3", "Fond 3"),
    ]
    assert all(_CZ in found.text[mark.start : mark.end] for mark in basic)
    assert not found.doubts


def test_the_heading_between_an_empty_section_and_the_next_one_is_that_of_a_group() -> None:
    text = f"# Zákon\n\n#### § 1\n\n{_CZ}#### § 2\n\n## Fondy\n\n#### § 3\n\n{_CZ}#### § 4\n\n{_CZ}"
    found = read(text, ".md")
    assert numbers(found) == ["1", "2", "3", "4"]
    assert [mark.title for mark in found.marks if mark.level is Level.CONTAINER] == ["Fondy"]


def test_the_articles_that_a_declared_amendment_quotes_are_none_of_its_own() -> None:
    text = "# Llei\n\n" + "".join(
        f"##### Article {i}. Modificació\n\n{_CA}##### “Article {n}. Competències\n\n{_CA}”\n\n"
        for i, n in ((1, 64), (2, 65), (3, 107))
    )
    assert numbers(read(text, ".md")) == ["1", "2", "3"]


def test_roman_articles_quote_arabic_ones() -> None:
    amended = "".join(
        f"##### Articolul {n}\n\nCheltuielile se fac din buget.\n\n" for n in (19, 20)
    )
    text = (
        f"# Lege pentru modificarea legii\n\n##### Articolul I\n\nLegea se modifică astfel:\n\n{amended}"
        f"##### Articolul II\n\nPrezenta lege intră în vigoare la data de la care se publică.\n\n"
    )
    assert numbers(read(text, ".md")) == ["I", "II"]


def test_arabic_articles_after_roman_ones_are_the_code_after_its_preliminary_title() -> None:
    heads = [*(f"Artículo {n}.- Principio" for n in ("I", "II", "III"))]
    heads += [f"Artículo {n}.- Deberes" for n in (1, 2, 3, 4)]
    text = "".join(f"{head}\nLos que ejercen el cargo de la ley.\n\n" for head in heads)
    found = marked(text, profile="es")
    assert numbers(found) == ["I", "II", "III", "1", "2", "3", "4"]


def test_clear_headings_that_are_not_declared_beside_those_that_are_make_a_doubt() -> None:
    law = "".join(f"##### ARTICLE {i}\n\n{_EN}" for i in range(1, 9))
    annex = "".join(f"ARTICLE {i}\n\n{_EN}" for i in range(1, 5))
    found = read(f"# Act\n\n{law}### ANNEX I\n\nRULES\n\n{annex}", ".md")
    assert numbers(found) == [str(i) for i in range(1, 9)]
    assert "unexplained-line" in {doubt.code for doubt in found.doubts}


def test_raised_numbers_and_ordinals_of_markdown() -> None:
    text = "# Seadus\n\n" + "".join(
        f"##### § {n}. Valimised\n\nKohaliku omavalitsuse volikogu valimised on vabad ja ei ole.\n\n"
        for n in ("1", "2", "2<sup>1</sup>", "2<sup>2</sup>", "3")
    )
    found = read_document(text.encode(), name="seadus.md", profile="et")
    assert numbers(found) == ["1", "2", "2.1", "2.2", "3"]
    assert _labels(found)[2] == "§ 2¹."
    assert not found.doubts
    french = (
        "#### Art. 1<sup>er</sup>. Objet\n\nLa loi est pour les communes.\n\n#### Art. 2. Fin\n\n"
    )
    assert _labels(read(french, ".md")) == ["Art. 1er.", "Art. 2."]


def test_a_stop_after_the_word_and_a_blank_before_the_stop() -> None:
    text = "".join(f"Article. {n}.\n\n{_EN}" for n in ("I", "II", "III"))
    assert _labels(marked(text, profile="en")) == ["Article I.", "Article II.", "Article III."]
    text = "".join(f"Art . {n} . Objet.\n\nLa loi est la même.\n\n" for n in (1, 2, 3))
    assert _labels(marked(text, profile="fr")) == ["Art. 1.", "Art. 2.", "Art. 3."]


def test_a_slash_parts_number_and_title() -> None:
    found = marked("".join(f"Article {i} / Funcions\n\n{_CA}" for i in (1, 2, 3)), profile="ca")
    assert [mark.title for mark in found.marks] == ["Funcions"] * 3


def test_a_short_last_section_of_an_article_groups_nothing() -> None:
    articles = "".join(
        f"ARTICLE {n}\nDUTIES\n\nSection 1. Dues. {_EN}Section 2. Fees. {_EN}Section 3. Short.\n\n"
        for n in ("I", "II", "III")
    )
    found = marked(articles, profile="en")
    assert [mark.level for mark in found.marks] == [Level.BASIC] * 3


def test_sections_before_articles_group_them() -> None:
    articles = "".join(
        f"Section {k}. Of the board\n\nArticle {2 * k - 1}. Duties\n{_EN}Article {2 * k}. Fees\n{_EN}"
        for k in (1, 2, 3)
    )
    found = marked(articles, profile="en")
    assert numbers(found) == ["1", "2", "3", "4", "5", "6"]
    assert numbers(found, Level.CONTAINER) == ["1", "2", "3"]


def test_the_language_of_front_matter_is_not_that_of_the_text() -> None:
    front = "".join(f'key_{i}: "of the and to in or shall be any by for is"\n' for i in range(40))
    law = "".join(f"##### § {i}\n\n{_CZ}" for i in (1, 2, 3))
    assert read(f"---\n{front}---\n# Zákon\n\n{law}", ".md").profile == "cs"


def test_text_that_is_all_below_the_title_is_a_doubt() -> None:
    found = read(f"# Rules\n\n{_EN * 60}## End\n\nShort.\n", ".md")
    plan = build_plan(
        found, TargetDocument("xx.1"), source_name="a.md", granularity=Granularity.BASIC
    )
    assert [doubt.code for doubt in plan.doubts] == ["oversized-unit"]
