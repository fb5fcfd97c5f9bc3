"""The first number of a series as laws print it (`Art. Ier.`, `Articolo primo`, `1ro.`), and a
series that stands in another or is none.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers, read

_TEXT = {
    "fr": "Il est institué dans la commune un conseil qui est chargé de la garde des étangs.",
    "es": "Se crea en el municipio un consejo que se encarga de la guarda de las lagunas.",
    "pt": "É criado no município um conselho que fica encarregado da guarda das lagoas.",
    "it": "È istituito nel comune un consiglio che è incaricato della guardia degli stagni.",
    "nl": "In de gemeente wordt een raad ingesteld die belast is met de zorg voor de vijvers.",
}


def _law(language: str, heads: list[str], mark: str = "") -> str:
    return "".join(f"{mark}{head}\n\n{_TEXT[language]}\n\n" for head in heads)


@pytest.mark.parametrize(
    ("language", "first", "then", "value"),
    [
        ("fr", "Article 1 er", "Article {}", "1"),
        ("fr", "Article 1ier", "Article {}", "1"),
        ("fr", "Art. 1ᵉʳ. -", "Art. {}. -", "1"),
        ("it", "Articolo primo", "Articolo {}", "primo"),
        ("it", "ARTICOLO PRIMO.", "ARTICOLO {}.", "PRIMO"),
        ("pt", "Artigo primeiro", "Artigo {}", "primeiro"),
        ("pt", "Artigo Primeiro -", "Artigo {} -", "Primeiro"),
        ("nl", "Artikel één", "Artikel {}", "één"),
        ("nl", "Artikel Een.", "Artikel {}.", "Een"),
    ],
)
def test_the_first_number_in_other_words_or_signs_begins_the_series(
    language: str, first: str, then: str, value: str
) -> None:
    for suffix, mark in ((".md", "## "), (".txt", "")):
        found = read(_law(language, [first, *(then.format(i) for i in (2, 3, 4))], mark), suffix)
        assert numbers(found) == [value, "2", "3", "4"]
        assert not found.doubts


@pytest.mark.parametrize("language", ["es", "it", "pt"])
@pytest.mark.parametrize("sign", ["°", "º", ".º"])
def test_a_roman_number_with_the_sign_of_an_ordinal_is_that_of_an_article(
    language: str, sign: str
) -> None:
    found = read(_law(language, [f"Art. {n}{sign}" for n in ("I", "II", "III", "IV")]))
    assert numbers(found) == ["I", "II", "III", "IV"]


@pytest.mark.parametrize(
    ("forms", "values"),
    [
        (["1ro.", "2do.", "3ro.", "4to."], ["1", "2", "3", "4"]),
        (["1ero.", "2do.", "3ero.", "4to."], ["1", "2", "3", "4"]),
        (["1ro", "2do", "3ro", "4to", "5to", "6to", "7mo", "8vo", "9no", "10mo"], None),
        (["9", "9bis", "9ter", "10"], ["9", "9bis", "9ter", "10"]),
        (["1", "1do", "2", "2to"], ["1", "1do", "2", "2to"]),  # no ordinals, so inserted
    ],
)
def test_an_ordinal_that_is_abbreviated_is_its_number(
    forms: list[str], values: list[str] | None
) -> None:
    found = read(_law("es", [f"Artículo {form}" for form in forms], "## "), ".md")
    assert numbers(found) == (values or [str(i) for i in range(1, 11)])


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        ("Art. I<sup>er</sup>.", "II.", "I"),
        ("Article premier", "II", "I"),
        ("Article 1er.", "2.", "1"),
        ("Artikel I.", "II.", "I"),
        ("Articulus primus", "II.", "I"),
    ],
)
def test_a_heading_with_a_word_is_the_first_of_those_that_are_numbers(
    first: str, second: str, number: str
) -> None:
    heads = [first, second, "III." if "I" in second else "3.", "IV." if "I" in second else "4."]
    text = "# Lex\n\n" + "".join(f"### {h}\n\nRes publica est.\n\n" for h in heads)
    assert numbers(read(text, ".md"))[0] == number
    french = read(text.replace("Res publica est", "Le conseil est dans la ville"), ".md")
    assert len(numbers(french)) == 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Preamble", "II."),
        ("Art. I.", "III."),
        ("First rules of all", "II."),
        ("Premier", "Second"),
        ("Article premier", "II. Definitions"),
    ],
)
def test_another_heading_before_a_number_has_none(first: str, second: str) -> None:
    heads = [first, second, "IV.", "V."]
    text = "# Of fishing\n\n" + "".join(f"### {h}\n\nRes publica est.\n\n" for h in heads)
    assert numbers(read(text, ".md"))[0] == first


@pytest.mark.parametrize(
    "name", ["A. B. COOK", "C. D. Lind", "M. A. CARO", "I. V. Petrov", "X.Y. Z"]
)
def test_the_initials_of_a_signature_are_no_number(name: str) -> None:
    found = read(_law("es", ["Artículo 1.", "Artículo 2."], "## ") + f"### {name}\n", ".md")
    assert [mark.number for mark in found.marks if mark.title.endswith(name)] == [""]


_INNER = ["ARTICULO 1", "ARTICULO 2", "ARTICULO 3", "ARTICULO 4"]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (("**Artículo 1º.**", "**Artículo 2º.**"), _INNER),
        (("Artículo 1. Apruébase", "Artículo 2. Esta ley rige"), _INNER),
        (("Art. 1º", "Art. 2º"), [f"ARTICULO {i}" for i in range(1, 9)]),
        (("**ARTICULO 1**", "**ARTICULO 2**"), [f"Artículo {i}" for i in range(1, 7)]),
        (("Artículo 1.-", "Artículo 2.-"), ["Artículo 1", "Artículo 2", "Artículo 3"]),
    ],
)
def test_an_act_that_goes_on_behind_the_articles_of_a_treaty_is_doubted(
    outer: tuple[str, str], inner: list[str]
) -> None:
    text = _law("es", [outer[0], *inner, outer[1]])
    assert marked(text).doubts


@pytest.mark.parametrize(
    "group", ["Capitulo 35", "CAPITULO IX", "Título 4", "Sección 12", "Capítulo II"]
)
def test_a_group_alone_that_is_not_the_first_is_doubted(group: str) -> None:
    text = _law("es", ["Artículo 1.", "Artículo 2."]) + f"{group}\n\n"
    text += _law("es", ["Artículo 3.", "Artículo 4."])
    found = marked(text)
    assert [doubt.code for doubt in found.doubts] == ["number-holes"]
    assert len(numbers(found, Level.CONTAINER)) == 1


def test_a_chapter_that_a_file_is_all_of_is_not() -> None:
    found = marked("Capítulo IV\n\n" + _law("es", ["Artículo 1.", "Artículo 2."]))
    assert [doubt.code for doubt in found.doubts] == []
