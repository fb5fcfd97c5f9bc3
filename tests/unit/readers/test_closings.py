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
            [("heading", "TRANSITORIOS")],
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
