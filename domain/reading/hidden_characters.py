"""Characters of a text that do not show, or that change the order in which others show.

Whoever approves a text by reading it can be deceived by them: a right-to-left override shows "not"
where "ton" is stored. So every place that shows a text to an approver shows these as marks.
Look-alike letters of two scripts are not among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Final

_CATEGORIES: Final = {
    "Cc": "CONTROL CHARACTER",
    "Cf": "FORMAT CHARACTER",
    "Cn": "UNASSIGNED CODE POINT",
    "Co": "PRIVATE USE",
    "Cs": "SURROGATE",
    "Zl": "LINE SEPARATOR",
    "Zp": "PARAGRAPH SEPARATOR",
}
"""General categories of the Unicode Character Database whose members have no shape of their own,
and what a member without a name is called.
"""

_ODD_SPACES: Final = frozenset(
    map(chr, (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
)
"""General category Zs without the usual space."""

_SHOWN: Final = _ODD_SPACES | frozenset("\n\t")
"""What shows although `str.isprintable` is false for it.

`str.isprintable` is false for exactly the categories of `_CATEGORIES` and Zs, but for the usual
space. It is asked instead of `unicodedata.category` because it takes a third of the time.
"""

_BLANK: Final = frozenset(
    map(
        chr,
        (
            # Default_Ignorable_Code_Point of DerivedCoreProperties.txt, as far as no category above
            # holds it ...
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180F, 0x3164, 0xFFA0),
            *range(0x180B, 0x180E),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
            # ... and symbols whose shape is empty.
            *(0x2800, 0x16FE4, 0x1D159),
        ),
    )
)

_REORDERING: Final = frozenset(
    map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Bidi_Control of PropList.txt: they change where their neighbours show."""


@dataclass(frozen=True, slots=True)
class HiddenCharacter:
    """One hidden character of a text: how often it stands there, and the offset of the first."""

    char: str
    count: int
    offset: int

    @property
    def code_point(self) -> str:
        """As people write it.

        >>> HiddenCharacter(chr(0x202E), 1, 0).code_point
        'U+202E'
        """
        return f"U+{ord(self.char):04X}"

    @property
    def name(self) -> str:
        """Its Unicode name; for a character without one what it is.

        >>> HiddenCharacter(chr(0x202E), 1, 0).name, HiddenCharacter(chr(7), 1, 0).name
        ('RIGHT-TO-LEFT OVERRIDE', 'CONTROL CHARACTER')
        """
        return unicodedata.name(self.char, "") or _CATEGORIES.get(
            unicodedata.category(self.char), "CHARACTER"
        )

    @property
    def reorders(self) -> bool:
        """Whether it changes the order in which its neighbours show."""
        return self.char in _REORDERING


def is_hidden(char: str) -> bool:
    """Whether this character does not show.

    Line feed and tab do, by what they do to the text; a carriage return is one.

    >>> [is_hidden(c) for c in ("a", " ", chr(10), chr(13), chr(0x200B), chr(0x2800))]
    [False, False, False, True, True, True]
    """
    return char in _BLANK or not (char.isprintable() or char in _SHOWN)


def plain(text: str) -> str:
    r"""A text in which each character shows: what has no shape stands as its code point.

    >>> plain("a law\x1b[2K of mine")
    'a law[U+001B][2K of mine'
    """
    if text.isprintable():
        return text
    return "".join(f"[U+{ord(char):04X}]" if is_hidden(char) else char for char in text)


def is_odd_space(char: str) -> bool:
    """Whether this is a space other than the usual one: it shows as a space, and is not the same
    character.

    >>> [is_odd_space(c) for c in (" ", chr(0xA0), "a")]
    [False, True, False]
    """
    return char in _ODD_SPACES


def hidden_in(text: str) -> tuple[HiddenCharacter, ...]:
    """The hidden characters of a text, those that reorder first, then by place.

    A carriage return before a line feed does not count: it is how lines end on some systems.

    >>> text = "a" + chr(0x200B) + "b" + chr(0x202E) + chr(13) + chr(10)
    >>> [(c.code_point, c.count, c.offset) for c in hidden_in(text)]
    [('U+202E', 1, 3), ('U+200B', 1, 1)]
    """
    chars = {char for char in set(text) if is_hidden(char)}
    if not chars:
        return ()
    lone_returns = [r"\r(?!\n)"] if "\r" in chars else []
    others = [f"[{re.escape(''.join(sorted(chars - {chr(13)})))}]"] if chars - {"\r"} else []
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for match in re.finditer("|".join(lone_returns + others), text):
        counts[match[0]] += 1
        first.setdefault(match[0], match.start())
    found = [HiddenCharacter(char, count, first[char]) for char, count in counts.items()]
    return tuple(sorted(found, key=lambda hidden: (not hidden.reorders, hidden.offset)))
