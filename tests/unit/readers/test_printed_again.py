"""Headings that are printed again: right below themselves, or chapters in a contents list that has
no heading of its own; and lines that only look as if they headed a unit: dates of signatures,
numbers below a caption in another case.
"""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers, read

_TEXT = {
    "en": "Every member of the club shall pay the fee that the board has set for the year.\n",
    "es": "Los socios del club deben pagar la cuota que la junta haya fijado para el año.\n",
    "fr": "Les membres du club doivent payer la cotisation que le bureau a fixée pour l'année.\n",
    "de": "Die Mitglieder des Vereins haben den Beitrag zu zahlen, den der Vorstand festsetzt.\n",
    "tr": "Üyeler kulübün yönetim kurulunun her yıl için belirlediği aidatı ödemek zorundadır.\n",
}


def _twice(first: str, second: str, language: str, count: int = 4) -> str:
    return "".join(
        f"{first.format(i)}\n{second.format(i)}\n{_TEXT[language]}" for i in range(1, count + 1)
    )


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("Artículo {}", "Artículo {}.", "es"),
        ("Article {} – Dues", "Article {} – Dues", "en"),
        ("Article {}", "\nArticle {} – Dues", "en"),
        ("§ {}", "§ {}", "de"),
        ("MADDE {}", "MADDE {} –", "tr"),
    ],
)
def test_a_heading_right_below_itself_is_one_heading(
    first: str, second: str, language: str
) -> None:
    found = marked(_twice(first, second, language))
    assert numbers(found) == ["1", "2", "3", "4"]
    assert found.doubts == ()
    assert found.account.unexplained == ()


def test_the_title_of_a_heading_printed_again_is_that_of_the_second() -> None:
    found = marked(_twice("Article {}", "Article {} – Dues of year", "en"))
    assert {mark.title for mark in found.marks} == {"Dues of year"}


@pytest.mark.parametrize(
    "again", ["Chapter {}", "Chapter {} – Money", "Chapter {}.", "\nChapter {}"]
)
def test_a_chapter_right_below_itself_is_one_chapter(again: str) -> None:
    body = "".join(
        f"Chapter {c} – Money\n{again.format(c)}\n\nArticle {a}. Dues\n{_TEXT['en']}"
        for a, c in enumerate(("I", "II", "III"), start=1)
    )
    found = marked(body)
    assert numbers(found, Level.CONTAINER) == ["I", "II", "III"]
    assert [mark.title for mark in found.marks if mark.level is Level.CONTAINER] == ["Money"] * 3


@pytest.mark.parametrize("between", [_TEXT["en"], "See also\n", "(1) Of the rules:\n"])
def test_the_same_number_behind_a_text_is_no_heading_printed_again(between: str) -> None:
    text = _twice("Article {}. Dues", "", "en")
    found = marked(
        text.replace("Article 3. Dues\n", f"Article 3. Dues\n{between}Article 3. Fees\n")
    )
    assert numbers(found) == ["1", "2", "3", "3", "4"]


@pytest.mark.parametrize(
    ("group", "unit", "language"),
    [
        ("Part {} - Rules of part {}", "{} (1) ", "en"),
        ("Part {}\nRules of part {}", "Section {}. ", "en"),
        ("CHAPTER {} - RULES OF PART {}", "Article {}. ", "en"),
        ("TITRE {} - Du titre {}", "Article {}. ", "fr"),
        ("Kapitel {} - Kapitel {} der Satzung", "§ {} ", "de"),
    ],
)
def test_chapters_of_a_contents_list_without_numbers_are_none(
    group: str, unit: str, language: str
) -> None:
    groups = [group.format(n, n) for n in ("I", "II", "III")]
    listed = "".join(f"{name}\n\nDues\n\nOffices\n\n" for name in groups)
    body = "".join(
        f"{name}\n\n" + "".join(f"{unit.format(3 * k + i)}{_TEXT[language]}\n" for i in (1, 2, 3))
        for k, name in enumerate(groups)
    )
    found = marked(f"Rules of the Harbour Club\n\n{listed}{body}")
    assert numbers(found, Level.CONTAINER) == ["I", "II", "III"]
    assert numbers(found) == [str(i) for i in range(1, 10)]
    starts = [mark.start for mark in found.marks if mark.level is Level.CONTAINER]
    assert starts[0] > len(listed)


@pytest.mark.parametrize(
    "signed",
    [
        "Dresden, den 4. Februar 2004",
        "Graz, am 4. Mai 2011",
        "Bern, den 4.\xa0März\xa01999",
        "Vaduz, den 4. Dezember 2020",
        "Oslo, den 4. juni 1987",
    ],
)
def test_the_date_of_a_signature_is_no_section(signed: str) -> None:
    body = "".join(f"{i}. Beitrag\n{_TEXT['de']}" for i in (1, 2, 3))
    found = marked(f"{body}{signed}\nDer Vorstand\nDr. Ernst Vogel\n", profile="de")
    assert numbers(found) == ["1", "2", "3"]


@pytest.mark.parametrize("word", ["MADDE {}", "MADDE {} –", "Madde {} –", "MADDE {}."])
@pytest.mark.parametrize("caption", ["Amaç", "Üyelik ve aidat"])
def test_a_heading_line_below_its_caption_is_explained(word: str, caption: str) -> None:
    body = "".join(f"{caption}\n{word.format(i)}\n(1) {_TEXT['tr']}" for i in range(1, 6))
    found = marked(f"KULÜP TÜZÜĞÜ\n{body}")
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert {mark.title for mark in found.marks if mark.level is Level.BASIC} == {caption}
    assert found.account.unexplained == ()


def test_declared_headings_stay_units_of_their_own() -> None:
    text = "".join(f"## Article {i}\n\n## Article {i}\n\n{_TEXT['en']}\n" for i in (1, 2, 3))
    assert len(numbers(read(text, ".md"))) == 6


_LISTS = {
    "es": ("CAPÍTULO {}", "Capítulo {}   ", "Artículo {}. ", "Disposición número {}"),
    "zh": ("第{}章　总　则　{}", "　　第{}章　总则　", "第{}条　", "{}"),
    "pt": ("CAPÍTULO {}\n", "Capítulo {} ", "Art. {} ", "Das regras de número {}"),
    "de": ("Kapitel {}", "Kapitel {}   ", "§ {} ", "Regeln der Zahl {}"),
    "ru": ("Глава {}. ", "Глава {}. ", "Статья {}. ", "Правила за номером {}"),
}
_SENTENCES = {
    "es": _TEXT["es"],
    "zh": "为了规范会员的行为，根据本会章程的有关规定，制定本条，会员应当遵守。\n",
    "pt": "Os membros do clube devem pagar a quota que a direção fixar para cada ano civil.\n",
    "de": _TEXT["de"],
    "ru": "Члены общества обязаны платить взносы, которые установил совет на текущий год.\n",
}
_CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九")


@pytest.mark.parametrize("language", list(_LISTS))
@pytest.mark.parametrize("rule", ["", "-"])
def test_a_list_of_chapters_alone_is_a_contents_list(language: str, rule: str) -> None:
    chapter, line, article, title = _LISTS[language]
    chinese = language == "zh"
    counted = ["I", "II", "III"] if not chinese else ["一", "二", "三"]
    number = _CHINESE if chinese else tuple(map(str, range(1, 10)))
    listed = "".join(
        f"{line.format(n)}{title.format(n)}{'' if chinese else '.' * 60 + str(9 * i)}\n"
        for i, n in enumerate(counted, start=1)
    )
    body = "".join(
        (f"{chapter.format(n, n)} {'' if chinese else title.format(n)}".strip() + "\n")
        + (f"{rule * 20}\n\n" if rule else "\n")
        + "".join(
            f"{article.format(number[3 * k + i])}{_SENTENCES[language] * 3}\n" for i in (0, 1, 2)
        )
        for k, n in enumerate(counted)
    )
    text = f"{listed}\n\n{body}"
    name = "law.md" if rule else "law.txt"
    found = read_document(text.encode(), name=name, profile=language)
    chapters = [mark for mark in found.marks if mark.level is Level.CONTAINER]
    assert len(chapters) == 3
    assert chapters[0].start >= len(listed)
    assert len(numbers(found)) == 9


def test_chapters_whose_text_stands_below_them_are_no_list() -> None:
    text = "".join(f"Chapter {n}. Means\n{_TEXT['en'] * 8}" for n in ("I", "II"))
    body = "".join(
        f"Chapter {n}. Aims\n"
        + "".join(f"Article {2 * k + i}. Dues\n{_TEXT['en']}" for i in (1, 2))
        for k, n in enumerate(("I", "II"))
    )
    assert numbers(marked(text + body, profile="en"), Level.CONTAINER) == ["I", "II", "I", "II"]


@pytest.mark.parametrize(
    ("form", "stop", "language"),
    [
        ("Mẫu số 0{}", ".", "vi"),
        ("Phụ lục {}", ".", "vi"),
        ("Annex {}", ":", "en"),
        ("Schedule {}", "", "en"),
        ("Anexo {}", ".", "es"),
    ],
)
def test_a_list_of_annexes_before_the_annexes_is_none_of_them(
    form: str, stop: str, language: str
) -> None:
    words = {
        "vi": (
            "Điều {}. Phạm vi\nHội viên phải đóng hội phí theo quy định của điều lệ này.\n",
            "Đơn",
        ),
        "en": ("Article {}. Dues\n" + _TEXT["en"], "Request"),
        "es": ("Artículo {}. Cuotas\n" + _TEXT["es"], "Solicitud"),
    }
    article, title = words[language]
    law = "".join(article.format(i) for i in (1, 2, 3))
    listed = "".join(f"{form.format(i)} {title} {i}\n\n" for i in (1, 2, 3))
    annexes = "".join(
        f"{form.format(i)}{stop} {title} {i}\n\n" + "Name, date and place ........\n" * 20
        for i in (1, 2, 3)
    )
    found = marked(f"{law}\n{listed}{annexes}")
    assert numbers(found) == ["1", "2", "3"]
    heads = [mark for mark in found.marks if mark.level is Level.ANNEX]
    assert len(heads) == 3
    assert heads[0].start >= len(law) + len(listed)


@pytest.mark.parametrize(
    ("form", "language"),
    [
        ("Annex {}", "en"),
        ("附件{}", "zh"),
        ("Anexo {}", "es"),
        ("Anhang {}", "de"),
        ("Phụ lục {}", "vi"),
    ],
)
def test_annexes_in_the_contents_before_all_articles_are_none(form: str, language: str) -> None:
    article = {
        "en": "Article {}. Dues\n" + _TEXT["en"],
        "zh": "第{}条　" + _SENTENCES["zh"],
        "es": "Artículo {}. Cuotas\n" + _TEXT["es"],
        "de": "§ {} Beitrag\n" + _TEXT["de"],
        "vi": "Điều {}. Phí\nHội viên phải đóng hội phí theo quy định của điều lệ này.\n",
    }[language]
    count = _CHINESE if language == "zh" else ("1", "2", "3", "4")
    listed = "".join(f"{form.format(n)}　Forms {n}\n" for n in count[:3])
    law = "".join(article.format(n) for n in count[:4])
    annexes = "".join(f"{form.format(n)}\nForms {n}\n\n{article[-40:]}\n" for n in count[:3])
    found = marked(f"{listed}\n{law}\n{annexes}", profile=language)
    heads = [mark for mark in found.marks if mark.level is Level.ANNEX]
    assert len(heads) == 3
    assert heads[0].start >= len(listed) + len(law)
    assert len(numbers(found)) == 4
