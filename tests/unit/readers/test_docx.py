"""The DOCX reader: the text that Word would print, and the units in it."""

from __future__ import annotations

import pytest

from adapters.readers.docx.reader import DocxReader, docx_text
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, Level, ReadDocument, gaps_between
from tests.unit.readers.docx_files import docx, numbered, paragraph, run, table


def text_of(body: str, **parts: str) -> str:
    return docx_text(docx(body, **parts)).text


def read(body: str, **parts: str) -> ReadDocument:
    return DocxReader().read(docx(body, **parts), granularity=Granularity.BASIC, profile=None)


def levels(*lines: str, num: str = "") -> str:
    """A numbering part with one list of these levels, used by numId 1."""
    inner = "".join(f'<w:lvl w:ilvl="{i}">{line}</w:lvl>' for i, line in enumerate(lines))
    abstract = f'<w:abstractNum w:abstractNumId="7">{inner}</w:abstractNum>'
    return f'{abstract}<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>{num}'


def level(form: str, text: str, more: str = "") -> str:
    return f'<w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{more}'


LAW = (
    paragraph("Chương I")
    + paragraph("QUY ĐỊNH CHUNG")
    + paragraph("Điều 1. Phạm vi điều chỉnh")
    + paragraph("Luật này quy định về việc lưu trữ.")
    + paragraph("Điều 2. Đối tượng áp dụng")
    + paragraph("Luật này áp dụng đối với mọi cơ quan.")
    + paragraph("Điều 3. Hiệu lực thi hành")
    + paragraph("Luật này có hiệu lực từ ngày ký.")
)


def test_articles_are_found_without_any_style() -> None:
    found = read(LAW)
    basic = [m for m in found.marks if m.level is Level.BASIC]
    assert [m.number for m in basic] == ["1", "2", "3"]
    assert basic[0].title == "Phạm vi điều chỉnh"
    assert found.reader == "docx"
    assert found.profile == "vi"


def test_rows_and_gaps_rebuild_the_text() -> None:
    found = read(LAW + table(("Nơi nhận", "CHỦ TỊCH")))
    spans = [(m.start, m.end) for m in found.marks]
    pieces = sorted([*spans, *gaps_between(len(found.text), spans)])
    assert "".join(found.text[start:end] for start, end in pieces) == found.text


def test_a_paragraph_is_a_line_and_runs_join() -> None:
    assert (
        text_of(paragraph("Điều ", "1", ". Tên") + paragraph() + paragraph("Hết"))
        == "Điều 1. Tên\n\nHết\n"
    )


def test_tabs_breaks_and_special_hyphens_are_characters() -> None:
    inner = "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/><w:cr/></w:r>"
    assert text_of(paragraph(inner, "e")) == "a\tb\nc\u2011d\u00ad\ne\n"


def test_tab_stops_are_not_tabs() -> None:
    assert (
        text_of(paragraph("x", properties='<w:tabs><w:tab w:val="left" w:pos="9"/></w:tabs>'))
        == "x\n"
    )


def test_unicode_is_left_as_it_is() -> None:
    odd = "Ðiều 1. u\u031b\u0301 và ứ"  # U+00D0, and both normal forms in one line
    assert text_of(paragraph(odd)) == odd + "\n"


def test_tracked_changes_read_as_accepted() -> None:
    deleted = '<w:del w:id="1"><w:r><w:delText>cũ</w:delText></w:r></w:del>'
    moved = '<w:moveFrom w:id="2"><w:r><w:t>đi</w:t></w:r></w:moveFrom><w:moveTo w:id="3"><w:r><w:t>đến</w:t></w:r></w:moveTo>'
    inserted = '<w:ins w:id="4"><w:r><w:t> mới</w:t></w:r></w:ins>'
    assert text_of(paragraph(deleted, moved, inserted)) == "đến mới\n"


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    gone = '<w:rPr><w:del w:id="1"/></w:rPr>'
    assert text_of(paragraph("một ", properties=gone) + paragraph("hai")) == "một hai\n"
    assert text_of(paragraph("cuối", properties=gone)) == "cuối\n"


def test_a_deleted_row_is_not_text() -> None:
    row = f'<w:tr><w:trPr><w:del w:id="1"/></w:trPr><w:tc>{paragraph("gone")}</w:tc></w:tr>'
    kept = f"<w:tr><w:tc>{paragraph('kept')}</w:tc></w:tr>"
    assert text_of(f"<w:tbl>{row}{kept}</w:tbl>") == "kept\n"


def test_old_properties_of_a_tracked_change_are_ignored() -> None:
    change = (
        '<w:pPrChange w:id="1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>'
    )
    numbering = levels(level("decimal", "%1."))
    assert text_of(paragraph("x", properties=change), numbering=numbering) == "x\n"


def test_fields_show_their_result() -> None:
    def char(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    instruction = "<w:r><w:instrText>REF muc1 \\h</w:instrText></w:r>"
    field = char("begin") + instruction + char("separate") + run("Điều 5") + char("end")
    simple = '<w:fldSimple w:instr="DATE"><w:r><w:t>hôm nay</w:t></w:r></w:fldSimple>'
    assert text_of(paragraph("theo ", field, ", ", simple)) == "theo Điều 5, hôm nay\n"


def test_a_field_that_never_ends_is_refused_rather_than_lost() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    with pytest.raises(DocumentRefused, match="field that never ends"):
        text_of(paragraph(begin, "Điều 1. Mất"))


def test_content_controls_smart_tags_and_links_are_transparent() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('a')}</w:sdtContent></w:sdt>"
    smart = f'<w:smartTag w:element="x"><w:smartTagPr/>{run("b")}</w:smartTag>'
    link = f"<w:hyperlink>{run('c')}</w:hyperlink>"
    block = f"<w:sdt><w:sdtContent>{paragraph('d')}</w:sdtContent></w:sdt>"
    assert text_of(paragraph(control, smart, link) + block) == "abc\nd\n"


def test_text_boxes_follow_their_paragraph_once() -> None:
    def box(text: str) -> str:
        return f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"

    forms = f"<mc:Choice>{box('khung')}</mc:Choice><mc:Fallback>{box('khung')}</mc:Fallback>"
    both = f"<mc:AlternateContent>{forms}</mc:AlternateContent>"
    assert text_of(paragraph("trước ", f"<w:r>{both}</w:r>", "sau")) == "trước sau\nkhung\n"


def test_hidden_text_is_left_out_with_a_warning() -> None:
    written = docx_text(
        docx(paragraph("thấy", run(" ẩn", "<w:vanish/>"), run(" rõ", '<w:vanish w:val="0"/>')))
    )
    assert written.text == "thấy rõ\n"
    assert [w.code for w in written.warnings] == ["hidden-text"]


def test_table_text_is_kept_in_order_and_starts_no_unit() -> None:
    body = LAW + table(("Điều 9. Trong bảng", "cột hai"), ("hàng hai", "")) + paragraph("Hết")
    found = read(body)
    assert "Điều 9. Trong bảng\tcột hai\nhàng hai\t\nHết\n" in found.text
    assert [m.number for m in found.marks if m.level is Level.BASIC] == ["1", "2", "3"]


def test_a_law_that_stands_in_a_table_as_a_whole_is_read_with_a_warning() -> None:
    rows = [
        row
        for n in (1, 2, 3)
        for row in ((f"Điều {n}. Tên điều",), ("Cơ quan có trách nhiệm thi hành Luật này.",))
    ]
    found = read(table(*rows))
    assert [m.number for m in found.marks if m.level is Level.BASIC] == ["1", "2", "3"]
    assert "units-in-tables" in [w.code for w in found.warnings]


def test_notes_follow_the_text_and_belong_to_no_unit() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = f'<w:footnote w:id="2">{paragraph(" Sửa đổi năm 2020.")}{paragraph("Dòng hai.")}</w:footnote>'
    body = LAW.replace(
        "Phạm vi điều chỉnh</w:t></w:r>", f"Phạm vi điều chỉnh</w:t></w:r>{reference}"
    )
    found = read(body, footnotes=notes)
    assert "Phạm vi điều chỉnh[1]\n" in found.text
    assert found.text.endswith("[1] Sửa đổi năm 2020.\nDòng hai.\n")
    assert found.marks[-1].end <= found.text.index("[1] Sửa đổi")


def test_headings_of_styles_are_hints_and_contents_start_no_unit() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="Mine"/><w:basedOn w:val="H0"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="H0"><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    )
    body = paragraph("Điều 1. Một", properties='<w:pStyle w:val="T"/>') + paragraph(
        "x", properties='<w:pStyle w:val="H"/>'
    )
    written = docx_text(docx(body, styles=styles))
    assert written.excluded == [(0, 11)]
    assert written.headings == {12: 2}


def test_a_table_of_contents_is_told_by_its_control_or_its_field() -> None:
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    control = f"<w:sdt>{gallery}<w:sdtContent>{paragraph('Điều 1')}</w:sdtContent></w:sdt>"
    field = '<w:fldSimple w:instr=" TOC \\o "><w:r><w:t>Điều 1</w:t></w:r></w:fldSimple>'
    assert docx_text(docx(control + paragraph("sau"))).excluded == [(0, 6)]
    assert docx_text(docx(paragraph(field) + paragraph("sau"))).excluded == [(0, 6)]


def test_a_paragraph_that_links_into_the_document_is_an_entry_of_its_contents() -> None:
    def linked(text: str, anchor: str, more: str = "") -> str:
        return paragraph(f'<w:hyperlink w:anchor="{anchor}">{run(text)}</w:hyperlink>', more)

    own = '<w:bookmarkStart w:id="1" w:name="d2"/>'
    body = (
        linked("Điều 1. Một", "_Toc1")
        + linked("Điều 2. Hai", "d2", own)
        + linked("Điều 3", "d3", run(" và những điều sau đó"))
    )
    assert docx_text(docx(body)).excluded == [(0, 11)]


def test_raised_digits_are_no_digits_of_the_number_before_them() -> None:
    raised = '<w:vertAlign w:val="superscript"/>'
    assert (
        text_of(paragraph("Art. 5", run("1", raised), " m", run("2", raised), run("3")))
        == "Art. 5¹ m²3\n"
    )
    mark = f"<w:rPr>{raised}</w:rPr>"
    assert text_of(paragraph("Art. 5", "1", properties=mark)) == "Art. 51\n"


def test_a_contents_field_that_never_ends_hides_nothing() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>TOC</w:instrText><w:fldChar w:fldCharType="separate"/></w:r>'
    assert docx_text(docx(paragraph(begin, "Điều 1") + paragraph("Điều 2"))).excluded == []


def test_imported_files_are_refused_rather_than_lost() -> None:
    with pytest.raises(DocumentRefused, match="takes in another file"):
        text_of(paragraph("x") + '<w:altChunk r:id="r9"/>')


def test_a_document_of_pictures_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="holds no text"):
        text_of(paragraph())


class TestListLabels:
    def test_labels_are_printed_before_the_text(self) -> None:
        numbering = levels(
            level("decimal", "Điều %1.", '<w:suff w:val="space"/>'), level("lowerLetter", "%2)")
        )
        body = (
            numbered("Một", 1)
            + numbered("a", 1, 1)
            + numbered("b", 1, 1)
            + numbered("Hai", 1)
            + numbered("a", 1, 1)
        )
        assert (
            text_of(body, numbering=numbering) == "Điều 1. Một\na)\ta\nb)\tb\nĐiều 2. Hai\na)\ta\n"
        )

    def test_lower_levels_show_the_numbers_above_them(self) -> None:
        numbering = levels(
            level("upperRoman", "%1."),
            level("decimal", "%1.%2", '<w:isLgl/><w:suff w:val="nothing"/>'),
        )
        body = numbered("", 1) + numbered("", 1) + numbered(" x", 1, 1)
        assert text_of(body, numbering=numbering) == "I.\t\nII.\t\n2.1 x\n"

    def test_a_level_can_go_on_counting(self) -> None:
        numbering = levels(
            level("decimal", "Phần %1"), level("decimal", "%2.", '<w:lvlRestart w:val="0"/>')
        )
        body = numbered("", 1) + numbered("x", 1, 1) + numbered("", 1) + numbered("y", 1, 1)
        assert text_of(body, numbering=numbering) == "Phần 1\t\n1.\tx\nPhần 2\t\n2.\ty\n"

    def test_a_second_list_restarts_only_where_it_says_so(self) -> None:
        def num(num_id: int, more: str) -> str:
            return f'<w:num w:numId="{num_id}"><w:abstractNumId w:val="7"/>{more}</w:num>'

        restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
        numbering = levels(level("decimal", "%1."), num=num(2, "") + num(3, restart))
        body = numbered("a", 1) + numbered("b", 2) + numbered("c", 3) + numbered("d", 3)
        assert text_of(body, numbering=numbering) == "1.\ta\n2.\tb\n1.\tc\n2.\td\n"

    def test_a_style_can_number_its_paragraphs(self) -> None:
        styles = (
            '<w:style w:type="paragraph" w:styleId="A"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
            '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>'
        )
        numbering = levels(
            level("decimal", "%1."), level("decimal", "§ %2", '<w:pStyle w:val="B"/>')
        )
        plain = '<w:numPr><w:numId w:val="0"/></w:numPr>'
        body = (
            paragraph("x", properties='<w:pStyle w:val="A"/>')
            + paragraph("y", properties='<w:pStyle w:val="B"/>')
            + paragraph("z", properties=f'<w:pStyle w:val="A"/>{plain}')
        )
        assert text_of(body, numbering=numbering, styles=styles) == "1.\tx\n§ 1\ty\nz\n"

    def test_bullets_are_the_characters_that_their_fonts_show(self) -> None:
        numbering = levels(level("bullet", "\uf0b7"), level("none", ""))
        assert text_of(numbered("x", 1) + numbered("y", 1, 1), numbering=numbering) == "•\tx\ny\n"

    def test_a_deleted_paragraph_takes_no_number(self) -> None:
        gone = '<w:rPr><w:del w:id="1"/></w:rPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        body = numbered("a", 1) + paragraph(properties=gone) + numbered("b", 1)
        assert text_of(body, numbering=levels(level("decimal", "%1."))) == "1.\ta\n2.\tb\n"

    def test_styles_that_are_based_on_each_other_end(self) -> None:
        styles = "".join(
            f'<w:style w:type="paragraph" w:styleId="{a}"><w:basedOn w:val="{b}"/></w:style>'
            for a, b in ("AB", "BA")
        )
        assert text_of(paragraph("x", properties='<w:pStyle w:val="A"/>'), styles=styles) == "x\n"

    def test_numbers_of_the_hand_made_kind_are_harmless(self) -> None:
        numbering = levels(
            level("decimal", "%1.").replace('w:val="1"', 'w:val="9999999999999999999"')
        )
        assert (
            text_of(numbered("x", 1) + numbered("y", 77), numbering=numbering) == "1000000.\tx\ny\n"
        )
