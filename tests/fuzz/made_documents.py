"""Documents for the fuzzer: made up, and good ones damaged, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from adapters.readers.xml.dialects import AKOMA_NTOSO, FORMEX, USLM
from tests.bench.law_texts import akn_law, html_law, markdown_law, plain_law
from tests.support.pdf import Page, Text, column, pdf
from tests.unit.readers.docx_files import docx, numbered, paragraph, part, table

Document = tuple[str, bytes]

_DOCX: Final = docx(
    paragraph("Chương I")
    + paragraph("Điều 1. Một")
    + numbered("Hai", 1)
    + table(("Điều 2", "b"))
    + paragraph("Điều 2. Ba"),
    numbering='<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    styles='<w:style w:type="paragraph" w:styleId="A"><w:name w:val="heading 1"/></w:style>',
)
_PDF: Final = pdf(
    [
        Page(
            [*column(["Article 1. One", "A boat floats.", "Article 2. Two"]), Text(290, 36, str(n))]
        )
        for n in (1, 2)
    ]
)
_VIETNAMESE: Final = (
    "Phần thứ nhất\nCHUNG\nChương I\nQUY ĐỊNH\nMục 1\nĐiều 1. Tên\n1. Khoản một:\na) điểm "
    "a;\nđ) điểm đ.\nĐiều 2. Sửa đổi\n"
    "“Điều 5. Cũ”\nĐiều 3a. Mới\nPHỤ LỤC I\nĐiều 1. Lại\n"
)
_GERMAN: Final = (
    "# Gesetz\n## Buch 1\n### § 1 Anwendung\n(1) Satz.\n### § 1a\n### §§ 3 bis 6 "
    "(weggefallen)\n### Art 229 § 1\nText\n"
)
_FORMEX: Final = (
    "<ACT><TITLE><TI><P>A</P></TI></TITLE><ENACTING.TERMS><ARTICLE "
    "IDENTIFIER='001'><TI.ART>Article 1</TI.ART>"
    "<ALINEA>x</ALINEA></ARTICLE></ENACTING.TERMS></ACT>"
)
_USLM: Final = (
    "<bill xmlns='http://schemas.gpo.gov/xml/uslm'><main><section identifier='/s1'><num "
    "value='1'>SEC. 1.</num>"
    "<heading>Title</heading><content>x</content></section></main></bill>"
)
_BLUEBELL: Final = (
    "BODY\n\nPART 1 - One\n\n  SEC 1. - First\n\n    SUBSEC (1)\n\n      text\n\n  SEC 2. - "
    ""
    "Second\n\n    text\n"
)

GOOD: Final[tuple[Document, ...]] = (
    ("law.txt", plain_law(3_000).encode()),
    ("luat.txt", _VIETNAMESE.encode()),
    ("gesetz.md", _GERMAN.encode()),
    ("law.md", b"---\ntitle: An Act\n---\n" + markdown_law(3_000).encode()),
    ("law.html", html_law(3_000).encode()),
    ("law.xml", akn_law(3_000).encode()),
    ("act.xml", _FORMEX.encode()),
    ("bill.xml", _USLM.encode()),
    ("bluebell.txt", _BLUEBELL.encode()),
    ("law.docx", _DOCX),
    ("law.pdf", _PDF),
)
_SUFFIXES: Final = (".txt", ".md", ".html", ".xml", ".docx", ".bin", "")
_PIECES: Final = (
    *(
        "Điều 1. ",
        "Ðiều 2",
        "Điều 3a.",
        "Chương II",
        "Mục 1.",
        "PHỤ LỤC",
        "“Điều 9. ",
        "”",
        "khoản 2 Điều 4",
    ),
    *(
        "Article 1",
        "Art. 2-bis ",
        "§ 15b",
        "§§ 3 bis 6",
        "Section 4.",
        "PART IV",
        "SCHEDULE",
        "Artigo 5º",
        "1.",
        "2.1. ",
        "A.4. ",
        "(a) ",
        "đ) ",
    ),
    *(
        "# ",
        "## ",
        "---\n",
        "```\n",
        "\n",
        "\r\n",
        "\r\r\n",
        "\f",
        "\ufeff",
        "\u00a0",
        "\t",
        "  ",
        "u\u031b\u0301",
        "\u2028",
        "text ",
        ".",
    ),
    *(
        "<p>",
        "</p>",
        "<table><tr><td>",
        "</table>",
        "<article>",
        "</article>",
        "<num>",
        "<!--",
        "-->",
        "<![CDATA[",
        "&amp;",
        "&#0;",
        "<?x",
    ),
    *("BODY\n", "SEC 1. - A\n", "PART 1\n", "{{^x}}", "QUOTE\n", "TABLE\n", "\x00", "\x1e"),
)


_ROOTS: Final = (
    ("akomaNtoso", "http://docs.oasis-open.org/legaldocml/ns/akn/3.0", tuple(AKOMA_NTOSO.roles)),
    ("bill", "http://schemas.gpo.gov/xml/uslm", tuple(USLM.roles)),
    ("ACT", "", tuple(FORMEX.roles)),
)


def made_up() -> st.SearchStrategy[Document]:
    """A document out of pieces that mean something to some reader, and of any text."""
    pieces = st.lists(st.sampled_from(_PIECES) | st.text(max_size=12), max_size=80).map("".join)
    content = pieces.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(
        max_size=300
    )
    return st.tuples(st.sampled_from(_SUFFIXES).map(lambda suffix: f"made{suffix}"), content)


def damaged() -> st.SearchStrategy[Document]:
    """A good document with bytes overwritten, pieces cut out, doubled or put in."""
    change = st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(("set", "cut", "double", "insert")),
        st.integers(0, 255),
    )
    inserted = st.sampled_from(_PIECES).map(str.encode)
    return st.tuples(
        st.sampled_from(GOOD), st.lists(st.tuples(change, inserted), min_size=1, max_size=8)
    ).map(_damage)


def damaged_parts() -> st.SearchStrategy[Document]:
    """A DOCX whose parts are well packed and damaged inside, which a checksum would otherwise
    hide.
    """
    inner = st.lists(
        st.sampled_from(_PIECES)
        | st.sampled_from(("<w:p>", "</w:p>", "<w:r><w:t>", "</w:t></w:r>", "<w:tbl>")),
        max_size=30,
    )
    return inner.map(
        lambda pieces: ("made.docx", docx("".join(pieces), styles="", numbering=part("num", "")))
    )


def made_pdf() -> st.SearchStrategy[Document]:
    """A PDF whose page draws what no program draws, well packed: a checksum would otherwise hide
    it.
    """
    number = st.integers(-900, 900).map(str)
    operand = number | st.sampled_from(("(Article 1. )", "(a)", "/F0", "/P", "<<", "[", "<00ff>"))
    operator = st.sampled_from(
        (
            "BT",
            "ET",
            "Tf",
            "Tm",
            "Td",
            "Tj",
            "TJ",
            "'",
            "q",
            "Q",
            "cm",
            "Do",
            "Tr",
            "Ts",
            "Tz",
            "T*",
        )
    )
    drawn = st.lists(operand | operator, max_size=60).map(" ".join)
    return drawn.map(
        lambda operators: (
            "made.pdf",
            pdf([Page([Text(70, 700, "Article 1.")], drawn=operators.encode())]),
        )
    )


def made_xml() -> st.SearchStrategy[Document]:
    """Elements of one dialect, nested as no law nests them."""
    return st.sampled_from(_ROOTS).flatmap(_made_dialect)


def _made_dialect(made: tuple[str, str, Sequence[str]]) -> st.SearchStrategy[Document]:
    root, namespace, names = made
    text = st.sampled_from(
        ("", " ", "a", "1.", "(a)", "Article 1", "b c ", " x", "\u00a0", "=", "\n", "&#10;")
    )
    name = st.sampled_from(names)
    leaf = st.tuples(name, text).map(lambda pair: "<{0}>{1}</{0}>".format(*pair))
    inner = st.recursive(
        text | leaf,
        lambda below: st.tuples(name, st.lists(below, max_size=4).map("".join)).map(
            lambda pair: "<{0}>{1}</{0}>".format(*pair)
        ),
        max_leaves=25,
    )
    opening = f'{root} xmlns="{namespace}"' if namespace else root
    return st.lists(inner, max_size=5).map(
        lambda parts: (
            "made.xml",
            f'<?xml version="1.0"?><{opening}>{"".join(parts)}</{root}>'.encode(),
        )
    )


def _damage(made: tuple[Document, list[tuple[tuple[int, str, int], bytes]]]) -> Document:
    (name, content), changes = made
    data = bytearray(content)
    for (place, kind, value), inserted in changes:
        at = place % (len(data) or 1)
        if kind == "set" and data:
            data[at] = value
        elif kind == "cut":
            del data[at : at + value]
        elif kind == "double":
            data[at:at] = data[at : at + value]
        else:
            data[at:at] = inserted
    return name, bytes(data)
