"""A long document parsed in parts: a tree that fits into the processor's cache is made, read and
freed much faster.

A part ends with an article or a section. The elements that are open there are closed at its end and
opened again before the next part, and what the stylesheet writes for them alone is taken off. Where
a document is not what that takes (an end tag in a comment, an error), it is parsed as a whole,
which is also where every refusal is worded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree

from adapters.readers.xml.dialects import CITED, DIALECTS
from adapters.readers.xml.parse import Source, parse_whole, parser_of, spaced
from adapters.readers.xml.roles import UnitRule
from adapters.readers.xml.stylesheet import Stylesheet
from adapters.readers.xml.text import write_tree

_PART_BYTES: Final = 128 * 1024
_ENDS: Final = sorted(
    {
        name
        for dialect in DIALECTS
        for name, rule in dialect.roles.items()
        if isinstance(rule, UnitRule) and rule.kind in CITED and not rule.by_name
    }
)
# Where a part may end: `</article>`, `</akn:section>`.
_END_TAG: Final = re.compile(rf"</(?:[\w.\-]+:)?(?:{'|'.join(map(re.escape, _ENDS))})>".encode())
_MAX_OPEN_CHARS: Final = 16 * 1024  # of the tags to open again: every part reads them once more
_MARK: Final = "end-of-part"  # the name of an element that is put where a part ends
_HERE: Final = "\ufdd0"  # stands where a part's text goes: a noncharacter, which no text may hold


class PartsUnfit(Exception):
    """A document can not be read in parts, and has to be read whole."""


@dataclass(frozen=True, slots=True)
class OpenElement:
    """The tags of an element that is open where a part ends."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Part:
    """A tree of some of a document's articles, in the elements that hold them."""

    root: etree._Element
    plain_space: bool
    opened: tuple[OpenElement, ...] = ()  # before this part
    still_open: tuple[OpenElement, ...] = ()  # after it


def is_long(source: Source) -> bool:
    """Whether a document is worth parts, and may be cut: without a DOCTYPE, and where bytes tell
    what is a tag.
    """
    return source.ascii_based and not source.has_doctype and len(source.data) >= 2 * _PART_BYTES


def parts_of(source: Source) -> Iterator[Part]:
    """The parts of a document in order, each parsed when it is asked for. Raises `PartsUnfit`.

    A document that is not long is a single part, as `whole` makes it.
    """
    if not is_long(source):
        yield from whole(source)
        return
    at, plain_space = 0, source.plain_space
    opened: tuple[OpenElement, ...] = ()
    while at < len(source.data):
        cut = _END_TAG.search(source.data, at + _PART_BYTES)
        end = cut.end() if cut and len(source.data) - cut.end() > _PART_BYTES else len(source.data)
        part = _parsed(source, at, end, opened, plain_space)
        yield part
        at, opened = end, part.still_open


def whole(source: Source) -> Iterator[Part]:
    """A document as a single part. Raises `DocumentRefused`."""
    yield Part(*parse_whole(source))


def _parsed(
    source: Source, at: int, end: int, opened: tuple[OpenElement, ...], plain_space: bool
) -> Part:
    """One part: its tree ends with a mark, which the parser puts into the innermost of the elements
    that are open.
    """
    last = end == len(source.data)
    parser = parser_of(source, recover=True)
    try:
        parser.feed("".join(element.start for element in opened).encode())
        for piece in spaced(source.data, at, end):
            parser.feed(piece)
        parser.feed(b"" if last else b"<%s/>" % _MARK.encode())
        root = parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PartsUnfit from error
    errors = [error.type_name for error in parser.feed_error_log if error.level_name != "WARNING"]
    if errors != ([] if last else ["ERR_TAG_NOT_FINISHED"]):
        raise PartsUnfit
    still_open = () if last else tuple(map(_open_element, _open_at_mark(root)))
    if sum(len(element.start) for element in still_open) > _MAX_OPEN_CHARS:
        raise PartsUnfit
    return Part(root, plain_space, opened, still_open)


def _open_at_mark(root: etree._Element) -> list[etree._Element]:
    """The elements that hold the mark, which is taken out of the tree."""
    found = [root]
    while (last := next(found[-1].iterchildren(reversed=True), None)) is not None:
        found.append(last)
    mark = found.pop()
    if not found or etree.QName(mark).localname != _MARK:
        raise PartsUnfit
    found[-1].remove(mark)
    return found


def _open_element(element: etree._Element) -> OpenElement:
    name = etree.QName(element)
    if not element.prefix and element.nsmap.get(None) != name.namespace:
        raise PartsUnfit  # an element without namespace in one that has one
    tag = f"{element.prefix}:{name.localname}" if element.prefix else name.localname
    parent = element.getparent()
    known = {} if parent is None else parent.nsmap
    new = [(prefix, uri) for prefix, uri in element.nsmap.items() if known.get(prefix) != uri]
    spaces = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in new
    )
    said = "".join(
        f" {key}={quoteattr(element.get(key, ''))}"
        for key in map(str, element.keys())
        if key[0] != "{"
    )
    return OpenElement(f"<{tag}{spaces}{said}>", f"</{tag}>")


class PartWriter:
    """Writes parts as one text with signs, as `write_tree` would write the whole tree."""

    def __init__(self, style: Stylesheet) -> None:
        self._style = style
        self._around: dict[tuple[OpenElement, ...], tuple[bytes, bytes]] = {(): (b"", b"")}

    def write(self, part: Part) -> bytes:
        """The text of a part alone. Raises `PartsUnfit` and `DocumentRefused`."""
        raw = write_tree(part.root, self._style)
        before, after = self._written(part.opened)[0], self._written(part.still_open)[1]
        if not (
            raw.startswith(before) and raw.endswith(after) and len(raw) >= len(before) + len(after)
        ):
            raise PartsUnfit
        return raw[len(before) : len(raw) - len(after)]

    def _written(self, opened: tuple[OpenElement, ...]) -> tuple[bytes, bytes]:
        """What the stylesheet writes at the start and at the end of open elements."""
        if opened not in self._around:
            starts, ends = (
                (element.start for element in opened),
                (element.end for element in reversed(opened)),
            )
            root = etree.fromstring("".join((*starts, _HERE, *ends)))
            before, _, after = (self._style.run(root).getroot().text or "").partition(_HERE)
            self._around[opened] = before.encode(), after.encode()
        return self._around[opened]
