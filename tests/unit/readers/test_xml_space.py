"""White space of XML laws however it is written, and the basic cut of laws that nest their units in
unusual ways.
"""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.readers.xml import parse as xml_parse
from adapters.readers.xml import pieces as xml_pieces
from adapters.readers.xml.reader import XmlReader
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity
from tests.unit.readers.test_xml import LAW, akn, read

ONE = "<article><num>Art. 1</num><content><p>a{}b</p></content></article>"


@pytest.mark.parametrize(
    "space",
    [" ", "\n   ", "\r\n", "\t", "&#10;", "&#x0D;", "&#9; \n", "&#x20;", "<![CDATA[\n\t]]>"],
)
def test_a_run_of_white_space_is_one_space(space: str) -> None:
    for granularity in Granularity:
        assert read(akn(ONE.format(space)), granularity).text == "Art. 1 a b\n"


@pytest.mark.parametrize("sign", ["=&#13;e", "=&#xD;N&#10;&#13;&#10;", "=\re", "&#9;=&#13;!"])
def test_text_that_looks_like_a_sign_is_text(sign: str) -> None:
    data = akn(ONE.format(sign))
    words = "".join(map(str, etree.fromstring(data).itertext())).split()
    for granularity in Granularity:
        found = read(data, granularity)
        assert "".join(found.text.split()) == "".join(words)
        assert [mark.label for mark in found.marks] == ["Art. 1"]


def test_no_break_spaces_and_other_spaces_of_the_text_stay() -> None:
    assert read(akn(ONE.format("\u00a0\u2003"))).text == "Art. 1 a\u00a0\u2003b\n"
    assert (
        read(
            akn("<article><num>\u00a01\u00a0</num><content><p>\u00a0x</p></content></article>")
        ).text
        == "\u00a01\u00a0 \u00a0x\n"
    )


def test_numbers_below_the_basic_unit_keep_their_line_at_both_granularities() -> None:
    body = (
        "<article><num>Art. 1</num>\n<paragraph>\n <num>1.</num>\n <list>\n  "
        "<point><num><b>(a)</b></num><p>x</p></point>"
        "<point><num>(b)</num></point><point><num> "
        "</num><p>y</p>z<num/>w</point></list></paragraph>"
        "<paragraph><num>2.</num><authorialNote><p>n</p></authorialNote></paragraph></article>"
    )
    text = "Art. 1\n1.\n(a) x\n(b)\ny\nz w\n2. n\n"
    assert read(akn(body)).text == read(akn(body), Granularity.BASIC).text == text


def test_an_article_inside_of_a_paragraph_is_kept_by_the_basic_cut() -> None:
    body = "<article><num>1</num></article><paragraph><num>P</num><article><num>2</num><p>x</p></article></paragraph>"
    found = read(akn(body), Granularity.BASIC)
    assert [(mark.label, mark.level.value) for mark in found.marks] == [
        ("1", "basic"),
        ("P", "container"),
        ("2", "basic"),
    ]


def test_a_container_in_a_section_leaves_it_whole_unless_it_holds_sections() -> None:
    step = "<hcontainer name='step'><num>Step {0}</num><content><p>Add.</p></content></hcontainer>"
    body = f"<section><num>5</num><intro><p>Take:</p></intro>{step.format(1)}{step.format(2)}</section>"
    assert [mark.label for mark in read(akn(body), Granularity.BASIC).marks] == ["5"]
    assert [(mark.label, mark.level.value) for mark in read(akn(body), Granularity.SUB).marks] == [
        ("5", "basic"),
        ("Step 1", "sub"),
        ("Step 2", "sub"),
    ]
    nested = (
        "<section><num>5</num><hcontainer name='step'><num>Step "
        "1</num><section><num>6</num></section></hcontainer></section>"
    )
    assert [mark.level.value for mark in read(akn(nested), Granularity.BASIC).marks] == [
        "basic",
        "container",
        "basic",
    ]


def test_a_law_of_clauses_alone_is_cut_into_clauses() -> None:
    body = "<clause><num>1.</num><p>x</p></clause><clause><num>2.</num><p>y</p></clause>"
    assert [mark.label for mark in read(akn(body), Granularity.BASIC).marks] == ["1.", "2."]


def test_the_refusal_names_the_line_of_the_file() -> None:
    with pytest.raises(DocumentRefused, match="not well formed at line 3"):
        read(b"<akomaNtoso>\n<act>\n</akomaNtoso>")


def test_entities_are_refused_behind_comments_and_instructions() -> None:
    prolog = "\ufeff<?xml version='1.0'?>\n<!-- <a> --><?x <b> ?> <!DOCTYPE b [<!ENTITY a 'ha'>]>"
    with pytest.raises(DocumentRefused, match="declares entities"):
        XmlReader().read(
            (prolog + "<akomaNtoso>&a;</akomaNtoso>").encode(),
            granularity=Granularity.SUB,
            profile=None,
        )


@pytest.mark.parametrize(
    "last", ["<toc>Words</toc>", "<p>Words</p>", "<preface>Words<br/></preface>"]
)
def test_the_text_ends_its_last_line(last: str) -> None:
    for granularity in Granularity:
        assert read(akn(LAW, last), granularity).text.endswith("Words\n")


_USLM = '<bill xmlns="http://schemas.gpo.gov/xml/uslm">{}</bill>'


@pytest.mark.parametrize(
    "document",
    [
        (
            "<ACT><NO.P><NP><ARTICLE><TI.ART>(a)</TI.ART></ARTICLE><section/>Article "
            "1</NP></NO.P>b c </ACT>"
        ),
        (
            "<ACT><ARTICLE><NO.PARAG> "
            "x<NO.SUBDIV/></NO.PARAG><PARAG/><ADDR.S>1.</ADDR.S></ARTICLE></ACT>"
        ),
        _USLM.format(
            "<article><num><level/>A 1</num></article><num><subsubitem>b c "
            "</subsubitem></num><p/>Section 2"
        ),
        _USLM.format("<num><paragraph>\u00a0</paragraph></num>x<article><num>1</num></article>"),
        akn(
            '<hcontainer name="article"><num><num>b c </num><subparagraph>A 1</subparagraph></num>b c </hcontainer>'
        ).decode(),
    ],
)
def test_units_within_numbers_do_not_make_another_text_of_the_basic_cut(document: str) -> None:
    basic, sub = (
        read(document.encode(), granularity).text
        for granularity in (Granularity.BASIC, Granularity.SUB)
    )
    assert basic == sub


def test_a_line_between_two_numbers_of_a_quotation_is_a_line_break() -> None:
    quoted = "<NO.SUBDIV><CONS.ANNEX><NO.SUBDIV>(a)</NO.SUBDIV></CONS.ANNEX></NO.SUBDIV><FULL.POWER>\u00a0x</FULL.POWER>"
    for granularity in Granularity:
        assert (
            read(f"<ACT><QUOT.S>{quoted}</QUOT.S></ACT>".encode(), granularity).text
            == "(a)\n\u00a0x\n"
        )


@pytest.mark.parametrize("granularity", Granularity)
def test_it_makes_no_difference_where_stretches_and_pieces_end(
    monkeypatch: pytest.MonkeyPatch, granularity: Granularity
) -> None:
    body = (
        "<article>\n <num>Art. 1</num> <heading>On <b>water</b>\n <i>and</i> air "
        "</heading>\t<paragraph><num>1. </num>\n"
        "<content><p>a > b \n > c</p> "
        "<p>d<br/>e</p></content></paragraph>\n<paragraph><num>(2)</num></paragraph> tail\n"
        "</article> between <article><num>Art. 2</num><p>x  y</p><quotedStructure> "
        "<article><num>9</num><p>q</p></article>\n"
        "</quotedStructure>z</article>\n<p> last </p>"
    )
    whole = read(akn(body), granularity)
    for size in range(1, 40):
        monkeypatch.setattr(xml_parse, "_PIECE_BYTES", size)
        monkeypatch.setattr(xml_pieces, "_STRETCH_BYTES", size)
        assert read(akn(body), granularity) == whole
