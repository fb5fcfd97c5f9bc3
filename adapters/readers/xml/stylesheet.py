"""A dialect's table as a stylesheet: the tree is turned into text with signs by libxslt, many times
faster than by Python.

A sign is a tab, a line feed, or `=`, a carriage return and a character that tells which it is. The
document's own tabs, line feeds and carriage returns are spaces before its tree is written, as they
mean no more in a law, so no document can forge a sign. All signs are ASCII, so the text of an
English law stays one byte a character.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml import etree

from adapters.readers.xml.dialects import CITED, DIALECTS
from adapters.readers.xml.roles import SHIFTED, XHTML_INLINE, Dialect, ElementRole, Family, UnitRule
from domain.reading.marks import Granularity

SIGN: Final = "=\r"
"""Comes before every sign, so that one split finds them all. The character after it tells which."""

BREAK: Final = "\n"  # a line break, but not after a number
TAB: Final = "\t"
LINE: Final = "\n\r\n"  # a line break, whatever stands beside it
GLUE: Final = SIGN + "g"  # after a number that is no unit's: the text goes on in the same line

END: Final = "e"  # of a unit; what starts one is one of `_STARTS`
NUM: Final = "n"
NUM_END: Final = "N"
HEADING: Final = "h"
HEADING_END: Final = "H"
HEADS: Final = "t"
HEADS_END: Final = "T"
NOTE: Final = "f"
NOTE_END: Final = "F"
RAISED: Final = "^"
LOWERED: Final = "v"
SHIFT_END: Final = "_"  # of either; `raised` reads these three
LINE_END: Final = "l"  # a `LINE` that follows a number
DEEP: Final = "!"  # a unit to keep inside of one that was not to be kept
# Characters of signs that start a unit: one for each rule of a dialect.
_STARTS: Final = "".join(
    chr(code) for code in range(0x21, 0x7F) if chr(code) not in "enNhHtTfFlg^v_!="
)

_XSL: Final = "http://www.w3.org/1999/XSL/Transform"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_QUOTATION_MARKS: Final = "\"'«»‘’‚“”„‹›–—"

# Modes of templates, by what is around an element.
_LIVE: Final = "live"  # every unit starts and ends with its signs
_HEAD: Final = "head"  # in numbers and headings
_SUB: Final = "sub"  # in a sub unit that is not kept
_RECITAL: Final = "recital"  # in a recital that is: numbers and headings, but no units
_DEAD: Final = "dead"  # in quotations, tables, notes: lines only
_MODES: Final = {
    Granularity.BASIC: (_LIVE, _HEAD, _SUB, _DEAD),
    Granularity.SUB: (_LIVE, _RECITAL, _DEAD),
}

_AROUND: Final = {  # what stands before and after the text of an element
    ElementRole.INLINE: ("", ""),
    ElementRole.QUOTE_MARK: ("", ""),
    ElementRole.BLOCK: (BREAK, BREAK),
    ElementRole.BREAK: (BREAK, ""),
    ElementRole.CELL: ("", TAB),
    ElementRole.NUM: (" ", GLUE),
    ElementRole.NUM_LINE: (" ", LINE),
    ElementRole.HEADING: (BREAK, BREAK),
    ElementRole.HEADS: (BREAK, BREAK),
    ElementRole.NOTE: (" ", " "),
    ElementRole.RAISED: (SIGN + RAISED, SIGN + SHIFT_END),
    ElementRole.LOWERED: (SIGN + LOWERED, SIGN + SHIFT_END),
    ElementRole.NOTE_NUM: (SIGN + RAISED, SIGN + SHIFT_END + GLUE),
    ElementRole.NOTE_MARK: (" " + SIGN + RAISED, SIGN + SHIFT_END + " "),
}
_AROUND_HEADS: Final = {  # the same where numbers and headings are looked for
    ElementRole.NUM: (SIGN + NUM, SIGN + NUM_END),
    ElementRole.NUM_LINE: (SIGN + NUM, SIGN + NUM_END + SIGN + LINE_END),
    ElementRole.HEADING: (BREAK + SIGN + HEADING, BREAK + SIGN + HEADING_END),
    ElementRole.HEADS: (BREAK + SIGN + HEADS, BREAK + SIGN + HEADS_END),
    ElementRole.NOTE: (SIGN + NOTE, SIGN + NOTE_END),
    ElementRole.NOTE_MARK: (SIGN + NOTE + SIGN + RAISED, SIGN + SHIFT_END + SIGN + NOTE_END),
}

_FLOW: Final = (ElementRole.META, ElementRole.BODY, ElementRole.ASIDE)
"""No units, and yet signs tell where they start and end: they decide what becomes of the text
between units.
"""
# The mark of a note that its element has in an attribute: `<noteRef marker="3"/>`.
_MARKED: Final = (ElementRole.RAISED, ElementRole.NOTE_MARK, ElementRole.NOTE)
_MARKER: Final = "normalize-space(translate(@marker, '[]', ''))"
_GENERAL_MATCHES: Final = (
    ("*", ElementRole.BLOCK),
    *((f"h:{name}", ElementRole.INLINE) for name in XHTML_INLINE.split()),
    *((f"h:{name}", role) for name, role in SHIFTED.items()),
    ("h:td | h:th", ElementRole.CELL),
)
"""Templates of every dialect. Later ones go before them, so that a dialect may say otherwise."""


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """A compiled stylesheet and, by the character of its sign, the rule of each unit."""

    granularity: Granularity
    run: etree.XSLT
    rules: dict[str, UnitRule | ElementRole]


@lru_cache(maxsize=32)
def stylesheet_of(
    dialect_name: str, namespace: str, granularity: Granularity, plain_space: bool
) -> Stylesheet:
    """The stylesheet of a dialect for documents in a namespace.

    `BASIC` leaves out what is below the basic units; `DEEP` is in its text where it can not.
    `plain_space` tells that the tree has no white space but spaces.
    """
    dialect = next(dialect for dialect in DIALECTS if dialect.name == dialect_name)
    prefix = "d:" if namespace else ""
    prefixes = {"xsl": _XSL, "h": _XHTML} | ({"d": namespace} if namespace else {})
    sheet = etree.Element(f"{{{_XSL}}}stylesheet", version="1.0", nsmap=prefixes)
    whole = etree.SubElement(sheet, f"{{{_XSL}}}template", match="/")
    etree.SubElement(etree.SubElement(whole, "text"), f"{{{_XSL}}}apply-templates", mode=_LIVE)
    rules: dict[str, UnitRule | ElementRole] = {}
    for match, role in [*_GENERAL_MATCHES, *_matches(dialect, prefix)]:
        start = ""
        if isinstance(role, UnitRule) or role in _FLOW:
            start = _STARTS[len(rules)]
            rules[start] = role
        for mode in _MODES[granularity]:
            before, after, inside = _written(role, mode, start, granularity)
            template = _template(sheet, match, mode, before, after, inside)
            if role in _MARKED:
                _write_marker(template, bool(before), role is ElementRole.NOTE)
            if role is ElementRole.QUOTE_MARK:
                for mark in _QUOTATION_MARKS:
                    _template(sheet, f"{match}[@CODE='{ord(mark):04X}']", mode, mark, "", mode)
    for mode in _MODES[granularity]:
        for name, character in dialect.characters.items():
            _template(sheet, prefix + name, mode, character, "", mode)
        if not plain_space:
            _space_out(sheet, mode)
    deny = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # the stubs lack it
    return Stylesheet(granularity, etree.XSLT(sheet, access_control=deny), rules)


def _written(
    role: ElementRole | UnitRule, mode: str, start: str, granularity: Granularity
) -> tuple[str, str, str]:
    """What stands before and after the text of an element, and the mode of what is in it."""
    if role in (ElementRole.QUOTE, ElementRole.PLAIN):
        return LINE, LINE, _DEAD
    if isinstance(role, UnitRule) or role in _FLOW:
        return _unit_written(role, mode, start, granularity)
    before, after = (_AROUND if mode in (_SUB, _DEAD) else _AROUND | _AROUND_HEADS)[role]
    if role in (ElementRole.NOTE, ElementRole.NOTE_MARK):
        return before, after, _DEAD
    head = mode == _LIVE and granularity is Granularity.BASIC and role in _AROUND_HEADS
    return before, after, _HEAD if head else mode


def _unit_written(
    role: ElementRole | UnitRule, mode: str, start: str, granularity: Granularity
) -> tuple[str, str, str]:
    family = role.family if isinstance(role, UnitRule) else None
    recital, sub = family is Family.RECITAL, isinstance(role, UnitRule) and _is_sub(role)
    if mode in (_RECITAL, _DEAD) or (
        mode == _SUB and (recital or sub or role in (ElementRole.BODY, ElementRole.ASIDE))
    ):
        return LINE, LINE, _DEAD if recital else mode
    if granularity is Granularity.BASIC and (recital or sub):
        return LINE, LINE, _DEAD if recital else _SUB if mode == _LIVE else mode
    if mode == _SUB and role is not ElementRole.META:
        return SIGN + DEEP, "", mode
    return SIGN + start, SIGN + END, _RECITAL if recital else mode


def _is_sub(rule: UnitRule) -> bool:
    """Whether a unit is below the basic unit of every document whose basic unit is one of
    `CITED`.
    """
    return rule.family is Family.SUB or (rule.family is Family.BASIC and rule.kind not in CITED)


def _matches(dialect: Dialect, prefix: str) -> Iterator[tuple[str, ElementRole | UnitRule]]:
    for name, role in dialect.roles.items():
        yield prefix + name.replace("/", f"/{prefix}"), role
        if isinstance(role, UnitRule) and role.by_name:
            for called, named in dialect.named.items():
                yield f"{prefix}{name}[@name='{called}']", named


def _space_out(sheet: etree._Element, mode: str) -> None:
    """White space that the tree may still have becomes spaces, since signs are made of the rest."""
    text = etree.SubElement(sheet, f"{{{_XSL}}}template", match="text()", mode=mode)
    etree.SubElement(text, f"{{{_XSL}}}value-of", select="translate(., '\t\n\r', '   ')")


def _template(
    sheet: etree._Element, match: str, mode: str, before: str, after: str, inside: str
) -> etree._Element:
    template = etree.SubElement(
        sheet, f"{{{_XSL}}}template", {"match": match} | ({"mode": mode} if mode else {})
    )
    if before:
        etree.SubElement(template, f"{{{_XSL}}}text").text = before
    etree.SubElement(template, f"{{{_XSL}}}apply-templates", mode=inside)
    after, glue = (after.removesuffix(GLUE), GLUE) if after.endswith(GLUE) else (after, "")
    if after:
        etree.SubElement(template, f"{{{_XSL}}}text").text = after
    if glue:  # a number without text glues nothing
        within = etree.SubElement(template, f"{{{_XSL}}}if", test="normalize-space()")
        etree.SubElement(within, f"{{{_XSL}}}text").text = glue
    return template


def _write_marker(template: etree._Element, after_sign: bool, with_text: bool) -> None:
    """Let a template write the mark that its element has in an attribute, in brackets: before the
    text of a note, and instead of the text that a reference to a note has not.
    """
    test = _MARKER if with_text else f"{_MARKER} and not(normalize-space())"
    when = etree.Element(f"{{{_XSL}}}if", test=test)
    etree.SubElement(when, f"{{{_XSL}}}text").text = "["
    etree.SubElement(when, f"{{{_XSL}}}value-of", select=_MARKER)
    etree.SubElement(when, f"{{{_XSL}}}text").text = "] " if with_text else "]"
    template.insert(int(after_sign), when)
