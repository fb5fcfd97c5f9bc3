"""Raised and lowered digits kept apart from the digits beside them: what is printed 30 with a
raised 1 is never the text 301.

Polish and Estonian laws insert article 5¹ after article 5, and every law has marks of notes and
powers of ten; markup has them as `5<sup>1</sup>`, `30<sup>1)</sup>`, `10<sup>-3</sup>`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Final

_DIGITS: Final = "0123456789"
_SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED: Final = f"[{_SUPERSCRIPTS}]+"
"""A pattern for raised digits as characters."""
NOTE_MARK: Final = f"(?:⁽{RAISED}⁾?|{RAISED}⁾)"
"""A pattern for a raised number with a bracket, which is the mark of a note: `5¹⁾` is number 5."""
_TO_RAISED: Final = str.maketrans(f"{_DIGITS}+-−–()", f"{_SUPERSCRIPTS}⁺⁻⁻⁻⁽⁾")
_TO_LOWERED: Final = str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉")
# A mark that has a character for each of its own: 1, -3, 1), (2).
_HAS_CHARACTERS: Final = re.compile(r"[+\-−–]?\(?[0-9]+\)?")
_BRACKETED: Final = re.compile(r"\[[^\[\]]*\]")
_DIGIT: Final = re.compile(r"\d")
# What a raised digit right after it does not hang on, for it begins there, as the 1 of `(1)` does;
# nor on anything that white space parts it from.
_OPENING: Final = re.compile(r"[\s(\[{<§¶\"'«„“‚‘¿¡*•]|.\s", re.DOTALL)
_BLANKS: Final = " \t\u00a0\u2009\u202f"


def kept_apart(mark: str, before: str, after: str, *, lowered: bool = False) -> str:
    """A raised text as it can stand between the text before it and the text after it in its line.

    One with digits becomes superscript characters, where there are such for all of it, and stands
    in square brackets otherwise. It stays as it is where nothing is before it that it could hang
    on and no digit follows: the raised number of a paragraph is its number. A lowered text changes
    only beside a digit.

    >>> [kept_apart(mark, "30", " coins") for mark in ("1", "1)", "-3", "2, 3", "1a", "bis")]
    ['¹', '¹⁾', '⁻³', '[2, 3]', '[1a]', 'bis']
    >>> kept_apart("2", "m", ""), kept_apart("1", "", " In force"), kept_apart("1", "(", ") Text")
    ('²', '1', '1')
    >>> kept_apart("2", "H", "O", lowered=True), kept_apart("2", "100", "", lowered=True)
    ('2', '₂')
    """
    core = mark.strip()
    if not _DIGIT.search(core) or _BRACKETED.fullmatch(core):
        return mark
    joins = before.rstrip(_BLANKS)[-1:].isdecimal() or (
        after[:1].isdecimal() and not mark[-1].isspace()
    )
    hangs = not lowered and bool(before) and not _OPENING.match(before[-1] + mark[0])
    if not (joins or hangs):
        return mark
    if lowered:
        raised = core.translate(_TO_LOWERED) if core.isascii() and core.isdigit() else f"[{core}]"
    else:
        raised = core.translate(_TO_RAISED) if _HAS_CHARACTERS.fullmatch(core) else f"[{core}]"
    return mark.replace(core, raised, 1)


def joined(parts: Sequence[str], shifts: dict[int, int]) -> str:
    """The parts of a line as one text, raised and lowered ones kept apart.

    `shifts` has 1 for the index of a raised part and -1 for that of a lowered one. Raised parts
    side by side are one mark, however many runs it is split into.

    >>> joined(["30", "1", ")", " or 5", "2"], {1: 1, 2: 1, 4: 1})
    '30¹⁾ or 5²'
    """
    runs = [
        (shift, "".join(parts[i] for i in indices))
        for shift, indices in groupby(range(len(parts)), lambda i: shifts.get(i, 0))
    ]
    text = ""
    for i, (shift, run) in enumerate(runs):
        after = runs[i + 1][1] if i + 1 < len(runs) else ""
        text += kept_apart(run, last_line(text), after, lowered=shift < 0) if shift else run
    return text


def last_line(text: str) -> str:
    """What stands at the end of a text in its last line, as much as `kept_apart` looks at."""
    return text[-64:].rpartition("\n")[2]


def as_step(raised: str) -> str:
    """Raised digits as a part of a number: 5¹ is 5.1, which comes after 5.

    >>> as_step("¹"), as_step("¹⁰"), as_step("2")
    ('.1', '.10', '.2')
    """
    return "." + unicodedata.normalize("NFKC", raised)
