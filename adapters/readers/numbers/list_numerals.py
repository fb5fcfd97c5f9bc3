"""Numbers of lists as Word and browsers print them. The names of the formats are Word's (ECMA-376
part 1, section 17.18.59).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_ROMAN: Final = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)
_MAX_REPEATS: Final = 30  # of a letter; beyond, numbers stay decimal


def roman_numeral(value: int) -> str:
    """A Roman numeral, in capitals; numbers that have none stay decimal.

    >>> roman_numeral(1994), roman_numeral(4), roman_numeral(0)
    ('MCMXCIV', 'IV', '0')
    """
    if not 0 < value < 32_768:
        return str(value)
    out = ""
    for worth, letters in _ROMAN:
        count, value = divmod(value, worth)
        out += letters * count
    return out


def letters(value: int) -> str:
    """A small letter as Word counts them: after z comes aa, then bb.

    >>> letters(1), letters(26), letters(27), letters(28)
    ('a', 'z', 'aa', 'bb')
    """
    repeats, index = divmod(value - 1, 26)
    if value < 1 or repeats >= _MAX_REPEATS:
        return str(value)
    return chr(ord("a") + index) * (repeats + 1)


def ordinal(value: int) -> str:
    """An English ordinal.

    >>> ordinal(1), ordinal(12), ordinal(22), ordinal(3)
    ('1st', '12th', '22nd', '3rd')
    """
    ending = (
        "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    )
    return f"{value}{ending}"


_FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "upperRoman": roman_numeral,
    "lowerRoman": lambda value: roman_numeral(value).lower(),
    "upperLetter": lambda value: letters(value).upper(),
    "lowerLetter": letters,
    "decimalZero": lambda value: f"{value:02}",
    "ordinal": ordinal,
    "numberInDash": lambda value: f"- {value} -",
    "bullet": lambda _value: "",
    "none": lambda _value: "",
}


def numeral(value: int, form: str) -> str:
    """A number in one of Word's formats; in one that is not known here (those of other scripts)
    decimal.

    >>> names = ("upperRoman", "lowerLetter", "decimal", "none")
    >>> tuple(numeral(3, name) for name in names)
    ('III', 'c', '3', '')
    """
    return _FORMATS.get(form, str)(value)
