"""Lines that begin with a heading word which the text was not read by: the word of another
language, and the text's own with a word between it and the number (`Artículo transitorio 3`).

One such line is a mention. Several that count on, each set like a heading, are the units of a text
(or of a part of it) that was read in the wrong language, or of a series that is numbered apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from adapters.readers.account.heading_lines import WordedLine
from adapters.readers.profiles.base import NumberPlace, Profile, UnitRole
from adapters.readers.profiles.registry import PROFILES

_FEWEST: Final = 3  # lines of a series
_SET_APART: Final = frozenset(".:-–—)\n|*")  # what follows a number in a heading


def series_of_other_words(text: str, lines: Sequence[WordedLine]) -> list[int]:
    """Where the lines begin that are such a series.

    >>> from adapters.readers.account.heading_lines import heading_lines
    >>> text = "\\nPasal 1\\nA.\\nPasal 2\\nB.\\nPasal 3\\nC.\\nPasal 9 mentions\\n"
    >>> series_of_other_words(text, heading_lines(text).worded)
    [1, 12, 23]
    """
    return _that_count_on(
        line for line in lines if line.word in _basic_words() and _is_set_apart(text, line)
    )


def series_of_qualified_words(text: str, profile: Profile) -> list[int]:
    """Where the lines begin that are such a series of the profile's own basic words with a word
    before their number, whatever that word is.

    >>> from adapters.readers.profiles.registry import profile_named
    >>> text = "\\nArtículo extra 1.- A.\\nArtículo extra 2.- B.\\nArtículo extra 3.- C.\\n"
    >>> series_of_qualified_words(text, profile_named("es"))
    [1, 23, 45]
    """
    forms = {
        variant
        for word in profile.words
        if word.role is UnitRole.BASIC and word.place is NumberPlace.AFTER and not word.series
        for form in word.forms
        if form[0].isalpha() and " " not in form
        for variant in (form, form.upper())
    }
    if not forms:
        return []
    lines = (
        WordedLine(found.start() + 1, found["words"], int(found["number"]))
        for found in _qualified("|".join(map(re.escape, sorted(forms)))).finditer(text)
    )
    return _that_count_on(line for line in lines if _is_set_apart(text, line))


@cache
def _qualified(forms: str) -> re.Pattern[str]:
    lead = r"\n[^\w\n(\[]*+"
    return re.compile(
        rf"{lead}(?P<words>(?:{forms})[ ]+[^\W\d_]{{4,20}})[ ]+(?P<number>\d{{1,3}})\b"
    )


def _that_count_on(lines: Iterable[WordedLine]) -> list[int]:
    """Where the lines begin that are a series of one word, of three or more."""
    by_word: dict[str, list[WordedLine]] = {}
    for line in lines:
        by_word.setdefault(line.word, []).append(line)
    found: list[int] = []
    for alike in by_word.values():
        run = [alike[0]]
        for line in alike[1:]:
            if line.number == run[-1].number + 1:
                run.append(line)
        if len(run) >= _FEWEST:
            found += [line.at for line in run]
    return sorted(found)


def _is_set_apart(text: str, line: WordedLine) -> bool:
    end = text.find("\n", line.at)
    rest = text[line.at : end if end >= 0 else len(text)]
    after = rest[rest.find(str(line.number)) + len(str(line.number)) :].lstrip(" \t")
    return not after or after[0] in _SET_APART


@cache
def _basic_words() -> frozenset[str]:
    forms = {
        form
        for profile in PROFILES.values()
        for word in profile.words
        if word.role is UnitRole.BASIC
        for form in word.forms
        if form[0].isalpha()  # `§` heads paragraphs of articles in some languages
    }
    return frozenset({variant for form in forms for variant in (form, form.upper())})
