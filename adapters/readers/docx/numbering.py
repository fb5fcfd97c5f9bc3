"""List labels as Word would print them, computed from numbering.xml and styles.xml (ECMA-376 part
1, section 17.9).

The labels are not in the paragraphs: Word counts them while it lays a document out, and so do we.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from adapters.readers.docx.styles import Styles, attribute, children, local_name, whole
from adapters.readers.numbers.list_numerals import numeral

_LEVELS: Final = 9  # of a list
_PLACEHOLDER: Final = re.compile(r"%([1-9])")  # of a level's number in a label: `%1.%2.`
_SUFFIX: Final = {"space": " ", "nothing": ""}  # anything else is a tab, the default

# Bullets are characters of symbol fonts in the private use area; these are what those fonts show
# (Symbol, Wingdings).
_SYMBOLS: Final = str.maketrans(
    {
        0xF0B7: "•",
        0xF0A7: "▪",
        0xF0A8: "◻",
        0xF0D8: "➢",
        0xF0FC: "✓",
        0xF076: "❖",
        0xF02D: "-",
        0xF06F: "◻",
        0xF0E0: "→",
    }
)


@dataclass(slots=True)
class _Level:
    """A level of a list as it is declared."""

    start: int = 1
    form: str = "decimal"  # a name of `list_numerals`
    text: str = ""  # of the label, with placeholders
    suffix: str = "\t"  # after the label
    legal: bool = False  # numbers of all levels are shown decimal
    restart: int | None = None  # the level after which it restarts; 0: never; None: any higher one
    style: str | None = None  # the paragraph style that it belongs to
    hidden: bool = False


@dataclass(slots=True)
class _Num:
    """An instance of a list: what paragraphs refer to."""

    abstract: str  # the list's definition
    starts: dict[int, int] = field(default_factory=dict)  # levels that start with another number
    levels: dict[int, _Level] = field(default_factory=dict)  # levels that are declared anew


def symbol_text(text: str) -> str:
    """A text with the characters of symbol fonts as what those fonts show.

    >>> symbol_text(chr(0xF0B7))
    '•'
    """
    return text.translate(_SYMBOLS)


class Numbering:
    """Counts the lists of one document.

    `label` must be called once for each paragraph, in document order.
    """

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstracts: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        for element in children(root, "abstractNum"):
            key = attribute(element, "abstractNumId") or ""
            self._abstracts[key] = {
                whole(attribute(lvl, "ilvl"), 0): _read_level(lvl)
                for lvl in children(element, "lvl")
            }
            for link in children(element, "numStyleLink"):
                self._links[key] = attribute(link, "val") or ""
        self._nums = {
            attribute(element, "numId") or "": _read_num(element)
            for element in children(root, "num")
        }
        self._counts: dict[str, dict[int, int]] = {}  # the last number of each level of each list
        self._started: set[tuple[str, int]] = set()  # instances and levels that have counted

    def label(self, style_id: str | None, num_id: str | None, level: int | None) -> str:
        """The label of the next paragraph with what follows it (a tab, mostly), and "" for a
        paragraph without one.
        """
        num_id, level = self._effective(style_id, num_id, level)
        num = self._nums.get(num_id) if num_id not in (None, "0") else None
        if num is None or num_id is None or not 0 <= level < _LEVELS:
            return ""
        abstract = self._abstract_of(num)
        levels = {**self._abstracts.get(abstract, {}), **num.levels}
        at = levels.get(level)
        if at is None:
            return ""
        counts = self._counts.setdefault(abstract, {})
        self._count(counts, levels, num_id, num, level)
        text = _PLACEHOLDER.sub(
            lambda found: _number(levels, counts, int(found[1]) - 1, at.legal), at.text
        )
        text = symbol_text(text)
        return text + at.suffix if text and not at.hidden else ""

    def _effective(
        self, style_id: str | None, num_id: str | None, level: int | None
    ) -> tuple[str | None, int]:
        """A paragraph's own numbering before its style's; the level of a style is the one that
        names the style.
        """
        if num_id is not None:
            return num_id, level or 0
        for name, style in self._styles.chain(style_id):
            if style.num_id is not None:
                num = self._nums.get(style.num_id)
                own = self._abstracts.get(self._abstract_of(num), {}) if num else {}
                named = next((i for i, lvl in own.items() if lvl.style in (name, style_id)), None)
                return style.num_id, next(
                    i for i in (level, named, style.level, 0) if i is not None
                )
        return None, 0

    def _abstract_of(self, num: _Num) -> str:
        """The list that a number refers to, through the numbering style that its list may only link
        to.
        """
        key = num.abstract
        for _ in range(8):
            link = self._links.get(key)
            target = (
                next((s.num_id for _, s in self._styles.chain(link) if s.num_id), None)
                if link
                else None
            )
            if target is None or target not in self._nums:
                break
            key = self._nums[target].abstract
        return key

    def _count(
        self, counts: dict[int, int], levels: dict[int, _Level], num_id: str, num: _Num, level: int
    ) -> None:
        start = num.starts.get(level, levels[level].start)
        overridden = level in num.starts and (num_id, level) not in self._started
        counts[level] = counts[level] + 1 if level in counts and not overridden else start
        self._started.add((num_id, level))
        for deeper in [i for i in counts if i > level]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or (restart > 0 and level < restart):
                del counts[deeper]


def _number(levels: dict[int, _Level], counts: dict[int, int], level: int, legal: bool) -> str:
    """One number of a label. A level that was not used yet shows its start, as Word does."""
    at = levels.get(level)
    if at is None:
        return ""
    value = counts.get(level, at.start)
    return numeral(value, "decimal" if legal and at.form != "none" else at.form)


def _read_level(element: etree._Element) -> _Level:
    level = _Level()
    for child in element:
        value = attribute(child, "val")
        match local_name(child):
            case "start":
                level.start = whole(value, 1)
            case "numFmt":
                level.form = value or "decimal"
            case "lvlText":
                level.text = value or ""
            case "suff":
                level.suffix = _SUFFIX.get(value or "", "\t")
            case "isLgl":
                level.legal = value not in ("0", "false", "off")
            case "lvlRestart":
                level.restart = whole(value, 0)
            case "pStyle":
                level.style = value
            case "rPr":
                level.hidden = any(
                    attribute(v, "val") not in ("0", "false", "off")
                    for v in children(child, "vanish")
                )
    return level


def _read_num(element: etree._Element) -> _Num:
    num = _Num(next((attribute(a, "val") or "" for a in children(element, "abstractNumId")), ""))
    for override in children(element, "lvlOverride"):
        at = whole(attribute(override, "ilvl"), 0)
        for child in override:
            if local_name(child) == "startOverride":
                num.starts[at] = whole(attribute(child, "val"), 1)
            elif local_name(child) == "lvl":
                num.levels[at] = _read_level(child)
    return num
