"""How much two texts differ: not at all, by what a publisher's program does, or in what they say.

Editorial is what a new edition of the same text brings: white space, marks of Markdown, escapes,
another sign for the same thing (quotation marks, dashes, spaces that do not break). It changes
bytes, and so a version of its own is written for it, but nobody has to read it again.

Punctuation and letter case are in between. Where only these differ the change is editorial too, but
it is never folded away: a comma can change what a law says, and a capital letter can make a word a
defined term. A sign that belongs to a number (`1.5`, `-5`, `5 %`) is never punctuation.
"""

from __future__ import annotations

import html
import re
import unicodedata
from enum import StrEnum
from typing import Final

from domain.revision.words import UNSPACED


class TextDifference(StrEnum):
    """How two texts differ."""

    NONE = "none"  # not in a single byte
    LAYOUT = "layout"  # white space, markup, escapes, typographic signs
    PUNCTUATION = "punctuation"  # besides, signs between words
    CASE = "case"  # besides, small and capital letters
    WORDS = "words"  # what is said

    @property
    def editorial(self) -> bool:
        """Whether the words are the same."""
        return self in (self.LAYOUT, self.PUNCTUATION, self.CASE)

    @property
    def needs_a_look(self) -> bool:
        """Whether an approver has to see it although it is editorial."""
        return self in (self.PUNCTUATION, self.CASE)


_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")  # CommonMark 0.31, section 2.4
_TAG: Final = re.compile(r"</?(?:b|br|div|em|i|p|span|strong|u)(?: [^<>]*)?/?>", re.IGNORECASE)
_AT_LINE_START: Final = re.compile(r"^[ \t]*(?:[#>*+•‣◦▪=|-]+[ \t]+|[-*_=]{3,}[ \t]*$)+", re.M)
_MARKS: Final = re.compile(
    r"""\|+                                # of a table
    |   (?<=[^\s0-9])[*_`~]+ | [*_`~]+(?=[^\s0-9*_`~])   # beside a letter or a sign
    |   (?<!\S)[*_`~]+(?=[0-9]) | (?<=[0-9])[*_`~]+(?!\S)  # around a number, but not in `5*3`
    |   (?<=\S)[ \t]+\#+[ \t]*$            # that close a heading
    """,
    re.MULTILINE | re.VERBOSE,
)
_IGNORED: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens, and what has no width (Default_Ignorable_Code_Point)."""

_SAME_SIGN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛‹›′`´ʼ", "'"),
        **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        "…": "...",
        "·": "•",
    }
)
_SPACE: Final = re.compile(r"\s+")
_BETWEEN_LETTERS: Final = re.compile(r"(?<=\w)\s+(?=\w)")
_UNSPACED: Final = re.compile(rf"(?<=[{UNSPACED}])\s+|\s+(?=[{UNSPACED}])")
"""White space beside letters of scripts that put none between words: it is where a line ended."""
_RAISED: Final = re.compile(
    "[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u218b\u2460-\u24ff]"
)
"""Raised, lowered and circled digits and fractions, which NFKC would make digits of the line."""

_BETWEEN_WORDS: Final = re.compile(r"(?<![0-9])[.,;:!?()\[\]\"'•、。，；：！？（）「」/-](?![0-9])")
_CLOSES_A_NUMBER: Final = re.compile(r"(?<=[0-9])[.,;:!?)\]\"'](?![0-9]|[\w%‰])")


def text_difference(old: str, new: str) -> TextDifference:
    """How two texts differ.

    >>> for new in ("The  board", "the board", "The board,", "The boards"):
    ...     print(text_difference("The board", new).value)
    layout
    case
    punctuation
    words
    >>> text_difference("rates of 1.5 %", "rates of 15 %").value
    'words'
    """
    if old == new:
        return TextDifference.NONE
    old, new = _laid_out(old), _laid_out(new)
    if _spaced(old) == _spaced(new):
        return TextDifference.LAYOUT
    old, new = _unpunctuated(old), _unpunctuated(new)
    if old == new:
        return TextDifference.PUNCTUATION
    return TextDifference.CASE if old.casefold() == new.casefold() else TextDifference.WORDS


def _laid_out(text: str) -> str:
    """Without markup and escapes, each typographic sign by its plainest; white space stays."""
    if "&" in text:
        text = html.unescape(text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = _AT_LINE_START.sub(" ", _MARKS.sub("", _IGNORED.sub("", text)))
    return _compatible(text.translate(_SAME_SIGN))


def _compatible(text: str) -> str:
    """NFKC, but for digits that are raised, lowered or part of a fraction."""
    if text.isascii():
        return text
    if not _RAISED.search(text):
        return unicodedata.normalize("NFKC", text)
    at, parts = 0, []
    for found in _RAISED.finditer(text):
        parts += [unicodedata.normalize("NFKC", text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, unicodedata.normalize("NFKC", text[at:])])


def _spaced(text: str) -> str:
    """White space between two letters or digits as one space, and none elsewhere.

    >>> _spaced("z. B.  the \\n board")
    'z.B.the board'
    """
    words = _BETWEEN_LETTERS.sub("\0", _UNSPACED.sub("", text))
    return _SPACE.sub("", words).replace("\0", " ")


def _unpunctuated(text: str) -> str:
    return _SPACE.sub("", _CLOSES_A_NUMBER.sub("", _BETWEEN_WORDS.sub("", text)))
