"""What a page prints above or below its line: by its elements, their classes, their style, and by
what the page's own style sheets say of them.
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.readers.html.elements import BLOCKS, Attributes, refers_to_note, words

RAISED: Final = 1
LOWERED: Final = -1

_TAGS: Final = {"sup": RAISED, "rt": RAISED, "sub": LOWERED}
_CLASSES: Final = words(
    "sup super superscript superscripted exponent exponant exposant hochgestellt upperscript"
)
_SIZE: Final = r"(?:[1-9]\d*\.?\d*|0?\.\d*[1-9])"  # a length or percentage that is not zero
_RAISED_STYLE: Final = re.compile(
    rf"vertical-align\s*:\s*(?:super|text-top|\+?{_SIZE})|font-variant-position\s*:\s*super"
    rf"|(?<![\w-])top\s*:\s*-\s*{_SIZE}|(?<![\w-])bottom\s*:\s*{_SIZE}",
    re.IGNORECASE,
)
_LOWERED_STYLE: Final = re.compile(
    rf"vertical-align\s*:\s*(?:sub|text-bottom|-{_SIZE})|font-variant-position\s*:\s*sub",
    re.IGNORECASE,
)
_POSITIONED: Final = re.compile(r"position\s*:\s*(?:absolute|fixed|sticky)", re.IGNORECASE)
# The end of a selector: an element's name and its classes, `span.mark` or `.mark`.
_SELECTED: Final = re.compile(r"([a-zA-Z][\w-]*)?((?:\.[\w-]+)*)(?::[\w:()-]+)?$")
_MAX_STYLE: Final = 1024 * 1024  # characters of style sheets that are looked at
# The children of an element of MathML after its first: how they stand to it.
_SCRIPTS: Final = {
    "msup": (RAISED,),
    "mover": (RAISED,),
    "msub": (LOWERED,),
    "munder": (LOWERED,),
    "msubsup": (LOWERED, RAISED),
    "munderover": (LOWERED, RAISED),
}


class Shifts:
    """The shifted elements of one page."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._classes: dict[str, int] = dict.fromkeys(_CLASSES, RAISED)
        self._tags = dict(_TAGS)
        left = _MAX_STYLE
        for style in tree.css("style"):
            text = style.text(deep=True)[:left]
            left -= len(text)
            self._read(text)

    def of(self, node: LexborNode, tag: str, attributes: Attributes) -> int:
        """1 for an element of a line that is raised, -1 for one that is lowered, 0 for others."""
        if tag in BLOCKS:
            return 0
        shift = self._tags.get(tag, 0)
        if not shift and tag.startswith("m"):
            shift = _in_formula(node)
        return shift or (self._said(attributes) if attributes else 0)

    def _said(self, attributes: Attributes) -> int:
        """How an element is shifted by what it says of itself."""
        if shift := _style_shift(attributes.get("style") or ""):
            return shift
        for name in (attributes.get("class") or "").casefold().split():
            if name in self._classes:
                return self._classes[name]
        return RAISED if refers_to_note(attributes) else 0

    def _read(self, css: str) -> None:
        """Take in the rules of a style sheet that raise or lower."""
        for rule in css.split("}"):
            selectors, _, said = rule.rpartition("{")
            shift = _style_shift(said)
            for selector in selectors.rpartition("{")[2].split(",") if shift else ():
                last = _SELECTED.match(selector.split()[-1]) if selector.split() else None
                if last and last[2]:
                    self._classes[last[2].rpartition(".")[2].casefold()] = shift
                elif last and last[1] and last[1].lower() not in BLOCKS:
                    self._tags.setdefault(last[1].lower(), shift)


def is_divisor(node: LexborNode) -> bool:
    """True for what stands below the line of a fraction in MathML."""
    parent = node.parent
    return parent is not None and parent.tag == "mfrac" and _place(node) == 1


def _style_shift(style: str) -> int:
    """How a style shifts an element of a line.

    >>> styles = ("vertical-align: super", "vertical-align:-2px", "vertical-align: 0", "top: -.4em")
    >>> [_style_shift(style) for style in styles]
    [1, -1, 0, 1]
    """
    if _RAISED_STYLE.search(style):
        return 0 if _POSITIONED.search(style) else RAISED
    return LOWERED if _LOWERED_STYLE.search(style) else 0


def _in_formula(node: LexborNode) -> int:
    parent = node.parent
    scripts = _SCRIPTS.get(parent.tag or "") if parent is not None else None
    place = _place(node) if scripts else 0
    return scripts[place - 1] if scripts and 0 < place <= len(scripts) else 0


def _place(node: LexborNode) -> int:
    """How many elements stand before this one in its parent, 3 at most."""
    place, before = 0, node.prev
    while before is not None and place < 3:
        place += before.is_element_node
        before = before.prev
    return place
