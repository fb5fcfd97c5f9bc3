"""Bluebell: indented text with a keyword, a number and a heading for each unit
(`SECTION 1. - Short title`).

Source: the Bluebell grammar of Laws.Africa, version 3 (hierarchical elements, attachments and
`QUOTE`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from adapters.readers.account.declared import judge_declared
from adapters.readers.numbers.numbering import clean_number
from adapters.readers.text.decoding import decode_text
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.address_steps import step_of
from domain.reading.marks import Granularity, Level, Mark, PlanWarning, ReadDocument

_KINDS: Final = {
    "BOOK": "book",
    "TOME": "book",
    "PART": "part",
    "SUBPART": "part",
    "TITLE": "title",
    "SUBTITLE": "title",
    "CHAPTER": "chapter",
    "CHAP": "chapter",
    "SUBCHAPTER": "subchapter",
    "SUBCHAP": "subchapter",
    "DIVISION": "division",
    "SUBDIVISION": "division",
    "ARTICLE": "article",
    "ART": "article",
    "SECTION": "section",
    "SEC": "section",
    "RULE": "rule",
    "CLAUSE": "clause",
    "SUBSECTION": "subsection",
    "SUBSEC": "subsection",
    "SUBRULE": "paragraph",
    "SUBCLAUSE": "subparagraph",
    "PARAGRAPH": "paragraph",
    "PARA": "paragraph",
    "SUBPARAGRAPH": "subparagraph",
    "SUBPARA": "subparagraph",
    "POINT": "point",
    "INDENT": "item",
    "ITEM": "item",
    "ALINEA": "subparagraph",
    "PROVISO": "subparagraph",
    "LEVEL": "item",
    "SUBLIST": "item",
    "CROSSHEADING": "crossheading",
    "SCHEDULE": "schedule",
    "ANNEXURE": "annex",
    "ANNEX": "annex",
    "APPENDIX": "appendix",
    "ATTACHMENT": "attachment",
    "PREAMBLE": "preamble",
    "PREFACE": "heading",
    "CONCLUSIONS": "conclusions",
    "BODY": "",
}
_CONTAINERS: Final = frozenset(("book", "part", "title", "chapter", "subchapter", "division"))
_ANNEXES: Final = frozenset(("schedule", "annex", "appendix", "attachment"))
_LOOSE: Final = frozenset(("preamble", "heading", "conclusions"))
# The first of these that a document has is its basic unit.
_CITED: Final = ("article", "section", "rule", "clause")
_GROUPING: Final = ("article", "section")  # above the basic unit where they are not it
# What is indented below these is another act's, or text only; below those, items alone are units.
_NO_UNITS: Final = frozenset(("QUOTE", "FOOTNOTE", "TABLE", "BULLETS"))
_ITEMS_ONLY: Final = frozenset(("ITEMS", "BLOCKLIST"))
_KEYWORDS: Final = "|".join(sorted({*_KINDS, *_NO_UNITS, *_ITEMS_ONLY}, key=len, reverse=True))
# A line with a keyword, with classes and attributes: `SECTION.new{status removed} 1. - Title`.
_LINE: Final = re.compile(
    rf"\n(?P<indent>[ \t]*+)(?P<word>{_KEYWORDS})"
    r"(?:\.[\w-]+)*+(?:\{[^}\n]*\})?(?=[ \t]|\n|\Z)(?P<rest>[^\n]*+)"
)
_HEADING: Final = re.compile(r"(?:^|(?<=[ \t]))-(?=[ \t]|$)")  # what comes before it is the number
_ESCAPED: Final = re.compile(r"\\(.)")
_BODY: Final = re.compile(r"(?m)^BODY[ \t]*\r?$")
_HEAD: Final = re.compile(r"(?m)^(?:PREFACE|PREAMBLE)[ \t]*\r?$")
# A unit with its number, and maybe a heading: `SECTION 1. - Short title`.
_UNIT: Final = re.compile(
    r"(?m)^[ \t]*(?:SECTION|ARTICLE|PARAGRAPH|CHAPTER|PART|RULE)[ \t]+[^\s-]\S*[ \t]*"
    r"(?:-[ \t].*)?\r?$"
)
# A unit with a heading, and its text indented below it: no other text is written like that.
_INDENTED: Final = re.compile(
    r"(?m)^([ \t]*)(?:SECTION|ARTICLE|CHAPTER|PART|RULE)[ \t]+[^\s-]\S*[ \t]+-[ \t].*\r?\n"
    r"(?:[ \t]*\r?\n)*\1[ \t]+\S"
)


@dataclass(frozen=True, slots=True)
class _Line:
    at: int
    indent: int
    kind: str
    label: str
    number: str
    title: str


class BluebellReader:
    """Reads Bluebell by its suffix, or by a `BODY` line with units below it."""

    name = "bluebell"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for `.bluebell`, for text with a line `BODY` and units, and for one with a
        `PREAMBLE` and indented units.
        """
        if suffix == ".bluebell":
            return True
        if suffix not in (".txt", "", ".text"):
            return False
        text = head.decode("utf-8", errors="ignore")
        if _BODY.search(text) is not None:
            return _UNIT.search(text) is not None
        return _HEAD.search(text) is not None and _INDENTED.search(text) is not None

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read the text.

        Raises `DocumentRefused` for bytes that are not UTF-8, for NUL bytes and beyond the size
        limit.
        """
        text = decode_text(data)
        view = View(text)
        lines = _lines(view)
        present = {line.kind for line in lines}
        cited = next((kind for kind in _CITED if kind in present), "paragraph")
        levels = _levels(lines, cited)
        kept = [
            (line, level)
            for line, level in zip(lines, levels, strict=True)
            if _is_kept(level, granularity)
        ]
        marks = _marks(view, kept)
        judged = judge_declared(text, marks, profile or "")
        return ReadDocument(
            text,
            tuple(marks),
            self.name,
            profile or "bluebell",
            _warnings(view, marks),
            doubts=judged.doubts,
            account=judged.account,
        )


def _is_kept(level: Level | None, granularity: Granularity) -> bool:
    return level is not None and (granularity is Granularity.SUB or level is not Level.SUB)


def _lines(view: View) -> list[_Line]:
    """Every unit's line, outside of quotations, notes, tables and lists, and outside of preface,
    preamble and conclusions.
    """
    found: list[_Line] = []
    # Open blocks without units: their indentation, and whether items in them are this act's.
    blocks: list[tuple[int, bool]] = []
    body = max((m.start() for m in _BODY.finditer(view.text)), default=-1)
    loose = False  # in preface, preamble or conclusions
    for m in _LINE.finditer(view.text):
        word, indent = m["word"], len(m["indent"].expandtabs(2))
        while blocks and indent <= blocks[-1][0]:
            blocks.pop()
        if word in _ITEMS_ONLY or word in _NO_UNITS:
            if not m["rest"].strip() or word == "FOOTNOTE":
                blocks.append((indent, word in _ITEMS_ONLY and (not blocks or blocks[-1][1])))
        elif not blocks or (word == "ITEM" and blocks[-1][1]):
            kind = _KINDS[word]
            marker = not indent and (kind in _LOOSE or kind in _ANNEXES or not kind)
            if marker:
                loose = kind == "conclusions" or (kind in _LOOSE and m.start() < body)
            if marker or not loose:
                found.append(_line(m, indent))
    return found


def _line(m: re.Match[str], indent: int) -> _Line:
    kind, word = _KINDS[m["word"]], m["word"].title()
    printed, heading = (
        _ESCAPED.sub(r"\1", part.strip()) for part in (*_HEADING.split(m["rest"], 1), "")[:2]
    )
    if kind == "crossheading":
        return _Line(
            m.start() + 1, indent, kind, "", "", " - ".join(filter(None, (printed, heading)))
        )
    if kind in _ANNEXES:
        number = clean_number(
            re.sub(r"(?i)^(?:schedule|annexure|annex|appendix|attachment)\b\s*", "", printed)
        )
        return _Line(m.start() + 1, indent, kind, printed or word, number, heading)
    return _Line(
        m.start() + 1, indent, kind, f"{word} {printed}".strip(), clean_number(printed), heading
    )


def _levels(lines: list[_Line], cited: str) -> list[Level | None]:
    """The level of each line's unit; None for a heading between the paragraphs of a unit, which is
    part of its text.
    """
    levels: list[Level | None] = []
    basic = -1  # the indentation of the basic unit that is open
    for line in lines:
        if basic >= 0 and line.indent <= basic:
            basic = -1
        if line.kind == cited and basic < 0:
            basic = line.indent
            levels.append(Level.BASIC)
        else:
            levels.append(_level(line.kind, cited, below=basic >= 0))
    after: tuple[int, Level | None] = (-1, None)
    for i in range(len(lines) - 1, -1, -1):
        if lines[i].kind != "crossheading":
            after = lines[i].indent, levels[i]
        elif after not in ((lines[i].indent, Level.BASIC), (lines[i].indent, Level.CONTAINER)):
            levels[i] = None
    return levels


def _level(kind: str, cited: str, *, below: bool) -> Level:
    if kind in _ANNEXES:
        return Level.ANNEX
    if kind in _LOOSE or kind in ("", "crossheading"):
        return Level.OTHER
    if kind == cited:
        return Level.BASIC
    return (
        Level.CONTAINER if kind in _CONTAINERS or (kind in _GROUPING and not below) else Level.SUB
    )


def _marks(view: View, kept: list[tuple[_Line, Level | None]]) -> list[Mark]:
    starts = [view.to_source(line.at) for line, _ in kept]
    ends = [*starts[1:], len(view.source)][: len(starts)]
    marks: list[Mark] = []
    stack: list[tuple[int, int]] = []
    component = ""
    for (line, level), start, end in zip(kept, starts, ends, strict=True):
        if line.kind in _ANNEXES or line.kind in _LOOSE or not line.kind:
            stack.clear()
        if not line.kind or level is None:
            continue  # the line `BODY` itself is a gap: it belongs to no unit
        while stack and stack[-1][0] >= line.indent:
            stack.pop()
        parent = stack[-1][1] if stack else None
        kind = "heading" if line.kind == "crossheading" else line.kind
        mark = Mark(start, end, level, kind, line.label, line.number, line.title, parent, component)
        if line.kind in _ANNEXES:
            component = str(step_of(mark, view.source)[0])
            mark = mark._replace(parent=None, component=component)
        if level is not Level.OTHER:
            stack.append((line.indent if line.kind not in _ANNEXES else -1, len(marks)))
        marks.append(mark)
    return marks


def _warnings(view: View, marks: list[Mark]) -> tuple[PlanWarning, ...]:
    before = view.source[: marks[0].start].strip() if marks else ""
    if not before or before in ("BODY", "\ufeffBODY"):
        return ()
    at = len(view.source) - len(view.source.lstrip())
    line = LineCounter(view.source).line_of(at)
    return (
        PlanWarning(
            "text-before-first-unit",
            line,
            f"{len(before)} characters before the first unit belong to no unit.",
        ),
    )
