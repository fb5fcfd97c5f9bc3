"""Pages whose own headings tell the units: whatever the language, beside lists and hidden marks."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.lines.headings import counted_headings
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View
from domain.reading.marks import Level, ReadDocument
from tests.unit.readers.helpers import numbers


def read(body: str, profile: str | None = None) -> ReadDocument:
    page = f"<html><body>{body}</body></html>"
    return read_document(page.encode(), name="law.html", profile=profile)


def test_headings_that_count_are_units_and_higher_ones_group_them() -> None:
    lines, depths, at = [], {}, 0
    for i in range(9):
        heads = [(f"{i + 1}. Umbhalo", 3)]
        if i % 3 == 0:
            heads.insert(0, (f"Isahluko {i // 3 + 1}", 2))
        for line, depth in [*heads, ("Lo mbhalo ungumthetho.", 0)]:
            if depth:
                depths[at] = depth
            lines.append(line)
            at += len(line) + 1
    view = View("\n".join(lines))
    depths = {view.from_source(at): depth for at, depth in depths.items()}
    found = counted_headings(view, depths)
    assert [h.number for h in found if h.role is UnitRole.BASIC] == [str(i) for i in range(1, 10)]
    assert [h.rest for h in found if h.role is UnitRole.CONTAINER] == [
        "Isahluko 1",
        "Isahluko 2",
        "Isahluko 3",
    ]
    few = dict(list(depths.items())[:4])
    assert counted_headings(view, few) == []


def test_lists_below_headings_that_count_are_no_units() -> None:
    items = "<ol><li>Carp that swim.</li><li>Pike that bite.</li><li>Eels that hide.</li></ol>"
    units = "".join(f"<h2>Zorb {i}</h2><p>Ponds are deep.</p>{items}" for i in range(1, 7))
    assert numbers(read(f"<h1>On ponds</h1>{units}")) == [str(i) for i in range(1, 7)]
    few = "".join(f"<h2>Zorb {i}</h2><p>Ponds are deep.</p>{items}" for i in range(1, 4))
    assert numbers(read(few, "en")) == []


def test_lists_that_count_on_below_the_headings_of_chapters_are_units() -> None:
    chapters = "".join(
        f'<h2>Chapter {i}</h2><ol start="{2 * i - 1}"><li>A pond is deep and wide.</li>'
        f"<li>The carp in it swim.</li></ol>"
        for i in (1, 2, 3)
    )
    found = read(chapters, "en")
    assert numbers(found) == [str(i) for i in range(1, 7)]
    assert numbers(found, Level.CONTAINER) == ["1", "2", "3"]


def test_inserted_chapters_have_roman_numbers_with_decimals() -> None:
    page = "".join(
        f"<h2>DIVISION {number}</h2><h3>NAMES</h3><p>{i}. A pond is deep.</p>"
        for i, number in enumerate(("V", "V.0.1", "V.1", "V.1.1", "VI"), start=1)
    )
    found = read(page, "en")
    assert numbers(found, Level.CONTAINER) == ["V", "V.0.1", "V.1", "V.1.1", "VI"]
    assert numbers(found) == ["1", "2", "3", "4", "5"]


def test_invisible_characters_do_not_hide_a_heading() -> None:
    page = (
        "<h3>Ar&shy;ti&shy;kel 1 Teiche</h3><p>Teiche sind tief.</p>"
        "<h3>Ar<wbr>ti<wbr>kel 2 Fische</h3><p>Fische und Frösche.</p>"
        "<h3>Arti&#8203;kel 3 Molche</h3><p>Die Molche.</p>"
    )
    assert numbers(read(page)) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("titles", "last", "language"),
    [
        (("1 Name", "2 Aims", "3 Board"), "Closing provisions", "en"),
        (("§ 1 Name", "§ 2 Zweck", "§ 3 Vorstand"), "Schlussbestimmungen", "de"),
        (("Article 1. Nom", "Article 2. But", "Article 3. Bureau"), "Dispositions finales", "fr"),
        (("1. Namn", "2. Syfte", "3. Styrelse"), "Övergångsbestämmelser", "sv"),
        (("Artículo 1. Nombre", "Artículo 2. Fin", "Artículo 3. Junta"), "Otras normas", "es"),
    ],
)
def test_a_heading_without_a_number_is_no_text_of_the_unit_before_it(
    titles: tuple[str, ...], last: str, language: str
) -> None:
    sentence = {
        "en": "The members of the club pay the fee that the board has set for the year.",
        "de": "Die Mitglieder des Vereins zahlen den Beitrag, den der Vorstand festsetzt.",
        "fr": "Les membres du club paient la cotisation que le bureau a fixée pour l'année.",
        "sv": "Medlemmarna i föreningen ska betala den avgift som styrelsen har bestämt.",
        "es": "Los socios del club deben pagar la cuota que la junta haya fijado.",
    }[language]
    body = "".join(f"<h2>{title}</h2><p>{sentence}</p>" for title in [*titles, last])
    found = read(f"<h1>{last}</h1>{body}")
    assert numbers(found) == ["1", "2", "3"]
    closing = found.marks[-1]
    assert (closing.level, closing.title) == (Level.OTHER, last)
    assert found.text[closing.start :].strip().endswith(sentence)
