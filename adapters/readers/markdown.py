"""Markdown: a line scanner for what decides where units may start: front matter, fences, tables,
headings with signs before them (ATX) and with a line below them (setext).
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.engine import mark_text
from adapters.readers.numbers.raised_digits import kept_apart
from adapters.readers.text.decoding import decode_text
from adapters.readers.text.front_matter import read_front_matter
from adapters.readers.text.layout import Layout
from adapters.readers.text.markup import without_markdown
from domain.reading.marks import Granularity, ReadDocument

_SUFFIXES: Final = (".md", ".markdown", ".mdown", ".mkd")
# A line that decides something. It begins with a line feed, which is searched for several times
# faster than the start of a line.
_LINE: Final = re.compile(
    r"\n(?=[ #`~|<=\d-])[ ]{0,3}+"
    r"(?:(?:\d{1,3}[.)][ ]{1,3})?"  # in an item of a list: `1. ## Purpose`
    r"(?P<hashes>#{1,6}+)(?=[ \t\r\n]|\Z)"  # an ATX heading: `## Article 5`
    r"|(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"  # a fence: "```sql"
    r"|(?P<table>\|)"  # a row of a table
    r"|(?P<comment><!--)"
    r"|(?P<underline>={2,}|-{2,})[ \t]*\r*(?=\n|\Z))"  # a line below a heading
)
_HASHES: Final = 1  # their group, which ends the match
_UNDERLINE: Final = re.compile(r"={2,}|-{2,}")
_UNDERLINES: Final = {"=": 1, "-": 2}  # the depth of the heading above
# What begins a line that is no paragraph, so that a line below it is a mere rule: quotations, items
# of lists, tables. A number may begin one: `1. Purpose` over a line is meant as a heading.
_NO_PARAGRAPH: Final = re.compile(r"[ ]{4}|\t|[ ]{0,3}(?:[>|<=`~]|[-+*][ \t])")
_RAISED: Final = re.compile(r"<sup>([^<>\n]{1,12})</sup>")
_HEADED_CHARS: Final = 4_000  # from one declared heading to the next, in a text that declares them
_RULED_CHARS: Final = 100  # a longer sentence over a line of dashes is one, with a rule below it


def scan_markdown(text: str, start: int = 0) -> Layout:
    """Find fences, tables, comments and headings from `start` on.

    >>> scan_markdown("# A\\n```\\n# no\\n```\\n## B\\n")
    Layout(excluded=((4, 17),), headings={0: 1, 17: 2})
    """
    excluded: list[tuple[int, int]] = [(0, start)] if start else []
    headings: dict[int, int] = {}
    lines = text if start else "\n" + text  # every line follows a line feed
    shift = len(lines) - len(text)
    at = max(start - 1, 0)
    for found in _LINE.finditer(lines, at):
        begin, end = found.span()
        if begin < at:  # inside what was excluded last
            continue
        if found.lastindex == _HASHES:
            headings[begin + 1 - shift] = end - found.start(_HASHES)
            continue
        if found["underline"]:
            above = _underlined(lines, begin, found["underline"])
            if above >= at and above - shift not in headings:
                headings[above - shift] = _UNDERLINES[found["underline"][0]]
            continue
        at = max(end, _excluded_end(lines, found))
        if at > end or not found["fence"]:
            excluded.append((begin + 1 - shift, min(at + 1, len(lines)) - shift))
    return Layout(tuple(excluded), headings)


def clean_markdown(text: str) -> str:
    """The text without marks of Markdown, and what is raised in it as signs of its own: 5 with a
    raised 1 is never 51.

    >>> clean_markdown("## § 5<sup>1</sup>. Scope\\n**Art. 1<sup>er</sup>**")
    '## § 5¹. Scope\\nArt. 1er'
    """
    if "<sup>" in text:
        text = _RAISED.sub(_kept_apart, text)
    return without_markdown(text)


def _kept_apart(found: re.Match[str]) -> str:
    text, (start, end) = found.string, found.span()
    return kept_apart(found[1], text[max(start - 1, 0) : start], text[end : end + 1])


def _underlined(lines: str, begin: int, underline: str) -> int:
    """Where the heading starts that has this line below it; -1 for a mere rule.

    Only a paragraph of one line is taken for a heading: below a longer one stands a rule that an
    author forgot to set apart, and below a sentence as well.
    """
    start = lines.rfind("\n", 0, begin) + 1
    line = lines[start:begin].rstrip()
    if not line.strip() or _NO_PARAGRAPH.match(line):
        return -1
    before = lines[lines.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)].strip()
    if before and not before.startswith("#") and not _UNDERLINE.fullmatch(before):
        return -1
    sentence = len(line) > _RULED_CHARS or line[-1] in ",;"
    return -1 if sentence and underline[0] == "-" else start


def _excluded_end(lines: str, found: re.Match[str]) -> int:
    """The line feed that ends a fence, a comment or a line of a table; 0 for what only looks like a
    fence.
    """
    if found["fence"]:
        if "`" in found["fence"] and "`" in found["info"]:
            return 0  # inline code, not a fence (CommonMark 0.31, section 4.5)
        return _fence_end(lines, found.end(), found["fence"])
    if found["comment"]:
        # An unclosed comment runs to the end, too (CommonMark 0.31, section 4.6).
        end = lines.find("-->", found.end())
        return _line_end(lines, end) if end >= 0 else len(lines)
    return _line_end(lines, found.end())


def _line_end(lines: str, at: int) -> int:
    end = lines.find("\n", at)
    return len(lines) if end < 0 else end


def _fence_end(lines: str, at: int, fence: str) -> int:
    """Where the fence that opens with these signs is closed; an unclosed one runs to the end
    (CommonMark 0.31, section 4.5).
    """
    closing = re.compile(rf"\n[ ]{{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*\r*(?=\n|\Z)")
    found = closing.search(lines, at)
    return found.end() if found else len(lines)


class MarkdownReader:
    """Reads Markdown by its suffix."""

    name = "markdown"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for the suffixes of Markdown."""
        return suffix in _SUFFIXES

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read the text.

        Raises `DocumentRefused` for bytes that are not UTF-8, for NUL bytes and beyond the size
        limit.
        """
        text = decode_text(data)
        front = read_front_matter(text)
        layout = scan_markdown(text, front.end)
        found = mark_text(
            text,
            profile=profile,
            granularity=granularity,
            excluded=layout.excluded,
            headings=layout.headings,
            trusted_headings=True,
            clean=clean_markdown,
            # Where headings are declared, a running head is not taken for one, and to look for
            # such would take as long as the rest.
            paged=len(layout.headings) * _HEADED_CHARS < len(text),
        )
        return found.as_read(text, self.name, front.metadata)
