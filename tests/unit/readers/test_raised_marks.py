"""What is printed above the line never becomes part of the number before or after it."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.readers.by_content import read_document
from adapters.readers.docx.reader import docx_text
from adapters.readers.html.reader import html_text
from domain.reading.marks import Granularity
from tests.unit.readers.docx_files import docx, paragraph, run
from tests.unit.readers.helpers import numbers, read

_AKN: Final = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_USLM: Final = "http://schemas.gpo.gov/xml/uslm"


def akn(inner: str) -> str:
    law = f"<section><num>1.</num><content><p>{inner}</p></content></section>"
    return f'<akomaNtoso xmlns="{_AKN}"><act><meta/><body>{law}</body></act></akomaNtoso>'


def xml_text(law: str) -> str:
    return read(law, ".xml").text


def page_text(inner: str, css: str = "") -> str:
    page = f"<html><head><style>{css}</style></head><body><p>{inner}</p></body></html>"
    return html_text(page.encode())[0].text


def word_text(*runs: str, styles: str = "") -> str:
    return docx_text(docx(paragraph(*runs), styles=styles)).text


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        ("1", "30¹ eggs"),
        ("1)", "30¹⁾ eggs"),
        ("(2)", "30⁽²⁾ eggs"),
        ("2, 3", "30[2, 3] eggs"),
        ("-3", "30⁻³ eggs"),
        ("1a", "30[1a] eggs"),
        ("[4]", "30[4] eggs"),
        ("st", "30st eggs"),
    ],
)
def test_a_raised_mark_is_kept_apart_in_every_format(mark: str, shown: str) -> None:
    raised = '<w:vertAlign w:val="superscript"/>'
    assert shown in xml_text(akn(f"30<sup>{mark}</sup> eggs"))
    assert shown in page_text(f"30<sup>{mark}</sup> eggs")
    assert shown in word_text("30", run(mark, raised), " eggs")


@pytest.mark.parametrize(
    "raised",
    [
        '<span class="superscript">1</span>',
        '<span style="font-size:8pt; vertical-align: super">1</span>',
        '<i style="position:relative;top:-3pt">1</i>',
        "<b><sup>1</sup></b>",
        "<sup><b>1</b></sup>",
        '<noteRef marker="1" href="#n"/>',
    ],
)
def test_akoma_ntoso_raises_in_many_ways(raised: str) -> None:
    assert re.search(r"30(?:¹|\[1\]) eggs", xml_text(akn(f"<b>30</b>{raised} eggs")))


def test_the_marker_of_a_note_stands_in_brackets() -> None:
    note = '<authorialNote marker="1"><p>A note.</p></authorialNote>'
    assert "30 [1]\nA note." in xml_text(akn(f"30{note} eggs"))
    assert "30 ¹ A note." in xml_text(
        akn("30<authorialNote><num>1</num> A note.</authorialNote> eggs")
    )


def test_references_to_notes_are_raised_in_uslm() -> None:
    for mark in ('<ref class="footnoteRef" idref="f">1</ref>', "<footnoteRef>1</footnoteRef>"):
        law = f"<section><num>5</num><content>30{mark} eggs</content></section>"
        assert "30¹ eggs" in xml_text(f'<bill xmlns="{_USLM}"><main>{law}</main></bill>')


def test_formex_marks_what_is_raised_by_an_attribute() -> None:
    law = "<ARTICLE><TI.ART>Article 1</TI.ART><ALINEA>10<HT TYPE='SUP'>-3</HT> m</ALINEA></ARTICLE>"
    act = f"<ACT><ENACTING.TERMS>{law}</ENACTING.TERMS></ACT>"
    assert "10⁻³ m" in xml_text(f'<?xml version="1.0"?>{act}')


@pytest.mark.parametrize(
    "raised",
    [
        '<span class="sup">1</span>',
        '<span style="vertical-align:super">1</span>',
        '<span style="vertical-align: 30%">1</span>',
        '<span style="position: relative; top: -0.5em">1</span>',
        '<span class="mark">1</span>',
        '<small class="other">1</small>',
        '<a class="footnoteRef" href="notes.html#n1">1</a>',
        '<span class="MsoFootnoteReference">1</span>',
        '<a href="#n1"><sup>1</sup></a>',
    ],
)
def test_a_page_raises_in_many_ways(raised: str) -> None:
    css = "p, span.mark:hover { color: red; vertical-align: super } small{vertical-align:super}"
    assert re.search(r"30(?:¹|\[1\]) eggs", page_text(f"30{raised} eggs", css))


def test_a_style_that_raises_nothing_leaves_the_text_as_it_is() -> None:
    for style in ("vertical-align: baseline", "vertical-align:0", "margin-top: -3px"):
        assert page_text(f'A<span style="{style}">1</span>') == "A1\n"


def test_formulas_keep_their_powers_and_fractions() -> None:
    ten = "<msup><mn>10</mn><mn>3</mn></msup>"
    half = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
    assert page_text(f"<math>{ten}</math> and <math>{half}</math>") == "10³ and 1/2\n"


STYLES: Final = (
    '<w:style w:type="character" w:styleId="Base"><w:rPr><w:vertAlign w:val="superscript"/>'
    '</w:rPr></w:style><w:style w:type="character" w:styleId="Mark"><w:basedOn w:val="Base"/>'
    '</w:style><w:style w:type="character" w:styleId="Up"><w:rPr><w:position w:val="6"/></w:rPr>'
    "</w:style>"
)


@pytest.mark.parametrize(
    "properties",
    ['<w:rStyle w:val="Mark"/>', '<w:rStyle w:val="Up"/>', '<w:position w:val="6"/>'],
)
def test_word_raises_by_style_and_by_position(properties: str) -> None:
    assert word_text("30", run("1", properties), " eggs", styles=STYLES) == "30¹ eggs\n"


def test_a_run_on_the_line_is_not_raised_by_its_style() -> None:
    properties = '<w:rStyle w:val="Mark"/><w:vertAlign w:val="baseline"/>'
    assert word_text("30", run("1", properties), styles=STYLES) == "301\n"


def test_a_mark_of_the_authors_own_is_raised_in_word() -> None:
    mark = '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="2"/><w:t>1</w:t></w:r>'
    assert word_text("30", mark, " eggs") == "30¹ eggs\n"


def test_the_raised_number_of_a_paragraph_stays_its_number() -> None:
    assert page_text("<sup>1</sup> Boats float.") == "1 Boats float.\n"
    assert page_text("<sup>1</sup>30 boats float.") == "¹30 boats float.\n"
    assert page_text("(<sup>2</sup>) Boats") == "(2) Boats\n"


def test_lowered_digits_are_kept_apart_from_digits_alone() -> None:
    assert page_text("CO<sub>2</sub>, 101<sub>2</sub>") == "CO2, 101₂\n"
    lowered = '<w:vertAlign w:val="subscript"/>'
    assert word_text("CO", run("2", lowered), ", 101", run("2", lowered)) == "CO2, 101₂\n"
    assert "CO2, 101₂" in xml_text(akn("CO<sub>2</sub>, 101<sub>2</sub>"))


def test_the_mark_of_a_note_hides_no_heading() -> None:
    page = "".join(f"<h3>Article {i}<sup>{i})</sup> Name</h3><p>Text.</p>" for i in (1, 2, 3))
    assert numbers(read(f"<html><body>{page}</body></html>", ".html")) == ["1", "2", "3"]


# A line in pieces: digits and words, each raised or not, in one run or in several, within other
# elements or not.
_PIECES: Final = st.lists(
    st.tuples(
        st.sampled_from(["1", "30", "2)", "5, 6", "-3", "a", " x ", "١٢"]),
        st.booleans(),
        st.integers(0, 7),
    ),
    min_size=2,
    max_size=6,
)
_XML_RAISED: Final = (
    "<sup>{}</sup>",
    '<span class="superscript">{}</span>',
    "<b><sup><i>{}</i></sup></b>",
    '<i style="vertical-align:super">{}</i>',
)
_HTML_RAISED: Final = (
    *_XML_RAISED,
    '<span class="mark">{}</span>',
    '<em style="position:relative;top:-0.4em">{}</em>',
    '<a class="footnoteRef" href="#n1">{}</a>',
    "<small>{}</small>",
)
_CSS: Final = "p span.mark, small { vertical-align: super; font-size: 60% }"
_USLM_RAISED: Final = (
    "<sup>{}</sup>",
    '<ref class="footnoteRef" idref="f">{}</ref>',
    "<footnoteRef>{}</footnoteRef>",
    "<b><sup>{}</sup></b>",
)
_WORD_RAISED: Final = (
    '<w:vertAlign w:val="superscript"/>',
    '<w:rStyle w:val="Mark"/>',
    '<w:position w:val="4"/>',
    '<w:b/><w:vertAlign w:val="superscript"/>',
)


def plain_numbers(pieces: list[tuple[str, bool, int]]) -> list[str]:
    """The numbers on the line itself: the digits of pieces side by side that are not raised."""
    line = "".join("\0" if raised else text for text, raised, _ in pieces)
    return [found for found in re.findall(r"\d+", line) if found]


def assert_numbers_stand(pieces: list[tuple[str, bool, int]], text: str) -> None:
    """Every number of the line itself is still one, with nothing added to it."""
    bare = re.sub(r"\[[^\]]*\]", "\0", text)
    found = re.findall(r"\d+", bare.translate({ord(c): "\0" for c in "⁰¹²³⁴⁵⁶⁷⁸⁹"}))
    at = 0
    for number in plain_numbers(pieces):
        assert number in found[at:], (number, text)
        at += found[at:].index(number) + 1


@given(_PIECES)
def test_no_digit_of_the_line_joins_a_raised_one(pieces: list[tuple[str, bool, int]]) -> None:
    def inner(ways: tuple[str, ...]) -> str:
        return "".join(
            ways[way % len(ways)].format(text)
            if raised
            else ("<i>{}</i>" if way == 3 else "{}").format(text)
            for text, raised, way in pieces
        )

    runs = [
        run(text, _WORD_RAISED[way % len(_WORD_RAISED)] if raised else "")
        for text, raised, way in pieces
    ]
    law = f"<section><num>5</num><content>x {inner(_USLM_RAISED)} y</content></section>"
    assert_numbers_stand(pieces, page_text(f"x {inner(_HTML_RAISED)} y", _CSS))
    assert_numbers_stand(pieces, xml_text(akn(f"x {inner(_XML_RAISED)} y")))
    assert_numbers_stand(pieces, xml_text(f'<bill xmlns="{_USLM}"><main>{law}</main></bill>'))
    assert_numbers_stand(pieces, word_text(*runs, styles=STYLES))


def test_a_document_of_raised_marks_is_read_at_every_granularity() -> None:
    law = akn("30<sup>1</sup> eggs").encode()
    for granularity in Granularity:
        assert "30¹ eggs" in read_document(law, name="law.xml", granularity=granularity).text
