"""From the order of the eye to the order of reading, where a script runs from right to left.

Letters of Arabic and Hebrew run from right to left, numbers and Latin words among them from left to
right. Brackets are mirrored: what opens on the right looks like one that closes.

>>> as_read([".٣", "ةداملا"])
['المادة', '٣.']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# Runs of numbers with what parts their digits, and of Latin words: their letters stay in order.
_LEFT_TO_RIGHT: Final = re.compile(r"[^\W_]+(?:[.,/:٫٬\-–][^\W_]+)*[%°]?", re.UNICODE)
_MIRRORED: Final = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def is_right_to_left(text: str) -> bool:
    """True if a letter of it belongs to a script that runs from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in ("R", "AL") for char in text
    )


def as_read(words: Sequence[str]) -> list[str]:
    """The words of a line, given from left to right and each as the eye sees it, in the order of
    reading.
    """
    right = sum(map(is_right_to_left, words))
    if not right:
        return list(words)
    left = sum(any(char.isalpha() for char in w) for w in words if not is_right_to_left(w))
    if left > right:
        return [_word(word) if is_right_to_left(word) else word for word in words]
    return _reversed(words)


def _reversed(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    latin: list[str] = []  # words side by side that run from left to right
    for word in reversed(words):
        if any(char.isalpha() for char in word) and not is_right_to_left(word):
            latin.insert(0, word)
            continue
        found += latin
        latin = []
        found.append(_word(word))
    return found + latin


def turned(letters: str) -> str:
    """Letters from the last to the first, each with its marks."""
    clusters: list[str] = []
    for char in letters:
        if clusters and unicodedata.category(char)[0] == "M":
            clusters[-1] += char
        else:
            clusters.append(char)
    return "".join(reversed(clusters))


def _word(word: str) -> str:
    """A word of letters that run from right to left, or signs between such words."""
    return _LEFT_TO_RIGHT.sub(
        lambda found: found[0] if is_right_to_left(found[0]) else found[0][::-1],
        turned(word).translate(_MIRRORED),
    )
