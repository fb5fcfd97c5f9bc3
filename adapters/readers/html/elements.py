"""What the elements of a page mean for its text: which break lines, which are not text, and where
no unit starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

Attributes = Mapping[str, str | None]


def words(names: str) -> frozenset[str]:
    """The words of a text, as a set.

    >>> sorted(words("s del"))
    ['del', 's']
    """
    return frozenset(names.split())


DROPPED: Final = words(
    "head script style template noscript svg math-annotation iframe object embed audio video "
    "canvas datalist select rp"
)
"""Never text: code, other media, and lists of choices."""

BLOCKS: Final = words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav "
    "ol optgroup option p pre search section summary table tbody td textarea tfoot th thead tr ul "
    "xmp plaintext listing"
)
"""Elements that start and end a line (the rendering section of the HTML standard, 15.3)."""

VERBATIM: Final = words("pre textarea xmp plaintext listing")
"""Elements whose white space is kept."""

STRUCK: Final = words("del s strike")
"""Elements whose text is struck through: former wording that a consolidated law still shows."""

_APART_TAGS: Final = words("nav aside footer menu")
_APART_ROLES: Final = words(
    "navigation contentinfo search menu menubar doc-toc doc-index doc-footnote doc-endnote "
    "doc-endnotes doc-pagelist"
)
_APART_NAMES: Final = words(
    "toc table-of-contents tableofcontents contents-list breadcrumb breadcrumbs navbar nav-menu "
    "sidebar site-footer site-header footnote footnotes endnotes legannotations"
)
# A class or id of a table of contents: `toc`, `official-toc`, `toc_list`; not `has-toc`.
_CONTENTS_NAME: Final = re.compile(
    r"(?:(?!(?:has|with|no|show|hide)[-_])[a-z]+[-_])?toc"
    r"(?:[-_](?:list|container|wrapper|entries|items|box))?"
)
# The id of a note as LibreOffice, Word and Markdown converters write it: `sdfootnote1`, `_ftn2`.
_APART_ID: Final = re.compile(r"(?:sdfootnote|sdendnote|ftn|_ftn|edn|_edn|fn:)\d+", re.IGNORECASE)
_WHOLE: Final = words("html body main article")  # hold the document, whatever their classes say
_NO_DISPLAY: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLOCK_DISPLAY: Final = re.compile(r"display\s*:\s*(?:block|list-item|table)\b", re.IGNORECASE)
# A class of Akoma Ntoso as HTML, whose style sheet makes blocks of its spans.
_BLOCK_CLASS: Final = re.compile(
    r"(?<!\S)akn-(?:block|content|intro|item|li|listIntroduction|listWrapUp|longTitle|p|wrapUp)(?!\S)"
)
_NO_MARKER: Final = re.compile(r"list-style(?:-type)?\s*:\s*none", re.IGNORECASE)
# A class of a unit's number: `akn-num`, `jnenbez` (German laws), `LegP1No` (British laws).
_NUMBER_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:num|nr|number|jnenbez|label)(?=$|[\s_-])"
    r"|[a-z0-9](?:No|Nr|Num|Number|Label)(?=$|\s)"
)
# A class of the reference to a note: `footnoteRef`, `endnote-back`, `LegCommentaryLink`.
_NOTE_CLASS: Final = re.compile(
    r"(?<!\S)(?:(?:sd|mso)?(?:foot|end)note(?:-ref|-back|ref\b|reference\b|anc\b|sym\b)"
    r"|fn-?ref\b|note-?ref\b|LegCommentaryLink\b)",
    re.IGNORECASE,
)
_FORMS: Final = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


def is_block(tag: str, attributes: Attributes) -> bool:
    """True for an element that stands on lines of its own.

    >>> names = ("akn-p", "akn-item first", "akn-num", "akn-ref")
    >>> [is_block("span", {"class": name}) for name in names]
    [True, True, False, False]
    """
    if tag in BLOCKS or not attributes:
        return tag in BLOCKS
    return bool(
        _BLOCK_DISPLAY.search(attributes.get("style") or "")
        or _BLOCK_CLASS.search(attributes.get("class") or "")
    )


def is_hidden(tag: str, attributes: Attributes) -> bool:
    """True for a stretch within a line that is never shown.

    Hidden blocks are kept: pages fold whole chapters away.

    >>> is_hidden("span", {"style": "display: none"}), is_hidden("div", {"style": "display: none"})
    (True, False)
    """
    hidden = "hidden" in attributes or bool(_NO_DISPLAY.search(attributes.get("style") or ""))
    return hidden and tag not in BLOCKS


def stands_apart(tag: str, attributes: Attributes) -> bool:
    """True for navigation, tables of contents, notes, page headers and footers: their text is kept,
    and no unit starts in them.

    >>> names = ("box toc", "official-toc", "toc_list", "topic", "has-toc")
    >>> [stands_apart("div", {"class": name}) for name in names]
    [True, True, True, False, False]
    """
    if tag in _WHOLE or not attributes:
        return tag in _APART_TAGS
    names = {
        *(attributes.get("class") or "").casefold().split(),
        (attributes.get("id") or "").casefold(),
    }
    return (
        tag in _APART_TAGS
        or (attributes.get("role") or "").casefold() in _APART_ROLES
        or not names.isdisjoint(_APART_NAMES)
        or any(map(_CONTENTS_NAME.fullmatch, names))
        or bool(_APART_ID.fullmatch(attributes.get("id") or ""))
        # how LibreOffice writes page headers and footers
        or (tag == "div" and attributes.get("title") in ("header", "footer"))
    )


def heading_depth(tag: str, attributes: Attributes) -> int | None:
    """The depth of a heading, from 1; None for other elements.

    >>> marked = {"role": "heading", "aria-level": "2"}
    >>> heading_depth("h3", {}), heading_depth("div", marked), heading_depth("hr", {})
    (3, 2, None)
    """
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        return int(tag[1])
    if attributes.get("role") == "heading":
        level = attributes.get("aria-level") or "2"
        return int(level) if level.isascii() and level.isdecimal() and len(level) < 3 else 2
    return None


def numbers_what_follows(attributes: Attributes) -> bool:
    """True for a number that only its style sets apart from the words after it, as its class says.

    >>> names = ("akn-num", "Leg LegP1No", "ParagrafNr", "no-print", "numeric")
    >>> [numbers_what_follows({"class": name}) for name in names]
    [True, True, True, False, False]
    """
    return bool(_NUMBER_CLASS.search(attributes.get("class") or ""))


def refers_to_note(attributes: Attributes) -> bool:
    """True for a link or another element that calls itself the reference to a note.

    >>> names = ("footnoteRef", "LegCommentaryLink", "footnote")
    >>> [refers_to_note({"class": name}) for name in names]
    [True, True, False]
    """
    return attributes.get("role") == "doc-noteref" or bool(
        _NOTE_CLASS.search(attributes.get("class") or "")
    )


def list_form(tag: str, attributes: Attributes) -> str | None:
    """How a list numbers its items, in the names of `list_numerals`; None for a list that shows no
    numbers.

    >>> list_form("ol", {}), list_form("ol", {"type": "a"}), list_form("ul", {})
    ('decimal', 'lowerLetter', None)
    """
    if tag != "ol" or _NO_MARKER.search(attributes.get("style") or ""):
        return None
    return _FORMS.get(attributes.get("type") or "1", "decimal")
