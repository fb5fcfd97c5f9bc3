"""Names of people: one fold without a locale, and what is refused or pointed out."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from domain.approval.people import (
    doubts_about,
    folded,
    hidden_characters,
    require_name,
    require_visible,
    same_person,
)
from domain.errors import BadInput


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đỗ Ánh", "ĐỖ ÁNH"),
        ("Weiß", "WEISS"),
        ("Ann\x1cLee", "Ann Lee"),
        ("Ann\u200b", "Ann"),
        ("An\u00adn", "Ann"),
        ("\u202eAnn", "ann"),
        ("A\ufe0fnn", "Ann"),
        ("Ann\u3164Lee", "AnnLee"),
        ("Ann\u00a0Lee", "Ann Lee"),
        ("\u1fb3ς", "\u1fbcΣ"),
        ("Ａｎｎ", "Ann"),
        ("\u01c4on", "d\u017eon"),
    ],
)
def test_case_form_and_what_does_not_show_make_no_other_person(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.slow
def test_the_fold_of_every_character_is_folded_and_of_one_form() -> None:
    for char in map(chr, range(sys.maxunicode + 1)):
        found = folded(f"a{char}b")
        assert folded(found) == found, hex(ord(char))
        for form in ("NFC", "NFD", "NFKC"):
            again = unicodedata.normalize(form, f"a{char}b")
            assert folded(again) == found, (form, hex(ord(char)))


@pytest.mark.parametrize("name", ["\u200b", " \u00ad ", "\u3164", "", " "])
def test_a_name_in_which_nothing_shows_is_empty(name: str) -> None:
    assert folded(name) == ""
    with pytest.raises(BadInput):
        require_name(name)
    with pytest.raises(BadInput):
        require_visible(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Ann\u200b", "U\\+200B ZERO WIDTH SPACE"),
        ("Ann\u202e", "U\\+202E RIGHT-TO-LEFT OVERRIDE"),
        ("An\u00adn", "U\\+00AD SOFT HYPHEN"),
        ("Ann\nBen", "U\\+000A"),
        ("Ann\tBen", "U\\+0009"),
        ("Ann\r\nBen", "U\\+000A"),
        ("Ann\x1cLee", "U\\+001C"),
        ("Ann\u034f", "U\\+034F"),
    ],
)
def test_a_character_that_does_not_show_is_refused_by_its_name(name: str, says: str) -> None:
    for required in (require_name, require_visible):
        with pytest.raises(BadInput, match=says):
            required(name)


def test_a_name_is_registered_composed_with_single_spaces() -> None:
    assert require_name("  Zoe\u0308   Lee ") == "Zo\u00eb Lee"
    assert (
        require_name("O\u2019Neill-S\u00e1nchez, J. (2nd)") == "O\u2019Neill-S\u00e1nchez, J. (2nd)"
    )
    assert require_name("阮 ánh") == "阮 ánh"
    assert hidden_characters("阮 Ánh") == ""
    with pytest.raises(BadInput, match="letters"):
        require_name("--- 12")


@pytest.mark.parametrize(
    ("name", "registered", "doubts"),
    [
        ("Ann", "Ben", 0),
        ("Ann", "ANN", 0),  # the same person, with a second key
        ("\u0410nn", "Ben", 1),  # a Cyrillic A among Latin letters
        ("\u0410nn", "Ann", 2),
        ("\u0430\u0441\u0435", "ace", 1),  # Cyrillic throughout
        ("\u00c1nn", "Ann", 1),
        ("AnnLee", "Ann Lee", 1),
        ("Wi1ma", "Wilma", 1),
        ("Bemard", "Bernard", 1),
        ("\u9662 \u3042\u30a2\u4e9c", "Ben", 0),  # scripts that are written together
        ("\u0415\u043b\u0435\u043d\u0430", "Ann", 0),
    ],
)
def test_look_alikes_are_pointed_out_and_not_refused(
    name: str, registered: str, doubts: int
) -> None:
    found = list(doubts_about(require_name(name), [registered]))
    assert len(found) == doubts, found
