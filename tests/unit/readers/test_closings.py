"""What follows the last article: signatures, notes, transitory provisions."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

_ACTS = {
    "nl": "Artikel 1. Boten\n\nEen boot drijft op het water.\n\nArtikel 2. Naam\n\nDit is de wet.\n\n",
    "es": "Artículo 1. Barcos\n\nEl barco flota en el agua.\n\nArtículo 2. Nombre\n\nEs la ley.\n\n",
    "en": "Article 1. Boats\n\nA boat floats on water.\n\nArticle 2. Name\n\nThis is the Act.\n\n",
    "de": "§ 1 Boote\n\nEin Boot schwimmt auf dem Wasser.\n\n§ 2 Name\n\nDies ist das Gesetz.\n\n",
}


@pytest.mark.parametrize(
    ("language", "tail", "units"),
    [
        (
            "nl",
            (
                "Den Haag, 13 januari 2026\nA. Visser\nVoorzitter\n\nTOELICHTING\n\nArtikel 2\n\nDe naam.\n"
                "\nDen Haag, 13 januari 2026\n"
            ),
            [("conclusions", ""), ("heading", "TOELICHTING")],
        ),
        (
            "es",
            "TRANSITORIOS\n\nPRIMERO. La ley entra en vigor hoy.\n\nSEGUNDO. El barco flota.\n",
            [("heading", "TRANSITORIOS"), ("article", ""), ("article", "")],
        ),
        (
            "es",
            "DISPOSICIONES TRANSITORIAS Y ESPECIALES\n\nA) El barco viejo flota.\nB) El nuevo no.\n",
            [("heading", "DISPOSICIONES TRANSITORIAS Y ESPECIALES")],
        ),
        (
            "es",
            "DISPOSICIONES FINALES Y TRANSITORIAS\n\nPRIMERA. El barco viejo flota.\n",
            [("heading", "DISPOSICIONES FINALES Y TRANSITORIAS"), ("article", "")],
        ),
        (
            "en",
            "Oslo, 3 May 2019.\n\nExplanatory Note\n\nArticle 1 says what a boat is.\n",
            [("conclusions", ""), ("heading", "Explanatory Note")],
        ),
        (
            "en",
            "Done at Oslo, 3 May 2019\n\n## EXPLANATORY MEMORANDUM\n\nWhat a boat is.\n",
            [("conclusions", ""), ("heading", "EXPLANATORY MEMORANDUM")],
        ),
        (
            "de",
            "Übergangsbestimmungen\n\nAlte Boote schwimmen.\n",
            [("heading", "Übergangsbestimmungen")],
        ),
    ],
)
def test_what_follows_the_last_article_is_no_part_of_it(
    language: str, tail: str, units: list[tuple[str, str]]
) -> None:
    text = _ACTS[language] + tail
    found = marked(text, profile=language)
    assert numbers(found) == ["1", "2"]
    assert [(m.unit_kind, m.title) for m in found.marks[2:]] == units
    assert text[found.marks[1].end :].startswith(tail[:10])


def test_a_provision_with_a_name_is_cited_like_an_article() -> None:
    text = _ACTS["es"] + (
        "**DISPOSICIÓN TRANSITORIA.** Se permite el barco de madera.\n\n"
        "**DISPOSICIÓN FINAL.-** La ley entra en vigor.\n"
    )
    found = marked(text, profile="es")
    assert [(m.level, m.label, m.title) for m in found.marks[2:]] == [
        (Level.BASIC, "DISPOSICIÓN TRANSITORIA", ""),
        (Level.BASIC, "DISPOSICIÓN FINAL", ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "The explanatory note is public.",
        "Of Oslo, 3 May 2019 is the date",
        "It has transitional provisions",
    ],
)
def test_a_sentence_of_the_last_article_stays_in_it(line: str) -> None:
    assert len(marked(_ACTS["en"] + line + "\n", profile="en").marks) == 2


def test_a_note_in_the_middle_of_the_articles_is_text() -> None:
    text = "Explanatory Note\n\nWhat it is.\n\n".join(
        [_ACTS["en"], "Article 3. Ends\n\nIt ends.\n"]
    )
    assert len(marked(text, profile="en").marks) == 3


_SENTENCE = {
    "tr": "Bu Kanun su ve orman ile ilgili olan hükümleri kapsar ve bir sınır getirir.",
    "es": "La ley del agua es para el uso de las personas y de los barcos del país.",
    "ca": "La llei de l'aigua és per a l'ús de les persones i dels vaixells del país.",
}


@pytest.mark.parametrize(
    ("language", "word", "provisions"),
    [
        ("tr", "MADDE {} –", {"Geçici Madde 1": "geçici-1", "Geçici Madde 2": "geçici-2"}),
        ("tr", "Madde {} -", {"EK MADDE 1": "ek-1", "GEÇİCİ MADDE 1": "geçici-1"}),
        (
            "es",
            "Artículo {}.",
            {
                "Disposición adicional primera": "adicional-primera",
                "Disposición adicional segunda": "adicional-segunda",
                "Disposición transitoria primera": "transitoria-primera",
                "Disposición final única": "final-única",
            },
        ),
        ("ca", "Article {}.", {"Disposició final primera": "final-primera"}),
    ],
)
def test_provisions_that_are_numbered_apart_stand_beside_the_articles(
    language: str, word: str, provisions: dict[str, str]
) -> None:
    body = f" {_SENTENCE[language]}\n\n"
    heads = [word.format(i) for i in (1, 2)] + [f"{p}." for p in provisions] + [word.format(3)]
    found = marked("".join(head + body for head in heads))
    assert found.profile == language
    assert numbers(found) == ["1", "2", *provisions.values(), "3"]
    assert found.warnings == ()


def test_provisions_that_count_in_words_are_cited_apart() -> None:
    text = (
        _ACTS["es"] + "TRANSITORIOS\n\nPRIMERO.- La ley entra en vigor hoy.\n\nSe publica.\n\n"
        "SEGUNDO. El barco flota.\n\nCUARTO. No cuenta.\n\nPuebla, Pue., a 3 de mayo de 2001.\n"
    )
    found = marked(text, profile="es")
    assert numbers(found) == ["1", "2"]
    assert [(m.label, m.number) for m in found.marks[3:]] == [
        ("PRIMERO.", "transitory-primero"),
        ("SEGUNDO.", "transitory-segundo"),
        ("", ""),
    ]
    assert found.marks[-1].unit_kind == "conclusions"


@pytest.mark.parametrize(
    ("language", "head", "word", "sentence"),
    [
        ("nl", "TOELICHTING", "Artikel {}", "Dit artikel is van de leden en het bestuur.\n\n"),
        ("fr", "Note explicative", "Article {}", "La loi est pour les eaux et le pays.\n\n"),
        ("de", "Begründung", "§ {}", "Das ist für die Teiche in der Stadt und das Wasser.\n\n"),
        ("en", "EXPLANATORY NOTES", "Section {}", "The board is for the use of it.\n\n"),
        ("pl", "Uzasadnienie", "Art. {}.", "Ustawa jest dla ludzi, którzy są w kraju.\n\n"),
    ],
)
def test_what_explains_the_articles_is_none_of_them(
    language: str, head: str, word: str, sentence: str
) -> None:
    law = "".join(f"{word.format(i)}\n{sentence}" for i in (1, 2, 3))
    found = marked(f"{law}{head}\n\n{sentence}{law}")
    assert (found.profile, numbers(found)) == (language, ["1", "2", "3"])
    assert found.marks[-1].title == head
    # Articles that go on behind it are the law's own, and so are those behind a memorandum.
    more = "".join(f"{word.format(i)}\n{sentence}" for i in (4, 5))
    assert numbers(marked(f"{law}{head}\n\n{sentence}{more}")) == ["1", "2", "3", "4", "5"]
    assert numbers(marked(f"{head}\n\n{sentence}{law}")) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Disposición transitoria", "es"),
        ("Disposición adicional", "es"),
        ("Disposición final", "es"),
        ("Disposició transitòria", "ca"),
        ("Disposició final", "ca"),
    ],
)
def test_a_name_right_above_an_article_is_its_heading(name: str, language: str) -> None:
    sentence = {
        "es": "Los socios del club deben pagar la cuota que la junta haya fijado para el año.\n\n",
        "ca": "Els socis del club han de pagar la quota que la junta hagi fixat per a cada any.\n\n",
    }[language]
    word = {"es": "Artículo", "ca": "Article"}[language]
    head = "".join(f"{word} {i}\n\n{sentence}" for i in (1, 2, 3))
    found = marked(f"{head}{name}\n\n{word} 4\n\n{sentence}", profile=language)
    assert numbers(found) == ["1", "2", "3", "4"]
    assert [mark.level for mark in found.marks if mark.label == name] == [Level.OTHER]
    alone = marked(f"{head}{name}\n\n{sentence}", profile=language)
    assert [mark.level for mark in alone.marks if mark.label == name] == [Level.BASIC]
