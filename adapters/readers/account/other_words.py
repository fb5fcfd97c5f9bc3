"""Lines that begin with the heading word of another language than the text was read in.

One such line is a mention. Several that count on, each set like a heading, are the units of a text
(or of a part of it) that was read in the wrong language.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from adapters.readers.account.heading_lines import WordedLine
from adapters.readers.profiles.base import UnitRole
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
    by_word: dict[str, list[WordedLine]] = {}
    for line in lines:
        if line.word in _basic_words() and _is_set_apart(text, line):
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
