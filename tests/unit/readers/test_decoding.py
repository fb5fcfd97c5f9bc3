"""Bytes that are not UTF-8, letters that are none, and files under another suffix: each is read or
named for what it is, with the way out.
"""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.docx.reader import docx_text
from adapters.readers.text.encodings import likely_encoding
from domain.errors import DocumentRefused
from tests.unit.readers.docx_files import docx, paragraph, run
from tests.unit.readers.helpers import codes, numbers

LAW = "Điều 1. Ao\nAo sâu.\n\nĐiều 2. Cá\nCá bơi.\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_utf_16_and_utf_32_with_a_byte_order_mark_are_read(encoding: str) -> None:
    data = LAW.encode(encoding)
    if encoding.endswith("be"):
        data = "\ufeff".encode(encoding) + data
    for name in ("law.txt", "law.md"):
        found = read_document(data, name=name, profile="vi")
        assert found.text == "\ufeff" + LAW
        assert numbers(found) == ["1", "2"]


@pytest.mark.parametrize("encoding", ["UTF-16LE", "UTF-16BE"])
def test_utf_16_without_a_byte_order_mark_is_named(encoding: str) -> None:
    with pytest.raises(DocumentRefused, match=f"iconv -f {encoding} -t UTF-8 IN > OUT"):
        read_document("Article 1. Ponds\n".encode(encoding), name="law.txt")


def test_a_broken_utf_16_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="begins like UTF-16-LE and is none"):
        read_document(b"\xff\xfeA\x00\x00\xd8A\x00", name="law.txt")
    with pytest.raises(DocumentRefused, match="binary, not text"):
        read_document("a\0b".encode("utf-16"), name="law.txt")


PANGRAMS = {
    "fr": (
        "WINDOWS-1252",
        "Article premier. Cet étang a été créé où les brèmes sont très âgées.\n",
    ),
    "de": ("WINDOWS-1252", "§ 1 Zweck. Dieses Gesetz schützt größere Gewässer für alle.\n"),
    "es": ("WINDOWS-1252", "Artículo 1. La presente ley regirá en la región; los niños también.\n"),
    "pt": ("WINDOWS-1252", "Artigo 1.º As lagoas não são da União; há proteções.\n"),
    "pl": ("WINDOWS-1250", "Art. 1. Ustawa określa, które źródła są własnością państwa.\n"),
    "pl-iso": ("ISO-8859-2", "Art. 1. Ustawa określa, które źródła są własnością państwa.\n"),
    "cs": ("WINDOWS-1250", "§ 1 Tento zákon upravuje práva při ochraně rybníků a řek.\n"),
    "ru": ("WINDOWS-1251", "Статья 1. Настоящий Закон охраняет пруды и реки.\n"),
    "ru-koi": ("KOI8-R", "Статья 1. Настоящий Закон охраняет пруды и реки.\n"),
    "ru-iso": ("ISO-8859-5", "Статья 1. Настоящий Закон охраняет пруды и реки.\n"),
    "uk": ("WINDOWS-1251", "Стаття 1. Цей Закон охороняє її ставки та річки України.\n"),
    "el": ("WINDOWS-1253", "Άρθρο 1. Ο παρών νόμος προστατεύει τις λίμνες.\n"),
    "tr": ("WINDOWS-1254", "Madde 1 - Bu Kanunun amacı göllerin ve balıkların korunmasıdır.\n"),
    "he": ("WINDOWS-1255", "סעיף 1. חוק זה מסדיר את הגנת הבריכות.\n"),
    "ar": ("WINDOWS-1256", "المادة 1. ينظم هذا القانون حماية البرك والأسماك.\n"),
    "lt": ("WINDOWS-1257", "1 straipsnis. Šis įstatymas saugo tvenkinius ir žuvų ūkį.\n"),
    "ja": ("SHIFT_JIS", "第一条　この法律は、池の魚を守ることを目的とする。\n"),
    "ja-euc": ("EUC-JP", "第一条　この法律は、池の魚を守ることを目的とする。\n"),
    "ko": ("EUC-KR", "제1조(목적) 이 법은 연못의 물고기를 보호함을 목적으로 한다.\n"),
    "zh": ("GB18030", "第一条 为了保护池塘的鱼类，制定本法。国家应当保护人民的权利。\n"),
    "zh-big5": ("BIG5", "第一條 為了保護池塘的魚類，制定本法。國家應當保護人民的權利。\n"),
}


@pytest.mark.parametrize("language", PANGRAMS)
def test_another_encoding_is_named_with_the_command_that_converts_it(language: str) -> None:
    encoding, text = PANGRAMS[language]
    with pytest.raises(DocumentRefused, match=f"iconv -f {encoding} -t UTF-8 IN > OUT"):
        read_document(text.encode(encoding), name="law.txt")


def test_vietnamese_in_windows_1258_is_named() -> None:
    data = bytes(
        "a) Chủ vươ\u0300n; b) Thơ\u0323 vươ\u0300n; đ) Khách của vươ\u0300n.", "cp1258", "ignore"
    )
    assert likely_encoding(data) == "WINDOWS-1258"


def test_noise_has_no_encoding() -> None:
    data = bytes(range(0x80, 0x100)) * 3
    assert likely_encoding(data) is None
    with pytest.raises(DocumentRefused, match="iconv -f ITS-ENCODING"):
        read_document(b"Article 1\n" + data, name="law.txt")


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "latin-1"])
def test_utf_8_encoded_twice_is_refused(encoding: str) -> None:
    once = "Điều 1. Luật này quy định về vườn cây. Статья 1. Пруд глубок. Été là."
    twice = once.encode().decode(encoding, "ignore")
    with pytest.raises(DocumentRefused, match="encoded a second time"):
        read_document(twice.encode(), name="law.txt")


def test_letters_that_look_like_it_are_no_utf_8_encoded_twice() -> None:
    for text in (
        "Article 1. « Été » – déjà vu, “naïve” café. À l’été.\n" * 5,
        "Artikel 1. Für größere Bäche schön.\n" * 5,
        "Статья 1. «Пруд» № 5 — глубок.\n" * 5,
    ):
        assert read_document(text.encode(), name="law.txt").text == text


TCVN3 = "§iÒu 1. LuËt nµy quy ®Þnh vÒ v\u00adên.\n1. §Êt cã c©y.\n2. Ng\u00adêi lµm v\u00adên.\n"
VNI = "Ñieàu 1. Luaät naøy quy ñònh veà vöôøn.\n1. Ñaát coù caây.\n2. Ngöôøi laøm vöôøn.\n"


@pytest.mark.parametrize(("text", "name"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
def test_letters_of_legacy_vietnamese_fonts_are_refused(text: str, name: str) -> None:
    for data, called in (
        (text.encode(), "law.txt"),
        (f"<html><body><p>{text}</p></body></html>".encode(), "law.html"),
        (docx(paragraph(text)), "law.docx"),
    ):
        with pytest.raises(DocumentRefused, match=f"legacy Vietnamese font encoding {name}"):
            read_document(data, name=called)


def test_a_legacy_font_in_word_is_a_warning_that_names_it() -> None:
    font = '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>'
    body = paragraph("Article 1") + paragraph(run("®iÒu", font), run("x", font))
    style = f'<w:style w:type="paragraph" w:styleId="V"><w:rPr>{font}</w:rPr></w:style>'
    styled = paragraph(run("lµ"), properties='<w:pStyle w:val="V"/>')
    for made, line in ((docx(body), 2), (docx(styled, styles=style), 1)):
        [warning] = docx_text(made).warnings
        assert (warning.code, warning.line) == ("legacy-encoding", line)
        assert ".VnTime" in warning.reason
    # Unicode in such a font, and other languages in other fonts, are what they look like.
    assert docx_text(docx(paragraph(run("điều ạ", font).replace("đ", "d")))).warnings == []
    assert docx_text(docx(paragraph(run("Été", '<w:rFonts w:ascii="Arial"/>')))).warnings == []


def test_a_page_under_a_name_of_word_is_read() -> None:
    page = b"\n<!DOCTYPE html><html><body><p>Article 1</p><p>Article 2</p></body></html>"
    for name in ("law.docx", "law.doc", "law.dotx"):
        found = read_document(page, name=name)
        assert (found.reader, numbers(found)) == ("html", ["1", "2"])


def test_what_is_no_package_is_named() -> None:
    with pytest.raises(DocumentRefused, match="not a ZIP package but text"):
        read_document(b"Article 1", name="law.docx")
    archive = (
        b"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        b'\tboundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<html></html>'
    )
    for name in ("law.doc", "law.mht", "law.html"):
        with pytest.raises(DocumentRefused, match=f"{name} is a web archive"):
            read_document(archive, name=name)
    with pytest.raises(DocumentRefused, match="RTF"):
        read_document(b"{\\rtf1 x}", name="law.docx")


def field(instruction: str, result: str = "") -> str:
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}' if result else ""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>{shown}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    "kind", [" LISTNUM NumberDefault \\l 1", "SEQ art", "AUTONUM", " autonumlgl "]
)
def test_a_number_that_word_counts_and_does_not_store_is_a_warning(kind: str) -> None:
    body = paragraph("Ponds") + paragraph("Article ", field(kind), run(" Fish"))
    [warning] = docx_text(docx(body)).warnings
    assert (warning.code, warning.line) == ("number-not-stored", 2)


def test_numbers_that_are_stored_or_hidden_are_none() -> None:
    simple = f'<w:fldSimple w:instr="SEQ art">{run("1")}</w:fldSimple>'
    for inner in (field("SEQ art", "1"), field("SEQ art \\h"), field("PAGE"), simple):
        assert docx_text(docx(paragraph("Article ", inner, run(" x")))).warnings == []
    empty = '<w:fldSimple w:instr="SEQ art"/>'
    found = read_document(docx(paragraph("Article 1") + paragraph("x", empty)), name="a.docx")
    assert codes(found) == ["number-not-stored"]
