"""Raised digits as characters: what reads 5¹ must not become 51."""

from __future__ import annotations

from typing import Final

_SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(text: str, *, after: str) -> str:
    """Raised digits right after a digit as superscript characters; any other raised text is left as it is.

    >>> superscript("1", after="5"), superscript("2", after="m"), superscript("bis", after="5")
    ('¹', '2', 'bis')
    """
    return text.translate(_SUPERSCRIPTS) if after[-1:].isdecimal() and text.strip().isdecimal() else text
