"""Markdown as converters write it: escapes, bold numbers, lines under headings, anchors; and the
same law in three formats.
"""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.markdown import scan_markdown
from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.marks import Granularity, Level, ReadDocument
from tests.unit.readers.docx_files import docx, paragraph
from tests.unit.readers.helpers import numbers, read

_SECTIONS = [("1.", "Purpose"), ("2.", "Scope"), ("2.1", "Everyone"), ("3.", "Duties")]


def _units(found: ReadDocument) -> list[tuple[str, str]]:
    return [(mark.label, mark.title) for mark in found.marks if mark.level is Level.BASIC]


_SHAPES = {
    "headings": (
        "# Rules\n\n## 1\\. Purpose\n\nIt is plain.\n\n## 2\\. Scope\n\n### 2\\.1 Everyone\n\nAll.\n\n"
        "## 3\\. Duties\n\nDo.\n"
    ),
    "lines": (
        "1\\. Purpose\n\nIt is plain.\n\n2\\. Scope\n\n2.1 Everyone\n\nAll\\.\n\n3\\. Duties\n\nDo.\n"
    ),
    "underlined": (
        "Rules\n=====\n\n1\\. Purpose\n----\n\nIt is plain.\n\n2. Scope\n----\n\n"
        "### **2.1** Everyone\n\nAll.\n\n3\\. Duties {#duties}\n----\n\nDo.\n"
    ),
    "bold": (
        "**1\\.** **Purpose**\n\nIt is plain.\n\n**2**. Scope\n\n**2.1** __Everyone__\n\nAll.\n\n"
        "**3. Duties**\n\nDo.\n"
    ),
    "anchors": (
        "# Rules\n\n## <a id=x></a>1.&nbsp;Purpose\n\nIt is plain.\n\n## [2. Scope](#scope)\n\n"
        "### 2.1 Everyone[^1]\n\nAll.\n\n## 3. Duties\n\nDo.\n\n[^1]: A note.\n"
    ),
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_labels_and_titles_are_those_without_the_marks(shape: str) -> None:
    text = _SHAPES[shape]
    found = read(text, ".md")
    assert _units(found) == _SECTIONS
    assert found.text == text


def test_articles_in_bold_or_as_items_have_plain_labels_and_titles() -> None:
    found = read(
        "**Article 1\\.** ***Name***\n\nThe name.\n\n__Article 2__. Seat\n\nThe seat.\n\n"
        "* Article 3 - Fees\n\nFees.\n",
        ".md",
    )
    assert _units(found) == [("Article 1.", "Name"), ("Article 2.", "Seat"), ("Article 3", "Fees")]


def test_paragraphs_with_an_escaped_number_are_sub_units() -> None:
    found = read(
        "Article 1\\. Purpose\n\n1\\. It is plain.\n\n2\\. \\(a\\) It is short.\n\n"
        "Article 2\\. Scope\n\n1\\. Everyone.\n",
        ".md",
        Granularity.SUB,
    )
    assert [(m.label, found.text[m.start : m.start + 3]) for m in found.marks] == [
        ("Article 1.", "Art"),
        ("1.", "1\\."),
        ("2.", "2\\."),
        ("Article 2.", "Art"),
        ("1.", "1\\."),
    ]


def test_no_unit_in_what_is_listed_quoted_or_code() -> None:
    found = read(
        "1\\. Purpose\n\nIt is plain.\n\n2\\. Scope\n\n- [ ] 3. A task\n\n```\n3. code\n```\n\n"
        "> 4. quoted\n\n3\\. Duties\n\nDo.\n",
        ".md",
    )
    assert [label for label, _ in _units(found)] == ["1.", "2.", "3."]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("Title\n===\n\nScope\n---\ntext\n", {0: 1, 11: 2}),
        ("Title\r\n===\r\nScope\n--\n", {0: 1, 12: 2}),
        ("Two lines\nof a text\n---\n", {}),
        ("\n---\n\n***\n", {}),
        ("- item\n---\n", {}),
        ("> quoted\n===\n", {}),
        ("    code\n---\n", {}),
        ("# Title\n---\n", {0: 1}),
        ("# Title\nScope\n---\n", {0: 1, 8: 2}),
        ("```\nTitle\n===\n```\n", {}),
        ("a | b\n--- | ---\n", {}),
        ("The parties,\n---\n", {}),
    ],
)
def test_a_line_below_a_line_makes_it_a_heading(text: str, headings: dict[int, int]) -> None:
    assert scan_markdown(text).headings == headings


def test_sections_declared_below_articles_are_units_in_them() -> None:
    found = read(
        "# BYLAWS\n\n### ARTICLE I – NAME\n\n##### Section 1.1 Name\n\nClub.\n\n##### Section 1.2 "
        "Seat\n\nHere.\n\n### ARTICLE II – MEMBERS\n\n##### Section 2.1 Who\n\nAll.\n",
        ".md",
    )
    assert [(m.level.value, m.label, m.title, m.parent) for m in found.marks[1:]] == [
        ("basic", "ARTICLE I", "NAME", None),
        ("sub", "Section 1.1", "Name", 1),
        ("sub", "Section 1.2", "Seat", 1),
        ("basic", "ARTICLE II", "MEMBERS", None),
        ("sub", "Section 2.1", "Who", 4),
    ]


_LAW = [
    (2, "Chapter I General"),
    (3, "Article 1. Scope"),
    (0, "This act is about boats."),
    (3, "Article 2. Terms"),
    (0, "A boat is what floats."),
    (2, "Chapter II Duties"),
    (3, "Article 2a. Owners"),
    (0, "Owners keep the boat dry."),
    (2, "Annex A Forms"),
    (0, "The form is blue."),
]


def _as_markdown() -> tuple[bytes, str]:
    blocks = [f"{'#' * d} {t.replace('.', chr(92) + '.')}" if d else t for d, t in _LAW]
    return "\n\n".join(blocks).encode(), "law.md"


def _as_docx() -> tuple[bytes, str]:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="H{d}"><w:name w:val="heading {d}"/></w:style>'
        for d in (2, 3)
    )
    body = (paragraph(t, properties=f'<w:pStyle w:val="H{d}"/>' if d else "") for d, t in _LAW)
    return docx("".join(body), styles=styles), "law.docx"


def _as_html() -> tuple[bytes, str]:
    body = "".join(f"<h{d}>{t}</h{d}>" if d else f"<p>{t}</p>" for d, t in _LAW)
    return f"<!DOCTYPE html><html><body>{body}</body></html>".encode(), "law.html"


def _planned(data: bytes, name: str) -> list[tuple[str, str, str]]:
    document = TargetDocument(code="a.law", publication_type="law", owner_ref="us", title="")
    found = read_document(data, name=name)
    plan = build_plan(found, document, source_name=name, granularity=Granularity.BASIC)
    return [(row.canonical_address, row.title, row.unit_kind) for row in plan.rows]


def test_the_same_law_has_the_same_units_in_three_formats() -> None:
    units = _planned(*_as_markdown())
    assert [address for address, _, _ in units] == [
        "a.law~chp_I",
        "a.law~art_1",
        "a.law~art_2",
        "a.law~chp_II",
        "a.law~art_2a",
        "a.law~annex_A",
    ]
    assert _planned(*_as_docx()) == units
    assert _planned(*_as_html()) == units


@pytest.mark.parametrize(
    "head",
    [
        "ARTICLE {n}\n----\n### {title}\n\n",
        "ARTICLE {n}\n-------\n\n### {title}\n\n",
        "## ARTICLE {n}\n\n---\n\n### {title}\n\n",
        "## Article {n}\n### {title}\n",
        "ARTICLE {n}\n===\n{title}\n---\n\n",
    ],
)
def test_the_heading_right_below_an_articles_is_its_title(head: str) -> None:
    text = "".join(
        head.format(n=n, title=title) + f"The club has {title.lower()} in town.\n\n"
        for n, title in (("I", "Offices"), ("II", "Members"), ("III", "Funds"))
    )
    found = _units(read_document(text.encode(), name="a.md", profile="en"))
    assert [title for _, title in found] == ["Offices", "Members", "Funds"]
    assert [label.split()[1] for label, _ in found] == ["I", "II", "III"]


@pytest.mark.parametrize(
    ("opening", "closing", "language"),
    [
        ("„§ 2", "“.", "cs"),
        ("„§ 2", "“.", "de"),
        ("„§ 2", "“.", "sk"),
        ("“Section 2", "”.", "en"),
        ("«Article 2", "».", "fr"),
    ],
)
def test_headings_in_a_quotation_that_a_heading_opens_are_none(
    opening: str, closing: str, language: str
) -> None:
    article = {"cs": "Čl. {}", "de": "Artikel {}", "sk": "Čl. {}", "en": "Article {}"}.get(
        language, "Article {}"
    )
    text = {
        "cs": "Služba nepřetržitě zabezpečuje přednemocniční péči a řídí ji.",
        "de": "Der Dienst sichert die Hilfe und leitet sie nach diesem Gesetz.",
        "sk": "Služba nepretržite zabezpečuje neodkladnú pomoc a riadi ju.",
        "en": "The service gives the help that this Act provides for, and directs it.",
        "fr": "Le service assure l'aide que la présente loi prévoit, et la dirige.",
    }[language]
    law = (
        f"##### {article.format('I')}\n\n{text}\n\n##### {opening}\n\n#### Tasks\n\n"
        f"{text}{closing}\n\n- 3. {text}\n\n##### {article.format('II')}\n\n{text}\n"
    )
    found = read_document(law.encode(), name="law.md", profile=language)
    assert [mark.label for mark in found.marks] == [article.format("I"), article.format("II")]


def test_a_heading_in_quotation_marks_of_its_own_stays_one() -> None:
    found = read("# Terms\n\n## “Data”\n\nAll of it.\n\n## “User”\n\nAll of them.\n", ".md")
    assert [mark.title for mark in found.marks if mark.level is Level.BASIC] == ["“Data”", "“User”"]


@pytest.mark.parametrize("form", ["{}.", "{}", "{})", "**{}.**", "{}. #"])
@pytest.mark.parametrize("counted", [("I", "II", "III", "IV"), ("1", "2", "3", "4")])
def test_a_heading_that_is_a_number_has_that_number(form: str, counted: tuple[str, ...]) -> None:
    body = "".join(f"### {form.format(n)}\n\nNo one may do so.\n\n" for n in counted)
    assert numbers(read(f"# Law on physicians\n\n{body}", ".md")) == list(counted)
