"""What a document says of itself: its number, its day, and the work that its code is made of."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from adapters.planning import code_of_work, plan_document
from adapters.readers.text.imprint import imprint_of
from domain.plan.cut_plan import CutPlan
from domain.reading.imprint import CodeFrom, Imprint
from domain.reading.options import ReadingOptions
from tests.unit.readers.docx_files import docx, paragraph

ARTICLES = "".join(f"Article {n}. Thing {n}\nIt is so.\n\n" for n in (1, 2, 3))


def planned(folder: Path, name: str, text: str | bytes, **options: str) -> CutPlan:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return plan_document(str(file), ReadingOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "head", "number", "dated"),
    [
        ("", "CHÍNH PHỦ\nSố: 30/2020/NĐ-CP\nHà Nội, ngày 5 tháng 3 năm 2020\n", "30/2020/NĐ-CP", "2020-03-05"),
        ("", "Teichordnung\nNr. 7/2024 vom 3. Mai 2024\n", "7/2024", "2024-05-03"),
        ("LOI n° 2004-575 du 21 juin 2004 pour la confiance", "", "2004-575", "2004-06-21"),
        ("Ley 27/2013, de 27 de diciembre de 2013", "", "27/2013", "2013-12-27"),
        ("Decreto-Lei n.º 7/2009", "", "7/2009", ""),
        ("Pond Act 7 of 2001", "Assented to on June 4, 2001\n", "7 of 2001", "2001-06-04"),
        ("Lag (2018:218) med bestämmelser", "", "2018:218", ""),
        ("Regulation (EU) 2016/679 of 27 April 2016", "", "2016/679", "2016-04-27"),
        ("Ustawa z dnia 2 marca 2018 r.", "", "", "2018-03-02"),
        ("Федеральный закон", "от 27 июля 2006 года № 152-ФЗ\n", "", "2006-07-27"),
        ("供水条例", "2013年5月1日起施行\n", "", "2013-05-01"),
        ("", "Ausgefertigt: 30.06.2017\n", "", "2017-06-30"),
        ("", "In force 2024-05-03\n", "", "2024-05-03"),
    ],
)  # fmt: skip
def test_number_and_day_are_found(title: str, head: str, number: str, dated: str) -> None:
    assert imprint_of(title, head) == (number, dated)


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("", "CÔNG BÁO/Số 280/Ngày 12-5-2026\n"),
        ("", "Gazette No. 12\n"),
        ("", "Căn cứ Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015;\n"),
        (
            "",
            "Having regard to the Treaty on the Ponds of the Union as it was made on 3 May 1999\n",
        ),
        ("", "Made on 3/5/2024\n"),
        ("", "On 31 June 2024\n"),
        ("", "10. listopada 2020\n"),
    ],
)
def test_what_is_another_documents_or_not_clear_is_none(title: str, head: str) -> None:
    assert imprint_of(title, head) == ("", "")


def test_the_documents_own_number_outdoes_that_of_the_act_it_amends() -> None:
    title = "Decree that amends Decree No. 124/2020 of 19 October 2020"
    assert imprint_of(title, "No. 155/2026\n15 May 2026\n") == ("155/2026", "2026-05-15")


def test_what_is_below_the_first_article_is_not_asked(tmp_path: Path) -> None:
    plan = planned(tmp_path, "pond.txt", ARTICLES + "No. 12/2024, 3 May 2024\n")
    assert plan.imprint == Imprint(code_from=CodeFrom.FILE_NAME)


AKN = """<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><meta>
<identification source="#x"><FRBRWork><FRBRthis value="/akn/za/act/2002/4/!main"/>
<FRBRuri value="/akn/za/act/2002/4"/><FRBRdate date="2002-05-03" name="made"/><FRBRauthor href="#x"/>
<FRBRcountry value="za"/><FRBRnumber value="4"/></FRBRWork><FRBRExpression><FRBRthis value="x"/>
<FRBRuri value="/akn/za/act/2002/4/eng@2010"/><FRBRdate date="2010-01-01" name="x"/>
</FRBRExpression></identification></meta><body>
<section eId="sec_1"><num>1.</num><heading>One</heading><content><p>{text}</p></content></section>
<section eId="sec_2"><num>2.</num><heading>Two</heading><content><p>So.</p></content></section>
</body></act></akomaNtoso>"""


def test_two_files_of_one_work_are_two_versions_of_it(tmp_path: Path) -> None:
    first = planned(tmp_path, "download-1.xml", AKN.format(text="It is so."))
    second = planned(tmp_path, "final (2).xml", AKN.format(text="It is not so."))
    assert first.document_code == second.document_code == "za.act.2002.4"
    assert first.imprint == Imprint("4", "2002-05-03", CodeFrom.WORK)
    assert first.text_sha256 != second.text_sha256


def test_the_work_of_what_is_attached_is_not_the_documents(tmp_path: Path) -> None:
    own = '<FRBRWork><FRBRuri value=""/><FRBRdate date="2999-01-01" name=""/></FRBRWork>'
    attached = AKN[AKN.index("<identification") : AKN.index("</identification>")]
    law = AKN.replace(attached, f'<identification source="#x">{own}')
    annex = f"<attachments><attachment><doc><meta>{attached}</identification></meta></doc>"
    law = law.replace("</body>", f"</body>{annex}</attachment></attachments>")
    plan = planned(tmp_path, "pond.xml", law.format(text="It is so."))
    assert plan.imprint == Imprint("", "", CodeFrom.FILE_NAME)


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("/akn/eu/act/directive/ep/2014/92/", "eu.act.directive.ep.2014.92"),
        ("/akn/fi/act/statute/2024/123", "fi.act.statute.2024.123"),
        ("/za-cpt/act/by-law/2010/air_quality", "za-cpt.act.by-law.2010.air-quality"),
        ("", ""),
        ("/akn/za", ""),
        ("/akn/za/act/" + "x" * 80, ""),
        ("/akn/za/act/!!/4", ""),
    ],
)
def test_a_code_is_made_of_a_works_address_where_it_is_one(uri: str, code: str) -> None:
    assert code_of_work(uri) == code


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        (ARTICLES, {"code": "xx.1"}, CodeFrom.SAID),
        (f"---\ncode: xx.2\n---\n{ARTICLES}", {}, CodeFrom.DOCUMENT),
        (ARTICLES, {}, CodeFrom.FILE_NAME),
    ],
)
def test_a_plan_says_where_its_code_is_from(
    tmp_path: Path, text: str, options: dict[str, str], expected: CodeFrom
) -> None:
    assert planned(tmp_path, "pond.txt", text, **options).imprint.code_from is expected


def test_what_it_says_of_itself_is_no_part_of_what_is_signed(tmp_path: Path) -> None:
    named = planned(tmp_path, "pond.txt", ARTICLES)
    said = planned(tmp_path, "other.txt", ARTICLES, code="pond")
    assert named.imprint != said.imprint
    assert named.plan_digest == said.plan_digest


def test_a_uslm_law_is_cited_as_it_says(tmp_path: Path) -> None:
    text = """<pLaw xmlns="http://schemas.gpo.gov/xml/uslm"><meta><citableAs>Public Law 1–2</citableAs>
    <docNumber>2</docNumber><approvedDate>2014-12-19</approvedDate></meta><main>
    <section identifier="/us/s1"><num value="1">SEC. 1.</num><heading>One</heading><content>So.</content></section>
    <section identifier="/us/s2"><num value="2">SEC. 2.</num><heading>Two</heading><content>So.</content></section>
    </main></pLaw>"""
    imprint = planned(tmp_path, "law.xml", text).imprint
    assert (imprint.number, imprint.dated) == ("Public Law 1–2", "2014-12-19")


USLM = """<{root} xmlns="http://schemas.gpo.gov/xml/uslm"{own}><meta>{meta}</meta><main>
<section{of}><num value="1">SEC. 1.</num><heading>One</heading><content>So.</content></section>
<section><num value="2">SEC. 2.</num><heading>Two</heading><content>So.</content></section>
</main></{root}>"""
NUMBERED = "<congress>113</congress><docNumber>287</docNumber>"


@pytest.mark.parametrize(
    ("root", "own", "of", "meta", "code"),
    [
        ("pLaw", "", "", NUMBERED, "us.pl.113.287"),
        ("pLaw", "", "/us/pl/117/328/dA/tI/s1", "", "us.pl.117.328"),
        ("bill", "", "/us/bill/116/hr/1000/s1", NUMBERED, "us.bill.116.hr.1000"),
        ("statuteCompilation", "", "/us/sComp/84/885/tI", "", "us.scomp.84.885"),
        ("uscDoc", "/us/usc/t4", "/us/usc/t4/s1", "", "us.usc.t4"),
        ("uscDoc", "", "/us/usc/t4/s1", "", "download"),
        ("cfrDoc", "", "/us/cfr/t27/p40", NUMBERED, "download"),
        ("pLaw", "", "/us/s1", "<docNumber>287</docNumber>", "download"),
        ("pLaw", "", "/us/pl/117/328s1", "", "download"),
    ],
)
def test_a_uslm_law_has_the_code_of_the_work_that_it_names(
    tmp_path: Path, root: str, own: str, of: str, meta: str, code: str
) -> None:
    own, of = (f' identifier="{one}"' if one else "" for one in (own, of))
    plan = planned(tmp_path, "download.xml", USLM.format(root=root, own=own, of=of, meta=meta))
    assert plan.document_code == code
    assert plan.imprint.code_from is (CodeFrom.FILE_NAME if code == "download" else CodeFrom.WORK)
    assert plan.imprint.number == ("287" if "docNumber" in meta else "")


CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)


@pytest.mark.parametrize(
    ("named", "title"),
    [("The Pond", "The Pond"), ("Microsoft Word - pond", ""), ("pond.docx", ""), ("", "")],
)
def test_the_title_among_a_files_properties_is_the_last_resort(
    tmp_path: Path, named: str, title: str
) -> None:
    body = "".join(paragraph(line) for line in ARTICLES.splitlines() if line)
    assert planned(tmp_path, "one.docx", with_core(docx(body), named)).document.title == title
    own = with_core(docx(paragraph("Pond Act") + body), named)
    assert planned(tmp_path, "two.docx", own).document.title == "Pond Act"


def with_core(data: bytes, named: str) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("docProps/core.xml", CORE.format(named))
    return file.getvalue()
