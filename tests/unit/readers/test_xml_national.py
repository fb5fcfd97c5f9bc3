"""The XML of national law databases, and Akoma Ntoso without articles."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.xml.numbers import number_of
from domain.reading.marks import Granularity, Level, ReadDocument

SUB = Granularity.SUB
HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def read(law: str, granularity: Granularity = Granularity.BASIC) -> ReadDocument:
    return read_document((HEAD + law).encode(), name="law.xml", granularity=granularity)


def rows(found: ReadDocument) -> list[tuple[str, str, str, str, int | None]]:
    """Level, kind, label, title and parent of each mark."""
    return [
        (mark.level.value, mark.unit_kind, mark.label, mark.title, mark.parent)
        for mark in found.marks
    ]


def bodies(found: ReadDocument, level: Level = Level.BASIC) -> list[str]:
    return [found.text[mark.start : mark.end] for mark in found.marks if mark.level is level]


LIMS = """<Statute xml:lang="en"><Identification><LongTitle>An Act on ponds</LongTitle>
<ShortTitle>Ponds Act</ShortTitle><Chapter>P-1</Chapter></Identification><Body>
<Heading level="1"><Label>PART 1</Label><TitleText>Ponds</TitleText></Heading>
<Heading level="2"><TitleText>Depth</TitleText></Heading>
<Section><MarginalNote>Depth</MarginalNote><Label>1</Label><Text>A pond is deep.</Text></Section>
<Section><MarginalNote>Owner</MarginalNote><Label>2</Label>
<Subsection><Label>(1)</Label><Text>A pond has</Text><Paragraph><Label>(a)</Label>
<Text>one owner; or</Text></Paragraph><Paragraph><Label>(b)</Label><Text>30<Sup>2</Sup> m.</Text>
</Paragraph></Subsection><Subsection><MarginalNote>Heirs</MarginalNote><Label>(2)</Label>
<Text>Heirs own it.</Text></Subsection></Section>
<Heading level="1"><Label>PART 2</Label><TitleText>Fish</TitleText></Heading>
<Section><Label>2.1</Label><Text>Amends:</Text><AmendedText><Section><Label>9</Label>
<Text>Fish swim.</Text></Section></AmendedText></Section></Body>
<Schedule><ScheduleFormHeading><Label>SCHEDULE</Label><TitleText>Fish</TitleText>
</ScheduleFormHeading><Text>Carp.</Text></Schedule>
<Schedule id="RelatedProvs"><Section><Label>77</Label><Text>Other act.</Text></Section></Schedule>
</Statute>"""


def test_canadian_headings_hold_the_sections_after_them() -> None:
    found = read(LIMS)
    assert rows(found) == [
        ("container", "part", "PART 1", "Ponds", None),
        ("container", "heading", "", "Depth", 0),
        ("basic", "section", "1", "Depth", 1),
        ("basic", "section", "2", "Owner", 1),
        ("container", "part", "PART 2", "Fish", None),
        ("basic", "section", "2.1", "", 4),
        ("annex", "schedule", "SCHEDULE", "Fish", None),
    ]
    assert (found.reader, found.profile, found.metadata["title"]) == ("lims", "en", "Ponds Act")
    assert bodies(found)[0] == "Depth\n1 A pond is deep.\n"
    assert "30² m." in found.text
    assert not found.warnings


def test_canadian_subsections_and_paragraphs_are_sub_units() -> None:
    subs = [row[1:] for row in rows(read(LIMS, SUB)) if row[0] == "sub"]
    assert subs == [
        ("subsection", "(1)", "", 3),
        ("paragraph", "(a)", "", 4),
        ("paragraph", "(b)", "", 4),
        ("subsection", "(2)", "Heirs", 3),
    ]


def test_a_regulation_is_read_like_a_statute() -> None:
    law = "<Regulation><Body><Section><Label>1</Label><Text>x</Text></Section></Body></Regulation>"
    assert rows(read(law)) == [("basic", "section", "1", "", None)]


def line(text: str) -> str:
    return f"<Exitus><Linea><Char>{text}</Char></Linea></Exitus>"


LEXDANIA = f"""<Dokument><Meta><DocumentTitle>Lov om damme</DocumentTitle></Meta><DokumentIndhold>
<Indledning>{line("VI giver denne lov:")}</Indledning>
<Kapitel><Explicatus>Kapitel 1</Explicatus><Rubrica><Linea><Char>Damme</Char></Linea></Rubrica>
<ParagrafGruppe><Paragraf><Explicatus>§ 1.</Explicatus><Stk>{line("En dam er dyb, jf. § 2.")}</Stk>
<Stk><Explicatus>Stk. 2.</Explicatus><Exitus><Linea><Char>Den har:</Char></Linea></Exitus>
<Exitus><Index><Indentatio><Explicatus>1)</Explicatus>{line("vand og")}</Indentatio>
<Indentatio><Explicatus>2)</Explicatus>{line("fisk.")}</Indentatio></Index></Exitus></Stk>
</Paragraf></ParagrafGruppe>
<ParagrafGruppe><Rubrica><Linea><Char>Fisk</Char></Linea></Rubrica><Paragraf>
<Explicatus>§ 1 a.</Explicatus><Stk>{line("Fisk er våde.")}</Stk></Paragraf></ParagrafGruppe></Kapitel>
</DokumentIndhold><Bilag><Explicatus>Bilag 1</Explicatus>{line("Karpe.")}</Bilag></Dokument>"""


def test_danish_paragraphs_are_the_units() -> None:
    found = read(LEXDANIA, SUB)
    assert rows(found) == [
        ("other", "preamble", "", "", None),
        ("container", "chapter", "Kapitel 1", "Damme", None),
        ("basic", "section", "§ 1.", "", 1),
        ("sub", "subsection", "Stk. 2.", "", 2),
        ("sub", "point", "1)", "", 3),
        ("sub", "point", "2)", "", 3),
        ("container", "heading", "", "Fisk", 1),
        ("basic", "section", "§ 1 a.", "", 6),
        ("annex", "annex", "Bilag 1", "", None),
    ]
    assert [mark.number for mark in found.marks if mark.level is Level.BASIC] == ["1", "1a"]
    assert bodies(read(LEXDANIA))[0].startswith("§ 1. En dam er dyb, jf. § 2.\nStk. 2. Den har:\n")


IRISH = """<act><metadata><title>PONDS ACT 2001</title><number>7</number></metadata>
<frontmatter><acttoc><p>1. Depth</p><p>2. Fish</p></acttoc></frontmatter><body>
<part><title><p>PART 1</p><p>Ponds</p></title>
<sect><number>1.</number><title><p><b>Depth</b></p></title><p><b>1.</b> (1) A pond<emdash/></p>
<p>(a) is deep in <odq/>Loch M<ofada/>r<cdq/>.</p></sect></part>
<part><title><p>PART 2</p><p>Fish</p></title><chapter><title><p>Chapter 1</p><p>Carp</p></title>
<sect><number>2.</number><title><p>Fish</p></title><p><b>2.</b> 30 carp.<fn><marker><su>3</su>
</marker><p>Note.</p></fn></p></sect></chapter></part></body>
<backmatter><schedule><title><p>SCHEDULE 1</p><p>Repeals</p></title><p>1. None.</p></schedule>
</backmatter></act>"""


def test_irish_acts_have_their_sections_and_their_characters() -> None:
    found = read(IRISH)
    assert rows(found) == [
        ("container", "part", "PART 1", "Ponds", None),
        ("basic", "section", "1.", "Depth", 0),
        ("container", "part", "PART 2", "Fish", None),
        ("container", "chapter", "Chapter 1", "Carp", 2),
        ("basic", "section", "2.", "Fish", 3),
        ("annex", "schedule", "SCHEDULE 1", "Repeals", None),
    ]
    assert bodies(found)[0].endswith("1. (1) A pond—\n(a) is deep in “Loch Mór”.\n")
    assert found.metadata["title"] == "PONDS ACT 2001"


E_GOV = """<Law Lang="ja"><LawNum>平成一年</LawNum><LawBody><LawTitle>池法</LawTitle>
<TOC><TOCLabel>目次</TOCLabel><TOCChapter><ChapterTitle>第一章　池</ChapterTitle></TOCChapter></TOC>
<MainProvision><Chapter><ChapterTitle>第一章　池</ChapterTitle>
<Section><SectionTitle>第一節　深さ</SectionTitle>
<Article Num="1"><ArticleCaption>（目的）</ArticleCaption><ArticleTitle>第一条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>池は深い。</Sentence><Sentence>広い。</Sentence>
</ParagraphSentence><Item><ItemTitle>一</ItemTitle><ItemSentence><Column><Sentence>水</Sentence></Column>
<Column><Sentence>清い水</Sentence></Column></ItemSentence></Item></Paragraph>
<Paragraph Num="2"><ParagraphNum>２</ParagraphNum><ParagraphSentence><Sentence>魚がいる。</Sentence>
</ParagraphSentence></Paragraph></Article></Section></Chapter></MainProvision>
<SupplProvision><SupplProvisionLabel>附　則</SupplProvisionLabel><Article><ArticleTitle>第一条</ArticleTitle>
<Paragraph><ParagraphNum/><ParagraphSentence><Sentence>施行する。</Sentence></ParagraphSentence></Paragraph>
</Article></SupplProvision></LawBody></Law>"""


def test_japanese_laws_have_articles_and_supplementary_provisions() -> None:
    found = read(E_GOV, SUB)
    assert rows(found) == [
        ("container", "chapter", "第一章", "池", None),
        ("container", "section", "第一節", "深さ", 0),
        ("basic", "article", "第一条", "（目的）", 1),
        ("sub", "item", "一", "", 2),
        ("sub", "paragraph", "２", "", 2),
        ("annex", "attachment", "", "附 則", None),
        ("basic", "article", "第一条", "", 5),
    ]
    assert [mark.component for mark in found.marks][-2:] == ["att_1", "att_1"]
    assert (
        bodies(read(E_GOV))[0]
        == "（目的）\n第一条 池は深い。広い。\n一 水\t清い水\n２ 魚がいる。\n"
    )
    assert found.profile == "ja"


def test_the_number_of_a_label_in_han_letters() -> None:
    plain = number_of("第三条")
    assert plain == number_of("第三章") != ""
    assert number_of("第36条") == "36"
    assert number_of("第三条の二") != plain


AKN = 'xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"'


@pytest.mark.parametrize("name", ["point", "level", "subsection", "item"])
def test_numbered_elements_on_top_are_the_units_where_there_are_no_articles(name: str) -> None:
    units = "".join(
        f"<{name}><heading>Pond {i}</heading><num>{i}.</num><list><{name}><num>(a)</num>"
        f"<content><p>Deep.</p></content></{name}></list></{name}>"
        for i in (1, 2, 3)
    )
    law = f"<akomaNtoso {AKN}><act><meta/><body><list>{units}</list></body></act></akomaNtoso>"
    found = read(law, SUB)
    basic = [mark for mark in found.marks if mark.level is Level.BASIC]
    assert [(mark.number, mark.title) for mark in basic] == [
        ("1", "Pond 1"),
        ("2", "Pond 2"),
        ("3", "Pond 3"),
    ]
    assert [mark.parent for mark in found.marks if mark.level is Level.SUB] == [0, 2, 4]
    assert len(bodies(read(law))) == 3


def test_a_note_in_the_margin_that_is_all_of_a_heading_is_the_heading() -> None:
    note = '<authorialNote placement="side"><p>Ponds</p></authorialNote>'
    law = (
        f"<akomaNtoso {AKN}><act><meta/><body><section><num>1.</num><heading>{note}</heading>"
        f"<content><p>Deep.</p></content></section></body></act></akomaNtoso>"
    )
    assert rows(read(law)) == [("basic", "section", "1.", "Ponds", None)]
