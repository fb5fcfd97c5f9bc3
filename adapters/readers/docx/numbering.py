"""List labels as Word would print them, computed from numbering.xml and styles.xml (ECMA-376 part
1, section 17.9).

The labels are not in the paragraphs: Word counts them while it lays a document out, and so do we.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Protocol

from lxml import etree

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


class Attributes(Protocol):
    """What an element offers to look up; lxml's elements do."""

    def get(self, key: str) -> str | None:
        """The value of an attribute, None without it."""
        ...


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


@dataclass(slots=True)
class _Style:
    """A paragraph style, as far as lists and headings go."""

    based_on: str | None = None
    name: str = ""
    num_id: str | None = None
    level: int | None = None
    outline: int | None = None


def symbol_text(text: str) -> str:
    """A text with the characters of symbol fonts as what those fonts show.

    >>> symbol_text(chr(0xF0B7))
    '•'
    """
    return text.translate(_SYMBOLS)


class Styles:
    """The paragraph styles of a document: the numbering, outline level and name that a paragraph
    gets from its style.
    """

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._default: str | None = None
        for element in _children(root, "style"):
            style_id = _get(element, "styleId") or ""
            self._styles[style_id] = _read_style(element)
            if _get(element, "type") == "paragraph" and _get(element, "default") in (
                "1",
                "true",
                "on",
            ):
                self._default = style_id

    def chain(self, style_id: str | None) -> list[tuple[str, _Style]]:
        """A style and those that it is based on, the nearest first; a circle ends where it
        closes.
        """
        found: dict[str, _Style] = {}
        at = style_id or self._default
        while at is not None and at not in found and (style := self._styles.get(at)):
            found[at] = style
            at = style.based_on
        return list(found.items())

    def outline(self, style_id: str | None) -> int | None:
        """The outline level, from 0, that a style gives its paragraphs; None for body text."""
        level = next(
            (style.outline for _, style in self.chain(style_id) if style.outline is not None), None
        )
        return level if level is not None and level < _LEVELS else None

    def is_contents(self, style_id: str | None) -> bool:
        """True for the styles of a table of contents (`toc 1` to `toc 9`)."""
        return any(
            re.fullmatch(r"toc ?\d", style.name.casefold()) for _, style in self.chain(style_id)
        )


class Numbering:
    """Counts the lists of one document.

    `label` must be called once for each paragraph, in document order.
    """

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstracts: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        for element in _children(root, "abstractNum"):
            key = _get(element, "abstractNumId") or ""
            self._abstracts[key] = {
                _int(_get(lvl, "ilvl"), 0): _read_level(lvl) for lvl in _children(element, "lvl")
            }
            for link in _children(element, "numStyleLink"):
                self._links[key] = _get(link, "val") or ""
        self._nums = {
            _get(element, "numId") or "": _read_num(element) for element in _children(root, "num")
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
        value = _get(child, "val")
        match _local(child):
            case "start":
                level.start = _int(value, 1)
            case "numFmt":
                level.form = value or "decimal"
            case "lvlText":
                level.text = value or ""
            case "suff":
                level.suffix = _SUFFIX.get(value or "", "\t")
            case "isLgl":
                level.legal = value not in ("0", "false", "off")
            case "lvlRestart":
                level.restart = _int(value, 0)
            case "pStyle":
                level.style = value
            case "rPr":
                level.hidden = any(
                    _get(v, "val") not in ("0", "false", "off") for v in _children(child, "vanish")
                )
    return level


def _read_num(element: etree._Element) -> _Num:
    num = _Num(next((_get(a, "val") or "" for a in _children(element, "abstractNumId")), ""))
    for override in _children(element, "lvlOverride"):
        at = _int(_get(override, "ilvl"), 0)
        for child in override:
            if _local(child) == "startOverride":
                num.starts[at] = _int(_get(child, "val"), 1)
            elif _local(child) == "lvl":
                num.levels[at] = _read_level(child)
    return num


def _read_style(element: etree._Element) -> _Style:
    style = _Style()
    for child in element.iter():
        value = _get(child, "val")
        match _local(child):
            case "basedOn":
                style.based_on = value
            case "name":
                style.name = value or ""
            case "numId":
                style.num_id = value
            case "ilvl":
                style.level = _int(value, 0)
            case "outlineLvl":
                style.outline = _int(value, _LEVELS)
    return style


def _local(element: etree._Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _children(element: etree._Element | None, local: str) -> list[etree._Element]:
    return [] if element is None else [child for child in element if _local(child) == local]


def _get(element: etree._Element, local: str) -> str | None:
    """An attribute by its local name: the strict and the transitional namespace both occur."""
    for key, value in element.attrib.items():
        if str(key).rsplit("}", 1)[-1] == local:
            return str(value)
    return None


def _int(value: str | None, default: int) -> int:
    """A number that a label can show; anything else is the default."""
    try:
        return max(0, min(int(value or ""), 1_000_000))
    except ValueError:
        return default
