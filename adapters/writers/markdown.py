"""A document as Markdown: a heading for each unit, as deep as it stands, and its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from domain.units.records import DocumentText, UnitText

_DEEPEST: Final = 6  # headings that Markdown has
# What a line of text could be taken for: a heading, a list, a quotation, code, a table, a rule.
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")
_STARTS: Final = re.compile(r"^(\s*(?:\d+(?=[.)]))?)([-+=.)])")


def markdown_of(document: DocumentText) -> str:
    """The document as one text of Markdown (CommonMark); nothing in it is markup of its own."""
    return "\n\n".join(_pieces(document)) + "\n"


def _pieces(document: DocumentText) -> Iterator[str]:
    yield f"# {_line(document.title or document.code)}"
    yield f"{_line(document.code)}, {_line(document.target)}".rstrip(", ")
    depths: dict[str | None, int] = {None: 1}
    for unit in document.units:
        depth = depths[unit.address] = min(depths.get(unit.parent, 1) + 1, _DEEPEST)
        yield f"{'#' * depth} {_heading(unit)}"
        if text := unit.body.strip():
            yield _text(text)


def _heading(unit: UnitText) -> str:
    return f"{_line(unit.title)} (`{unit.address.partition('~')[2]}`)"


def _text(text: str) -> str:
    """Lines as lines: each but the last of a paragraph ends with a break."""
    lines = [_escaped(line.strip()) for line in text.splitlines()]
    return "\n".join(
        line + "\\" if line and after else line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def _escaped(text: str) -> str:
    return _STARTS.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", text))


def _line(text: str) -> str:
    return _escaped(" ".join(text.split()))
