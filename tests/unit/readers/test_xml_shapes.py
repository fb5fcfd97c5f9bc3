"""Shapes of XML laws beside the usual ones: resolutions, appropriations, corrections, levels in
place of points.
"""

from __future__ import annotations

import pytest

from adapters.readers.xml.numbers import number_of
from domain.reading.marks import Granularity, Level
from tests.unit.readers.test_xml import USLM, akn, plan, read, rows

BASIC = Granularity.BASIC


def uslm(inside: str, root: str = "bill") -> bytes:
    return f'<{root} xmlns="{USLM}">{inside}</{root}>'.encode()


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("Article 1er A", "1A"),
        ("Article 2 bis", "2bis"),
        ("a bis)", "abis"),
        ("II bis. –", "IIbis"),
        ("Artigo 1.º-A", "1-A"),
        ("Artículo 1°.-", "1"),
        ("§ 1, 2 und 3", "1..2..3"),
        ("Articles 3 et 4", "3..4"),
        ("Art. 3 a", "3a"),
        ("§ 4 i", "4i"),
        ("Άρθρο πρώτο", "πρώτο"),
        ("Annex I, 2", "I"),
        ("§ 300gg–11.", "300gg-11"),
        ("Sec. 7A–1.", "7A-1"),
        ("§§ 7–9", "7..9"),
        ("Articles 7–9", "7..9"),
        ("—", ""),
    ],
)
def test_numbers_as_laws_print_them(label: str, number: str) -> None:
    assert number_of(label) == number


def test_inserted_articles_after_the_first_are_not_taken_for_it() -> None:
    body = "".join(
        f"<article><num>{n}</num><p>x</p></article>"
        for n in ("Article 1er A", "Article 1er", "Article 1er bis")
    )
    made = plan(akn(body))
    assert [row.canonical_address for row in made.rows] == [
        "xx.1~art_1A",
        "xx.1~art_1",
        "xx.1~art_1bis",
    ]
    assert not made.warnings


def test_levels_below_a_section_are_points_of_it() -> None:
    section = (
        "<section><heading>Duties</heading><num>2</num><subsection><num>(1)</num><intro><p>A "
        "ship is—</p></intro>"
        "<level><num>(a)</num><level><num>(i)</num><content><p>long, "
        "or</p></content></level></level>"
        "</subsection></section>"
    )
    assert rows(akn(section), BASIC) == [("~sec_2", "2", "Duties", "basic")]
    assert [row[0] for row in rows(akn(section))] == [
        *(
            "~sec_2",
            "~sec_2__subsec_1",
            "~sec_2__subsec_1__para_a",
            "~sec_2__subsec_1__para_a__para_i",
        ),
    ]


def test_levels_above_articles_group_them() -> None:
    body = (
        "<level><num>A.</num><heading>Ships</heading><article><num>Art. "
        "6</num><p>x</p></article></level>"
    )
    assert [(row[1], row[3]) for row in rows(akn(body), BASIC)] == [
        ("A.", "container"),
        ("Art. 6", "basic"),
    ]


@pytest.mark.parametrize("block", ["tblock", "blockContainer"])
def test_a_titled_block_keeps_its_number_and_heading_to_itself(block: str) -> None:
    inside = f"<{block}><num>1.</num><heading>Ways</heading><p>x</p></{block}>"
    body = f"<article><num>Art. 1</num><content>{inside}</content></article>"
    assert rows(akn(body)) == [
        ("~art_1", "Art. 1", "", "basic"),
        ("~art_1__item_1", "1.", "Ways", "sub"),
    ]


def test_a_portion_of_an_act_keeps_what_stands_between_its_sections() -> None:
    data = akn("").replace(b"<act>", b"<portion>").replace(b"</act>", b"</portion>")
    data = data.replace(
        b"<body></body>",
        b"<portionBody><section><num>5.</num><p>x</p></section><p>y</p></portionBody>",
    )
    assert [(row[0], row[3]) for row in rows(data)] == [("~sec_5", "basic"), ("~para_y", "other")]


def test_a_resolution_has_its_clause_and_its_text_as_units() -> None:
    main = (
        "<resolvingClause>Resolved,</resolvingClause><section class='inline'><content>That the "
        "lamp be lit.</content></section>"
        "<section><num>SEC. 2. </num><content>It burns.</content></section>"
    )
    made = plan(uslm(f"<main>{main}</main>", "resolution"))
    assert [(row.body, row.level) for row in made.rows] == [
        ("Resolved,\n", "other"),
        ("That the lamp be lit.\n", "other"),
        ("SEC. 2. It burns.\n", "basic"),
    ]
    assert made.rows[0].canonical_address.endswith("~preamble")


def test_an_engrossed_amendment_keeps_its_instruction_and_its_sections() -> None:
    data = uslm(
        "<amendMeta><docNumber>1</docNumber></amendMeta><amendMain><amendmentInstruction><content>Strike all and insert:"
        "<amendmentContent><title><num>TITLE I</num><section><num>SEC. 10. "
        "</num><content>Sail.<quotedContent><section>"
        "<num>“SEC. 9. "
        "</num></section></quotedContent></content></section></title></amendmentContent></content>"
        "</amendmentInstruction></amendMain>",
        "engrossedAmendment",
    )
    assert [(row[0], row[3]) for row in rows(data)] == [
        ("~para_strike-all-and-insert", "other"),
        ("~title_I", "container"),
        ("~sec_10", "basic"),
    ]


def test_headings_of_appropriations_are_not_the_title_of_what_holds_them() -> None:
    data = uslm(
        "<main><title><num>TITLE I—</num><heading>HARBORS</heading><appropriations "
        "level='major'><heading>Docks</heading>"
        "</appropriations><appropriations "
        "level='small'><heading>cranes</heading><paragraph><num>(1) </num><content>5</content>"
        "</paragraph></appropriations><section><num>SEC. 101. "
        "</num><content>x</content></section></title></main>"
    )
    assert [(row[1], row[2], row[3]) for row in rows(data, BASIC)] == [
        ("TITLE I—", "HARBORS", "container"),
        ("", "Docks", "container"),
        ("", "cranes", "container"),
        ("SEC. 101.", "", "basic"),
    ]


def test_items_of_a_list_are_not_the_heading_of_the_section_around_it() -> None:
    section = (
        "<section><num>§ "
        "1.</num><list><listItem><num>(1)</num><listContent>oars</listContent></listItem></list></section>"
    )
    assert rows(uslm(f"<main>{section}</main>")) == [
        ("~sec_1", "§ 1.", "", "basic"),
        ("~sec_1__item_1", "(1)", "", "sub"),
    ]


def test_the_old_and_the_new_text_of_a_corrigendum_are_quotations() -> None:
    article = "<ARTICLE><TI.ART>Article 7</TI.ART><ALINEA>x</ALINEA></ARTICLE>"
    data = (
        f"<CORR><TITLE><TI><P>Corrigendum</P></TI></TITLE><CONTENTS.CORR><CORRECTION><DESCRIPTION>On page 3, for:</DESCRIPTION>"
        f"<OLD.CORR>{article}</OLD.CORR><NEW.CORR>{article}</NEW.CORR></CORRECTION></CONTENTS.CORR>"
        f"<ENACTING.TERMS><ARTICLE><TI.ART>Article 1</TI.ART></ARTICLE></ENACTING.TERMS></CORR>"
    )
    assert [mark.label for mark in read(data.encode()).marks] == ["Article 1"]


def test_a_numbered_group_and_an_annex_inside_of_an_opinion() -> None:
    data = (
        "<ACT><ENACTING.TERMS><ARTICLE><TI.ART>Article 1</TI.ART><ALINEA>m<HT "
        "TYPE='SUP'>2</HT></ALINEA></ARTICLE>"
        "<GR.SEQ><NO.GR.SEQ>A.</NO.GR.SEQ><TITLE><TI><P>Nets</P></TI></TITLE><P>x</P></GR.SEQ></ENACTING.TERMS>"
        "<INTERNAL.ANNEX><TITLE><TI><P>ANNEX "
        "2</P></TI></TITLE><CONTENTS><P>y</P></CONTENTS></INTERNAL.ANNEX></ACT>"
    )
    assert [(row[0], row[1], row[2]) for row in rows(data.encode())] == [
        ("~art_1", "Article 1", ""),
        ("~hdg_A", "A.", "Nets"),
        ("~annex_2", "ANNEX 2", ""),
    ]


def test_running_titles_belong_to_no_unit() -> None:
    data = (
        "<ANNEX><TITLE><TI><P>ANNEX</P></TI></TITLE><CURR.TITLE><PAGE.HEADER><P>Head of the "
        "page</P></PAGE.HEADER></CURR.TITLE>"
        "<CONTENTS><ARTICLE><TI.ART>Article "
        "1</TI.ART><ALINEA>x</ALINEA></ARTICLE></CONTENTS></ANNEX>"
    )
    found = read(data.encode())
    assert [(mark.label, mark.level) for mark in found.marks] == [
        ("ANNEX", Level.ANNEX),
        ("Article 1", Level.BASIC),
    ]
    assert all("Head" not in found.text[mark.start : mark.end] for mark in found.marks)


def test_a_raised_digit_after_a_digit_is_no_digit_of_the_same_number() -> None:
    body = (
        "<article><num>Art. 3<sup>1</sup></num><p>x</p></article>"
        "<article><num>Art. "
        "5</num><paragraph><num>2<sup>10</sup>.</num><p>y</p></paragraph></article>"
    )
    for granularity in Granularity:
        assert read(akn(body), granularity).text == "Art. 3¹ x\nArt. 5\n2¹⁰. y\n"
    assert [(mark.label, mark.number) for mark in read(akn(body)).marks] == [
        ("Art. 3¹", "3.1"),
        ("Art. 5", "5"),
        ("2¹⁰.", "2.10"),
    ]


def test_the_mark_of_a_note_is_no_digit_of_the_number_before_it() -> None:
    mark = '<ref class="footnoteRef" idref="F1">1</ref>'
    inside = (
        f'<main><section><num value="(2)">Sec. (2){mark} </num><heading>Boats{mark}</heading><content>Two.</content></section>'
        f'<section><num value="5">Sec. 5.{mark}</num><subsection><num value="b">(b){mark}</num><content>Five{mark}, or six.'
        '<footnote id="F1"><sup>1</sup><p>So in law.</p></footnote></content></subsection></section></main>'
    )
    assert rows(uslm(inside), BASIC) == [
        ("~sec_2", "Sec. (2)", "Boats", "basic"),
        ("~sec_5", "Sec. 5.", "", "basic"),
    ]
    assert [row[:2] for row in rows(uslm(inside))][2:] == [("~sec_5__subsec_b", "(b)")]
    assert read(uslm(inside)).text.startswith("Sec. (2) 1 Boats 1\nTwo.\nSec. 5. 1")
    assert "Five¹, or six." in read(uslm(inside)).text  # the text is as printed


def test_named_parts_of_a_section_do_not_cut_it() -> None:
    parts = "".join(
        f'<hcontainer name="{name}"><num>{num}</num><content><p>x</p></content></hcontainer>'
        for name, num in (
            ("step", "Step 1"),
            ("step", "Step 2"),
            ("explanation", "Explanation 1.—"),
            ("paragraph", "(1)"),
        )
    )
    body = (
        f"<section><num>5</num><intro><p>Take these "
        f"steps:</p></intro>{parts}<wrapUp><p>End.</p></wrapUp></section>"
    )
    assert rows(akn(body), BASIC) == [("~sec_5", "5", "", "basic")]
    assert [row[1] for row in rows(akn(body)) if row[3] == Level.SUB] == [
        "Step 1",
        "Step 2",
        "Explanation 1.—",
        "(1)",
    ]
