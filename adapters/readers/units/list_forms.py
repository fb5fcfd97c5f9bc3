"""Markers of lists in scripts other than Latin: their patterns, and the places of their letters.

Each form is named by its first marker, as in `sub_units`. Digits of every script are digits there
already: `(१)` has the form `(1)`. Here are the forms that letters of a script make, with the
profile's letters in their order, and those of Han numerals, circled numbers and wide brackets.
"""

from __future__ import annotations

import re
from typing import Final

from domain.reading.numerals import ascii_digits, han_value

_HAN: Final = "[〇一二三四五六七八九十百]{1,5}"
FORMS: Final = {
    "（一）": rf"（[ ]?{_HAN}[ ]?）",
    "一、": rf"{_HAN}、",
    "一　": rf"{_HAN}(?=[ ])",
    "２　": r"\d{1,2}(?=[ ])(?![ ]*\d)",  # the second paragraph is the first with a number
    "（１）": r"（\d{1,2}）",
    "①": "[①-⑳]",
    "1-": r"\d{1,3}[ ]?[-–](?=\s)",
    "الف-": r"(?:الف|[ب-ی])[ ]?[-–)]",
}
"""Patterns of the forms that need no letters of a profile."""
KINDS: Final = {
    "２　": "paragraph",
    "（一）": "point",
    "一、": "point",
    "一　": "point",
    "イ　": "item",
}
"""Forms whose units have a kind of their own, wherever they stand."""


def pattern_of(form: str, letters: str) -> str:
    """The pattern of a form's markers; `letters` are the profile's.

    >>> pattern_of("(ก)", "กข"), pattern_of("イ　", "イロ")
    ('\\\\([กข]\\\\)', '[イロ](?=[ ])')
    """
    if form in FORMS:
        return FORMS[form]
    letter = f"[{re.escape(letters)}]"
    if form.startswith("("):
        return rf"\({letter}\)"
    shape = {")": r"\)", ".": r"\.", "-": "[ ]?[-–]"}.get(form[-1:], "(?=[ ])")
    return letter + shape


def place_of(marker: str, form: str, letters: str) -> float:
    """Where a marker of a form stands among its like, from 1; 0 if that can not be said. The first
    paragraph of a Japanese article has no number, so that the second begins the form.

    >>> place_of("（十二）", "（一）", ""), place_of("③", "①", ""), place_of("(ค)", "(ก)", "กขค")
    (12.0, 3.0, 3.0)
    >>> place_of("٣-", "1-", ""), place_of("３", "２　", "")
    (3.0, 2.0)
    """
    value = ascii_digits("".join(c for c in marker if c.isalnum()))
    if value.isdecimal():
        return float(int(value) - (form == "２　"))
    if value == "الف":
        return 1.0
    if len(value) == 1 and value in letters:
        return float(letters.index(value) + 1)
    return float(han_value(value)) if re.fullmatch(_HAN, value) else 0.0
