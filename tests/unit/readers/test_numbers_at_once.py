"""What stands right before or behind the number of a unit."""

from __future__ import annotations

import pytest

from tests.unit.readers.helpers import marked, numbers

_EN = (
    "Every owner of a mine shall keep the records of it, and the inspector is free to ask for any "
    "of them by day or by night for the time that the rules allow."
)
_FR = (
    "Les membres de la société se réunissent chaque année au mois de mars, et le doyen est tenu de "
    "les convoquer par une lettre que le bureau signe."
)
_TR = (
    "Uzmanlık eğitimi ile ilgili olan bu hükümler, bu Yönetmelik ve Kanun için de geçerlidir ve "
    "bir yıl içinde uygulanır."
)


@pytest.mark.parametrize(
    "heading",
    [
        "{}.Powers of officers.—{text}",
        "2[{}.Powers of officers.—(1) {text}",
        "{}.Powers of officers\n{text}",
        "{}.Powers\n\n{text}",
        "[{}.Powers of officers.—{text}",
    ],
)
def test_a_title_may_follow_the_number_without_a_blank(heading: str) -> None:
    text = "".join(
        (heading if n % 2 else "{}. Powers of owners.—{text}").format(n, text=_EN) + "\n\n"
        for n in range(1, 9)
    )
    found = marked(text)
    assert numbers(found) == list("12345678")
    assert not found.doubts


@pytest.mark.parametrize("sign", ["\ue644 ", "\uf0b7 ", "\ue000", "\uf8ff\t", "\ue644\ue645 "])
def test_a_picture_of_a_font_before_a_heading_is_none_of_it(sign: str) -> None:
    text = "".join(f"{sign}Art. {n}.\n\n{_FR}\n\n" for n in range(1, 5))
    assert numbers(marked(text)) == list("1234")


def test_a_provision_that_goes_on_may_stand_below_its_long_title() -> None:
    wide = "".join(f"{_TR}\n" for _ in range(6))
    articles = "".join(f"MADDE {n} – (1) {wide}" for n in range(1, 6))
    titles = ["Kazanılmış haklar", "Geçiş", f"Bu bölümün {_TR[:70].rstrip('., ')}", "Uyum"]
    beside = "".join(
        f"{title}\nGEÇİCİ MADDE {n} - (1) {_TR}\n" for n, title in enumerate(titles, 1)
    )
    found = marked(articles + beside)
    assert numbers(found)[5:] == ["geçici-1", "geçici-2", "geçici-3", "geçici-4"]
