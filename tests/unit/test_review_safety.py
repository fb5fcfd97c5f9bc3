"""The review page shows the source text whole, and nothing in a document can act on it or deceive
who reads it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from adapters.planning import plan_document
from adapters.review_page.render import render_review
from domain.reading.hidden_characters import hidden_in
from tests.support.review import (
    BELL,
    HEBREW,
    OVERRIDE,
    ZERO_WIDTH,
    Page,
    hostile_review,
    page_of,
    plan_of,
    review_of,
    source_of,
)

POP, BOM = chr(0x202C), chr(0xFEFF)
NASTY = (
    *(
        "<script>alert(1)</script>",
        "</div></article></main>",
        "<!--",
        "-->",
        "]]>",
        "<style>*{display:none}</style>",
        "</title>",
    ),
    *("&amp;", "&#13;", "&lt", '"', "'", "{{ 7 * 7 }}", "{% raw %}", "`", "<b data-c='41'>", "\\"),
    *(
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "\x0b",
        "\x0c",
        "\x85",
        chr(0x2028),
        chr(0xA0),
        chr(0x3000),
        chr(0x110000 - 1),
    ),
    *(
        OVERRIDE,
        POP,
        BELL,
        ZERO_WIDTH,
        BOM,
        HEBREW,
        chr(0x2066),
        chr(0xAD),
        chr(0x80),
        chr(0x9F),
        chr(0x2800),
        "Điều 1.",
        "e\u0301",
    ),
)
ELEMENTS = re.compile(
    "html|head|meta|title|style|body|a|header|p|h[123]|strong|code|nav|ul|li|main|section|dl|dt|dd|span|table|caption|thead|"
    "tbody|tr|th|td|details|summary|article|div|b|i|bdi|br|footer|ins|del"
)
ATTRIBUTES = re.compile(
    "lang|charset|http-equiv|content|name|class|id|href|aria-label|aria-labelledby|tabindex|scope|dir|data-c|open"
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=5))).map("".join),
        min_size=1,
        max_size=9,
    )
)
def test_the_source_text_can_be_read_back_from_the_page(pieces: list[str]) -> None:
    page = page_of(review_of(plan_of(pieces)))
    assert source_of(page) == "".join(pieces)


def test_a_browsers_parser_sees_the_same_text() -> None:
    pieces = ["\n\nfirst\r\n", "\r\n\n", "a &amp; <b>\n", "\tend \r\n \n"]
    tree = LexborHTMLParser(render_review(review_of(plan_of(pieces))))
    assert [node.text(deep=True, separator="", strip=False) for node in tree.css(".t")] == pieces


def test_a_file_is_shown_byte_for_byte(tmp_path: Path) -> None:
    content = (
        f"{BOM}# A law\r\n\r\nGiven{ZERO_WIDTH}.\r\n\r\n## Article 1. "
        f"One\r\n\r\n<b>{OVERRIDE}x\r\n\r\n"
    )
    content += f"## Article 2. Two\n\n{HEBREW}\n"
    path = tmp_path / "a-law.md"
    path.write_bytes(content.encode())
    html = render_review(review_of(plan_document(str(path)))).encode()
    assert source_of(Page(html.decode())).encode() == path.read_bytes()


@pytest.mark.slow
def test_every_character_that_does_not_print_stands_as_a_mark() -> None:
    """Python's own table of what prints is the judge, and the bidirectional classes of Unicode."""
    every = [chr(point) for point in range(sys.maxunicode + 1)]
    silent = {
        c for c in every if not c.isprintable() and unicodedata.category(c) not in ("Zs", "Cs")
    } - {"\n", "\t"}
    turning = {
        c
        for c in every
        if unicodedata.bidirectional(c)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }
    sample = sorted(
        c for c in silent if ord(c) < 0x3000 or ord(c) % 97 == 0 or 0xE0000 <= ord(c) < 0xE0200
    )
    empty = {
        chr(0x34F),
        chr(0x115F),
        chr(0x3164),
        chr(0x180B),
        chr(0xFE0F),
        chr(0xE0100),
        chr(0x2800),
    }
    text = "x".join([*sample, *sorted(empty)])
    found = {hidden.char: hidden for hidden in hidden_in(text)}
    assert turning | empty | set(sample) <= set(found)
    assert all(found[char].reorders for char in turning)
    html = render_review(review_of(plan_of(["", text])))
    assert not (silent | empty) & set(html)
    marks = {
        mark.attributes["data-c"]: mark.text
        for mark in Page(html).root.all("b")
        if "data-c" in mark.attributes
    }
    assert marks == {f"{ord(char):X}": f"U+{ord(char):04X}" for char in found}


def test_a_space_that_is_not_the_usual_one_is_underlined() -> None:
    page = page_of(review_of(plan_of(["", f"a{chr(0xA0)}b c"])))
    assert [space.text for space in page.root.all("i")] == [chr(0xA0)]


def test_hidden_characters_are_listed_those_that_deceive_first() -> None:
    review = review_of(plan_of(["one\n", f"two\n{ZERO_WIDTH}three{OVERRIDE}{OVERRIDE}\n"]))
    section = page_of(review).section("hidden")
    rows = [[cell.text for cell in row.all("th", "td")] for row in section.all("tr")[1:]]
    assert rows == [
        ["U+202E RIGHT-TO-LEFT OVERRIDE: it reorders its neighbours", "2", "line 3"],
        ["U+200B ZERO WIDTH SPACE", "1", "line 3"],
    ]
    assert section.all("tbody")[0].all("a")[0].attributes["href"] == "#u1"
    assert any("2 characters that change the order" in alert for alert in review.alerts)
    assert "None" in page_of(review_of(plan_of(["", "plain\r\n"]))).section("hidden").text


def test_nothing_in_a_document_can_act() -> None:
    html = render_review(hostile_review())
    root = Page(html).root
    assert all(ELEMENTS.fullmatch(element.name) for element in root.all())
    assert all(ATTRIBUTES.fullmatch(name) for element in root.all() for name in element.attributes)
    assert all(element.attributes["href"].startswith("#") for element in root.all("a"))
    assert not re.search(r"url\(|@import|https?:|file:|//", html.split("</style>")[0])
    assert "49" not in root.all("h1")[0].text
    assert not {OVERRIDE, BELL, ZERO_WIDTH} & set(html)


def test_a_policy_forbids_what_escaping_should_prevent() -> None:
    root = page_of(hostile_review()).root
    (policy,) = [
        m.attributes["content"]
        for m in root.all("meta")
        if m.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = base64.b64encode(hashlib.sha256(root.all("style")[0].text.encode()).digest()).decode()
    assert (
        policy
        == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert root.all("head")[0].all()[1].attributes["http-equiv"] == "Content-Security-Policy"


def test_text_that_runs_the_other_way_is_isolated() -> None:
    root = page_of(hostile_review()).root
    holders = [
        e
        for e in root.all()
        if any(isinstance(part, str) and HEBREW in part for part in e.content) and e.name != "title"
    ]
    assert len(holders) > 20
    for holder in holders:
        assert any(e.name == "bdi" or e.attributes.get("dir") == "auto" for e in holder.within()), (
            holder
        )
