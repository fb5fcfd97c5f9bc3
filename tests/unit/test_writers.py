"""A document for people and programs: nothing in its text is markup, and JSON loses nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from uuid import UUID

import pytest
from markdown_it import MarkdownIt

from adapters.writers.formats import written
from adapters.writers.page import page_of, policy
from domain.digests import text_sha256
from domain.units.formats import Format
from domain.units.records import REPEALED, DocumentText, UnitText, VersionFacts

HOSTILE = (
    "<script>alert(1)</script>\n\n# heading\n> quoted `code`\n- a\n1. b\n\n    indented\n"
    "[x](javascript:alert(1)) ![y](http://evil.example/y.png) <img src=x onerror=alert(1)>\n"
    "\"'&amp; --> ]]> </style> *bold* __bold__ | a | b |\n===\n---\n"
)
VERSION = VersionFacts(
    2, REPEALED, date(2027, 1, 1), UUID(int=3), datetime(2026, 11, 1, tzinfo=UTC)
)


def unit(address: str, parent: str | None = None, text: str = HOSTILE) -> UnitText:
    digest = text_sha256(text)
    return UnitText(address, text[:60], text, digest, "article", "body", parent, VERSION)


DOCUMENT = DocumentText(
    "xx.1",
    HOSTILE[:40],
    "law",
    "owner",
    (
        unit("xx.1~chp_1"),
        unit("xx.1~art_1", "xx.1~chp_1"),
        unit("xx.1~art_1__para_1", "xx.1~art_1"),
        unit('xx.1~art_2"onclick', "xx.1~chp_1"),
        unit("xx.1!annex_1~art_1"),
    ),
    target="kb:1@2",
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


def test_a_page_has_no_element_or_attribute_that_is_not_ours() -> None:
    found = Elements(page_of(DOCUMENT))
    assert found.open == []
    assert {tag for tag, _ in found.elements} <= {
        "html", "head", "meta", "title", "style", "body", "main", "nav", "ol", "li", "a",
        "section", "h1", "h2", "h3", "h4", "h5", "h6", "p",
    }  # fmt: skip
    names = {name for _, attributes in found.elements for name in attributes}
    assert names <= {"charset", "http-equiv", "content", "name", "dir", "class", "id", "href", "aria-label"}  # fmt: skip
    links = [attributes["href"] for tag, attributes in found.elements if tag == "a"]
    ids = {attributes.get("id") for _, attributes in found.elements}
    assert len(links) == len(DOCUMENT.units) == len(ids - {None})
    assert all(str(link).startswith("#") for link in links)
    for line in HOSTILE.splitlines():
        assert line.strip() in found.text


def test_the_page_may_load_and_run_nothing() -> None:
    metas = [
        attributes for tag, attributes in Elements(page_of(DOCUMENT)).elements if tag == "meta"
    ]
    said = [one["content"] for one in metas if one.get("http-equiv") == "Content-Security-Policy"]
    assert said == [policy().partition("; frame-ancestors")[0]]
    assert policy().startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy()


def test_nothing_in_the_text_is_markdown() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(written(DOCUMENT, Format.MD))
    kinds = {token.type for token in tokens}
    assert kinds <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"
    }  # fmt: skip
    inside = {child.type for token in tokens for child in token.children or []}
    assert inside <= {"text", "text_special", "hardbreak", "softbreak", "code_inline"}
    said = [
        "".join(child.content for child in token.children or [])
        for token in tokens
        if token.type == "inline"
    ]
    assert sum("<script>alert(1)</script>" in one for one in said) >= len(DOCUMENT.units)
    assert len([token for token in tokens if token.type == "heading_open"]) == 1 + len(
        DOCUMENT.units
    )


def test_json_has_everything() -> None:
    content = json.loads(written(DOCUMENT, Format.JSON))
    assert content["format"] == "iu-cutter document 1"
    assert [one["body"] for one in content["units"]] == [one.body for one in DOCUMENT.units]
    first = content["units"][0]
    assert first["change_set"] == str(UUID(int=3))
    assert (first["in_force_from"], first["state"]) == ("2027-01-01", "repealed")


@pytest.mark.parametrize("to", Format)
def test_the_same_document_is_always_the_same_text(to: Format) -> None:
    assert written(DOCUMENT, to) == written(DOCUMENT, to)
