"""XML laws: the dialects' units, their labels and parents, and a text that keeps every
character.
"""

from __future__ import annotations

import re

import pytest
from lxml import etree

from adapters.readers.by_content import read_document
from adapters.readers.xml.reader import XmlReader
from domain.errors import DocumentRefused
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.marks import Granularity, ReadDocument

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
USLM = "http://schemas.gpo.gov/xml/uslm"


def akn(body: str, more: str = "", namespace: str = AKN) -> bytes:
    """An act with a body and what else is given."""
    return f'<akomaNtoso xmlns="{namespace}"><act><meta/><body>{body}</body>{more}</act></akomaNtoso>'.encode()


def uslm(main: str, namespace: str = USLM) -> bytes:
    return f'<bill xmlns="{namespace}" xml:lang="en"><main>{main}</main></bill>'.encode()


def read(data: bytes, granularity: Granularity = Granularity.SUB) -> ReadDocument:
    return XmlReader().read(data, granularity=granularity, profile=None)


def plan(data: bytes, granularity: Granularity = Granularity.SUB) -> CutPlan:
    return build_plan(
        read(data, granularity),
        TargetDocument("xx.1"),
        source_name="law.xml",
        granularity=granularity,
    )


def rows(
    data: bytes, granularity: Granularity = Granularity.SUB
) -> list[tuple[str, str, str, str]]:
    """Address, label, printed title and level of each unit."""
    made, source = plan(data, granularity), read(data, granularity)
    pairs = zip(made.rows, source.marks, strict=True)
    return [(r.canonical_address.removeprefix("xx.1"), m.label, m.title, r.level) for r, m in pairs]


LAW = """
<chapter eId="same"><num>Chapter I</num><heading>General</heading>
  <article eId="same"><num>Article 1</num><heading>Scope</heading>
    <paragraph><num>1.</num><content><p>This Act binds <b>every</b> <i>ship</i>.</p></content></paragraph>
    <paragraph><num>2.</num><list><intro><p>It does not bind:</p></intro>
      <point><num>(a)</num><content><p>boats;</p></content></point>
      <point><num>(b)</num><content><p>rafts.</p></content></point>
      <wrapUp><p>But see Article 2.</p></wrapUp></list></paragraph>
  </article>
  <article eId="same"><num>Article 2</num><paragraph><num/><content><p>Rafts pay.</p></content></paragraph></article>
</chapter>"""


def test_akoma_ntoso_units_have_labels_titles_parents_and_levels() -> None:
    assert rows(akn(LAW)) == [
        ("~chp_I", "Chapter I", "General", "container"),
        ("~art_1", "Article 1", "Scope", "basic"),
        ("~art_1__para_1", "1.", "", "sub"),
        ("~art_1__para_2", "2.", "", "sub"),
        ("~art_1__para_2__point_a", "(a)", "", "sub"),
        ("~art_1__para_2__point_b", "(b)", "", "sub"),
        ("~art_1__para_2__para_but-see-article-2", "", "", "other"),
        ("~art_2", "Article 2", "", "basic"),
    ]
    parents = [row.parent_ref for row in plan(akn(LAW)).rows]
    assert parents[4] == "xx.1~art_1__para_2"
    assert parents[1] == parents[7] == "xx.1~chp_I"


def test_the_text_reads_like_a_law_and_is_the_same_at_both_granularities() -> None:
    text = read(akn(LAW)).text
    assert text == (
        "Chapter I General\nArticle 1 Scope\n1. This Act binds every ship.\n2. It does not "
        "bind:\n(a) boats;\n(b) rafts.\n"
        "But see Article 2.\nArticle 2\nRafts pay.\n"
    )
    assert read(akn(LAW), Granularity.BASIC).text == text
    basic = plan(akn(LAW), Granularity.BASIC)
    assert [r.canonical_address for r in basic.rows] == ["xx.1~chp_I", "xx.1~art_1", "xx.1~art_2"]
    assert basic.rows[1].body.endswith("But see Article 2.\n")


@pytest.mark.parametrize(
    "namespace",
    [
        "",
        AKN,
        AKN + "/CSD13",
        "http://docs.oasis-open.org/legaldocml/ns/akn/3.0/WD17",
        "http://www.akomantoso.org/1.0",
        "http://www.akomantoso.org/2.0",
        "http://Inhaltsdaten.LegalDocML.de/1.8.2/",
    ],
)
def test_every_version_of_akoma_ntoso_is_known_by_its_namespace(namespace: str) -> None:
    assert len(plan(akn(LAW, namespace=namespace), Granularity.BASIC).rows) == 3


def test_a_prefixed_namespace_and_foreign_elements_of_the_same_name() -> None:
    data = (
        f'<a:akomaNtoso xmlns:a="{AKN}" xmlns:x="urn:x"><a:act><a:body><a:article><a:num>Art. 1</a:num>'
        "<a:content><a:p>See <x:article><x:num>Art. "
        "9</x:num></x:article></a:p></a:content></a:article></a:body></a:act>"
        "</a:akomaNtoso>"
    ).encode()
    assert [row[0] for row in rows(data)] == ["~art_1"]


def test_sections_are_the_basic_unit_where_there_are_no_articles() -> None:
    body = (
        "<part><num>Part 1</num><section><num>1.</num><content><p>a</p></content></section></part>"
    )
    assert [row[3] for row in rows(akn(body))] == ["container", "basic"]
    body = (
        "<section><num>Abschnitt 1</num><article><num>§ "
        "1</num><content><p>a</p></content></article></section>"
    )
    assert [(row[0], row[3]) for row in rows(akn(body))] == [
        ("~sec_1", "container"),
        ("~art_1", "basic"),
    ]


def test_quoted_structures_are_not_units_of_the_amending_law() -> None:
    body = (
        "<article><num>Art. 1</num><content><p><mod>Replace: "
        "<quotedStructure><article><num>Art. 7</num><paragraph>"
        "<num>1.</num><content><p>New.</p></content></paragraph></article></quotedStructure></mod></p></content></article>"
    )
    assert [row[0] for row in rows(akn(body))] == ["~art_1"]
    assert "Art. 7" in plan(akn(body)).rows[0].body


def test_attachments_number_anew_and_have_a_component_of_their_own() -> None:
    more = (
        "<attachments><attachment><heading>Annex II</heading><doc "
        "name='annex'><meta>x</meta><mainBody><article>"
        "<num>Article "
        "1</num><paragraph><num>1.</num><content><p>y</p></content></paragraph></article>"
        "</mainBody></doc></attachment></attachments>"
    )
    body = "<article><num>Article 1</num><content><p>a</p></content></article>"
    assert [row[0] for row in rows(akn(body, more))] == [
        "~art_1",
        "~annex_II",
        "!annex_II~art_1",
        "!annex_II~art_1__para_1",
    ]


def test_preamble_recitals_and_conclusions() -> None:
    data = (
        f'<akomaNtoso xmlns="{AKN}"><act><preamble><formula><p>We, the King,</p></formula><recitals><recital><num>(1)</num>'
        "<p>Whereas.</p></recital></recitals></preamble><body><article><num>Art. "
        "1</num><content><p>a</p></content></article>"
        "</body><conclusions><p>Done at Hue</p></conclusions></act></akomaNtoso>"
    ).encode()
    assert [(row[0], row[3]) for row in rows(data)] == [
        ("~preamble", "other"),
        ("~rec_1", "sub"),
        ("~art_1", "basic"),
        ("~conclusions", "other"),
    ]
    assert [row[0] for row in rows(data, Granularity.BASIC)] == [
        "~preamble",
        "~art_1",
        "~conclusions",
    ]


def test_text_between_articles_is_a_unit_with_a_warning_and_its_line() -> None:
    body = (
        "<article><num>Art. 1</num><content><p>a</p></content></article><clause><content><p>We "
        "order.</p></content></clause>"
    )
    made = plan(akn(body))
    assert [r.canonical_address for r in made.rows] == ["xx.1~art_1", "xx.1~para_we-order"]
    assert [(w.code, w.line) for w in made.warnings] == [("text-between-units", 2)]


def test_generic_containers_are_what_their_name_says() -> None:
    body = (
        "<hcontainer name='wrapper'><hcontainer name='section'><num>1 "
        "§</num><content><p>a</p></content></hcontainer>"
        "</hcontainer><hcontainer name='schedule'><num>Schedule "
        "1</num><content><p>b</p></content></hcontainer>"
    )
    assert [(row[0], row[3]) for row in rows(akn(body))] == [
        ("~sec_1", "basic"),
        ("~sched_1", "annex"),
    ]


def test_a_heading_written_as_second_number_is_the_title() -> None:
    assert rows(
        akn("<article><num>Article 3</num><num>Terms</num><content><p>a</p></content></article>")
    )[0][1:3] == (
        "Article 3",
        "Terms",
    )


def test_notes_stay_in_the_text_and_out_of_titles() -> None:
    body = (
        "<article><num>Art. "
        "1</num><heading>Scope<authorialNote><p>amended</p></authorialNote></heading><p>a</p></article>"
    )
    made = plan(akn(body))
    assert made.rows[0].title == "Scope"
    assert "amended" in made.rows[0].body


def test_containers_written_side_by_side_are_nested_by_their_labels() -> None:
    body = "".join(
        f"<chapter><num>{label}</num><heading>h</heading>{articles}</chapter>"
        for label, articles in (
            ("TITOLO I", "<article><num>Art. 1</num></article>"),
            ("CAPO I", "<article><num>Art. 2</num></article>"),
            ("TITOLO II", "<article><num>Art. 3</num></article>"),
            ("CAPO I", "<article><num>Art. 4</num></article>"),
        )
    )
    made = plan(akn(body))
    assert [r.canonical_address.removeprefix("xx.1~") for r in made.rows] == [
        *("title_I", "art_1", "chp_I", "art_2", "title_II", "art_3", "title_II__chp_I", "art_4"),
    ]
    assert not made.warnings


def test_uslm_levels_chapeau_and_continuation() -> None:
    data = uslm(
        "<longTitle><docTitle>A BILL</docTitle></longTitle><title><num value='1'>TITLE "
        "I—</num><heading>Work</heading>"
        "<section id='x'><num value='101'>SEC. 101. </num><heading>Fund.</heading><subsection "
        "id='x'><num>(a) </num>"
        "<chapeau>There is—</chapeau><paragraph><num>(1) </num><content>a "
        "fund;</content></paragraph>"
        "<continuation>and no more.</continuation></subsection></section></title>"
    )
    assert rows(data) == [
        ("~title_I", "TITLE I—", "Work", "container"),
        ("~sec_101", "SEC. 101.", "Fund.", "basic"),
        ("~sec_101__subsec_a", "(a)", "", "sub"),
        ("~sec_101__subsec_a__para_1", "(1)", "", "sub"),
        ("~sec_101__subsec_a__para_and-no-more", "", "", "other"),
    ]


@pytest.mark.parametrize("namespace", [USLM, "http://xml.house.gov/schemas/uslm/1.0"])
def test_uslm_quotes_contents_and_enacted_titles(namespace: str) -> None:
    data = uslm(
        "<section><num>SEC. 3. </num><heading>TITLE "
        "54.</heading><toc><referenceItem><designator>Sec. 1.</designator>"
        "</referenceItem></toc><title><num>TITLE 54—</num><section><num>§ "
        "100101.</num><content>x</content></section></title>"
        "</section><section><num>SEC. 4. </num><content>Insert: "
        "<quotedContent><section><num>“SEC. 9. </num></section>"
        "</quotedContent></content></section>",
        namespace,
    )
    assert [row[0] for row in rows(data)] == ["~sec_3", "~title_54", "~sec_100101", "~sec_4"]


FORMEX = """<ACT><BIB.INSTANCE><LG.DOC>EN</LG.DOC></BIB.INSTANCE><TITLE><TI><P>REGULATION 1</P></TI></TITLE>
<PREAMBLE><GR.CONSID><CONSID><NP><NO.P>(1)</NO.P><TXT>Whereas.</TXT></NP></CONSID></GR.CONSID></PREAMBLE><ENACTING.TERMS>
<DIVISION><TITLE><TI><P>CHAPTER I</P></TI><STI><P>General</P></STI></TITLE><ARTICLE IDENTIFIER="001"><TI.ART>Article 1</TI.ART>
<STI.ART><P>Scope</P></STI.ART><PARAG><NO.PARAG>1.</NO.PARAG><ALINEA>Ships<NOTE><P>OJ L 1</P></NOTE> are:<LIST><ITEM><NP>
<NO.P>(a)</NO.P><TXT>boats;</TXT></NP></ITEM></LIST></ALINEA></PARAG><PARAG><NO.PARAG>2.</NO.PARAG><ALINEA>Replace:
<QUOT.S><ARTICLE><TI.ART><QUOT.START CODE="2018"/>Article 9</TI.ART><ALINEA>x<QUOT.END CODE="2019"/></ALINEA></ARTICLE></QUOT.S>
</ALINEA></PARAG></ARTICLE></DIVISION></ENACTING.TERMS><FINAL><P>Done at Brussels</P></FINAL></ACT>"""


def test_formex_divisions_articles_points_and_quotations() -> None:
    assert [(row[0], row[1], row[2]) for row in rows(FORMEX.encode())] == [
        ("~preamble", "", ""),
        ("~rec_1", "(1)", ""),
        ("~chp_I", "CHAPTER I", "General"),
        ("~art_1", "Article 1", "Scope"),
        ("~art_1__para_1", "1.", ""),
        ("~art_1__para_1__point_a", "(a)", ""),
        ("~art_1__para_2", "2.", ""),
        ("~conclusions", "", ""),
    ]
    source = read(FORMEX.encode())
    assert "‘Article 9\nx’" in source.text
    assert (source.reader, source.profile, source.metadata["title"]) == (
        "formex",
        "en",
        "REGULATION 1",
    )


def test_a_formex_annex_is_one_document_with_groups() -> None:
    data = (
        "<ANNEX><BIB.INSTANCE><NO.SEQ>1</NO.SEQ></BIB.INSTANCE><TITLE><TI><P>ANNEX</P></TI></TITLE><CONTENTS><GR.SEQ><TITLE><TI><NP>"
        "<NO.P>1.</NO.P><TXT>FARMS</TXT></NP></TI></TITLE><LIST><ITEM><NP><NO.P>1.</NO.P><TXT>x</TXT></NP></ITEM></LIST></GR.SEQ>"
        "</CONTENTS></ANNEX>"
    )
    assert rows(data.encode()) == [
        ("~annex", "ANNEX", "", "annex"),
        ("~hdg_1", "1.", "FARMS", "container"),
        ("~hdg_1__point_1", "1.", "", "sub"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        akn(LAW),
        FORMEX.encode(),
        uslm("<section><num>1.</num><content>a <b>b</b>c</content></section>"),
    ],
)
def test_every_character_of_the_document_is_in_the_text(data: bytes) -> None:
    squeezed = re.sub(r"\s", "", "".join(map(str, etree.fromstring(data).itertext())))
    assert re.sub(r"[\s‘’]", "", read(data).text) == squeezed


def test_tables_stay_readable_and_hold_no_units() -> None:
    table = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
    body = f"<article><num>Art. 1</num><content>{table}</content></article>"
    assert read(akn(body)).text == "Art. 1\na\tb\nc\td\n"


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"<law><article/></law>", r"<law> without a namespace is no dialect"),
        (
            b'<x:statute xmlns:x="urn:acme:laws"/>',
            r"<statute> in the namespace 'urn:acme:laws' is no dialect",
        ),
        (b'<akomaNtoso xmlns="urn:other"/>', r"<akomaNtoso> in the namespace 'urn:other'"),
    ],
)
def test_an_unknown_dialect_is_refused_by_namespace_and_root(data: bytes, names: str) -> None:
    with pytest.raises(DocumentRefused, match=names):
        read_document(data, name="law.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_are_read_as_declared(encoding: str) -> None:
    text = akn("<article><num>Art. 1</num><content><p>Maßnahme</p></content></article>").decode()
    data = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert XmlReader().accepts(data, "")
    assert read(data).text == "Art. 1 Maßnahme\n"


def test_the_reader_takes_xml_and_leaves_html() -> None:
    reader = XmlReader()
    assert reader.accepts(b"\xef\xbb\xbf<?xml version='1.0'?><!-- c --><law/>", "")
    assert reader.accepts(b"", ".xml")
    assert reader.accepts(akn(LAW), ".txt")
    assert not reader.accepts(b"<?xml version='1.0'?><!DOCTYPE html><html/>", ".xml")
    assert not reader.accepts("# Luật\n<b>x</b>".encode(), ".md")
    assert not reader.accepts("Điều 1. <x>".encode(), ".txt")
