"""The choice between readings of a text as a whole: language, kind of unit, end of the contents."""

from __future__ import annotations

import pytest

from adapters.readers.choosing import whole
from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

_BODY = (
    "Every member of the club shall pay the fee that the board has set, and no more than that.\n"
)
_NOTE = (
    "This is a note of the translator on the rules of the club. It was made by the board in the "
    "year of the move to the harbour, and is of no force by itself. Any member who finds a fault "
    "in it shall tell the board, which may mend it at its next meeting if the fault is small. "
    "The text below is that of the rules as they were passed.\n"
)
_OTHER = {
    "es": ("Artículo {}. Cuota", "Los socios del club deben pagar la cuota que la junta fije.\n"),
    "id": ("Pasal {}", "Anggota perkumpulan wajib membayar iuran yang ditetapkan pengurus.\n"),
    "vi": ("Điều {}. Phí", "Hội viên phải nộp phí do ban điều hành quy định hằng năm.\n"),
    "hr": ("Član {}.", "Članovi kluba plaćaju članarinu koju odredi upravni odbor kluba.\n"),
    "sq": ("Neni {}", "Anëtarët e klubit paguajnë kuotën që cakton bordi i klubit për vitin.\n"),
}


def _units(head: str, count: int, body: str = _BODY, first: int = 1) -> str:
    return "".join(f"{head.format(i)}\n{body}" for i in range(first, first + count))


@pytest.mark.parametrize("profile", _OTHER)
def test_headings_of_another_language_than_most_of_the_text_are_read_with_a_doubt(
    profile: str,
) -> None:
    head, body = _OTHER[profile]
    found = marked(_NOTE * 12 + _units(head, 8, body))
    assert numbers(found) == [str(i) for i in range(1, 9)]
    assert found.profile == profile
    (doubt,) = [d for d in found.doubts if d.code == "thin-profile"]
    assert f"tell en, and its headings {profile}" in doubt.reason
    assert doubt.line == 13


def test_a_profile_that_was_named_is_not_changed() -> None:
    head, body = _OTHER["es"]
    assert marked(_NOTE * 12 + _units(head, 8, body), profile="en").profile != "es"


@pytest.mark.parametrize(
    "mentioned",
    [(9, 12, 31), (2, 5, 6), (44, 45, 46), (3, 17), (101, 102)],
)
def test_clear_mentions_of_articles_are_no_units_beside_a_whole_series_of_sections(
    mentioned: tuple[int, ...],
) -> None:
    notes = "".join(f"Article {i}. Of the treaty\n{_BODY}" for i in mentioned)
    found = marked(f"{_BODY}{notes}{_units('Section {}. Dues', 8)}")
    assert numbers(found) == [str(i) for i in range(1, 9)]


@pytest.mark.parametrize("count", [5, 8, 10, 14, 20])
def test_short_articles_below_a_heading_for_contents_are_the_text(count: int) -> None:
    text = (
        f"RULES\nTable of contents\n{_units('Article {}. Dues', count)}"
        f"ANNEX I\nOrder of the day\n{_units('Article {}. Order', 3)}"
    )
    found = marked(text, profile="en")  # so few different words tell no language
    assert numbers(found) == [*map(str, range(1, count + 1)), "1", "2", "3"]
    assert numbers(found, Level.ANNEX) == ["I"]


@pytest.mark.parametrize("count", [5, 12])
def test_contents_are_still_contents(count: int) -> None:
    listed = "".join(f"Article {i}. Dues\n" for i in range(1, count + 1))
    found = marked(f"RULES\nTable of contents\n{listed}\n{_units('Article {}. Dues', count)}")
    assert numbers(found) == [str(i) for i in range(1, count + 1)]
    assert found.marks[0].start > len(listed)
    assert found.doubts == ()


@pytest.mark.parametrize("head", ["Article {}. Dues", "Section {}. Dues", "§ {} Dues"])
def test_a_text_that_reads_well_is_read_once(head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("compared")

    monkeypatch.setattr(whole, "_rivals", never)
    assert len(numbers(marked(_units(head, 8)))) == 8


@pytest.mark.parametrize(("first", "count"), [(4, 3), (3, 4), (9, 3), (2, 4), (9, 5)])
def test_a_rival_that_is_nearly_as_good_is_a_doubt_and_named(first: int, count: int) -> None:
    articles = _units("Article {}. Dues", count, first=first)
    found = marked(f"{_NOTE * 3}{articles}{_units('Section {}. Fees', count)}")
    assert len(numbers(found)) == count
    (doubt,) = [d for d in found.doubts if d.code == "thin-margin"]
    assert "'en'" in doubt.reason
    assert "'section'" in doubt.reason


@pytest.mark.parametrize("word", ["Art.", "Kwart", "Zorbel", "Norma", "Punt"])
@pytest.mark.parametrize("lead", ["", "Nota 1 ao leitor\n" * 12])
def test_a_word_that_the_text_alone_shows_is_weighed_as_well(word: str, lead: str) -> None:
    listed = "".join(f"Capítulo {n} Das regras{'.' * 60}{9}\n" for n in ("I", "II", "III"))
    body = "".join(
        f"CAPÍTULO {n}\n Das regras\n\n"
        + "".join(f"{word} {3 * k + i} Os membros do clube pagam a quota.\n" * 3 for i in (1, 2, 3))
        for k, n in enumerate(("I", "II", "III"))
    )
    found = marked(f"{lead}{listed}\n\n{body}")
    assert set(numbers(found)) <= set(map(str, range(1, 10)))
