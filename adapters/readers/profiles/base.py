"""What a structure profile is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What a heading word announces."""

    BASIC = "basic"
    CONTAINER = "container"
    ANNEX = "annex"
    PREAMBLE = "preamble"
    CONCLUSIONS = "conclusions"
    HEADING = "heading"  # a heading that is none of these: the document's title


class Place(StrEnum):
    """Where the number stands: `Article 5`, `5 kap.`, or nowhere (`Präambel`)."""

    AFTER = "after"
    BEFORE = "before"
    NONE = "none"


_LATIN: Final = (
    "bis|ter|BIS|TER|Bis|Ter|quater|quinquies|sexies|septies|octies|nonies|novies|decies"
    "|undecies|duodecies"
)
ARABIC: Final = (
    r"\d{1,5}(?:\.?[ºª°ş]|er\b|o\b)?"
    rf"(?:[ -]?(?:{_LATIN})\b|-[A-Z]{{1,2}}\b|-\d{{1,4}}\b|[a-zA-Zđ]{{1,3}}\b|\.\d+)*"
)
SLASHED: Final = r"\d{1,4}[a-z]{0,6}/\d{1,2}\b(?!/)"  # Belgium: `3/1` comes after 3
ROMAN: Final = r"[IVXLCDM]+(?:[ -]?(?:bis|ter|quater)\b|-?[A-ZĐ]\b|[a-z]\b)?"
LETTER: Final = r"[A-Z]\b"


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word that heads a unit. `forms` are as printed in a title; capitals are found as well.

    `numbers` are patterns of the numbers that may stand with it; with `Place.NONE` there are none.
    `bare` says that the word may also stand alone on its line (`Phụ lục`, `Anlage`). With
    `Place.BEFORE` a line starts with the number, and `initials` are the characters that it may
    start with, as in a character class. With `iberian` an `o` right after the digits is the sign of
    an ordinal (`Art. 1o`), elsewhere it is a letter of the number (`§ 327o`), and numbers are
    printed as `1.228`. `plurals` are those forms that head a range only; before a single number
    they are the heading of a list. `is_plural` is set on the word that such a form was read as.
    """

    kind: str
    role: Role
    forms: tuple[str, ...]
    numbers: tuple[str, ...] = (ARABIC,)
    place: Place = Place.AFTER
    bare: bool = False
    initials: str = ""
    iberian: bool = False
    plurals: tuple[str, ...] = ()
    is_plural: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A language's structure.

    Words stand in order: containers from the highest, basic words from the most telling.
    """

    name: str
    words: tuple[Word, ...]
    stop_words: tuple[str, ...]  # frequent small words that tell the language
    joins: tuple[str, ...] = ()  # between the numbers of a range: "bis", "und"
    prefixes: tuple[str, ...] = ()  # patterns that may stand before a heading word
    reference_after: tuple[str, ...] = ()  # words that follow the number of a cross-reference
    reference_before: tuple[
        str, ...
    ] = ()  # words at the end of a line after which a number is a cross-reference
    attachment: tuple[str, ...] = ()  # patterns of the line that says a text is issued with an act
    contents: tuple[str, ...] = ()  # headings of a table of contents
    closings: tuple[str, ...] = ()  # patterns of lines that open a signature block
    quotes: tuple[tuple[str, str], ...] = (("“", "”"), ("«", "»"), ('"', '"'))
    # declared headings of articles and of the sections in them are all cited: `Art 1`, `§ 1`
    mixed_kinds: bool = False
    bare_sections: bool = False  # sections are headed by their number alone: "1. Short title"
    stopped_titles: bool = False  # titles end with a full stop: "1. Short title."
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
) -> Word:
    """A word for what people cite.

    `plurals` are forms, too. `iberian` says how numbers are written.
    """
    return Word(kind, Role.BASIC, (*forms, *plurals), numbers, iberian=iberian, plurals=plurals)


def container(kind: str, *forms: str, numbers: tuple[str, ...] = (ROMAN, ARABIC, LETTER)) -> Word:
    """A word for what groups units."""
    return Word(kind, Role.CONTAINER, forms, numbers)


def annex(
    kind: str, *forms: str, numbers: tuple[str, ...] = (ROMAN, ARABIC, LETTER), bare: bool = True
) -> Word:
    """A word for what is attached."""
    return Word(kind, Role.ANNEX, forms, numbers, bare=bare)


def after_number(
    kind: str, role: Role, *forms: str, numbers: tuple[str, ...], initials: str
) -> Word:
    """A word that stands after its number: `5 kap.`, `Erster Abschnitt`."""
    return Word(kind, role, forms, numbers, Place.BEFORE, initials=initials)


def alone(kind: str, role: Role, *forms: str) -> Word:
    """A word without a number, alone on its line."""
    return Word(kind, role, forms, (), Place.NONE)


def words(listed: str) -> tuple[str, ...]:
    """Words that are written in one line with bars between them.

    >>> words("of | as well as")
    ('of', 'as well as')
    """
    return tuple(word.strip() for word in listed.split("|") if word.strip())
