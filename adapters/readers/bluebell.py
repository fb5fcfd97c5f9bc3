"""Bluebell: indented text with a keyword, a number and a heading for each unit (`SECTION 1. - Short title`).

Source: the Bluebell grammar of Laws.Africa, version 3 (hierarchical elements, attachments and `QUOTE`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from adapters.readers.decoding import decode_text
from adapters.readers.lines import LineCounter, View
from adapters.readers.numbering import clean_number
from domain.address_steps import step_of
from domain.marks import Granularity, Level, Mark, PlanWarning, ReadDocument

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
_CITED: Final = ("article", "section", "rule", "clause")  # the first of these that a document has is its basic unit
_LINE: Final = re.compile(
    rf"\n(?P<indent>[ \t]*+)(?:(?P<word>{'|'.join(sorted(_KINDS, key=len, reverse=True))}|QUOTE)"
    r"(?P<attributes>(?:\.[\w-]+)*(?:\{[^}\n]*\})?)"
    r"(?=[ \t]|\n|\Z)[ \t]*(?P<number>(?!-[ \t])[^\n]*?)(?:[ \t]+-[ \t]+(?P<heading>[^\n]*?))?[ \t]*(?=\n|\Z))"
)
_HEAD: Final = re.compile(r"(?m)^(?:BODY|PREFACE|PREAMBLE)[ \t]*\r?$")
_UNIT: Final = re.compile(r"(?m)^[ \t]*(?:SECTION|ARTICLE|PARAGRAPH|CHAPTER|PART|RULE)[ \t]+[^\s-]\S*[ \t]*(?:-[ \t].*)?\r?$")


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
        """True for `.bluebell`, and for text that holds a line `BODY`, `PREFACE` or `PREAMBLE` and lines of units."""
        if suffix == ".bluebell":
            return True
        if suffix not in (".txt", "", ".text"):
            return False
        text = head.decode("utf-8", errors="ignore")
        return _HEAD.search(text) is not None and _UNIT.search(text) is not None

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read the text. Raises `DocumentRefused` for bytes that are not UTF-8, for NUL bytes and beyond the size limit."""
        text = decode_text(data)
        view = View(text)
        lines = _lines(view)
        present = {line.kind for line in lines}
        cited = next((kind for kind in _CITED if kind in present), "paragraph")
        marks = _marks(view, lines, cited, granularity)
        return ReadDocument(text, tuple(marks), self.name, profile or "bluebell", _warnings(view, marks))


def _lines(view: View) -> list[_Line]:
    """Every unit's line outside quotations. A `QUOTE` holds what is indented below it: units of another act."""
    found: list[_Line] = []
    quote = -1
    for m in _LINE.finditer(view.text):
        indent = len(m["indent"].expandtabs(2))
        if quote >= 0 and indent > quote:
            continue
        quote = indent if m["word"] == "QUOTE" else -1
        if quote < 0:
            found.append(_line(m, indent))
    return found


def _line(m: re.Match[str], indent: int) -> _Line:
    kind = _KINDS[m["word"]]
    printed, heading = m["number"].strip(), (m["heading"] or "").strip().lstrip("\\")
    if kind in _ANNEXES:
        number = clean_number(re.sub(r"(?i)^(?:schedule|annexure|annex|appendix|attachment)\b\s*", "", printed))
        return _Line(m.start() + 1, indent, kind, printed or m["word"].title(), number, heading)
    label = f"{m['word'].title()} {printed}".strip()
    return _Line(m.start() + 1, indent, kind, label, clean_number(printed), heading)


def _marks(view: View, lines: list[_Line], cited: str, granularity: Granularity) -> list[Mark]:
    kept = [
        line for line in lines if not line.kind or granularity is Granularity.SUB or _level(line.kind, cited) is not Level.SUB
    ]
    starts = [view.to_source(line.at) for line in kept]
    ends = [*starts[1:], len(view.source)][: len(starts)]
    marks: list[Mark] = []
    stack: list[tuple[int, int]] = []
    component = ""
    for line, start, end in zip(kept, starts, ends, strict=True):
        if line.kind in _ANNEXES or line.kind in _LOOSE or not line.kind:
            stack.clear()
        if not line.kind:
            continue  # the line `BODY` itself is a gap: it belongs to no unit
        while stack and stack[-1][0] >= line.indent:
            stack.pop()
        parent = stack[-1][1] if stack else None
        mark = Mark(start, end, _level(line.kind, cited), line.kind, line.label, line.number, line.title, parent, component)
        if line.kind in _ANNEXES:
            component = str(step_of(mark, view.source)[0])
            mark = Mark(start, end, Level.ANNEX, line.kind, line.label, line.number, line.title, None, component)
        if line.kind not in _LOOSE:
            stack.append((line.indent if line.kind not in _ANNEXES else -1, len(marks)))
        marks.append(mark)
    return marks


def _level(kind: str, cited: str) -> Level:
    if kind == cited:
        return Level.BASIC
    if kind in _CONTAINERS:
        return Level.CONTAINER
    if kind in _ANNEXES:
        return Level.ANNEX
    return Level.OTHER if kind in _LOOSE else Level.SUB


def _warnings(view: View, marks: list[Mark]) -> tuple[PlanWarning, ...]:
    before = view.source[: marks[0].start].strip() if marks else ""
    if not before or before in ("BODY", "\ufeffBODY"):
        return ()
    at = len(view.source) - len(view.source.lstrip())
    line = LineCounter(view.source).line_of(at)
    return (PlanWarning("text-before-first-unit", line, f"{len(before)} characters before the first unit belong to no unit."),)
