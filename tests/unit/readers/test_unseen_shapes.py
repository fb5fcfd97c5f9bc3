"""Shapes that laws from new sources had: heading words in small letters, lists indented in numbered
sections, an article's heading around that of its chapter, one heading again in many articles,
chapters below a long title, tables of contents in front of numbers alone, and headings that only
such a table tells.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers, read

_TEXTS = {
    "bg": "Сдружението е учредено за неопределено време и се представлява от председателя на съвета.",
    "fr": "Les membres de la société se réunissent chaque année au mois de mars sous la présidence "
    "du doyen.",
    "pl": "Członkowie koła zbierają się raz w roku w marcu na wniosek prezesa lub zarządu, o którym "
    "mowa w statucie, oraz nie później niż do końca roku.",
    "es": "Los miembros de la sociedad se reúnen cada año en el mes de marzo a petición de la junta.",
    "nl": "De leden van de vereniging komen ieder jaar in de maand maart bijeen op verzoek van het "
    "bestuur.",
    "en": "The members of the club meet once a year in the month of March at the request of the "
    "board.",
}


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("bg", "чл. {}. Срок"),
        ("fr", "art. {} - Réunion"),
        ("pl", "art. {}."),
        ("es", "artículo {}.- Junta"),
        ("nl", "artikel {}"),
    ],
)
def test_words_in_small_letters_head_units_where_the_text_prints_them_so(
    language: str, heading: str
) -> None:
    text = "".join(f"{heading.format(n)}\n\n{_TEXTS[language]}\n\n" for n in range(1, 7))
    found = marked(text)
    assert (found.profile, numbers(found)) == (language, list("123456"))
    assert not found.doubts


def test_references_in_small_letters_stay_text() -> None:
    wrapped = "The board acts under\nsection 1 and\nsection 2 of the act, and\nsection 3 of it.\n"
    text = "".join(f"Section {n}. Duty {n}\n{_TEXTS['en']}\n{wrapped}" for n in range(1, 5))
    assert numbers(marked(text)) == list("1234")
    lone = "".join(f"{n}. Duty of the board\n{_TEXTS['en']}\n{wrapped}" for n in range(1, 5))
    assert numbers(marked(lone)) == list("1234")


@pytest.mark.parametrize(
    "indent", ["\t", "\t\t", "   ", "    ", "        "], ids=["tab", "tabs", "3", "4", "8"]
)
def test_a_list_indented_in_a_section_counts_on_with_no_section(indent: str) -> None:
    listed = "".join(f"{indent}{n}. Members pay what they owe the club.\n" for n in range(1, 6))
    text = (
        f"**I. Members**\n1. Entry\n{listed}2. Leaving\n{listed}3. Rights of members\n\n"
        f"**II. The board**\n1. Election\n{listed}2. Duties of the board\n\n"
        f"**III. Closing**\n1. Money\n2. Dissolution\n"
    )
    found = read(text, ".md")
    assert numbers(found) == list("12312") + list("12")
    assert [m.title for m in found.marks if m.level is Level.BASIC][:3] == [
        "Entry",
        "Leaving",
        "Rights of members",
    ]


@pytest.mark.parametrize(
    ("article", "chapter", "body"),
    [
        ("Article {}", "Chapter {}\n\nThe flag", "The flag of the club is white and blue."),
        ("Artikel {}", "HOOFDSTUK {}\n\nDe vlag", _TEXTS["nl"]),
        ("Artículo {}", "Capítulo {}\n\nDe la bandera", _TEXTS["es"]),
        ("Art. {}", "Rozdział {}\n\nFlaga", _TEXTS["pl"]),
        (
            "المادة {}",
            "الفصل {}\n\nأحكام عامة",
            "يكون علم الجمعية أبيض وأزرق وفقا لما تحدده اللائحة.",
        ),
    ],
)
def test_an_article_printed_around_its_chapter_is_one_article_in_it(
    article: str, chapter: str, body: str
) -> None:
    """A page cut an act into its articles, and wrote above each what it is."""
    text = "# The law\n\n"
    for n in range(1, 7):
        text += f"## {article.format(n)}\n\n"
        if n % 3 == 1:
            text += f"{chapter.format(1 + n // 3)}\n\n{article.format(n)}:\n\n"
        text += f"{body}\n\n"
    found = read(text, ".md")
    assert numbers(found) == list("123456")
    assert numbers(found, Level.CONTAINER) == ["1", "2"]
    bodies = [
        found.text[mark.start : mark.end] for mark in found.marks if mark.level is Level.BASIC
    ]
    assert all(body in unit for unit in bodies)


@pytest.mark.parametrize(
    "groups", ["Part {}\n\nChapter {}\n\n", "Book {}\n\nTitle {}\n\nChapter {}\n\n"]
)
def test_several_chapters_may_stand_within_an_article_that_is_printed_around_them(
    groups: str,
) -> None:
    text = ""
    for n in range(1, 7):
        text += f"## Article {n}\n\n"
        if n % 2:
            text += f"{groups.replace('{}', str(1 + n // 2))}Article {n}\n\n"
        text += f"{_TEXTS['en']}\n\n"
    found = read(text, ".md")
    assert numbers(found) == list("123456")
    assert len(numbers(found, Level.CONTAINER)) == 3 * groups.count("{}")
    bodies = [found.text[m.start : m.end] for m in found.marks if m.level is Level.BASIC]
    assert all(_TEXTS["en"] in body for body in bodies)


@pytest.mark.parametrize(
    "again", ["REVOGADO", "Notes", "Commentary of the board", "*Repealed*", "History"]
)
def test_a_heading_that_comes_again_in_many_articles_is_part_of_each(again: str) -> None:
    text = "# The statute of the club\n\n## Part one\n\n"
    for n in range(1, 6):
        text += f"## Article {n}\n\n{_TEXTS['en']}\n\n## {again}\n\nSee the act of {1990 + n}.\n\n"
    found = read(text, ".md")
    assert numbers(found) == list("12345")
    assert [m.title for m in found.marks if m.level is not Level.BASIC] == [
        "The statute of the club",
        "Part one",
    ]


def test_a_heading_that_comes_again_above_articles_groups_them() -> None:
    text = "# The statute of the club\n\n"
    for n in range(1, 6):
        text += f"## Fees\n\n## Article {n}\n\n{_TEXTS['en']}\n\n"
    found = read(text, ".md")
    assert [m.title for m in found.marks if m.level is not Level.BASIC].count("Fees") == 5


@pytest.mark.parametrize(
    ("language", "part", "chapter", "title", "article"),
    [
        (
            "en",
            "PART {}",
            "Chapter {}",
            "Rights and duties of members of clubs and of all who may be asked to join",
            "Article {}.",
        ),
        (
            "pl",
            "DZIAŁ {}",
            "Rozdział {}",
            "Zakaz stosowania niedozwolonych postanowień wzorców umów zawieranych",
            "Art. {}.",
        ),
        (
            "es",
            "TÍTULO {}",
            "Capítulo {}",
            "De los derechos y deberes de todos los miembros de la sociedad en",
            "Artículo {}.",
        ),
        (
            "fr",
            "TITRE {}",
            "Chapitre {}",
            "Des droits et des devoirs de tous les membres de la société dite",
            "Art. {}.",
        ),
        (
            "nl",
            "DEEL {}",
            "Hoofdstuk {}",
            "De rechten en plichten van de leden en van wie lid van haar wordt",
            "Artikel {}.",
        ),
    ],
)
def test_a_chapter_below_the_long_title_of_a_part_is_one(
    language: str, part: str, chapter: str, title: str, article: str
) -> None:
    text, n = "", 0
    for roman, name in (("I", "Aurora"), ("II", "Borealis"), ("III", "Castor")):
        text += f"{part.format(roman)}\n{title} {name}\n"
        for i, named in ((1, "Delta"), (2, "Epsilon")):
            n += 1
            text += f"{chapter.format(i)}\n{named} {name}\n{article.format(n)} {_TEXTS[language]}\n"
    found = marked(text)
    assert numbers(found) == list("123456")
    assert numbers(found, Level.CONTAINER) == ["I", "1", "2", "II", "1", "2", "III", "1", "2"]


_NAMES = ("Name", "Seat", "Aims", "Members", "Fees", "Board", "Money", "Closing")
_LISTED = "".join(f"{n}. {name}.\n\n" for n, name in enumerate(_NAMES, 1))
_HELD = [f"{n}. (1) {_TEXTS['en']}\n(2) The board keeps to that.\n\n" for n in range(1, 9)]


@pytest.mark.parametrize(
    "heading",
    [
        "ARRANGEMENT OF ARTICLES",
        "Arrangement of paragraphs",
        "TABLE OF PROVISIONS",
        "List of sections",
        "Arrangement of clauses",
    ],
)
def test_a_table_of_contents_ends_where_its_second_item_comes_again(heading: str) -> None:
    """The first one stands behind a marginal note in the text."""
    first = f"Substituted by: 4.1974 {_HELD[0]}"
    text = f"THE ACT\n\n{heading}\n\n{_LISTED}THE ACT\n\n{first}{''.join(_HELD[1:])}"
    found = read(text)
    bodies = [m for m in found.marks if m.level is Level.BASIC]
    assert numbers(found)[-7:] == list("2345678")
    assert all("The board keeps" in found.text[m.start : m.end] for m in bodies)


@pytest.mark.parametrize("left_out", [3, 4, 5])
def test_numbers_go_on_behind_one_that_is_left_out_below_chapters(left_out: int) -> None:
    held = "Subject to this Act, a person who is not a member shall not be elected by the board."
    sections = [f"{n}.\n\n(1) {held}\n\n" for n in range(1, 15)]
    del sections[left_out - 1]
    words = "WORDS\n\n1.\n\nA member is one who pays.\n\n2.\n\nA guest is one who does not.\n\n"
    body = "".join([*sections[:8], words, *sections[8:]])
    text = f"CHAPTER ONE\n\nTHE CLUB\n\n{body}"
    found = marked(text)
    assert numbers(found) == [str(n) for n in range(1, 15) if n != left_out]
    assert "number-holes" in {doubt.code for doubt in found.doubts}


@pytest.mark.parametrize("word", ["Article", "Section"])
def test_a_word_above_the_numbers_of_a_table_heads_no_unit(word: str) -> None:
    listed = "".join(f"{n}.\n\n{name}.\n\n" for n, name in enumerate(_NAMES, 1))
    text = f"THE ACT\nARRANGEMENT OF ARTICLES\n{word}\n{listed}THE ACT\n{''.join(_HELD)}"
    found = read(text)
    assert numbers(found) == list("12345678")
    assert "The board keeps" in found.text[found.marks[-1].start : found.marks[-1].end]


def test_a_word_above_every_number_heads_units() -> None:
    text = "".join(f"Article\n{n}.\n{_TEXTS['en']}\n\n" for n in range(1, 6))
    assert [m.label for m in marked(text).marks] == [f"Article {n}." for n in range(1, 6)]


def test_an_elucidation_goes_through_the_articles_again() -> None:
    held = "Perpustakaan diselenggarakan untuk masyarakat dan dikelola oleh daerah yang ada."
    law = "".join(f"Pasal {n}\n{held}\n" for n in range(1, 6))
    said = "".join(f"Pasal {n}\nCukup jelas.\n" for n in range(1, 6))
    text = f"{law}\nPENJELASAN\nATAS\nUNDANG-UNDANG\nI. UMUM\n{held}\nII. PASAL DEMI PASAL\n{said}"
    found = marked(text)
    assert (numbers(found), found.doubts) == (list("12345"), ())
    assert [m.label for m in found.marks if m.level is Level.ANNEX] == ["PENJELASAN"]


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("A Members", "B The general meeting", "C Money"),
        ("Members", "General meeting", "Money"),
        ("Part A. Members", "Part B. Meetings", "Part C. Money"),
        ("A. MEMBERS", "B. GENERAL MEETING", "C. MONEY"),
        ("Who belongs to it", "Who meets and when", "Who pays for it all"),
    ],
)
def test_a_heading_that_a_table_of_contents_lists_is_one_in_the_text(
    first: str, second: str, third: str
) -> None:
    """No blank line sets it apart from the text above."""
    groups = ((first, (1, 2)), (second, (3, 4, 5)), (third, (6, 7)))
    page, listed, text = 1, "", ""
    for heading, held in groups:
        listed += f"{heading}\t{page}\n"
        text += f"{heading}\n\n"
        for n in held:
            page += 1
            listed += f"Article {n}. {_NAMES[n]} . . . . . {page}\n"
            text += f"Article {n}. {_NAMES[n]}\n{_TEXTS['en']}\n"
    text = f"The statute of the club\n\nTable of contents\n\n{listed}\n{text}"
    found = marked(text, profile="en")
    assert numbers(found) == list("1234567")
    titles = [m.title for m in found.marks if m.level in (Level.OTHER, Level.CONTAINER)]
    assert [t for t in titles if any(t in h for h, _ in groups[1:])] == titles[-2:] != []


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        (
            "Artículo {}°.- (Objeto) El reglamento regula la elección del rector y su cargo.",
            "Objeto",
        ),
        (
            "Artículo {}.- (De los fines) La sociedad persigue los fines que aquí se dicen.",
            "De los fines",
        ),
        ("Artículo {}. (Sede) La sociedad tiene su sede en la ciudad que elija la junta.", "Sede"),
        ("Artículo {}.- (i) El reglamento regula la elección del rector y de su cargo.", ""),
        ("Artículo {}. (véase abajo) el reglamento regula la elección del rector aquí.", ""),
    ],
)
def test_a_title_in_brackets_stands_before_the_text_of_its_line(heading: str, title: str) -> None:
    text = "".join(f"{heading.format(n)}\n{_TEXTS['es']}\n\n" for n in range(1, 4))
    assert [m.title for m in marked(text, profile="es").marks] == [title] * 3


def test_a_number_in_parts_may_end_with_a_bracket() -> None:
    text = "# Rules\n\n## 1) Entry\n\nA.\n\n### 1.1) Who\n\nB.\n\n## 2) Fees\n\nC.\n"
    assert [(m.label, m.title) for m in read(text, ".md").marks][1:] == [
        ("1)", "Entry"),
        ("1.1)", "Who"),
        ("2)", "Fees"),
    ]


_LT = "Šio įstatymo nuostatos taikomos, jeigu asmuo turi teisę pagal sutartį arba yra kitaip."


@pytest.mark.parametrize("raised", ["4¹", "4<sup>1</sup>", "4[1]", "4-1", "4^1"])
def test_lithuanian_laws_have_raised_numbers_and_sections_in_words(raised: str) -> None:
    order = ("1", "2", "3", "4", raised, "5")
    text = ""
    for n, nth in zip(order[::2], ("PIRMASIS", "ANTRASIS", "TREČIASIS"), strict=True):
        second = order[order.index(n) + 1]
        text += f"**{nth} SKIRSNIS**\n\n**NUOSTATOS**\n\n"
        text += "".join(f"**{one} straipsnis. Tikslas**\n\n{_LT}\n\n" for one in (n, second))
    found = read(text, ".md")
    number = raised if raised[1] in "-^" else "4.1"
    assert numbers(found) == ["1", "2", "3", "4", number, "5"]
    assert [m.label for m in found.marks if m.level is Level.CONTAINER] == [
        "PIRMASIS SKIRSNIS",
        "ANTRASIS SKIRSNIS",
        "TREČIASIS SKIRSNIS",
    ]


def test_a_note_of_an_editor_with_a_day_is_no_heading_of_the_next_article() -> None:
    note = "_Pakeitimai:_\n\n_Nr. , 2019-09-26, paskelbta TAR 2019-10-14, i. k. 2019-16283_\n\n"
    text = "".join(f"**{n} straipsnis. Tikslas**\n\n{_LT}\n\n{note}" for n in range(1, 6))
    found = read(text, ".md")
    assert [m.label for m in found.marks] == [f"{n} straipsnis." for n in range(1, 6)]


def test_russian_laws_insert_numbers_in_brackets() -> None:
    order = ("51", "52", "52¹", "52[1-1]", "52²", "53")
    held = "Настоящий закон регулирует отношения, и для их целей не применяется его часть."
    first = "".join(f"Статья {n}. Цели\n{held}\n" for n in range(1, 51))
    found = marked(first + "".join(f"Статья {n}. Цели\n{held}\n" for n in order))
    assert numbers(found)[50:] == ["51", "52", "52.1", "52.1-1", "52.2", "53"]
    assert not found.doubts


@pytest.mark.parametrize(
    "note", ["Dissolution", "Closing provisions", "DISSOLUTION", "Entry Into Force", "Fees."]
)
def test_a_last_article_behind_its_marginal_note_is_doubted(note: str) -> None:
    text = "".join(f"Article {n}\n{_TEXTS['en']}\n\n" for n in range(1, 6))
    found = marked(f"{text}{note} Article 6\n{_TEXTS['en']}\n", profile="en")
    assert numbers(found) == list("12345")
    shown = [doubt.reason for doubt in found.doubts]
    assert shown == (
        []
        if note[-1] == "."
        else [f"Nothing explains why this line is the start of no unit: '{note} Article 6'."]
    )


def test_an_article_behind_its_marginal_note_is_named_where_its_number_is_left_out() -> None:
    heads = ("Article 1", "Article 2", "Members Article 3", "Article 4", "Article 5")
    text = "".join(f"{head}\n{_TEXTS['en']}\n\n" for head in heads)
    found = marked(text, profile="en")
    assert any("'Members Article 3'" in d.reason for d in found.doubts if d.code == "number-holes")


@pytest.mark.parametrize(
    "line",
    [
        "the members that are named in Article 6",
        "Nothing herein changes what is said of members in Article 6",
        "Form for Article 6",
        "Members, guests and Article 6",
        "See Article 6 of the law",
    ],
)
def test_a_mention_at_the_end_of_a_line_is_no_doubt(line: str) -> None:
    text = "".join(f"Article {n}\n{_TEXTS['en']}\n\n" for n in range(1, 6))
    assert not marked(f"{text}{line}\n", profile="en").doubts


def test_a_provision_that_is_numbered_apart_is_no_article_behind_a_note() -> None:
    held = "Bu kanun ile ilgili olan her şey için bakanlık yetkilidir ve bu madde uygulanır."
    heads = ("Madde 1", "Madde 2", "Madde 3", "Geçici Madde 4", "Madde 5", "Madde 6")
    found = marked("".join(f"{head}\n{held}\n\n" for head in heads), profile="tr")
    assert [d.reason for d in found.doubts if d.reason.startswith("Madde")] == [
        "Madde 5 follows Madde 3; numbers in between are missing."
    ]


@pytest.mark.parametrize(
    ("language", "word", "text"),
    [
        ("Haitian Creole", "Atik", "Tout moun fèt lib epi yo gen dwa nan peyi a oswa lòt kote."),
        ("Māori", "Upoko", "Ko te katoa o nga tangata ki te ao hoki ka whai tika katoa."),
        ("Malagasy", "Andininy", "Ny olona rehetra dia manana zo sy fahafahana izay voaro avokoa."),
        ("Guarani", "Mokoĩ", "Mayma yvypóra oguereko derecho ko yvy ári, upe rupi avei opa mba'e."),
        ("Hausa", "Mataki", "Kowa na da hakkin rai kuma duk wanda aka kama saboda haka zai ji."),
    ],
)
def test_a_language_without_a_profile_is_named_where_its_own_word_was_cut_at(
    language: str, word: str, text: str
) -> None:
    found = marked("".join(f"{word} {n}\n{text} {text}\n\n" for n in range(1, 8)))
    assert (found.profile, numbers(found)) == ("ad-hoc", list("1234567"))
    assert [d.code for d in found.doubts] == ["unknown-language"]
    assert language in found.doubts[0].reason


@pytest.mark.parametrize(
    ("group", "section", "profile"),
    [
        ("{}. Fees of the club", "{}. The club", "en"),
        ("{}. FEES", "{}. The club", "en"),
        ("**{}. Fees**", "{}. The club", "en"),
        ("{}. Vispārīgie jautājumi", "{}. Šie noteikumi", "lv"),
        ("{}) Cuotas del club", "{}. El club", "es"),
    ],
)
def test_roman_numbers_group_sections_that_count_through_the_text(
    group: str, section: str, profile: str
) -> None:
    text = ""
    for n, roman in ((1, "I"), (4, "II"), (7, "III"), (10, "IV")):
        text += f"{group.format(roman)}\n"
        text += "".join(f"{section.format(n + i)} Name {n + i}\n{_TEXTS['en']}\n" for i in range(3))
    found = marked(text, profile=profile)
    assert numbers(found) == [str(n) for n in range(1, 13)]
    assert numbers(found, Level.CONTAINER) == ["I", "II", "III", "IV"]
