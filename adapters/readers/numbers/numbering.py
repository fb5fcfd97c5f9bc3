"""Numbers of units: how they are printed, in what order they stand, how marks carry them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from adapters.readers.numbers.raised_digits import RAISED, as_step
from domain.reading.address_steps import normal_number

_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
# Roman numbers up to 3999, with what laws also print: IIII for IV.
_ROMAN_SHAPE: Final = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,4})")
_LEADING: Final = re.compile(r"\d+")
# Numbers of French codes: `L.111-1`, `R*4-2`, `D.12-3`, `A5-1`. D and A alone are letters.
_CODE: Final = re.compile(r"[LR]\.?\*?(\d+)|[DA]\.?\*?(\d+)(?=-\d)")
_LATIN_WORDS: Final = (
    "bis ter quater quinquies sexies septies octies nonies decies undecies duodecies terdecies "
    "quaterdecies quindecies sexdecies septdecies octodecies novodecies vicies unvicies duovicies "
    "tervicies quatervicies quinvicies sexvicies septvicies octovicies novovicies tricies"
)
_LATIN: Final = {word: i for i, word in enumerate(_LATIN_WORDS.split(), start=2)} | {"novies": 9}
"""Latin suffixes in their order: 5 quater comes after 5 ter."""
# A Latin suffix with what was inserted after it: `bisbis`, the letter of `sexies A`.
_LATIN_TAIL: Final = re.compile(rf"({'|'.join(sorted(_LATIN, key=len, reverse=True))})(\w+)")
_ROMAN_START: Final = re.compile(r"[IVXLCDM]+(?=[.^-])")  # of `III.0.1`, `V-A`, `I^2`
_MISREAD: Final = re.compile(r"[lI](?=\d+$)")  # a letter for the digit 1, by a scanner: `l6`
# Raised digits after a number, as Polish laws have them: `33¹`, or `22[1]` from a converter. In
# Russian laws `52[1-1]` stands between `52[1]` and `52[2]`.
_RAISED: Final = re.compile(rf"(?<=\d)(?:\[(\d{{1,3}}(?:-\d{{1,2}})?)\]|({RAISED}))")
_STOPPED: Final = re.compile(r"(?<=\d)\.[ ]?(?=[^\W\d])")  # the stop of `2. Bis` and of `2.a`
# Signs of ordinals (`1.º`, `1er`), brackets, and marks of Markdown.
_SIGNS: Final = re.compile(
    r"(?<=\d)(?:\.?[ºª°ş]|[ ]?er\b|ère\b|ier\b|ᵉʳ)|(?<=[IVXLC])\.?[ºª°]|[()\[\]§*_`\\]"
)
# Ordinals as Spanish and Italian abbreviate them. Each has its own ending: `9do` was inserted.
_ABBREVIATED: Final = re.compile(r"([13])e?ro|(2)do|([456])to|(1|7|10)mo|(8)vo|(9)no")
# Between the first and the last of several numbers: `114 und 115`, `3, 4`.
_AND: Final = re.compile(r"(?<=[0-9a-z])\s*(?:,|\b(?:und|and|et|e|y|en|och|og|ja|và)\b)\s*(?=\d)")


class Order(NamedTuple):
    """Where a number stands among its kind, so that tuples compare as numbers follow each other."""

    whole: int  # the number that it begins with
    # What was inserted after it, part by part: (3, "") for .3 and quater, (0, "a") for a.
    inserted: tuple[tuple[int, str], ...] = ()


def roman_value(letters: str) -> int:
    """The value of a Roman number, 0 if it is none. Small letters count as well.

    >>> [roman_value(letters) for letters in ("XIV", "iv", "IIII", "IC", "")]
    [14, 4, 4, 0, 0]
    """
    upper = letters.upper()
    if not upper or not _ROMAN_SHAPE.fullmatch(upper):
        return 0
    values = [_ROMAN[c] for c in upper]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


def order_of(number: str) -> Order:
    """The order of an Arabic number with what was inserted after it: `12a`, `12.1`, `12-A`,
    `12bis`; of a range `3..6` the first; 0 for what has no Arabic number.

    >>> order_of("12") < order_of("12a") < order_of("12b") < order_of("13")
    True
    >>> order_of("L.111-9") < order_of("L.111-10") < order_of("L.112-1")
    True
    >>> order_of("5bis") < order_of("5bisbis") < order_of("5ter"), order_of("A.4").whole
    (True, 0)
    >>> order_of("III.0.1") > order_of("3")
    True
    """
    if number.isdecimal():
        return Order(int(number[:9]))
    first = number.split("..", 1)[0]
    if (roman := _ROMAN_START.match(first)) and (value := roman_value(roman[0])):
        first = f"{value}{first[roman.end() :]}"
    found = _LEADING.match(first) or _CODE.match(first)
    if found is None:
        return Order(0)
    parts = re.findall(r"\d+|[^\W\d_]+", first[found.end() :])
    return Order(int(found[found.lastindex or 0][:9]), tuple(_part(part) for part in parts))


def last_of(number: str) -> int:
    """The last whole number that a printed number covers: 6 of `3..6`.

    >>> last_of("3..6"), last_of("12a"), last_of("1615b..1615k")
    (6, 12, 1615)
    """
    if number.isdecimal():
        return int(number[:9])
    found = _LEADING.match(number.rsplit("..", 1)[-1])
    return int(found[0][:9]) if found else 0


def _part(part: str) -> tuple[int, str]:
    if part.isdigit():
        return (int(part[:9]), "")
    small = part.lower()
    if small in _LATIN:
        return (_LATIN[small], "")
    tail = _LATIN_TAIL.fullmatch(small)
    return (_LATIN[tail[1]], tail[2]) if tail else (0, small)


def clean_number(printed: str) -> str:
    """A printed number as marks carry it: spaces, the final dot and signs of ordinals dropped,
    ranges as `3..6`.

    >>> printed = ("12 a.", "3 bis 6", "114 und 115", "1.º", "33¹", "2do", "9do")
    >>> tuple(clean_number(number) for number in printed)
    ('12a', '3..6', '114..115', '1', '33.1', '2', '9do')
    """
    if (
        printed.isascii()
        and printed.isalnum()
        and printed[0] not in "lI"
        and printed[-1] not in "or"
    ):
        return printed
    if short := _ABBREVIATED.fullmatch(printed):
        return short[short.lastindex or 0]
    if _MISREAD.match(printed):
        printed = f"1{printed[1:]}"
    plain = _SIGNS.sub("", _STOPPED.sub("", _RAISED.sub(_raised, printed)))
    plain = _AND.sub("..", plain)
    return normal_number(plain)


def _raised(found: re.Match[str]) -> str:
    return as_step(found[1] or found[2])
