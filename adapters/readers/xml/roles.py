"""What an element can be for a cut, and the tables of names that make a dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class ElementRole(Enum):
    """What an element is in the flow of the text. An element that no table names is a `BLOCK`."""

    INLINE = "part of a line"
    BLOCK = "lines of its own"
    BREAK = "an empty element that ends a line"
    CELL = "a table cell: what follows stands after a tab"
    NUM = "the printed number of the unit around it; the text goes on in the same line"
    NUM_LINE = "the printed number in a line of its own"
    HEADING = "the printed heading of the unit around it"
    HEADS = "a block that holds number and heading"
    NOTE = "a note within a line, not part of a heading"
    NOTE_NUM = "the printed mark of the note around it"
    NOTE_MARK = "the mark of a note in a number or heading, of which it is no part"
    RAISED = "part of a line, printed above it"
    LOWERED = "part of a line, printed below it"
    PLAIN = "text that holds no units: tables of contents, tables, editorial notes"
    META = "data about the document: text of no unit, wherever it stands"
    QUOTE = "provisions of another law, quoted by an amendment: no units of this one"
    QUOTE_MARK = "an empty element that stands for the quotation mark in its CODE attribute"
    BODY = "the enacting part: text in it that belongs to no unit is still a unit to keep"
    ASIDE = "text of the enacting part that is no provision and no unit: the long title"


class Family(Enum):
    """Where a unit stands among the others. Which one is the basic unit depends on the document."""

    CONTAINER = "above the basic unit"
    BASIC = "what is cited: an article, a section or a rule"
    SUB = "below the basic unit"
    ANNEX = "a part with a numbering of its own"
    FRAME = "preamble and conclusions"
    RECITAL = "a numbered reason in the preamble"


@dataclass(frozen=True, slots=True)
class UnitRule:
    """An element that is a unit.

    `by_name`: its name attribute says which. `flat` is the depth, from 1, of a heading that its
    units follow side by side; it ends where one as high begins, or where the element around it
    ends.
    """

    kind: str
    family: Family
    by_name: bool = False
    flat: int = 0


@dataclass(frozen=True)
class Dialect:
    """One XML dialect: how it is recognised, and what its elements are."""

    name: str
    namespaces: re.Pattern[str]  # of the root element; matches "" for a dialect without namespace
    roots: frozenset[str] | None  # None: the namespace alone decides
    # By local name, or by another match pattern of XSLT.
    roles: Mapping[str, ElementRole | UnitRule]
    # Generic elements by their name attribute.
    named: Mapping[str, UnitRule | ElementRole] = field(default_factory=dict)
    # Empty elements that stand for characters: `<emdash/>`.
    characters: Mapping[str, str] = field(default_factory=dict)
    titles: tuple[str, ...] = ()  # elements that hold the document's title, the best first


def roles_of(**names: str) -> dict[str, ElementRole | UnitRule]:
    """The role of each of several elements, `NUM="num", CELL="td th"`."""
    return {name: ElementRole[role] for role, several in names.items() for name in several.split()}


def units_of(family: Family, kinds: str) -> dict[str, ElementRole | UnitRule]:
    """Rules from `element` or `element=kind` pairs."""
    pairs = (pair.partition("=") for pair in kinds.split())
    return {element: UnitRule(kind or element, family) for element, _, kind in pairs}


XHTML_INLINE: Final = (
    "a abbr b bdo big cite code del em font i ins kbd mark q s small span strike strong tt u var"
)
_RAISED_BY: Final = (
    "contains(concat(' ', @class, ' '), ' superscript ')"
    " or contains(concat(' ', @class, ' '), ' sup ')"
    " or @name = 'superscript' or contains(translate(@style, ' ', ''), 'vertical-align:super')"
    " or contains(translate(@style, ' ', ''), ';top:-')"
)
SHIFTED: Final[dict[str, ElementRole | UnitRule]] = {
    "sup": ElementRole.RAISED,
    "sub": ElementRole.LOWERED,
    **{
        f"{name}[{_RAISED_BY}]": ElementRole.RAISED
        for name in ["span", "inline", "i", "b", "em", "a", "font"]
    },
}
"""Parts of a line that are raised or lowered, by match patterns of XSLT: as elements, by their
class, by their style.
"""
