"""A profile for a text that prints its heading words in small letters: `чл. 5. Seat`, `art. 5`.

Everywhere else a small letter tells a reference (`under` at the end of a line, `art. 5` on the
next), so profiles know their words as they begin a sentence. Only where a text has none so, and
lines that begin with such a word in small letters count on from 1, each set like a heading, is that
how it heads its units.

>>> from adapters.readers.profiles.registry import profile_named
>>> small = in_small_letters("\\nart. 1. A\\nart. 2. B\\nart. 3. C\\n", profile_named("fr"))
>>> [word.forms for word in small.words if word.kind == "article"] if small else None
[('article', 'art.', 'articles')]
>>> in_small_letters("\\nunder\\nart. 1 and\\nart. 2 of it\\nart. 3 too\\n", profile_named("fr"))
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Final

from adapters.readers.profiles.base import HeadingWord, NumberPlace, Profile, UnitRole

_FEWEST: Final = 3  # units that count from 1


def in_small_letters(text: str, profile: Profile) -> Profile | None:
    """The profile with its basic words in small letters; None where the text does not print them
    so. Every line of `text` follows a line feed.
    """
    lowered = _lowered(profile)
    if lowered is None:
        return None
    due = 1
    for found in _heading(lowered).finditer(text):
        due += int(found["number"]) == due
    return lowered if due > _FEWEST else None


@cache
def _lowered(profile: Profile) -> Profile | None:
    """None for a profile whose words have no small letters."""
    words = tuple(_in_small(word) if _is_asked(word) else word for word in profile.words)
    return replace(profile, words=words) if words != profile.words else None


def _is_asked(word: HeadingWord) -> bool:
    return word.role is UnitRole.BASIC and word.place is NumberPlace.AFTER and not word.series


def _in_small(word: HeadingWord) -> HeadingWord:
    small = tuple(form.lower() for form in word.forms)
    if small == word.forms:
        return word
    return replace(word, forms=small, plurals=tuple(form.lower() for form in word.plurals))


@cache
def _heading(profile: Profile) -> re.Pattern[str]:
    forms = {form for word in profile.words if _is_asked(word) for form in word.forms}
    listed = "|".join(map(re.escape, sorted(filter(_has_letters, forms), key=len, reverse=True)))
    return re.compile(
        rf"\n[^\w\n(\[]*+(?:{listed})[ \t]*(?P<number>\d{{1,4}})"
        r"(?!\.\d)(?=[ \t]*[*_]*(?:[.:)\]|–—\n]|-[ \t]))"
    )


def _has_letters(form: str) -> bool:
    return form[0].isalpha()
