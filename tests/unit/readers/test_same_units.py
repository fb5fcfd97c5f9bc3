"""The same document as Markdown, DOCX, HTML and plain text has the same units."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import pytest

from adapters.readers.by_content import read_document
from domain.reading.marks import Level
from tests.unit.readers.docx_files import docx, paragraph

Paragraphs = Sequence[tuple[int, str]]
"""The depth of each paragraph as a heading, 0 for text, and its words."""

_SHALL = "The members of the club shall pay the fee that is set by the board for the year."
_SOLL = "Die Mitglieder des Vereins zahlen den Beitrag, der von dem Vorstand für das Jahr ist."
_TEXT = (0, _SHALL)
_DEUTSCH = (0, _SOLL)

_SHAPES: dict[str, tuple[Paragraphs, list[str]]] = {
    "articles in chapters": (
        [
            (1, "Boats Act"),
            (2, "Chapter I General"),
            *((3, "Article 1. Scope"), _TEXT, (3, "Article 2. Terms"), _TEXT),
            (2, "Chapter II Duties"),
            *((3, "Article 3. Owners"), _TEXT, (3, "Article 4. Fees"), _TEXT),
        ],
        ["Article 1.", "Article 2.", "Article 3.", "Article 4."],
    ),
    "articles that nothing declares": (
        [
            (0, "CLUB ACT"),
            *((0, "Article I: Name"), _TEXT, (0, "Article II: Seat"), _TEXT, _TEXT),
            *((0, "Article III: Fees"), _TEXT, (0, "Article 2 of the act applies."), _TEXT),
        ],
        ["Article I", "Article II", "Article III"],
    ),
    "sections by number": (
        [
            (1, "Data policy"),
            *((2, "1. Purpose"), _TEXT, (2, "2. Scope"), _TEXT, (3, "2.1. Everyone"), _TEXT),
            *((3, "2.2. Guests"), _TEXT, (2, "3. Duties"), _TEXT),
        ],
        ["1.", "2.", "2.1.", "2.2.", "3."],
    ),
    "numbers that nothing declares": (
        [
            (0, "Data policy"),
            *((0, "1. Purpose"), _TEXT, (0, "2. Scope"), _TEXT, (0, "3. Duties"), _TEXT),
            *((0, "4. Fees"), _TEXT, (0, "6. End"), _TEXT),
        ],
        ["1.", "2.", "3.", "4.", "6."],
    ),
    "a sign and titles": (
        [
            (1, "Satzung"),
            *((2, "§ 1 Name"), _DEUTSCH, (2, "§ 2 Zweck"), _DEUTSCH, (2, "§ 2a Ort"), _DEUTSCH),
            *((2, "§ 3 Beitrag"), _DEUTSCH),
        ],
        ["§ 1", "§ 2", "§ 2a", "§ 3"],
    ),
    "an annex that counts anew": (
        [
            (1, "Boats Act"),
            *((2, "Article 1. Scope"), _TEXT, (2, "Article 2. Terms"), _TEXT),
            (2, "Annex I Forms"),
            *((3, "Article 1. Form"), _TEXT, (3, "Article 2. Sign"), _TEXT),
        ],
        ["Article 1.", "Article 2.", "Article 1.", "Article 2."],
    ),
    "chapters and nothing smaller": (
        [(1, "House rules"), *((0, "Chapter 1"), _TEXT, _TEXT, (0, "Chapter 2"), _TEXT, _TEXT)],
        ["Chapter 1", "Chapter 2"],
    ),
}


def _markdown(paragraphs: Paragraphs) -> bytes:
    return "\n\n".join(f"{'#' * depth} {words}".lstrip() for depth, words in paragraphs).encode()


def _text(paragraphs: Paragraphs) -> bytes:
    return "\n\n".join(words for _, words in paragraphs).encode()


def _html(paragraphs: Paragraphs) -> bytes:
    tags = ((f"h{depth}" if depth else "p", words) for depth, words in paragraphs)
    body = "".join(f"<{tag}>{html.escape(words)}</{tag}>\n" for tag, words in tags)
    return f"<!DOCTYPE html><html><body>{body}</body></html>".encode()


def _docx(paragraphs: Paragraphs) -> bytes:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="H{i}"><w:name w:val="heading {i}"/></w:style>'
        for i in (1, 2, 3)
    )
    body = (
        paragraph(words, properties=f'<w:pStyle w:val="H{depth}"/>' if depth else "")
        for depth, words in paragraphs
    )
    return docx("".join(body), styles=styles)


_FORMATS: dict[str, Callable[[Paragraphs], bytes]] = {
    "law.md": _markdown,
    "law.txt": _text,
    "law.html": _html,
    "law.docx": _docx,
}


@pytest.mark.parametrize("name", _FORMATS)
@pytest.mark.parametrize("shape", _SHAPES)
def test_a_document_has_the_same_units_in_every_format(shape: str, name: str) -> None:
    paragraphs, expected = _SHAPES[shape]
    found = read_document(_FORMATS[name](paragraphs), name=name)
    basic = [mark for mark in found.marks if mark.level is Level.BASIC]
    assert [mark.label for mark in basic] == expected
    bodies = [found.text[mark.start : mark.end] for mark in basic]
    assert all(_SHALL in body or _SOLL in body for body in bodies)
