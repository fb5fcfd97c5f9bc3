"""Numbers with whatever is printed after them belong to the number, not to the title."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.engine import Structure
from domain.reading.marks import Level
from tests.unit.readers.helpers import codes, marked, numbers

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


_PLACED = {
    "en": ("Article {}", "The board shall see that the rules of the club are kept by it."),
    "de": ("§ {}", "Dieses Gesetz ist für die Teiche in der Stadt und das Wasser."),
    "fr": ("Article {}", "La présente loi est pour les eaux et les forêts du pays."),
    "sq": ("Neni {}", "Ky ligj është për mbrojtjen e ujërave dhe të pyjeve të vendit."),
    "vi": ("Điều {}", "Nội dung của điều này được quy định cụ thể trong luật."),
    "et": ("§ {}.", "Käesolev seadus on vee kohta ja selle kasutamise kohta, mis on."),
}


def _law(language: str, *printed: str) -> Structure:
    head, sentence = _PLACED[language]
    found = marked("".join(f"{head.format(n)}\n{sentence}\n\n" for n in printed))
    assert found.profile == language
    return found


@pytest.mark.parametrize("language", _PLACED)
def test_a_raised_digit_is_a_mark_unless_the_plain_number_stands_beside(language: str) -> None:
    inserted = _law(language, "1", "1¹", "1²", "2")
    assert numbers(inserted) == ["1", "1.1", "1.2", "2"]
    marks = _law(language, "1", "2¹", "3²", "4")
    assert numbers(marks) == ["1", "2", "3", "4"]
    assert not any(c in mark.label for mark in marks.marks for c in "¹²")


def test_where_a_language_numbers_by_raised_digits_the_plain_number_may_be_missing() -> None:
    text = "".join(
        f"Art. {n}. Ustawa jest dla ludzi, którzy są w tym kraju, i dla wody.\n"
        for n in ("1", "2¹", "3")
    )
    assert numbers(marked(text)) == ["1", "2.1", "3"]


@pytest.mark.parametrize("language", _PLACED)
def test_the_mark_of_a_note_that_ran_into_a_number_is_taken_out_with_a_warning(
    language: str,
) -> None:
    found = _law(language, "1", "21", "3", "4", "512", "6")
    assert numbers(found) == ["1", "2", "3", "4", "5", "6"]
    assert codes(found) == ["mark-in-number", "mark-in-number"]
    assert "21" in found.warnings[0].reason


def test_a_number_that_stands_where_it_belongs_has_no_mark() -> None:
    numbered = [str(n) for n in range(1, 24) if n != 2]
    assert numbers(_law("en", *numbered)) == numbered
    assert numbers(_law("en", "1", "21", "2", "3")) == ["1", "2", "3"]


def test_a_letter_may_follow_the_word_behind_a_number() -> None:
    body = "Lög þessi gilda um vötn og skóga og það sem er í þeim, sbr.\n2. gr. laga nr. 5.\n\n"
    text = "".join(f"{head} {body}" for head in ("1. gr.", "2. gr.", "2. gr. a.", "2. gr. b"))
    found = marked(f"{text}3. gr.\n{body}")
    assert (found.profile, numbers(found)) == ("is", ["1", "2", "2a", "2b", "3"])


@pytest.mark.parametrize("printed", ["1 2 3", "I II III IV", "I. II. III.", "1. 2. 3."])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_numbers_alone_on_their_lines_are_sections_where_nothing_else_is(
    printed: str, gap: str
) -> None:
    found = marked(gap.join(f"{n}{gap}{_PLACED['en'][1]}" for n in printed.split()))
    assert numbers(found) == printed.replace(".", "").split()


@pytest.mark.parametrize("line", ["1\n2\n3\n4", "1\nboats\n2\nnets\n3\noars", "7\n9\n11"])
def test_figures_alone_on_their_lines_are_none(line: str) -> None:
    sentence = _PLACED["en"][1]
    assert numbers(marked(f"{sentence}\n{line}\n{sentence}\n")) == []


def test_a_section_may_be_called_by_its_initial_and_a_signature_is_none() -> None:
    sentence = _PLACED["en"][1]
    text = "".join(f"S. {i}. (1) {sentence}\n" for i in (1, 2, 3)) + "\nS. C. JONES\nL. E. SMITH\n"
    assert numbers(marked(text)) == ["1", "2", "3"]


_LETTERED = {
    "en": (
        "Section {}",
        "The board shall see to the rules of the club and to its money each year.",
    ),
    "it": ("Art. {}", "Il consiglio provvede alle regole del club e al suo denaro in ogni anno."),
    "es": ("Artículo {}", "La junta debe velar por las reglas del club y por su dinero cada año."),
    "cs": ("§ {}", "Výbor dbá na pravidla klubu a na jeho peníze v každém roce a také jindy."),
    "tr": ("Madde {}", "Yönetim kurulu kulübün kurallarına ve parasına her yıl özen gösterir."),
    "ru": ("Статья {}", "Совет следит за правилами клуба и за его деньгами в каждом году."),
    "vi": ("Điều {}", "Ban điều hành phải chăm lo các quy tắc của câu lạc bộ và tiền của nó."),
}


@pytest.mark.parametrize(
    "inserted",
    [
        *("3 a Fees", "3 a", "3 a.", "3 A – Fees", "3. a) Fees"),
        *("3/A", "3/1 Fees", "3 bis Fees", "3bis", "3 ter"),
    ],
)
@pytest.mark.parametrize("language", list(_LETTERED))
def test_a_letter_apart_is_a_unit_or_a_doubt_where_it_stands(inserted: str, language: str) -> None:
    form, sentence = _LETTERED[language]
    law = "".join(f"{form.format(n)}\n{sentence}\n" for n in ("1", "2", "3", inserted, "4", "5"))
    found = marked(law, profile=language)
    assert len(found.marks) == 6 or [d.line for d in found.doubts] == [7]


@pytest.mark.parametrize("language", list(_LETTERED))
def test_a_letter_that_goes_on_with_a_sentence_is_none(language: str) -> None:
    form, sentence = _LETTERED[language]
    text = f"{sentence[:-1]} of\n{form.format('3')} a long time."
    law = "".join(f"{form.format(n)}\n{text if n == '3' else sentence}\n" for n in "12345")
    found = marked(law, profile=language)
    assert (len(found.marks), found.doubts) == (5, ())


@pytest.mark.parametrize(
    ("form", "language"),
    [
        ("§ {}", "de"),
        ("Art. {}", "de"),
        ("## **Art. {}**", "de"),
        ("Art. {}", "fr"),
        ("§ {}.", "de"),
    ],
)
def test_a_letter_apart_is_part_of_the_number_in_german_and_french(
    form: str, language: str
) -> None:
    sentence = {
        "de": "Der Vorstand sorgt für die Regeln des Vereins und für sein Geld in jedem Jahr.",
        "fr": "Le conseil veille aux règles du club et à son argent pour chaque année civile.",
    }[language]
    law = "".join(
        f"{form.format(n)} Kunst\n\n{sentence}\n\n" for n in ("1", "2", "3 a", "3 b", "4")
    )
    name = "law.md" if "#" in form else "law.txt"
    found = read_document(law.encode(), name=name, profile=language)
    assert [mark.number for mark in found.marks] == ["1", "2", "3a", "3b", "4"]
    assert [doubt.code for doubt in found.doubts if "3" in doubt.reason] == []
