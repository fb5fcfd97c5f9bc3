"""The styles of a DOCX, as far as they decide what is text: numbering, outline level, name, and
what is raised or lowered (ECMA-376 part 1, section 17.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

_LEVELS: Final = 9


@dataclass(slots=True)
class _Style:
    """A style, as far as lists, headings and raised text go."""

    based_on: str | None = None
    name: str = ""
    num_id: str | None = None
    level: int | None = None
    outline: int | None = None
    shift: int | None = None
    position: int | None = None
    font: str | None = None


class Styles:
    """The styles of a document: the numbering, outline level and name that a paragraph gets from
    its style, and what is raised or lowered by the style of its run or its paragraph.
    """

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._default: str | None = None
        self._shifts: dict[tuple[str | None, str | None], tuple[int, int]] = {}
        self._fonts: dict[tuple[str | None, str | None], str] = {}
        self._default_font = next(
            (
                attribute(fonts, "ascii") or ""
                for defaults in children(root, "docDefaults")
                for fonts in defaults.iter()
                if local_name(fonts) == "rFonts"
            ),
            "",
        )
        for element in children(root, "style"):
            style_id = attribute(element, "styleId") or ""
            self._styles[style_id] = _read_style(element)
            if attribute(element, "type") == "paragraph" and attribute(element, "default") in (
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

    def shift(self, run: str | None, paragraph: str | None) -> tuple[int, int]:
        """How the styles of a run and of its paragraph shift text, by `vertAlign` and by
        `position`: 1 raised, -1 lowered, 0 on the line.
        """
        key = run, paragraph
        if key not in self._shifts:
            chain = [*(self.chain(run) if run else ()), *self.chain(paragraph)]
            shift = next((s.shift for _, s in chain if s.shift is not None), 0)
            position = next((s.position for _, s in chain if s.position is not None), 0)
            self._shifts[key] = shift, position
        return self._shifts[key]

    def font(self, run: str | None, paragraph: str | None) -> str:
        """The font that the styles of a run and of its paragraph name; "" where they name none."""
        key = run, paragraph
        if key not in self._fonts:
            chain = [*(self.chain(run) if run else ()), *self.chain(paragraph)]
            found = next((style.font for _, style in chain if style.font is not None), None)
            self._fonts[key] = self._default_font if found is None else found
        return self._fonts[key]

    def is_contents(self, style_id: str | None) -> bool:
        """True for the styles of a table of contents (`toc 1` to `toc 9`)."""
        return any(
            re.fullmatch(r"toc ?\d", style.name.casefold()) for _, style in self.chain(style_id)
        )


def _read_style(element: etree._Element) -> _Style:
    style = _Style()
    for child in element.iter():
        value = attribute(child, "val")
        match local_name(child):
            case "basedOn":
                style.based_on = value
            case "name":
                style.name = value or ""
            case "numId":
                style.num_id = value
            case "ilvl":
                style.level = whole(value, 0)
            case "outlineLvl":
                style.outline = whole(value, _LEVELS)
            case "rFonts":
                style.font = attribute(child, "ascii") or attribute(child, "hAnsi")
            case "vertAlign":
                style.shift = shift_of(value)
            case "position":
                style.position = position_of(value)
    return style


def shift_of(vertical: str | None) -> int:
    """1 for a `vertAlign` that raises, -1 for one that lowers, 0 for one that does neither."""
    return {"superscript": 1, "subscript": -1}.get(vertical or "", 0)


def position_of(half_points: str | None) -> int:
    """The same for a `position`, which is a number of half points or a length.

    >>> position_of("6"), position_of("-4"), position_of("0"), position_of("3pt")
    (1, -1, 0, 1)
    """
    found = re.match(r"\s*(-?)[\d.]*[1-9]", half_points or "")
    return 0 if found is None else -1 if found[1] else 1


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for what is no element."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def children(element: etree._Element | None, local: str) -> list[etree._Element]:
    """The children of that name."""
    return [] if element is None else [child for child in element if local_name(child) == local]


def attribute(element: etree._Element, local: str) -> str | None:
    """An attribute by its local name: the strict and the transitional namespace both occur."""
    for key, value in element.attrib.items():
        if str(key).rsplit("}", 1)[-1] == local:
            return str(value)
    return None


def whole(value: str | None, default: int) -> int:
    """A number that a label can show; anything else is the default."""
    try:
        return max(0, min(int(value or ""), 1_000_000))
    except ValueError:
        return default
