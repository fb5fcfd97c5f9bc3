"""What a structure profile is made of: the words that head units in the laws of a language, the
patterns of the numbers that stand with them, and the words around a mere reference.

A profile is data. The line engine compiles one pattern of it (`lines/candidates.py`) and judges
lines by it (`lines/weights.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class UnitRole(StrEnum):
    """What kind of unit a heading opens."""

    BASIC = "basic"  # what people cite: an article, a section, a §
    SUB = "sub"  # what the format declares below those: the sections of an article
    CONTAINER = "container"  # what groups those: a book, a part, a chapter
    ANNEX = "annex"  # what is attached, with a numbering of its own
    PREAMBLE = "preamble"
    CONCLUSIONS = "conclusions"  # the closing formula and the signatures
    HEADING = "heading"  # a heading that is none of these: the document's title


class NumberPlace(StrEnum):
    """Where the number stands beside a heading word."""

    AFTER = "after"  # Article 5
    BEFORE = "before"  # 5 kap.
    WITHIN = "within"  # 第5条
    NONE = "none"  # Präambel


# Suffixes of articles that were inserted later: 12 bis comes after 12, 12 ter after 12 bis.
_LATIN: Final = (
    "bis|ter|BIS|TER|Bis|Ter|quater|quinquies|sexies|septies|octies|nonies|novies|decies"
    "|undecies|duodecies"
)
ARABIC: Final = (
    r"\d{1,5}"
    r"(?:\.?[ºª°ş]|er\b|o\b)?"  # the sign of an ordinal: 1º, 1.º, 1er, 1o
    rf"(?:[ -]?(?:{_LATIN}){{1,3}}\b"  # 3 bis, 16-quater, 6bisbis
    r"|-[A-Z]{1,2}\b|-\d{1,4}\b"  # 184-A, 121-3
    r"|[a-zA-Zđ]{1,3}\b"  # 12a, 5đ
    r"|\.\d+)*"  # 2.1.4
)
"""The pattern of an Arabic number with whatever was inserted after it: `12`, `12a`, `3 bis`."""
SPACED: Final = r"\d{1,5}[ ][a-z](?=[.):]|[ \t*_]*(?:\n|\Z)|[ \t*_]+[A-ZÀ-ÖØ-Þ])"
"""The pattern of a number whose letter stands apart: `§ 48 a Kunst`, of Austria and Switzerland. A
small letter after it makes the letter a word: `l'article 48 a été abrogé`."""
SLASHED: Final = r"\d{1,4}[a-z]{0,6}/\d{1,2}\b(?!/)"
"""The pattern of a Belgian number: `3/1` comes after 3. `1/2/2015` is a date."""
ROMAN: Final = (
    r"[IVXLCDM]+"
    r"(?:(?:\.\d{1,2})+(?![\w.])"  # `V.0.1`, inserted before V.1
    r"|[ -]?(?:bis|ter|quater)\b|-?[A-ZĐ]\b|[a-z]\b)?"
)
"""The pattern of a Roman number with a suffix: `XIV`, `II bis`, `III-A`, `IVa`, `V.0.1`."""
BRACKETED: Final = r"\(\d{1,4}\)(?:[ ]?(?:bis|ter|quater)\b)?"
"""The pattern of a number in brackets: `Article (1)`, in laws of Arab countries that are
translated.
"""
LETTER: Final = r"[A-Z]\b"
"""The pattern of a single capital letter: `Annex B`."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadingWord:
    """A word that heads a unit."""

    kind: str  # of the unit, a word of `domain.reading.vocabulary.UNIT_KINDS`
    role: UnitRole
    forms: tuple[str, ...]  # as printed in a title; forms in capitals are found as well
    numbers: tuple[str, ...] = (ARABIC,)  # patterns of those that may stand with it, if any
    place: NumberPlace = NumberPlace.AFTER
    bare: bool = False  # it may also stand alone on its line: `Phụ lục`, `Anlage`
    # Where the number comes first: the characters that it may start with, as in a character class.
    initials: str = ""
    # Where the number stands within: the sign before it; the forms are those that follow it. What
    # was inserted later has its count after the form: `第十条之一`.
    opening: str = ""
    # The pattern of what was inserted later, behind such a form: the letter of `2. gr. a`.
    inserted: str = ""
    # Text may follow at once, without a space: Chinese `第五条为了`, Hebrew `5.`.
    adjoined: bool = False
    # Numbers as in Spanish and Portuguese: 1.228 is one thousand and so on, and the `o` right after
    # the digits in `Art. 1o` is the sign of an ordinal (elsewhere a letter, as in `§ 327o`).
    iberian: bool = False
    # For provisions that are numbered apart from the articles beside them: what their numbers begin
    # with, so that `Geçici Madde 1` is no second article 1.
    series: str = ""
    # Forms that head a range only (`Articles 3 to 6`); before a single number they head a list.
    plurals: tuple[str, ...] = ()
    is_plural: bool = False  # set by `lines/candidates.py` where the printed form is a plural


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """How the laws of a language name and number their units.

    `words` stand in order: containers from the outermost, then basic words, the one that decides
    what people cite before others (`Article` before `Section`).
    """

    name: str
    words: tuple[HeadingWord, ...]
    stop_words: tuple[str, ...]  # frequent small words that tell the language
    joins: tuple[str, ...] = ()  # between the numbers of a range: "bis", "und"
    prefixes: tuple[str, ...] = ()  # patterns that may stand before a heading word
    reference_after: tuple[str, ...] = ()  # words that follow the number of a cross-reference
    # words at the end of a line after which a number on the next line is a cross-reference
    reference_before: tuple[str, ...] = ()
    attachment: tuple[str, ...] = ()  # patterns of the line that says a text is issued with an act
    contents: tuple[str, ...] = ()  # headings of a table of contents
    closings: tuple[str, ...] = ()  # patterns of lines that open a signature block
    quotes: tuple[tuple[str, str], ...] = (("“", "”"), ("«", "»"), ('"', '"'))
    # declared headings of articles and of the sections in them are all cited: `Art 1`, `§ 1`
    mixed_kinds: bool = False
    bare_sections: bool = False  # sections are headed by their number alone: "1. Short title"
    stopped_titles: bool = False  # titles end with a full stop: "1. Short title."
    # Words are written without spaces between them, so that none of the words above needs one.
    unspaced: bool = False
    # A title in brackets stands on the line above the number: `（目的）`, then `第一条`.
    captions_above: bool = False
    letters: str = "abcdefghijklmnopqrstuvwxyz"
    sub_forms: tuple[str, ...] = ("(1)", "1.", "(a)", "a)", "(i)", "(A)", "(I)")
    sub_kinds: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(
            {
                "article": ("paragraph", "point", "subparagraph", "item"),
                "section": ("subsection", "paragraph", "subparagraph", "item"),
            }
        )
    )


def basic(
    kind: str,
    *forms: str,
    numbers: tuple[str, ...] = (ARABIC,),
    iberian: bool = False,
    plurals: tuple[str, ...] = (),
) -> HeadingWord:
    """A word for what people cite. `plurals` are added to its forms."""
    return HeadingWord(
        kind, UnitRole.BASIC, (*forms, *plurals), numbers, iberian=iberian, plurals=plurals
    )


def provision(series: str, *forms: str, numbers: tuple[str, ...]) -> HeadingWord:
    """A word for what is cited like an article and numbered apart: a transitory provision."""
    return HeadingWord("article", UnitRole.BASIC, forms, numbers, bare=True, series=series)


def container(
    kind: str, *forms: str, numbers: tuple[str, ...] = (ROMAN, ARABIC, LETTER)
) -> HeadingWord:
    """A word for what groups units."""
    return HeadingWord(kind, UnitRole.CONTAINER, forms, numbers)


def annex(
    kind: str, *forms: str, numbers: tuple[str, ...] = (ROMAN, ARABIC, LETTER), bare: bool = True
) -> HeadingWord:
    """A word for what is attached."""
    return HeadingWord(kind, UnitRole.ANNEX, forms, numbers, bare=bare)


def after_number(
    kind: str,
    role: UnitRole,
    *forms: str,
    numbers: tuple[str, ...],
    initials: str,
    adjoined: bool = False,
) -> HeadingWord:
    """A word that stands after its number: `5 kap.`, `Erster Abschnitt`."""
    return HeadingWord(
        kind, role, forms, numbers, NumberPlace.BEFORE, initials=initials, adjoined=adjoined
    )


def around_number(
    kind: str,
    role: UnitRole,
    *forms: str,
    opening: str,
    numbers: tuple[str, ...],
    adjoined: bool = False,
    initials: str = "",
    inserted: str = "",
) -> HeadingWord:
    """A word that closes its number, which a sign may open: `第5条`, `2. gr. a`."""
    return HeadingWord(
        kind,
        role,
        forms,
        numbers,
        NumberPlace.WITHIN,
        opening=opening,
        adjoined=adjoined,
        initials=initials,
        inserted=inserted,
    )


def alone(kind: str, role: UnitRole, *forms: str) -> HeadingWord:
    """A word without a number, alone on its line."""
    return HeadingWord(kind, role, forms, (), NumberPlace.NONE)


def words(listed: str) -> tuple[str, ...]:
    """Words that are written in one line with bars between them.

    >>> words("of | as well as")
    ('of', 'as well as')
    """
    return tuple(word.strip() for word in listed.split("|") if word.strip())
