"""The hard cases of real laws, each in a small text of its own."""

from __future__ import annotations

import unicodedata

import pytest

from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import codes, marked, numbers, read

VI = """QUỐC HỘI
Căn cứ Hiến pháp;
Chương I
QUY ĐỊNH CHUNG
Điều 1. Phạm vi điều chỉnh
Luật này quy định về nước và các nguồn nước của quốc gia.
Điều 2. Đối tượng áp dụng
1. Cơ quan nhà nước theo quy định tại
Điều 9 của Luật này.
2. Tổ chức, cá nhân có liên quan.
Chương II
ĐIỀU KHOẢN THI HÀNH
Điều 3. Hiệu lực
Luật này có hiệu lực từ ngày ký.
"""


def test_articles_and_chapters_with_their_printed_titles() -> None:
    found = marked(VI)
    assert found.profile == "vi"
    preamble, chapter, first, second, *_ = found.marks
    assert (preamble.level, preamble.unit_kind) == (Level.OTHER, "preamble")
    assert (chapter.level, chapter.unit_kind, chapter.number, chapter.title) == (
        Level.CONTAINER,
        "chapter",
        "I",
        "QUY ĐỊNH CHUNG",
    )
    assert (first.label, first.number, first.title, first.parent) == (
        "Điều 1.",
        "1",
        "Phạm vi điều chỉnh",
        1,
    )
    assert second.title == "Đối tượng áp dụng"
    assert numbers(found) == ["1", "2", "3"]
    assert found.marks[-1].parent == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("Chương II", "\fChương II"),
        lambda text: text.replace("Điều ", "Điều\xa0"),
        lambda text: text.replace("Điều 2", "\u00d0iều 2"),
        lambda text: text.replace("Điều 3", unicodedata.normalize("NFD", "Điều 3")),
        lambda text: text.replace("Điều 2. Đối", "Điều\n2. Đối"),
        lambda text: text.replace("Điều 2. Đối", "ĐIỀU 2: Đối"),
    ],
    ids=[
        "nfd",
        "bom",
        "crlf",
        "crcrlf",
        "cr",
        "form feed",
        "nbsp",
        "eth",
        "mixed",
        "split number",
        "capitals",
    ],
)
def test_the_same_units_however_the_text_is_encoded(change) -> None:  # type: ignore[no-untyped-def]
    text = change(VI)
    found = marked(text)
    assert numbers(found) == ["1", "2", "3"]
    assert numbers(found, Level.CONTAINER) == ["I", "II"]
    starts = [text[m.start : m.start + 12] for m in found.marks]
    assert all(
        unicodedata.normalize("NFC", s).strip().replace("\u00d0", "Đ")[:2]
        in ("Că", "Ch", "Đi", "ĐI")
        for s in starts
    )


LAWS = {
    "de": (
        (
            "Erster Abschnitt\nAllgemeines\n\n§ 1 Zweck\n\nDieses Gesetz dient dem Schutz der "
            "Gewässer nach\n"
            "§ 9 Absatz 1 des Gesetzes.\n\n"
            "§ 2a Begriffe\n\nDie Begriffe sind die der Verordnung.\n\n§§ 3 bis 6 "
            "(weggefallen)\n\n§ 7 Inkrafttreten\n\n"
            "Das Gesetz tritt in Kraft.\n"
        ),
        ["1", "2a", "3..6", "7"],
    ),
    "en": (
        (
            "PART I\nGENERAL\n\nArticle 1\nScope\n\nThis Act applies to the water of the "
            "State, and to that in\n"
            "Article 7 of the Treaty.\n\n"
            "Article 2\nTerms\n\nThe terms are those of the Treaty.\n\nArticle 2a\nMore terms\n\n"
            "The owner is the person in possession.\n"
        ),
        ["1", "2", "2a"],
    ),
    "fr": (
        (
            "TITRE Ier\nDE L'EAU\n\nArticle 1er\n"
            "L'eau est le bien de tous, et les lois du pays sont pour la protection de\n"
            "l'article 12 du code.\n\nArticle 2 bis\nLes rivières sont dans le domaine de "
            "l'État.\n\n"
            "Article 3\nLa loi est publiée au journal.\n"
        ),
        ["1", "2bis", "3"],
    ),
    "it": (
        (
            "Capo I\nPRINCIPI\n\nArt. 1.\n(Oggetto)\n"
            "1. La legge disciplina la tutela delle acque nel territorio della Repubblica.\n\n"
            "Art. 2-bis.\n(Definizioni)\n1. Sono acque quelle che la legge indica.\n\nArt. 3\n"
            "La legge entra in vigore il giorno dopo.\n"
        ),
        ["1", "2-bis", "3"],
    ),
    "pt": (
        (
            "TÍTULO I\nDas Águas\n\nArt. 1º As águas são bens da União e dos Estados, nos "
            "termos da lei.\n\n"
            "Art. 2º Para os fins da lei, "
            "são águas as dos rios.\n\nArt. 10-A. A lei entra em vigor na data da sua publicação.\n"
        ),
        ["1", "2", "10-A"],
    ),
    "es": (
        (
            "TÍTULO PRIMERO\nDe las aguas\n\nArtículo 1. Objeto.\n"
            "La ley regula el uso de las aguas que son de dominio público.\n\n"
            "Artículo 2. Ámbito.\nLa ley se aplica en todo el territorio del Estado.\n"
        ),
        ["1", "2"],
    ),
}


@pytest.mark.parametrize("language", LAWS)
def test_the_profile_is_detected_and_finds_the_articles(language: str) -> None:
    text, want = LAWS[language]
    found = marked(text)
    assert found.profile == language
    assert numbers(found) == want
    assert len(numbers(found, Level.CONTAINER)) == 1


def test_the_profile_can_be_named_and_an_unknown_one_is_refused() -> None:
    assert marked("Artikel 1\nText\n", profile="nl").profile == "nl"
    with pytest.raises(DocumentRefused, match="'xx' is unknown; choose one of: vi, de"):
        marked("Artikel 1\n", profile="xx")


def test_quoted_articles_of_an_amendment_are_not_its_own() -> None:
    found = marked(
        "Điều 1. Sửa đổi Điều 5\n“Điều 5. Tên mới\n1. Nội dung mới của điều.\nĐiều 6. Tên "
        "khác\nNội dung khác.”.\n"
        "Điều 2. Bãi bỏ Điều 9.\nĐiều 3. Bổ sung Điều 4 như sau:\n“Điều 4. Tên\nNội "
        "dung.”\nĐiều 4. Hiệu lực\n"
        "Từ ngày ký.\n"
    )
    assert numbers(found) == ["1", "2", "3", "4"]
    assert found.marks[3].title == "Hiệu lực"


def test_a_quotation_that_opens_on_each_paragraph_and_closes_once() -> None:
    found = marked(
        "Article 1\nLe code est ainsi modifié par les dispositions de la loi :\n"
        "« Article 2. - Les peines sont doublées.\n"
        "« Article 3. - Les peines sont triplées. »\n\nArticle 2\nLa loi est publiée.\n"
    )
    assert [(m.number, m.start) for m in found.marks] == [("1", 0), ("2", found.marks[1].start)]


def test_a_missing_number_is_found_even_inside_a_quotation_that_was_not_closed() -> None:
    found = marked(
        "Điều 1. Một\nNội dung của điều.\n“Chữ mở ngoặc không đóng\nĐiều 2. Hai\nNội "
        "dung.\n”.\nĐiều 3. Ba\n"
        "Nội dung của điều ba.\n"
    )
    assert numbers(found) == ["1", "2", "3"]


def test_unquoted_articles_of_another_law_do_not_break_the_run() -> None:
    body = "Nội dung của điều này được quy định cụ thể.\n"
    text = (
        "".join(f"Điều {i}. Tên điều\n{body}" for i in range(1, 6))
        + f"Điều 3. Của luật khác\n{body}Điều 6. Sáu\n{body}"
    )
    found = marked(text)
    assert numbers(found) == ["1", "2", "3", "4", "5", "6"]
    assert "out-of-sequence" in codes(found)


def test_a_table_of_contents_makes_no_units() -> None:
    body = "Nội dung của điều này được quy định rất cụ thể trong luật, bao gồm mọi trường hợp. " * 4
    listed = "".join(
        f"Điều {i}. Tên điều số {w} ..... {i}\n"
        for i, w in enumerate(("một", "hai", "ba", "bốn"), 1)
    )
    text = f"MỤC LỤC\nChương I\nCHUNG\n{listed}Phụ lục I\nChương I\nCHUNG\n" + "".join(
        f"Điều {i}. Tên điều số {w}\n{body}\n" for i, w in enumerate(("một", "hai", "ba", "bốn"), 1)
    )
    found = marked(text)
    assert numbers(found) == ["1", "2", "3", "4"]
    assert all(mark.start > text.index("Phụ lục") for mark in found.marks)
    assert "table-of-contents" in codes(found)


def test_an_arrangement_of_sections_makes_no_units() -> None:
    listed = "PART I\nGENERAL\n1. Short title.\n2. Terms.\n3. Scope.\n"
    body = (
        "This Act shall be read with the other laws of the land and with the rules that the "
        "Minister makes under "
    )
    "them."
    text = f"THE WATER ACT\n\nARRANGEMENT OF SECTIONS\n\n{listed}\nPART I\nGENERAL\n\n" + "".join(
        f"{i}. {title}\n{body}\n\n"
        for i, title in enumerate(("Short title.", "Terms.", "Scope."), 1)
    )
    found = marked(text)
    assert numbers(found) == ["1", "2", "3"]
    assert numbers(found, Level.CONTAINER) == ["I"]
    assert found.marks[1].start > text.index(body) - 30


def test_an_attached_regulation_starts_again_in_a_component_of_its_own() -> None:
    found = marked(
        "Điều 1. Ban hành kèm theo Quyết định này Quy chế làm việc.\nĐiều 2. Hiệu lực\nTừ ngày "
        "ký.\n\n"
        "QUY CHẾ LÀM VIỆC\n"
        "(Ban hành kèm theo Quyết định số 1/QĐ)\nChương I\nCHUNG\nĐiều 1. Phạm vi\nQuy chế này "
        "quy định.\n"
        "Điều 2. Nguyên tắc\nNội dung.\n"
        "Phụ lục I\nMẪU ĐƠN\nĐiều 1. Tên\nNội dung.\n"
    )
    assert [(m.unit_kind, m.number, m.component) for m in found.marks] == [
        ("article", "1", ""),
        ("article", "2", ""),
        ("attachment", "", "att_quy-che-lam-viec"),
        ("chapter", "I", "att_quy-che-lam-viec"),
        ("article", "1", "att_quy-che-lam-viec"),
        ("article", "2", "att_quy-che-lam-viec"),
        ("annex", "I", "annex_I"),
        ("article", "1", "annex_I"),
    ]
    assert found.marks[2].title == "QUY CHẾ LÀM VIỆC"
    assert found.marks[2].level is Level.ANNEX


def test_a_line_that_mentions_an_annex_is_no_annex() -> None:
    found = marked("Điều 1. Một\nTheo mẫu tại\nPhụ lục I\nđược ban hành.\nĐiều 2. Hai\nNội dung.\n")
    assert numbers(found, Level.ANNEX) == []


def test_sections_that_start_again_in_each_chapter() -> None:
    found = marked(
        "1 kap. Inledning\n\n1 § Lagen gäller för den som är bosatt och som har ett företag.\n\n"
        "2 § Med bolag avses det som lagen säger.\n\n"
        "2 kap. Ansvar\n\n1 § Den som bryter mot lagen ska ersätta skadan.\n\n2 a § Skadan ska "
        "ersättas.\n"
    )
    assert numbers(found) == ["1", "2", "1", "2a"]
    assert [m.parent for m in found.marks if m.level is Level.BASIC] == [0, 0, 3, 3]
    assert {m.component for m in found.marks} == {""}


def test_which_container_is_above_is_told_by_where_numbers_start_again() -> None:
    found = marked(
        "CHAPTER 1\nOne\n\nPART A\nFirst\n\nSection 1. Terms\n\nText of the law.\n\nPART "
        "B\nSecond\n\n"
        "Section 2. Scope\n\nText of the law.\n\n"
        "CHAPTER 2\nTwo\n\nPART A\nThird\n\nSection 3. End\n\nText of the law.\n"
    )
    kinds = [m.unit_kind for m in found.marks]
    for i, mark in enumerate(found.marks):
        if mark.unit_kind == "part":
            assert mark.parent is not None
            assert kinds[mark.parent] == "chapter", i


def test_sections_inside_articles_are_below_them() -> None:
    text = (
        "ARTICLE I\n\nSection 1. All powers are vested in the Senate.\n\n"
        "Section 2. The House is chosen every year.\n\nARTICLE II\n\n"
    )
    found = marked(
        text + "Section 1. The power is vested in a President.\n", granularity=Granularity.SUB
    )
    assert numbers(found) == ["I", "II"]
    assert [(m.unit_kind, m.number, m.parent) for m in found.marks if m.level is Level.SUB] == [
        ("section", "1", 0),
        ("section", "2", 0),
        ("section", "1", 3),
    ]


def test_nested_german_articles() -> None:
    found = read(
        "# EG\n\n## Art 229\n\n### Art 229 § 1 Übergang\n\nDer Text der Vorschrift.\n\n### Art "
        "229 § 2 Ende\n\nText.\n",
        ".md",
    )
    assert [m.label for m in found.marks if m.level is Level.BASIC] == [
        "Art 229",
        "Art 229 § 1",
        "Art 229 § 2",
    ]


def test_the_signature_block_is_a_unit_of_its_own() -> None:
    found = marked(VI + "\nNơi nhận:\n- Như trên;\n")
    last = found.marks[-1]
    assert (last.level, last.unit_kind, last.parent) == (Level.OTHER, "conclusions", None)


def test_numbers_alone_head_the_sections_of_a_policy() -> None:
    found = marked(
        "ACCEPTABLE USE POLICY\n\n1. Purpose\n\n   This policy says what the staff may do:\n   "
        " 1. at work;\n"
        "    2. at home.\n\n2. Rules\n\n"
        "  2.1. Passwords\n\n   Keep them.\n\n  2.2. Devices\n\n   Lock them.\n\nA. Terms\n\n  "
        "A.1. Staff\n\n"
        "   All of them.\n"
    )
    assert numbers(found) == ["1", "2", "2.1", "2.2", "A", "A.1"]
    assert [m.parent for m in found.marks] == [None, None, 1, 1, None, 4]
    assert found.marks[2].title == "Passwords"


def test_no_unit_starts_in_an_excluded_span() -> None:
    from adapters.readers.engine import mark_text

    text = "Điều 1. Một\nNội dung.\nĐiều 2. Trong bảng\nĐiều 3. Ba\nNội dung.\n"
    at = text.index("Điều 2")
    found = mark_text(text, profile="vi", granularity=Granularity.BASIC, excluded=[(at, at + 5)])
    assert numbers(found) == ["1", "3"]


def test_the_footnote_after_an_articles_number_is_no_part_of_it() -> None:
    found = marked(
        "Điều 1. Phạm vi\nNội dung của điều.\nĐiều 2.4 Đối tượng\nNội dung của điều.\nĐiều "
        "2a.15 Trách nhiệm\nNội dung.\n"
        "Điều 3. Hiệu lực thi hành16\nNội dung của điều.\n"
    )
    assert [(mark.label, mark.number, mark.title) for mark in found.marks][1:3] == [
        ("Điều 2.", "2", "Đối tượng"),
        ("Điều 2a.", "2a", "Trách nhiệm"),
    ]
    assert numbers(found) == ["1", "2", "2a", "3"]


def test_marks_of_amendments_neither_hide_an_article_nor_stand_for_its_title() -> None:
    found = marked(
        "►M1 Article 1\n\nThe rules hold for all boats.\n\n▼M2\nArticle 2\n▼B\nScope\n\nThe "
        "rules hold for rafts.\n\n"
        "Article 3\n\n▼M2\nThe rules hold for ships, and for what is towed.\n"
    )
    assert [(mark.label, mark.title) for mark in found.marks if mark.level is Level.BASIC] == [
        ("Article 1", ""),
        ("Article 2", "Scope"),
        ("Article 3", ""),
    ]
