"""Laws of further languages: the profile is detected, and the articles and groups are those that
people cite.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

# name of the profile, numbers of the units, numbers of the groups, text
LAWS = {
    "german-austria": (
        "de",
        ["1", "2", "3"],
        ["II"],
        """
§ 1. (1) Dieses Bundesgesetz dient dem Schutz der Gewässer.
§ 2. Die Begriffe sind die der Verordnung.
Artikel II
§ 3. Das Gesetz tritt mit dem Tag der Kundmachung in Kraft.
""",
    ),
    "spanish-words": (
        "es",
        ["primero", "segundo", "tercero"],
        [],
        """
Artículo primero. Objeto.
El reglamento regula el uso de las aguas.
Artículo segundo. Ámbito.
Se aplica en todo el territorio.
Artículo tercero. Vigencia.
Rige desde la fecha de la publicación.
""",
    ),
    "spanish-ordinals": (
        "es",
        ["1", "2", "2Bis", "3"],
        ["ÚNICO"],
        """
TÍTULO ÚNICO
De las aguas
Artículo 1o. Las aguas son de la Nación.
Artículo 2o.- La ley protege las aguas.
ARTÍCULO 2o. Bis.- Los ríos son aguas.
Art. 3°.- Las leyes se publican en el diario.
""",
    ),
    "portuguese-brazil": (
        "pt",
        ["1", "1-A", "2"],
        [],
        """
Art. 1o Esta Lei regula o uso das águas.
Art. 1o-A. O uso é gratuito, nos termos da lei.
Art. 2o São rios os da lei.
""",
    ),
    "portuguese-thousands": (
        "pt",
        ["999", "1000", "1001"],
        [],
        """
Art. 999. As modificações do contrato social dependem do consentimento.
Art. 1.000. A sociedade deve ser inscrita.
Art. 1.001. As obrigações dos sócios começam com o contrato.
""",
    ),
    "portuguese-portugal": (
        "pt",
        ["1", "1-A", "2"],
        ["I"],
        """
CAPÍTULO I
Disposições gerais
Artigo 1.º
Objeto
1 - O decreto-lei regula o uso das águas.
Artigo 1.º-A
Âmbito
Aplica-se aos rios do país.
Artigo 2.º
Vigência
Entra em vigor no dia seguinte.
""",
    ),
    "dutch-belgium": (
        "nl",
        ["1", "1/1", "2bis"],
        ["I"],
        """
TITEL I. - Inleidende bepalingen
Art. 1. De wet is van toepassing op het gehele land.
Art. 1/1. Zij geldt ook voor de zee.
Art. 2bis. Zij heeft geen terugwerkende kracht.
""",
    ),
    "swedish-union": (
        "sv",
        ["1", "2"],
        ["I"],
        """
KAPITEL I
Allmänna bestämmelser
Artikel 1
Syfte
Denna förordning gäller för vatten och det som hör till.
Artikel 2
Ikraftträdande
Den träder i kraft.
""",
    ),
    "finnish-union": (
        "fi",
        ["1", "2"],
        ["I"],
        """
I LUKU
Yleiset säännökset
1 artikla
Kohde
Tällä asetuksella säädetään vesistä ja niiden käytöstä.
2 artikla
Voimaantulo
Tämä asetus tulee voimaan.
""",
    ),
    "norwegian": (
        "no",
        ["1", "1a", "2-1"],
        ["1"],
        """
Kapittel 1. Innledning
§ 1. Formål
Loven skal sikre vann for alle og det som hører til.
§ 1 a. Tillegg
Vann er av betydning for alle.
§ 2-1. Slutt
Loven gjelder etter vedtak.
""",
    ),
    "polish-raised": (
        "pl",
        ["1", "1.1", "1.2", "2"],
        ["I"],
        """
TYTUŁ I
PRZEPISY OGÓLNE
Art. 1. Ustawa określa zasady oraz obowiązki.
Art. 1[1]. Za wodę uważa się rzekę.
Art. 1². Przepisu nie stosuje się do mórz.
Art. 2. Ustawa wchodzi w życie.
""",
    ),
    "turkish": (
        "tr",
        ["1", "2", "2/A"],
        ["BİRİNCİ"],
        """
BİRİNCİ BÖLÜM
Genel Hükümler
Amaç
MADDE 1- (1) Bu Kanunun amacı suyun korunması ve kullanılmasıdır.
Kapsam
MADDE 2 – Bu Kanun bütün suları kapsar.
MADDE 2/A- Ek hüküm bu madde ile uygulanır.
""",
    ),
    "swahili": (
        "sw",
        ["1", "2"],
        ["KWANZA", "PILI"],
        """
SEHEMU YA KWANZA
UTANGULIZI
Kifungu cha 1. Sheria hii itaitwa Sheria ya Maji.
SEHEMU YA PILI
MAJI
Kifungu cha 2. Maji ni ya wote katika nchi.
""",
    ),
    "vietnamese-old": (
        "vi",
        ["1", "2"],
        ["THỨNHẤT"],
        """
CHƯƠNG THỨ NHẤT
CHÍNH THỂ
Điều thứ 1
Nước ta là một nước độc lập của toàn dân.
Điều thứ 2
Đất nước là một khối thống nhất theo quy định.
""",
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_units_and_groups_of_a_language(law: str) -> None:
    profile, units, groups, text = LAWS[law]
    found = marked(text)
    assert found.profile == profile
    assert numbers(found) == units
    assert numbers(found, Level.CONTAINER) == groups


def test_a_number_right_after_its_word_is_cited_with_a_space() -> None:
    found = marked(
        "Điều1. Một\nNội dung của điều.\nĐiều 2. Hai\nTheo quy định tại Điều1 của "
        "luật.\nĐiều3. Ba\nNội dung.\n"
    )
    assert [mark.label for mark in found.marks] == ["Điều 1.", "Điều 2.", "Điều 3."]


def test_signs_of_ordinals_are_no_part_of_a_label_but_letters_of_german_numbers_are() -> None:
    iberian = marked("Art. 1o Esta Lei regula o uso das águas.\n\nArt. 2.º São rios os da lei.\n")
    german = marked(
        "§ 327n Minderung\n\nDer Text der Vorschrift.\n\n§ 327o Erklärung\n\nDer Text der "
        "Vorschrift.\n"
    )
    assert [mark.label for mark in iberian.marks] == ["Art. 1", "Art. 2"]
    assert [(mark.label, mark.number) for mark in german.marks] == [
        ("§ 327n", "327n"),
        ("§ 327o", "327o"),
    ]


def test_numbers_of_two_words_are_in_order() -> None:
    names = ("noveno", "décimo", "décimo primero", "décimo segundo", "vigésimo", "vigésimo primero")
    text = "".join(
        f"Artículo {name}. Del agua.\n\nEl agua es de la Nación y de los Estados.\n\n"
        for name in names
    )
    assert [mark.label for mark in marked(text).marks] == [f"Artículo {name}." for name in names]


def test_bulgarian_chapters_by_words_and_provisions_beside_the_articles() -> None:
    text = (
        "Глава първа\nОБЩИ ПОЛОЖЕНИЯ\nРаздел I\nПредмет\n"
        "Чл. 1.\nС тази наредба се регламентира контролът върху качеството на хляба.\n"
        "Чл. 2.\n(1) Хлябът се пече всеки ден и се продава на пазара от хлебарите.\n"
        "ГЛАВА ДВАДЕСЕТ И ВТОРА\nКОНТРОЛ\n"
        "Чл. 3.\nКонтролът се извършва от кмета на общината по реда на тази наредба.\n"
        "ДОПЪЛНИТЕЛНА РАЗПОРЕДБА\n§ 1.\nПо смисъла на тази наредба хлебар е този, който пече.\n"
        "ПРЕХОДНИ И ЗАКЛЮЧИТЕЛНИ РАЗПОРЕДБИ\n§ 2.\nТази наредба отменя старата наредба.\n"
        "§ 3.\nТази наредба влиза в сила от утре.\n"
    )
    found = marked(text)
    assert found.profile == "bg"
    assert numbers(found) == ["1", "2", "3", "§-1", "§-2", "§-3"]
    assert numbers(found, Level.CONTAINER) == ["първа", "I", "ДВАДЕСЕТИВТОРА"]
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("πρώτο", "δεύτερο", "τρίτο"), ["πρώτο", "δεύτερο", "τρίτο"]),
        (("ΠΡΩΤΟ", "ΔΕΥΤΕΡΟ", "ΤΡΙΤΟ"), ["ΠΡΩΤΟ", "ΔΕΥΤΕΡΟ", "ΤΡΙΤΟ"]),
        (("Μόνο",), ["Μόνο"]),
    ],
)
def test_greek_articles_by_words(words: tuple[str, ...], wanted: list[str]) -> None:
    text = "".join(
        f"Άρθρο {word}\nΚυρώνεται και έχει την ισχύ που ορίζει το Σύνταγμα η Συμφωνία.\n"
        for word in words
    )
    found = marked(f"ΝΟΜΟΣ ΥΠ' ΑΡΙΘ. 5000\nΚύρωση της Συμφωνίας για το λιμάνι\n{text}")
    assert found.profile == "el"
    assert numbers(found) == wanted


@pytest.mark.parametrize(
    ("word", "sole", "sentence"),
    [
        ("Άρθρο", "Άρθρο Μόνο", "Κυρώνεται και έχει την ισχύ που ορίζει το Σύνταγμα η Συμφωνία."),
        (
            "Article",
            "Article unique",
            "Le traité est approuvé par la loi et les parties le signent.",
        ),
        ("Artículo", "Artículo único", "Se aprueba el tratado que las partes han firmado en Lima."),
        (
            "Articolo",
            "Articolo unico",
            "Il trattato è approvato con la legge che le parti vogliono.",
        ),
        (
            "Artigo",
            "Artigo único",
            "O tratado é aprovado pela lei que as partes assinaram em Lisboa.",
        ),
    ],
)
def test_a_sole_article_within_a_line_is_doubted(word: str, sole: str, sentence: str) -> None:
    treaty = "".join(f"{word} {n}\n{sentence}\n" for n in (1, 2, 3))
    found = marked(f"{sentence} {sole} {sentence}\n{treaty}")
    assert numbers(found) == ["1", "2", "3"]
    assert [(d.code, d.line) for d in found.doubts] == [("unexplained-line", 1)]
    assert marked(f"{sentence}\n{treaty}").doubts == ()


def test_spanish_groups_in_capitals_without_accents_and_articles_that_are_numbered_apart() -> None:
    """Capitals are often printed without accents; here sections hold chapters."""
    text = (
        "SECCION I\nDEL AGUA\nCAPITULO I\nArtículo 1.- El agua es de todos.\n"
        "CAPITULO II\nArtículo 2.- Nadie la vende a otro.\n"
        "SECCION II\nDEL VIENTO\nCAPITULO I\nArtículo 3.- El viento es de todos.\n"
        "Artículo transitorio 1.- Esta ley rige hoy.\nArtículo transitorio 2.- Y mañana.\n"
    )
    found = marked(text, profile="es")
    assert [m.label for m in found.marks if m.level is Level.CONTAINER] == [
        *("SECCION I", "CAPITULO I", "CAPITULO II", "SECCION II", "CAPITULO I")
    ]
    parents = [found.marks[m.parent].label for m in found.marks[1:] if m.parent is not None]
    assert parents[:2] == ["SECCION I", "CAPITULO I"]
    assert numbers(found) == ["1", "2", "3", "transitorio-1", "transitorio-2"]
    assert found.doubts == ()


def test_indonesian_transitory_articles_count_again_below_their_heading() -> None:
    text = (
        "BAB I\nAIR\nPasal 1\nAir dalam kota ini adalah milik semua orang.\n"
        "Pasal 2\nTidak ada orang yang dapat menjual air.\n"
        "ATURAN PERALIHAN\nPasal I\nSumur lama tetap dipakai.\nPasal II\nSumur baru digali.\n"
        "ATURAN TAMBAHAN\nDalam enam bulan sumur diperiksa.\n"
    )
    found = marked(text, profile="id")
    assert numbers(found) == ["1", "2", "I", "II"]
    groups = [m.label for m in found.marks if m.level is Level.CONTAINER]
    assert groups == ["BAB I", "ATURAN PERALIHAN", "ATURAN TAMBAHAN"]
    assert found.marks[found.marks[-2].parent or 0].label == "ATURAN PERALIHAN"
    assert found.doubts == ()
