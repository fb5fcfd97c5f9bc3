"""The preamble in front of the first unit: reasons and enacting words, however a law opens."""

from __future__ import annotations

import pytest

from adapters.readers.profiles.registry import PROFILES
from adapters.readers.units.openings import OPENINGS
from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import marked, numbers, read

_WATER = {
    "en": "1. Boats. A boat floats on the water of the State.\n2. Name. This is the Boats Act.\n",
    "de": "§ 1 Boote\nEin Boot schwimmt auf dem Wasser.\n§ 2 Name\nDies ist das Gesetz.\n",
    "fr": "Article 1\nLe bateau flotte sur l'eau du pays.\nArticle 2\nC'est la loi.\n",
    "es": "Artículo 1. Barcos\nEl barco flota en el agua.\nArtículo 2. Nombre\nEs la ley.\n",
    "pt": "Art. 1º O barco flutua na água do país.\nArt. 2º Esta é a lei dos barcos.\n",
    "it": "Art. 1\nLa barca galleggia sull'acqua dello Stato.\nArt. 2\nQuesta è la legge.\n",
    "nl": "Artikel 1. Boten\nEen boot drijft op het water.\nArtikel 2. Naam\nDit is de wet.\n",
    "vi": "Điều 1. Thuyền\nThuyền nổi trên mặt nước.\nĐiều 2. Tên\nĐây là luật về thuyền.\n",
    "pl": "Art. 1. Łódź pływa po wodzie i nie tonie.\nArt. 2. To jest ustawa o łodziach.\n",
    "el": "Άρθρο 1\nΤο πλοίο επιπλέει στο νερό.\nΆρθρο 2\nΑυτός είναι ο νόμος για τα πλοία.\n",
    "id": "Pasal 1\nPerahu mengapung di atas air dan laut.\nPasal 2\nIni adalah undang-undang.\n",
}


@pytest.mark.parametrize(
    ("language", "title", "opening"),
    [
        ("en", "BOATS ACT\nAn Act about boats.\n", "BE IT ENACTED by the Council, as follows—\n"),
        (
            "en",
            "Boats Order 2020\n",
            "Whereas boats float; and\nwhereas some do not:\nNow therefore it is hereby ordered:\n",
        ),
        (
            "en",
            "Boats Regulations 2020\n",
            "I, ANN OAR, the Minister for Boats, in exercise of the powers of section 3, make:\n",
        ),
        (
            "en",
            "# Boats by-law\n\n",
            "**The Council of the Town of Pondwick enacts as follows:**\n\n",
        ),
        ("de", "Bootsgesetz\n", "Der Landtag hat das folgende Gesetz\nbeschlossen:\n"),
        (
            "de",
            "Bootsverordnung\nvom 3. Mai 2020\n",
            "Der Schweizerische Bundesrat,\ngestützt auf Artikel 9 des Gesetzes,\nverordnet:\n",
        ),
        ("fr", "Loi sur les bateaux\n", "Le Roi,\n\nVu la loi du 3 mai 2010 ;\nArrête :\n"),
        ("es", "LEY DE BARCOS\n", "EL CONGRESO DE LA REPÚBLICA\nDECRETA:\n"),
        ("pt", "LEI Nº 7\n", "O PRESIDENTE DA REPÚBLICA, faço saber que sanciono a lei:\n"),
        ("it", "LEGGE 3 maggio 2020\n", "Visto l'articolo 87;\nPROMULGA\nla seguente legge:\n"),
        ("nl", "Botenbesluit\n", "De Minister van Boten,\nGelet op de Botenwet;\nBesluit:\n"),
        (
            "vi",
            "QUỐC HỘI\nLuật số: 1/2020/QH14\nLUẬT\nTHUYỀN\n",
            "Căn cứ Hiến pháp;\nQuốc hội ban hành Luật thuyền.\n",
        ),
        ("pl", "USTAWA z dnia 3 maja 2020 r.\n", "Na podstawie art. 9 zarządza się:\n"),
        ("en", "Constitution\n", "The Assembly of Pondland, on behalf of the people:\n"),
        ("pl", "USTAWA\n", "W trosce o los Łodzi,\nmy, Naród Łodzi, stanowimy:\n"),
        ("el", "ΝΟΜΟΣ 7\n", "Εκδίδομε τον ακόλουθο νόμο που ψήφισε η Βουλή:\n"),
        ("id", "UNDANG-UNDANG NOMOR 7\n", "Menimbang: bahwa perahu mengapung;\nMEMUTUSKAN:\n"),
    ],
)
def test_reasons_and_enacting_words_are_a_unit(language: str, title: str, opening: str) -> None:
    law = title + opening + _WATER[language]
    found = marked(law, profile=language)
    preamble = found.marks[0]
    assert (preamble.level, preamble.unit_kind, preamble.parent) == (Level.OTHER, "preamble", None)
    assert law[: preamble.start] == title
    assert law[preamble.start : preamble.end] == opening
    assert numbers(found) == ["1", "2"]


@pytest.mark.parametrize(
    "front",
    [
        "BOATS ACT\nAn Act about boats, whereas they float.\n",  # within a line
        "BOATS ACT\nAdopted by the committee. It may be enacted by the Council.\n",
        "",
    ],
)
def test_no_other_line_in_front_opens_a_preamble(front: str) -> None:
    assert [mark.level for mark in marked(front + _WATER["en"]).marks] == [Level.BASIC] * 2


def test_a_heading_of_its_own_is_the_unit_with_what_stands_below_it() -> None:
    law = "BOATS ACT\nPREAMBLE\nWhereas boats float:\n" + _WATER["en"]
    found = marked(law)
    assert [mark.unit_kind for mark in found.marks] == ["preamble", "section", "section"]
    assert law[found.marks[0].start :].startswith("PREAMBLE")


_LONG = "".join(
    f"Article {n}. Matter of boats\nThe boat of kind {n} floats on the water of the State, and it "
    "is kept there by the person who is its owner.\n"
    for n in range(1, 6)
)
_LIST = "Contents\n" + "".join(f"Article {n}. Matter of boats\n" for n in range(1, 6))
_ENACTED = "Be it enacted by the Council as follows:\n"


def test_a_table_of_contents_behind_the_enacting_words_is_no_part_of_them() -> None:
    law = "BOATS ACT\n" + _ENACTED + _LIST + _LONG
    found = marked(law)
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    preamble, first, *_ = found.marks
    assert law[preamble.start : preamble.end] == _ENACTED
    assert law[preamble.end : first.start] == _LIST


def test_of_two_openings_the_one_next_to_the_first_unit_counts() -> None:
    law = "BOATS ACT\nWhereas boats float:\n" + _LIST + _ENACTED + _LONG
    found = marked(law)
    assert law[found.marks[0].start : found.marks[0].end] == _ENACTED


def test_a_table_of_contents_between_is_no_large_gap() -> None:
    names = [
        f"Article {n}. Matter {n} of boats, of the owners and of the State\n" for n in range(30)
    ]
    law = "BOATS ACT\n" + _ENACTED + "Contents\n" + "".join(names[1:])
    law += "".join(name + "The boat that is kept there floats.\n" for name in names[1:])
    plan = build_plan(
        read(law), TargetDocument("boats"), source_name="boats.txt", granularity=Granularity.BASIC
    )
    assert len(plan.gaps[1].text) > len(law) // 4
    assert "large-gap" not in [doubt.code for doubt in plan.doubts]


def test_of_sub_units_the_parents_stay_right() -> None:
    law = _ENACTED + "1. Boats.\n(1) A boat floats.\n(2) It is of wood.\n2. Name. It has one.\n"
    found = marked("BOATS ACT\n" + law, granularity=Granularity.SUB)
    assert [(m.label, m.parent) for m in found.marks][:3] == [("", None), ("1.", None), ("(1)", 1)]


def test_a_preamble_that_the_markup_does_not_declare_is_found() -> None:
    law = """<act><metadata><title>PONDS ACT 2001</title><number>7</number></metadata><frontmatter>
<p>AN ACT ABOUT PONDS.</p><p>BE IT ENACTED BY THE COUNCIL AS FOLLOWS:</p></frontmatter><body><part>
<title><p>PART 1</p><p>Ponds</p></title><sect><number>1.</number><title><p>Depth</p></title>
<p>1. A pond is deep and so on.</p></sect></part></body></act>"""
    found = read(law, ".xml")
    assert [(mark.unit_kind, mark.parent) for mark in found.marks] == [
        ("preamble", None),
        ("part", None),
        ("section", 1),
    ]
    assert found.text[found.marks[0].start : found.marks[0].end].startswith("BE IT ENACTED")


def test_every_language_of_the_table_has_a_profile() -> None:
    assert set(OPENINGS) <= set(PROFILES)
