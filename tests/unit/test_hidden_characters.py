"""Hidden characters and odd spaces, over every code point of Unicode."""

from __future__ import annotations

import sys
import unicodedata

from domain.reading.hidden_characters import is_hidden, is_odd_space

_NO_SHAPE = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


def test_every_character_of_a_category_without_shape_is_hidden() -> None:
    missed = [c for c in _EVERY if unicodedata.category(c) in _NO_SHAPE and not is_hidden(c)]
    assert missed == ["\t", "\n"]


def test_what_else_is_hidden_is_ignorable_or_blank() -> None:
    others = [c for c in _EVERY if is_hidden(c) and unicodedata.category(c) not in _NO_SHAPE]
    assert {unicodedata.category(c) for c in others} == {"Lo", "Mn", "So"}
    assert len(others) < 300


def test_odd_spaces_are_the_space_separators_but_one() -> None:
    spaces = {c for c in _EVERY if unicodedata.category(c) == "Zs"}
    assert {c for c in _EVERY if is_odd_space(c)} == spaces - {" "}
