"""The HTML reader: the text that a browser would show, and the units in it; what means harm is
refused by name.
"""

from __future__ import annotations

import random
import time
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.readers.html.reader import HtmlReader, html_text
from adapters.readers.text.limits import MAX_DOCUMENT_BYTES
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, Level, ReadDocument, gaps_between

_SECONDS: Final = 5.0


def text_of(html: str) -> str:
    return html_text(html.encode())[0].text


def spans_of(html: str) -> list[str]:
    """The stretches of text outside of tables in which no unit may start."""
    written, _ = html_text(html.encode())
    return [written.text[start:end] for start, end in written.excluded]


def read(html: str) -> ReadDocument:
    return HtmlReader().read(html.encode(), granularity=Granularity.BASIC, profile=None)


def basic(found: ReadDocument) -> list[str]:
    return [m.number for m in found.marks if m.level is Level.BASIC]


LAW = "".join(
    f"<h3>Article {n}. On the matter {n}</h3><p>The council shall act in matter {n}.</p>"
    for n in range(1, 5)
)


def test_articles_are_found_and_nothing_is_lost() -> None:
    found = read(f"<title>An Act</title><body><h1>An Act</h1>{LAW}")
    assert basic(found) == ["1", "2", "3", "4"]
    assert found.metadata["title"] == "An Act"
    spans = [(m.start, m.end) for m in found.marks]
    pieces = sorted([*spans, *gaps_between(len(found.text), spans)])
    assert "".join(found.text[start:end] for start, end in pieces) == found.text


def test_white_space_is_what_a_browser_shows() -> None:
    html = (
        "<p>  Art.\n 1 <b>\tThe</b>\n<i> title </i></p>text<br>\n "
        "more<div>a<span>b</span></div><pre>x\n  y</pre>"
    )
    assert text_of(html) == "Art. 1 The title\ntext\nmore\nab\nx\n  y\n"


def test_unicode_is_left_as_it_is() -> None:
    odd = "Ðiều\u00a01. u\u031b\u0301 và ứ"
    assert text_of(f"<p>{odd}</p>") == odd + "\n"
    assert (
        text_of("<p>&Aacute;rea &amp; &#272;i&ecirc;u &sect;&nbsp;5</p>")
        == "Área & Điêu §\u00a05\n"
    )


def test_what_a_browser_never_shows_is_not_text() -> None:
    head = "<head><title>t</title><style>p{}</style></head>"
    html = "<script>var a='<p>x'</script><noscript>n</noscript><p>kept<!-- c --></p>"
    assert text_of(head + html) == "kept\n"


def test_hidden_stretches_are_left_out_with_a_warning_and_hidden_blocks_are_kept() -> None:
    html = '<p><span style="display: none">[c1]</span>1. Title</p><div style="display:none"><p>folded</p></div>'
    written, _ = html_text(html.encode())
    assert written.text == "1. Title\nfolded\n"
    assert [w.code for w in written.warnings] == ["hidden-text"]


def test_a_number_that_only_its_style_sets_apart_has_a_space_after_it() -> None:
    html = '<p><span class="LegP1No">1</span><span>Fees</span></p><p><span class="num"><b>(a)</b></span>, <i class="num">2</i>.'
    assert text_of(html) == "1 Fees\n(a), 2.\n"
    assert text_of('<p><span class="lonum">1</span><span class="no-print">2</span>3') == "123\n"


def test_references_to_notes_have_brackets() -> None:
    classes = ("footnoteRef", "sdfootnoteanc", "footnote-ref")
    for name in classes:
        assert text_of(f'<p>Article 1<a class="{name}" href="#n1">2</a>') == "Article 1[2]\n", name
    assert text_of('<p>Article 1<a class="footnoteRef" href="x.html">2</a>') == "Article 1²\n"


def test_the_mark_of_an_amendment_is_no_letter_of_the_number_after_it() -> None:
    mark = '<a class="LegCommentaryLink" href="#c1">F1</a>'
    assert (
        text_of(f'<p><span class="LegP1No">[{mark}2A</span><span>Boats.]</span></p>')
        == "[F1\n2A Boats.]\n"
    )
    assert text_of(f"<p>Boats [{mark}and ships].</p>") == "Boats [F1and ships].\n"
    sections = "".join(
        f'<h3>Boats of kind {n}</h3><p><span class="LegP1No">{mark if n == "3" else ""}{n}</span><span>A boat.</span></p>'
        for n in ("1", "2", "2A", "3", "4")
    )
    notes = '<div class="LegAnnotations"><p>Textual Amendments</p><p>5 S. 3 substituted by 2000 c. 1, s. 9</p></div>'
    assert basic(read(f"<h1>Boats Act 1999</h1>{sections}{notes}")) == ["1", "2", "2A", "3", "4"]


def test_spans_that_their_style_sheet_makes_blocks_are_lines() -> None:
    item = '<span class="akn-item"><span class="akn-num">(a)</span><span class="akn-p">boats</span></span>'
    assert text_of(
        f'<span class="akn-listIntroduction">These are:</span>{item}<span class="akn-p">or <i class="akn-i">ships</i></span>'
    ) == ("These are:\n(a) boats\nor ships\n")


def test_marks_of_consolidated_laws_have_a_line_of_their_own() -> None:
    assert text_of('<p>►<a href="x">M1</a>  Article 2a ◄</p><p>Boats ►M2 and ships</p>') == (
        "►M1\nArticle 2a ◄\nBoats ►M2 and ships\n"
    )


def test_headings_are_hints_by_line() -> None:
    written, _ = html_text(b'<h1>A<br>B</h1><p>x</p><div role="heading" aria-level="3">C</div>')
    assert {written.text[at]: depth for at, depth in written.headings.items()} == {"A": 1, "C": 3}


def test_table_text_is_kept_and_starts_no_unit() -> None:
    table = (
        "<table><tr><th>Article 7. "
        "No</th><td><p>one</p><p>two</p></td><td></td></tr><tr><td>x</td><td>y</td></tr></table>"
    )
    found = read(LAW + table + "<p>after</p>")
    assert "Article 7. No\tone\ntwo\nx\ty\nafter\n" in found.text
    assert basic(found) == ["1", "2", "3", "4"]


def test_a_table_that_is_only_layout_holds_units() -> None:
    assert basic(read(f"<table><tr><td>menu</td><td>{LAW}</td></tr></table>")) == [
        "1",
        "2",
        "3",
        "4",
    ]
    assert basic(
        read(f'<p>{"x" * 2000}</p><table role="presentation"><tr><td>{LAW}</td></tr></table>')
    ) == ["1", "2", "3", "4"]


def test_a_number_and_its_text_side_by_side_are_no_table() -> None:
    written, _ = html_text(
        b"<p>This is a long enough "
        b"paragraph.</p><table><tr><td>(a)</td><td>goods;</td></tr></table>"
    )
    assert "(a)\tgoods;" in written.text
    assert written.tables == []


def test_navigation_notes_and_page_furniture_start_no_unit() -> None:
    apart = (
        "<nav>Article 1</nav>",
        '<div class="box TOC">Article 1</div>',
        '<div role="doc-toc">Article 1</div>',
        '<div id="sdfootnote1">Article 1</div>',
        '<div title="footer">Article 1</div>',
        "<footer>Article 1</footer>",
        '<p><a href="#a1">Article 1</a></p>',
        "".join(f'<li><a href="art{n}.html">Article {n}</a>' for n in range(3)),
    )
    for html in apart:
        assert all(line.startswith("Article") for line in spans_of(html + LAW)), html
        assert spans_of(html + LAW), html
        assert basic(read(html + LAW)) == ["1", "2", "3", "4"], html


def test_a_heading_that_links_to_itself_is_no_entry_of_a_list() -> None:
    assert (
        spans_of(
            '<h2 id="a1"><a href="#a1">Article 1</a></h2><p id="b"><a href="#b">§</a></p><p>long text</p>'
        )
        == []
    )


def test_what_covers_most_of_the_page_is_the_page() -> None:
    assert basic(read(f'<div class="sidebar">{LAW}</div>')) == ["1", "2", "3", "4"]


def test_former_wording_starts_no_unit_if_the_new_one_stands_there_too() -> None:
    former = "<p><strike>Art. 2 Old words.</strike></p>"
    now = "<p>Art. 1 First.</p>" + former + "<p>Art. 2 New words.</p>"
    assert spans_of(now) == ["Art. 2 Old words."]
    assert spans_of("<p>Art. 1 First.</p>" + former) == []


def test_references_to_notes_never_look_like_part_of_a_number() -> None:
    assert text_of('<p>Article 5<sup><a href="#n1">1</a></sup></p>') == "Article 5[1]\n"
    assert text_of('<p>Article 5<a href="#n1"><sup>[2]</sup></a></p>') == "Article 5[2]\n"
    assert (
        text_of("<p>Article 5<sup>3</sup>, m<sup>2</sup>, 12<sup>bis</sup></p>")
        == "Article 5³, m², 12bis\n"
    )


def test_list_numbers_are_printed_unless_the_text_brings_its_own() -> None:
    assert (
        text_of('<ol start="3"><li>x</li><li value="7">y<li><p>8. z</p></ol>')
        == "3. x\n7. y\n8. z\n"
    )
    assert (
        text_of('<ol type="a"><li>x<ol type="I"><li>y</ol><li>z</ol><ul><li>u</ul>')
        == "a. x\nI. y\nb. z\nu\n"
    )
    assert text_of('<ol style="list-style: none"><li>x</ol>') == "x\n"


def test_quotations_have_their_marks() -> None:
    assert text_of("<p>in <q>Article 1</q> replace</p>") == "in “Article 1” replace\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<meta charset='windows-1252'><p>§ 1 für".encode("cp1252"), "§ 1 für\n"),
        (
            '<meta http-equiv=Content-Type content="text/html; charset=ISO-8859-1"><p>“é”'.encode(
                "cp1252"
            ),
            "“é”\n",
        ),
        ("<p>Điều".encode("utf-16"), "Điều\n"),
        ("<p>Điều".encode("utf-8-sig"), "Điều\n"),
        ("<meta charset=utf-16><p>Điều".encode(), "Điều\n"),
        ("<p>für".encode("cp1252"), "für\n"),
    ],
)
def test_encodings_are_told_as_browsers_do(data: bytes, text: str) -> None:
    assert html_text(data)[0].text == text


def test_a_guessed_encoding_is_a_warning() -> None:
    assert [w.code for w in html_text("<p>für".encode("cp1252"))[0].warnings] == [
        "encoding-guessed"
    ]


@pytest.mark.parametrize(
    ("head", "suffix", "said"),
    [
        (b"<!DOCTYPE html><p>", ".doc", True),
        (b'<?xml version="1.0"?><!-- c --><html xmlns="x">', "", True),
        ("<!doctype HTML>".encode("utf-16"), "", True),
        (b"anything", ".htm", True),
        (b"<akomaNtoso>", ".xml", False),
        (b"<html>", ".md", False),
        (b"Article 1 of <html>", "", False),
    ],
)
def test_pages_are_told_by_content_and_suffix(head: bytes, suffix: str, said: bool) -> None:
    assert HtmlReader().accepts(head, suffix) is said


BAD: Final = {
    "elements": "<div>" * 10_000 + "x" + "</div>" * 10_000,
    "a million elements": "<div>" * 1_000_000,
    "ends that end nothing": "<div><object></div></object>" * 100_000,
    "tags in tags": "<a" * 1_000_000,
    "formatting": "<b><i><u><font size=1>" * 20_000,
    "tables": "<table><tr><td>" * 20_000,
    "foreign elements": "<svg><style>" + "<div>" * 100_000,
    "options": "<select>" + "<option>x" * 100_000,
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x",
    "comments": "<!--" * 1_000_000,
    "scripts": "<script>" * 200_000,
    "nothing to show": "<script>document.write('law')</script><p> </p>",
    "an unknown encoding": "<meta charset=klingon><p>x",
    "a codec that is none": "<meta charset=base64><p>x",
}


@pytest.mark.parametrize("case", BAD)
def test_a_page_that_means_harm_is_refused_in_time(case: str) -> None:
    begin = time.thread_time()
    with pytest.raises(DocumentRefused):
        html_text(BAD[case].encode())
    assert time.thread_time() - begin < _SECONDS


def test_binary_noise_is_refused() -> None:
    noise = random.Random(7).randbytes(100_000)  # noqa: S311 - noise, not a secret
    for data in (
        noise,
        b"<html>" + noise,
        bytes(1000),
        b"\xff\xfe" + noise[:1001],
        b"<p>\x01\x02\x03" * 9,
    ):
        with pytest.raises(DocumentRefused):
            html_text(data)


def test_a_page_beyond_the_size_limit_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="64 MiB at most"):
        html_text(b" " * (MAX_DOCUMENT_BYTES + 1))


def test_entities_from_outside_are_only_text() -> None:
    html = '<!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>&e; and &amp;'
    assert "root:" not in text_of(html)


def test_sloppy_pages_are_read() -> None:
    rows = "<tr><td>x<td><b>y<p>z" * 3_000
    lists = "<ul>" + "<li>x<p>y" * 3_000
    assert text_of(f"<table>{rows}</table>{lists}").count("x") == 6_000


_TAGS: Final = (
    "p div span b sup a table tr td th ul ol li dl dd h2 br pre del q nav script style svg "
    "template select option textarea "
    "title head body html form button frameset iframe math ruby rt details plaintext"
)
_ATTRIBUTES: Final = st.sampled_from(
    [
        "",
        " hidden",
        ' style="display:none"',
        ' class="toc"',
        ' href="#x"',
        ' id="x"',
        " start=9",
        ' role="heading"',
        " a='",
        ' b="',
    ]
)
_PIECE: Final = st.one_of(
    st.tuples(st.sampled_from(["<", "</"]), st.sampled_from(_TAGS.split()), _ATTRIBUTES).map(
        lambda t: f"{t[0]}{t[1]}{t[2]}>"
    ),
    st.sampled_from(
        [
            "Article 1. Title ",
            "Điều 2. ",
            "(a) ",
            "&amp",
            "&#0;",
            "&#xD800;",
            "<!--",
            "-->",
            "<![CDATA[",
            "\x00",
            "\n",
        ]
    ),
    st.text(max_size=5),
)


@settings(max_examples=300, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECE, max_size=40))
def test_any_markup_is_read_or_refused(pieces: list[str]) -> None:
    try:
        found = HtmlReader().read(
            "".join(pieces).encode("utf-8", "replace"), granularity=Granularity.SUB, profile=None
        )
    except DocumentRefused:
        return
    assert found.text
    assert all(0 <= m.start < m.end <= len(found.text) for m in found.marks)
