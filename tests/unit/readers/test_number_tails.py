"""Numbers with whatever is printed after them belong to the number, not to the title."""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

_BODY = "The keeper of the lamp shall be liable for any damage.\n\n"
_TEXTE = "Le gardien de la lampe est responsable des dommages.\n\n"

TAILS = {
    "federal-regulations": (
        "§ {} Lamps.\n\n" + _BODY,
        ["1.61-1", "1.61-2T", "1.1031(a)-1", "1.1031(d)-1T"],
        ["1.61-1", "1.61-2T", "1.1031a-1", "1.1031d-1T"],
    ),
    "temporary-regulations": (
        "§ {} Lamps.\n\n" + _BODY,
        ["100.35T01-0125", "100.35T01-0126"],
        ["100.35T01-0125", "100.35T01-0126"],
    ),
    "number-words": (
        "Article {}\n\n" + _BODY,
        ["Twelve", "Thirteen", "Twenty", "Twenty-One"],
        ["Twelve", "Thirteen", "Twenty", "Twenty-One"],
    ),
    "number-words-beyond-a-hundred": (
        "Article {}\n\n" + _BODY,
        ["Ninety-Nine", "One Hundred", "One Hundred One", "One Hundred and Two"],
        ["Ninety-Nine", "OneHundred", "OneHundredOne", "OneHundredandTwo"],
    ),
    "french-codes": (
        "Article {}\n\n" + _TEXTE,
        ["L111-1", "L111-1 A", "L111-1 B", "L111-2"],
        ["L111-1", "L111-1A", "L111-1B", "L111-2"],
    ),
    "french-tax-code": (
        "Article {}\n\n" + _TEXTE,
        ["44 sexies", "44 sexies-0 A", "44 sexies A", "44 septies", "44 quinvicies A"],
        ["44sexies", "44sexies-0A", "44sexiesA", "44septies", "44quinviciesA"],
    ),
    "repeated-suffix": (
        "**Art. {}** Lampe\n\n" + _TEXTE,
        ["6", "6bis", "6bisbis", "6ter", "7"],
        ["6", "6bis", "6bisbis", "6ter", "7"],
    ),
    "parts-after-a-section-sign": (
        "§ {} Lampor\n\nLampan skall vara släckt och den som tänder den betalar.\n\n",
        ["1.1", "1.2", "2.1", "2.2"],
        ["1.1", "1.2", "2.1", "2.2"],
    ),
    "misread-digit": (
        "Pasal {}\n\nLampu itu tidak dapat dipasang oleh yang lain.\n\n",
        ["15", "l6", "17"],
        ["15", "16", "17"],
    ),
}


@pytest.mark.parametrize("form", TAILS)
def test_a_number_is_read_with_its_tail(form: str) -> None:
    line, printed, expected = TAILS[form]
    found = marked("".join(line.format(number) for number in printed))
    assert numbers(found) == expected
    assert [w for w in found.warnings if w.code != "number-skipped"] == []


def test_a_capital_that_begins_the_text_is_no_part_of_a_french_number() -> None:
    text = "".join(f"Article {n} A la demande du gardien, la lampe est levée.\n\n" for n in (5, 6))
    assert numbers(marked(text, profile="fr")) == ["5", "6"]


def test_containers_have_decimal_parts_after_roman_numbers() -> None:
    text = (
        f"CHAPTER III\nLAMPS\n\nSection 1. Use\n{_BODY}CHAPTER III.0.1\nRAFTS\n\nSection 2. Tax\n"
        f"{_BODY}CHAPTER III.1\nBOATS\n\nSection 3. Fee\n{_BODY}"
    )
    assert numbers(marked(text), Level.CONTAINER) == ["III", "III.0.1", "III.1"]
