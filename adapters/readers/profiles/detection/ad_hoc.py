"""A profile for a text that no profile fits: the unit word that the text itself shows.

Whatever the language, a law has the same word before 1, 2, 3 ... at the starts of its lines. So the
word with the longest such series is taken for the word of its units, if the series has at least
`_LEAST` numbers and reaches over most of the text. No list of words is needed. A word that some
profile knows has the kind that it has there; one that groups units there is not taken.

>>> lines = (f"Umbhalo {n}\\n\\nsome words of a language without a profile\\n" for n in range(1, 7))
>>> found = ad_hoc_profile("\\n" + "\\n".join(lines))
>>> found.words[0].forms, found.words[0].kind
(('Umbhalo',), 'article')
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from adapters.readers.profiles.base import Profile, UnitRole, basic
from adapters.readers.profiles.registry import PROFILES
from domain.reading.numerals import ascii_digits

NAME: Final = "ad-hoc"
_LEAST: Final = 5  # numbers in sequence: fewer may be a list or references
_MOST: Final = 0.5  # of the text, from the first number of the series to the last
# A line that begins with a word and a number: `## Umbhalo 5`, `**Neni 5** -`. The word is of two to
# thirty characters, with marks of any script in it; a letter, digit or comma after the number makes
# it an amount.
_LINE: Final = re.compile(
    r"\n[ \t#>*_\\\[(]*(?P<word>[^\W\d_][^\s\d.,:;()*_#|/<>=-]{1,29})"
    r"[ \t]*+[.:]?[ \t]*+(?P<number>\d{1,4})(?![\w,/%]|\.\d)"
)
_REPEATED: Final = 2  # of a series: as many lines with the word that are none of it are let pass


def ad_hoc_profile(text: str) -> Profile | None:
    """The profile of the word with the longest series, None where no series is long enough.

    Every line of `text` follows a line feed.
    """
    seen: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for found in _LINE.finditer(text):
        seen[found["word"]].append((int(ascii_digits(found["number"])), found.start()))
    best, best_run = "", _LEAST - 1
    for word, numbers in seen.items():
        run = _run(numbers)
        if (
            len(run) > best_run
            and len(numbers) <= _REPEATED * len(run)
            and run[-1] - run[0] >= _MOST * len(text) * (len(run) - 1) / len(run)
            and _known_kind(word.casefold()) is not None
        ):
            best, best_run = word, len(run)
    return _profile(best) if best else None


def _run(numbers: Sequence[tuple[int, int]]) -> list[int]:
    """Where the numbers 1, 2, 3 ... stand that follow each other."""
    places: list[int] = []
    for number, at in numbers:
        if number == len(places) + 1:
            places.append(at)
    return places


def _known_kind(word: str) -> str | None:
    """The kind of a word's units: what a profile says, else `article`; None if it groups units."""
    role, kind = _known().get(word, (UnitRole.BASIC, "article"))
    return kind if role is UnitRole.BASIC else None


@cache
def _known() -> dict[str, tuple[UnitRole, str]]:
    """The words of all profiles in small letters; what one profile cites is no group."""
    found: dict[str, tuple[UnitRole, str]] = {}
    for profile in PROFILES.values():
        for word in profile.words:
            for form in word.forms:
                if word.role is UnitRole.BASIC or form.casefold() not in found:
                    found[form.casefold()] = (word.role, word.kind)
    return found


@lru_cache(maxsize=16)
def _profile(word: str) -> Profile:
    kind = _known_kind(word.casefold()) or "article"
    return Profile(name=NAME, words=(basic(kind, word),), stop_words=())
