"""Titles above the number belong to the unit below them."""

from __future__ import annotations

import pytest

from adapters.readers.engine import Structure
from tests.unit.readers.helpers import marked, numbers, read

# Number, captions, and a sentence.
_LAWS = {
    "hr": ("Članak {}.", ("Pojmovi", "Predmet zakona"), "Ovaj zakon uređuje zaštitu voda i šuma."),
    "tr": ("MADDE {}- (1)", ("Amaç", "Kapsam"), "Bu Kanunun amacı suları ve ormanları korumaktır."),
    "hu": ("{}. §", ("A törvény célja", "Hatály"), "Ez a törvény a vizekről szól, és nem másról."),
    "en": ("{}.", ("Short title", "Duty of the board"), "The board shall see to the rules of it."),
    "de": ("Art. {}", ("Zweck", "Geltung"), "Dieses Gesetz ist für die Teiche in der Stadt."),
    "ms": ("{}.", ("Tajuk ringkas", "Fungsi Agensi"), "Agensi hendaklah menjaga air dan hutan."),
    "ko": ("제{}조", ("목적", "정의"), "이 법은 물의 보호와 그 이용에 관한 사항을 정한다."),
}


def _law(language: str, gap: str = "", titles: tuple[str, ...] = ()) -> str:
    head, captions, sentence = _LAWS[language]
    shown = titles or captions * 2
    return "".join(
        f"{caption}\n{gap}{head.format(i)} {sentence}\n\n" for i, caption in enumerate(shown, 1)
    )


def _bodies(found: Structure, text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in found.marks]


@pytest.mark.parametrize("language", _LAWS)
def test_a_caption_right_above_opens_its_unit(language: str) -> None:
    text = _law(language)
    found = marked(text, profile=language)
    captions = _LAWS[language][1] * 2
    assert numbers(found) == ["1", "2", "3", "4"]
    assert tuple(mark.title for mark in found.marks) == captions
    assert all(b.startswith(c) for b, c in zip(_bodies(found, text), captions, strict=True))


@pytest.mark.parametrize("language", _LAWS)
def test_a_caption_set_apart_is_a_heading_and_the_title(language: str) -> None:
    text = _law(language, gap="\n")
    found = marked(text, profile=language)
    captions = _LAWS[language][1] * 2
    assert numbers(found) == ["1", "2", "3", "4"]
    assert [m.title for m in found.marks if m.unit_kind == "heading"] == list(captions)
    assert [m.title for m in found.marks if m.number] == list(captions)
    assert "".join(_bodies(found, text)) == text


def test_one_caption_may_head_several_sections() -> None:
    sentence = "Denna lag gäller för den som är medlem av en förening."
    text = "".join(
        f"{caption}{i} §  {sentence}\n\n"
        for i, caption in enumerate(("Om lagen\n\n", "", "", "Tillsyn\n\n", "", "", ""), 1)
    )
    found = marked(text)
    assert numbers(found) == [str(i) for i in range(1, 8)]
    assert [m.title for m in found.marks if m.unit_kind == "heading"] == ["Om lagen", "Tillsyn"]
    assert "".join(_bodies(found, text)) == text


def test_a_caption_of_two_lines_is_a_heading() -> None:
    titles = ("Duty of the board\nand of the chair", "Fees", "Seat", "Name")
    found = marked(_law("en", titles=titles))
    assert [m.title for m in found.marks if m.number] == [
        "Duty of the board and of the chair",
        "Fees",
        "Seat",
        "Name",
    ]
    assert [m.title for m in found.marks if m.unit_kind == "heading"] == [
        "Duty of the board and of the chair"
    ]


def test_captions_of_markdown_lose_their_signs() -> None:
    text = _law("tr", titles=("**Amaç**", "**Kapsam**", "*Tanımlar*"))
    found = read(text, ".md")
    assert [mark.title for mark in found.marks] == ["Amaç", "Kapsam", "Tanımlar"]


@pytest.mark.parametrize(
    "line",
    [
        "- of boats",
        "and of the boats that float",
        "The boats float.",
        "(see the Act)",
        "12",
        "3. Boats",
        "Boats;",
        "12.03.2001",
    ],
)
def test_the_last_line_of_a_text_is_no_caption(line: str) -> None:
    found = marked(_law("de", titles=(line,) * 4), profile="de")
    assert numbers(found) == ["1", "2", "3", "4"]
    assert line not in {mark.title for mark in found.marks}


def test_few_lines_above_numbers_are_no_captions() -> None:
    head, _, sentence = _LAWS["en"]
    ends = ["", "", "Boats and nets\n", "", "", "", "", ""]
    found = marked("".join(f"{head.format(i)} {sentence}\n{e}" for i, e in enumerate(ends, 1)))
    assert numbers(found) == [str(i) for i in range(1, 9)]
    assert "Boats and nets" not in {mark.title for mark in found.marks}


def test_titles_of_their_own_stay() -> None:
    sentence = "The board shall see that the rules of the club are kept by it."
    text = "".join(f"Duties\nArticle {i}. Boats\n{sentence}\n\n" for i in (1, 2, 3))
    assert {mark.title for mark in marked(text).marks} == {"Boats"}


def test_without_capitals_a_line_that_goes_on_is_no_caption() -> None:
    body = "กฎหมายนี้ว่าด้วยน้ำและป่าไม้ของประเทศ\nและของประชาชนทุกคนในประเทศนี้\n"
    text = "".join(f"ข้อ {i}\n{body}\n" for i in (1, 2, 3, 4))
    found = marked(text, profile="th")
    assert numbers(found) == ["1", "2", "3", "4"]
    assert _bodies(found, text) == [f"ข้อ {i}\n{body}\n" for i in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    "note",
    [
        "*Reformado por el Artículo 7, del Decreto Número 13-2013 el 20-11-2013",
        "* Adicionado por el Artículo 2 del Decreto Número 71-98",
        "*Derogado por la Ley 4",
        "* Suprimido",
        "Vigente desde el 20-11-2013",
    ],
)
def test_a_note_of_an_editor_above_a_number_is_no_caption(note: str) -> None:
    body = "Los socios del club deben pagar la cuota que la junta haya fijado para el año."
    text = "".join(
        f"ARTICULO {i}.- Cuotas.\n{body}\n\n" + (f"{note}\n\n" if i % 2 else "")
        for i in range(1, 9)
    )
    found = marked(text)
    assert numbers(found) == [str(i) for i in range(1, 9)]
    assert len(found.marks) == 8
