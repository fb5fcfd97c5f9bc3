"""Lines that look like the start of a unit, whatever the language: those that begin with a number
or letter in the form of a list (`1.`, `(a)`, `IV)`, `①`), and those that begin with a word and
a number (`Section 5`, `§ 5`).

One pass over the text finds both. What else a profile has for headings, such as `第五条` and
`Chapter One`, are its candidates (`lines.candidates`), and is not sought here.

>>> found = heading_lines("\\nSection 5 Scope\\n(a) one\\n2. two\\nNo. That is text.\\n")
>>> found.every, [(line.word, line.number) for line in found.worded]
([1, 17, 25], [('Section', 5)])
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_LINE: Final = re.compile(
    r"\n[^\w\n(（§]*+"  # white space, marks of Markdown, quotation marks, rules
    r"(?:[(（]?(\w++)(?:[.)）、．]|[-–](?=[ \t])|[ \t]++(\d{1,4})(?!\w))"
    r"|(§)§?[ \t]*+(\d{1,4}))"
)
_ROMAN: Final = frozenset("ivxlcIVXLC")
_LONGEST: Final = 7  # letters of a Roman number
_DIGITS: Final = 4  # of a number in a list


class WordedLine(NamedTuple):
    """A line that begins with a word and a number."""

    at: int
    word: str
    number: int


class HeadingLines(NamedTuple):
    """Where lines begin that look like the start of a unit, in order."""

    every: list[int]
    worded: list[WordedLine]  # those of them with a word


def heading_lines(text: str) -> HeadingLines:
    """The lines of a view's text, which begins with a line feed."""
    every: list[int] = []
    worded: list[WordedLine] = []
    for found in _LINE.finditer(text):
        token, number, sign, after = found.groups()
        if number:
            if token[0].isdigit():
                continue
            worded.append(WordedLine(found.start() + 1, token, int(number)))
        elif sign:
            worded.append(WordedLine(found.start() + 1, sign, int(after)))
        elif not _is_marker(token):
            continue
        every.append(found.start() + 1)
    return HeadingLines(every, worded)


@lru_cache(maxsize=4096)
def _is_marker(token: str) -> bool:
    """True for what marks an item of a list: a number, a letter, a Roman number."""
    if len(token) == 1 or (len(token) <= _DIGITS and token.isdecimal()):
        return True
    if token[0].isdecimal():  # 12a, 12bis
        return len(token) <= _DIGITS + 3 and token.rstrip("abcdefghijklmnopqrstuvwxyz").isdecimal()
    if token.isascii():
        return len(token) <= _LONGEST and _ROMAN.issuperset(token)
    return len(token) <= 3 and token.isnumeric()  # 十二
