"""Numbers with parts as integers that compare as the numbers stand: 2.1 stands after 2 and before
2.1A; of decimals 1.0435 between 1.043 and 1.044.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.numbers.numbering import roman_value

Path = tuple[int, ...]
"""A number by its parts, which compare as numbers stand: 2.1 is (2000, 1000). See `_step`."""
STEP: Final = 1000
"""From one number to the next, in a path: what was inserted in between finds room."""
_AFTER_NUMBERS: Final = 1000  # letters come after all numbers: appendix A after section 9
_LONG: Final = 4  # digits of a decimal part
_LETTERS: Final = 27  # from one inserted letter to the next: 12AA to 12AZ stand between 12A and 12B


def path_of(number: str) -> Path:
    """The path of a printed number.

    >>> path_of("2.1") < path_of("2.1A") < path_of("2.2") < path_of("10") < path_of("A.1")
    True
    """
    return tuple(_step(part) for part in number.split("."))


def _step(part: str) -> int:
    """One part of a path: thousands, so that inserted numbers find room between them.

    Single letters come after all numbers, and Roman numbers of several letters after those.

    >>> [_step(part) for part in ("12", "12A", "12AA", "12B", "13", "A", "B", "II")]
    [12000, 12027, 12028, 12054, 13000, 1001000, 1002000, 2002000]
    """
    if len(part) == _LONG and part.isdecimal():
        return int(part) * STEP // 10
    if len(part) > 1 and part.isalpha():
        return (2 * _AFTER_NUMBERS + roman_value(part)) * STEP
    digits = part.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = part[len(digits) :]
    first, second = (ord(letter) - 64 for letter in letters[:2].ljust(2, "@"))
    if digits:
        return int(digits) * STEP + first * _LETTERS + second
    return (_AFTER_NUMBERS + first) * STEP
