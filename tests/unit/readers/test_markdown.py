"""Markdown: the line scanner against markdown-it-py, front matter, and documents without law
words.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.readers.markdown import scan_markdown
from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import numbers, read

_PIECES = [
    "# ",
    "## ",
    "###### ",
    "####### ",
    "#",
    "```",
    "````",
    "~~~",
    "`",
    "text",
    "a",
    " ",
    "   ",
    "\n",
    "\n\n",
    "1. ",
    "Điều 1. ",
]


_ITEM = re.compile(r"^( {0,3})\d{1,3}[.)] {1,3}(?=#{1,6}(?:[ \t\n]|\Z))", re.MULTILINE)


def _oracle(text: str) -> dict[int, int]:
    """Top-level ATX headings by line, as CommonMark has them, and those that an item of a list
    begins with.
    """
    text = _ITEM.sub(r"\1", text)
    parser = MarkdownIt("commonmark").disable(
        ["list", "blockquote", "html_block", "lheading", "reference", "hr"]
    )
    return {
        t.map[0]: int(t.tag[1]) for t in parser.parse(text) if t.type == "heading_open" and t.map
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_headings_and_fences_are_those_of_commonmark(text: str) -> None:
    found = scan_markdown(text).headings
    assert {text.count("\n", 0, at): depth for at, depth in found.items()} == _oracle(text)


def test_no_unit_in_fences_tables_and_comments() -> None:
    found = read(
        "# Luật\n\n## Điều 1. Một\n\nNội dung của các điều.\n\n```\n## Điều 2. Trong "
        "mã\n```\n\n<!--\n## Điều 3. Ẩn\n"
        "-->\n\n"
        "| Điều 4. Trong bảng | x |\n| --- | --- |\n\n## Điều 5. Năm\n\nNội dung.\n",
        ".md",
    )
    assert numbers(found) == ["1", "5"]


def test_front_matter_becomes_metadata() -> None:
    found = read(
        "---\ntitle: 'Leave Policy'\nowner: hr-team\ndocument_code: "
        "pol.leave\npublication_type: policy\n---\n\n"
        "# Leave\n\n## Scope\n\nAll.\n",
        ".md",
    )
    assert dict(found.metadata) == {
        "title": "Leave Policy",
        "owner": "hr-team",
        "document_code": "pol.leave",
        "publication_type": "policy",
    }
    assert found.text.startswith("---\n")
    assert found.marks[0].start == found.text.index("# Leave")


@pytest.mark.parametrize("text", ["---\nno end\n", "--- x\na: b\n---\n", "text\n---\na: b\n---\n"])
def test_what_is_not_front_matter(text: str) -> None:
    assert dict(read(text + "# A\n\n## B\n\nText.\n", ".md").metadata) == {}


def test_headings_without_law_words_are_all_units_below_each_other() -> None:
    found = read(
        "# Constitution of the Club\n\nAdopted in May.\n\n## Members\n\n### "
        "Joining\n\nAnyone.\n\n### Leaving\n\n"
        "Any time.\n\n"
        "## The Board\n\n### Duties\n\nMany.\n",
        ".md",
    )
    assert [(m.level, m.title, m.parent) for m in found.marks] == [
        (Level.OTHER, "Constitution of the Club", None),
        (Level.BASIC, "Members", None),
        (Level.BASIC, "Joining", 1),
        (Level.BASIC, "Leaving", 1),
        (Level.BASIC, "The Board", None),
        (Level.BASIC, "Duties", 4),
    ]


def test_three_levels_with_numbers() -> None:
    found = read(
        "# Policy\n\n## 1. Scope\n\n### 1.1. People\n\nAll.\n\n### 1.2. Systems\n\nAll.\n\n## "
        "A. Terms\n\n"
        "### A.4. Staff\n\nAll.\n",
        ".md",
    )
    assert [(m.label, m.number, m.title) for m in found.marks[1:]] == [
        ("1.", "1", "Scope"),
        ("1.1.", "1.1", "People"),
        ("1.2.", "1.2", "Systems"),
        ("A.", "A", "Terms"),
        ("A.4.", "A.4", "Staff"),
    ]
    assert found.profile == "numbered"


def test_headings_with_text_of_their_own_are_units_even_above_others() -> None:
    found = read(
        "# Terms\n\n## A. Account\n\nIn short: be fair.\n\n### 1. Control\n\nYours.\n\n## B. "
        "Payment\n\n"
        "In short: pay.\n\n### 1. Price\n\nFair.\n",
        ".md",
    )
    assert [m.level for m in found.marks[1:]] == [Level.BASIC] * 4
    assert [m.parent for m in found.marks] == [None, None, 1, None, 3]


def test_references_are_no_units_where_the_format_declares_headings() -> None:
    found = read(
        "# Gesetz\n\n## I. - Allgemeines\n\n### § 1 Zweck\n\nDer Zweck ist der nach\n§ 2 "
        "Begriffe des Gesetzes.\n\n"
        "### § 2 Begriffe\n\nText.\n\n"
        "### Anlage 1 Liste\n\nText der Anlage.\n\n#### Nähere Angaben\n\nText.\n",
        ".md",
    )
    assert [(m.level, m.label) for m in found.marks] == [
        (Level.OTHER, ""),
        (Level.CONTAINER, "I."),
        (Level.BASIC, "§ 1"),
        (Level.BASIC, "§ 2"),
        (Level.ANNEX, "Anlage 1"),
    ]


def test_bold_lines_are_headings_where_no_atx_heading_is() -> None:
    found = read(
        "**Điều 1. Phạm vi**\n\nNội dung của các điều.\n\n**Điều 2.** Đối tượng\n\n1. Cơ "
        "quan;\n2. Cá nhân.\n",
        ".md",
        Granularity.SUB,
    )
    assert [(m.level.value, m.number) for m in found.marks] == [
        ("basic", "1"),
        ("basic", "2"),
        ("sub", "1"),
        ("sub", "2"),
    ]
    assert found.marks[0].title == "Phạm vi"


def test_german_articles_and_the_sections_in_them_are_both_cited() -> None:
    found = read(
        "# Gesetz\n\n## Art 1 Gesetz über Wasser\n\n### § 1 Zweck\n\nDer Text der "
        "Vorschrift.\n\n### § 2 Ende\n\nText.\n\n"
        "## Art 2 Gesetz über Luft\n\n### § 1 Zweck\n\nText.\n\n### (XXXX) §§ 2 und 3 "
        "(weggefallen)\n\n"
        "## Art 3 Inkrafttreten\n\nText.\n",
        ".md",
    )
    assert [(m.label, m.parent) for m in found.marks[1:]] == [
        ("Art 1", None),
        ("§ 1", 1),
        ("§ 2", 1),
        ("Art 2", None),
        ("§ 1", 4),
        ("§§ 2 und 3", 4),
        ("Art 3", None),
    ]
    assert {m.component for m in found.marks} == {""}


def test_a_heading_right_below_a_group_is_its_title() -> None:
    found = read(
        "# NGHỊ ĐỊNH\n\n## Chương I\n## QUY ĐỊNH CHUNG\n\n### Điều 1. Phạm vi\n\nNội dung của "
        "các điều.\n\n"
        "## Chương II\n\n#### Mục 1\n## THỂ THỨC\n\n### Điều 2. Loại\n\nVăn bản.\n",
        ".md",
    )
    assert [(m.label, m.title, m.parent) for m in found.marks[1:]] == [
        ("Chương I", "QUY ĐỊNH CHUNG", None),
        ("Điều 1.", "Phạm vi", 1),
        ("Chương II", "", None),
        ("Mục 1", "THỂ THỨC", 3),
        ("Điều 2.", "Loại", 4),
    ]


def test_parts_group_headings_that_have_a_number_alone() -> None:
    found = read(
        "# Water Act\n\n## Part I—Preliminary\n\n##### 1 Short title\n\nThis Act.\n\n##### 2 "
        "Commencement\n\nToday.\n\n"
        "##### 2A Application\n\nTo all.\n\n## Part II—Water\n\n##### 3 Rights\n\nOf all.\n",
        ".md",
    )
    assert [(m.level.value, m.number, m.title, m.parent) for m in found.marks[1:]] == [
        ("container", "I", "Preliminary", None),
        ("basic", "1", "Short title", 1),
        ("basic", "2", "Commencement", 1),
        ("basic", "2A", "Application", 1),
        ("container", "II", "Water", None),
        ("basic", "3", "Rights", 5),
    ]


def test_a_number_that_no_second_one_follows_is_part_of_the_heading() -> None:
    found = read(
        "# Policy\n\n## 10 Rules for Members\n\nBe kind.\n\n## Payment\n\nBe quick.\n", ".md"
    )
    assert numbers(found) == ["10 Rules for Members", "Payment"]


def test_a_section_that_is_declared_as_deep_as_its_chapter_is_below_it() -> None:
    found = read(
        "## CAPÍTULO I DAS ÁGUAS\n\nArt. 1º As águas são da União e dos Estados.\n\n## Seção I "
        "Dos rios\n\n"
        "Art. 2 o Os rios são livres.\n\n"
        "## CAPÍTULO II DO MAR\n\nArt. 3  O mar é de todos.\n",
        ".md",
    )
    assert [(m.label, m.parent) for m in found.marks] == [
        ("CAPÍTULO I", None),
        ("Art. 1", 0),
        ("Seção I", 0),
        ("Art. 2", 2),
        ("CAPÍTULO II", None),
        ("Art. 3", 4),
    ]


def test_numbered_headings_that_only_group_sections_are_no_units() -> None:
    found = read(
        "# Gesetz\n\n## 1. Allgemeines\n\n## § 1 Zweck\n\nDer Zweck ist der.\n\n## § 2 Begriffe\n\n"
        "Text.\n\n## 2. Besonderes\n\n## § 3 Wasser\n\nText.\n\n## 3. Schluss\n\n## § 4 Ende\n\nText.\n",
        ".md",
    )
    assert numbers(found) == ["1", "2", "3", "4"]
    assert [m.label for m in found.marks if m.level is Level.BASIC] == ["§ 1", "§ 2", "§ 3", "§ 4"]
