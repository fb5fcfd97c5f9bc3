"""Raised digits as characters, so that what is printed 5¹ does not become 51.

Polish and Estonian laws insert article 5¹ after article 5; markup has it as `5<sup>1</sup>`.
"""

from __future__ import annotations

import unicodedata
from typing import Final

DIGITS: Final = "0123456789"
SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED: Final = f"[{SUPERSCRIPTS}]+"
"""A pattern for raised digits as characters."""
_TO_SUPERSCRIPTS: Final = str.maketrans(DIGITS, SUPERSCRIPTS)


def superscript(text: str, *, after: str) -> str:
    """Raised digits right after a digit as superscript characters; any other raised text is left as
    it is.

    >>> superscript("1", after="5"), superscript("2", after="m"), superscript("bis", after="5")
    ('¹', '2', 'bis')
    """
    return (
        text.translate(_TO_SUPERSCRIPTS)
        if after[-1:].isdecimal() and text.strip().isdecimal()
        else text
    )


def as_step(raised: str) -> str:
    """Raised digits as a part of a number: 5¹ is 5.1, which comes after 5.

    >>> as_step("¹"), as_step("¹⁰"), as_step("2")
    ('.1', '.10', '.2')
    """
    return "." + unicodedata.normalize("NFKC", raised)
