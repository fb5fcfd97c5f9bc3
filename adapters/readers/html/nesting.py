"""How deep a page nests, told from its tags alone and before a parser sees it.

The HTML5 algorithm looks through the stack of open elements at almost every tag, so a page that
only opens elements keeps a parser busy for minutes at a few hundred KiB. Here the stack is followed
with bounded effort. Where the bound leaves an element open that a parser would close, the page
counts as deeper than it is, never as shallower.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.html.elements import words
from adapters.readers.text.limits import (
    MAX_HTML_ATTRIBUTES,
    MAX_HTML_DEPTH,
    MAX_HTML_NESTING_WORK,
    MAX_HTML_OPTIONS,
)
from domain.errors import DocumentRefused

# The start of a tag with its name, or a whole comment.
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,31})|<!--.*?(?:-->|\Z)", re.DOTALL)
# Elements whose text has no tags, by the end of it.
_RAW: Final = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe")
}
_OPTION: Final = re.compile(r"<opt(?:ion|group)", re.IGNORECASE)
# A start tag of more than 8 Ki characters, and one attribute in it: name, name=value, name="value".
_LONG_TAG: Final = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*'){8192,}+")
_ATTRIBUTE: Final = re.compile(r"[\s/][^\s/=\"'>]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?")
_FOREIGN: Final = ("svg", "math")  # in them tags close themselves, as in XML
_LONGEST_TAG: Final = 4096  # characters in which the end of a foreign tag is sought
# Elements without content, and those that the standard calls markers (scopes) and special: they end
# the search for an element to close.
_VOID: Final = words("area base br col embed hr img input link meta param source track wbr")
_MARKERS: Final = words(
    "applet button caption foreignobject html marquee math object select svg table td template th "
    "title"
)
_SPECIAL: Final = words(
    "address article aside blockquote body center dd details dir div dl dt fieldset figure footer "
    "form h1 h2 h3 h4 h5 h6 header li main menu nav ol p pre section summary tbody tfoot thead tr "
    "ul"
)
# What the start of an element closes by itself, if it is among the nearest open elements.
_CLOSES: Final[dict[str, frozenset[str]]] = {
    "li": frozenset(("li",)),
    "dd": frozenset(("dd", "dt")),
    "dt": frozenset(("dd", "dt")),
    "option": frozenset(("option",)),
    "td": frozenset(("td", "th")),
    "th": frozenset(("td", "th")),
    "tr": frozenset(("tr",)),
    "tbody": frozenset(("tbody", "thead", "tfoot")),
    "tfoot": frozenset(("tbody", "thead", "tfoot")),
}
_LISTS: Final = frozenset(("table", "ul", "ol", "dl", "select"))
_TABLE: Final = frozenset(("table",))
_ROWS: Final = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot"))
_REACH: Final = 64  # how far up the stack a tag is looked for; beyond, it is taken to stay open


def check_effort(html: str) -> None:
    """Refuse a page with so many choices, or so long a tag, that parsing it would not end in time:
    both take quadratic time.
    """
    if len(_OPTION.findall(html)) > MAX_HTML_OPTIONS:
        raise DocumentRefused(
            f"This page has more than {MAX_HTML_OPTIONS:,} options to choose from; save it "
            f"without its forms."
        )
    for tag in _LONG_TAG.finditer(html):
        if len(_ATTRIBUTE.findall(tag[0])) > MAX_HTML_ATTRIBUTES:
            line = html.count("\n", 0, tag.start()) + 1
            raise DocumentRefused(
                f"This page has a tag of more than {MAX_HTML_ATTRIBUTES:,} attributes (line "
                f"{line:,})."
            )


def check_nesting(html: str) -> None:
    """Refuse a page that nests too deep, or so deep for so long that parsing it would not end in
    time.

    >>> check_nesting("<p>one<p>two<br><b>three</b>")
    """
    if html.count("<") <= MAX_HTML_DEPTH:
        return
    stack: list[str] = []
    work = at = 0
    while tag := _TAG.search(html, at):
        at = tag.end()
        name = (tag[2] or "").lower()
        if not name or name in _VOID:
            continue
        if tag[1]:
            _close(stack, name)
        elif name in _RAW and not any(foreign in stack for foreign in _FOREIGN):
            end = _RAW[name].search(html, at)
            at = end.end() if end else len(html)
        else:
            _open(stack, name, html, at)
        work += len(stack)
        if len(stack) > MAX_HTML_DEPTH or work > MAX_HTML_NESTING_WORK:
            line = html.count("\n", 0, at) + 1
            raise DocumentRefused(
                f"This page nests elements more than {MAX_HTML_DEPTH:,} deep (line {line:,}); "
                "tags that are never closed do that. Save it anew from a browser and read that."
            )


def _open(stack: list[str], name: str, html: str, at: int) -> None:
    closes = _CLOSES.get(name)
    if closes is not None:
        _pop_to(stack, closes, barrier=_LISTS)
    elif name in _SPECIAL and stack and stack[-1] == "p":
        stack.pop()
    if not (any(foreign in stack for foreign in _FOREIGN) and _closes_itself(html, at)):
        stack.append(name)


def _closes_itself(html: str, at: int) -> bool:
    end = html.find(">", at, at + _LONGEST_TAG)
    return end > 0 and html[end - 1] == "/"


def _close(stack: list[str], name: str) -> None:
    if name == "table":
        barrier: frozenset[str] = frozenset()
    elif name in _ROWS:
        barrier = _TABLE
    else:
        barrier = _MARKERS if name in _SPECIAL else _MARKERS | _SPECIAL
    _pop_to(stack, frozenset((name,)), barrier=barrier)


def _pop_to(stack: list[str], names: frozenset[str], *, barrier: frozenset[str]) -> None:
    """Close the nearest of some elements and all above it, unless a barrier or the reach ends the
    search first.
    """
    for i in range(len(stack) - 1, max(-1, len(stack) - 1 - _REACH), -1):
        if stack[i] in names:
            del stack[i:]
            return
        if stack[i] in barrier:
            return
