"""What is not a DOCX, or is one that means harm, is refused by name, within 5 seconds and 300
MiB.
"""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.readers.docx.package import OLE_MAGIC
from adapters.readers.docx.reader import DocxReader
from adapters.readers.text.limits import MAX_DOCUMENT_BYTES
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity
from tests.unit.readers.docx_files import docx, numbered, package, paragraph, part, table

_SECONDS: Final = 5.0
_GOOD: Final = docx(
    paragraph("Điều 1. Một") + numbered("Hai", 1) + table(("a", "b")),
    numbering='<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    styles='<w:style w:type="paragraph" w:styleId="A"/>',
)


def refusal(data: bytes) -> str:
    """The sentence that a document is refused with; it must come in time."""
    begin = time.thread_time()
    with pytest.raises(DocumentRefused) as caught:
        DocxReader().read(data, granularity=Granularity.BASIC, profile=None)
    assert time.thread_time() - begin < _SECONDS
    return str(caught.value)


def with_document(xml: str | bytes, **more: str) -> bytes:
    files: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>", "word/document.xml": xml}
    return package(files | more)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"}, "Excel workbook"),
        ({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<x/>"}, "PowerPoint"),
        (
            {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"},
            "OpenDocument",
        ),
        ({"META-INF/container.xml": "<x/>", "mimetype": "application/epub+zip"}, "EPUB"),
        ({"law.txt": "Điều 1."}, "ZIP archive without a Word document"),
        ({"inner.zip": _GOOD, "inner.docx": _GOOD}, "ZIP archive without a Word document"),
        ({"[Content_Types].xml": "<Types/>", "word/other.xml": "<x/>"}, "no main document part"),
    ],
)
def test_other_packages_are_refused_by_name(files: dict[str, str | bytes], said: str) -> None:
    assert said in refusal(package(files))


@pytest.mark.parametrize(
    ("stream", "said"),
    [("WordDocument", "Word 97-2003"), ("EncryptedPackage", "encrypted"), ("Workbook", "OLE file")],
)
def test_ole_files_are_refused_by_name(stream: str, said: str) -> None:
    assert said in refusal(OLE_MAGIC + bytes(512) + stream.encode("utf-16-le") + bytes(512))


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(_GOOD)
    at = data.rfind(b"word/document.xml") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 8] |= 1
    assert "without a password" in refusal(bytes(data))


def test_a_document_beyond_the_size_limit_is_refused() -> None:
    assert "64 MiB at most" in refusal(b"PK\x03\x04" + bytes(MAX_DOCUMENT_BYTES))


def test_a_zip_bomb_is_refused() -> None:
    bomb = with_document(part("document", f"<w:body>{paragraph('x' * 40_000_000)}</w:body>"))
    assert len(bomb) < 200_000
    assert "ZIP bomb" in refusal(bomb)


def test_a_bomb_in_a_side_part_is_refused() -> None:
    rels = "<Relationships>" + " " * 40_000_000 + "</Relationships>"
    assert "MiB" in refusal(with_document(part("document", ""), **{"_rels/.rels": rels}))


def test_a_directory_of_a_million_entries_is_refused_before_it_is_parsed() -> None:
    entry = (
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
        + b"a"
    )
    directory = entry * 300_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 4, 0)
    assert "directory" in refusal(b"PK\x03\x04" + directory + end)


def test_more_entries_than_a_document_has_are_refused() -> None:
    files: dict[str, str | bytes] = {f"word/media/{i}": b"" for i in range(10_001)}
    assert "entries" in refusal(package(files))


def test_a_document_type_is_refused_with_all_its_entities() -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 20))
    bomb = (
        f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>' + part("document", "&e19;").split("?>", 1)[1]
    )
    outside = (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        + part("document", "&e;").split("?>", 1)[1]
    )
    for xml in (bomb, outside):
        assert "document type" in refusal(with_document(xml))
        good = part("document", f"<w:body>{paragraph('x')}</w:body>")
        rels = xml.replace("w:document", "Relationships")
        assert refusal(with_document(good, **{"_rels/.rels": rels}))


def test_nesting_without_end_is_refused() -> None:
    deep = "<w:sdt>" * 10_000 + paragraph("x") + "</w:sdt>" * 10_000
    assert "deep" in refusal(with_document(part("document", f"<w:body>{deep}</w:body>")))


def test_xml_that_is_not_well_formed_is_refused_by_part() -> None:
    assert "word/document.xml" in refusal(with_document(part("document", "<w:body>")))
    assert "word/document.xml" in refusal(with_document(b"\xff\xfe\x00\x00 noise"))
    assert "word/numbering.xml" in refusal(docx(paragraph("x"), numbering="<w:num>"))


def test_every_truncation_is_refused() -> None:
    for size in range(0, len(_GOOD) - 1, 97):
        assert refusal(_GOOD[:size])


def test_a_package_of_a_later_zip_version_is_refused() -> None:
    data = bytearray(_GOOD)
    data[data.rfind(b"PK\x01\x02") + 6] = 64
    assert "zip file version" in refusal(bytes(data))


def test_noise_is_refused() -> None:
    noise = random.Random(7).randbytes(100_000)  # noqa: S311 - noise, not a secret
    for data in (noise, b"PK\x03\x04" + noise, OLE_MAGIC + noise, b"PK\x05\x06" + bytes(18)):
        assert refusal(data)


def test_a_part_packed_in_a_foreign_way_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", part("document", ""))
    assert "packed in a way" in refusal(out.getvalue())


def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as out:
            out.write(part("document", "<w:body>").removesuffix("</w:document>").encode())
            for _ in range(100):
                out.write(b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 30_000)
    script = (
        "import sys; from adapters.readers.docx.reader import DocxReader; from domain.errors "
        "import DocumentRefused\n"
        "from domain.reading.marks import Granularity\n"
        "try: DocxReader().read(open(sys.argv[1], 'rb').read(), granularity=Granularity.BASIC, "
        "profile=None)\n"
        "except DocumentRefused as error: print(error)\n"
        "print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) // 1024)"
    )
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, str(bomb)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    sentence, mebibytes = done.stdout.splitlines()
    assert "ZIP bomb" in sentence
    assert int(mebibytes) < 300
    assert time.monotonic() - begin < 4 * _SECONDS  # a busy machine


@settings(max_examples=150, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(_GOOD) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, 40),
)
def test_a_damaged_package_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(_GOOD)
    for at, value in changes:
        data[at] = value
    read_or_refuse(bytes(data[: len(data) - cut] if cut > 20 else data))


_NAMES: Final = (
    "p r t tbl tr tc trPr pPr rPr del ins sdt txbxContent instrText fldSimple footnote "
    "moveFrom docPartGallery "
    "footnoteReference numPr numId ilvl sectPr"
)
_XML: Final = st.recursive(
    st.sampled_from(
        [
            "Điều 1. ",
            "x",
            "<w:tab/>",
            "<w:br/>",
            '<w:sym w:char="F0B7"/>',
            '<w:sym w:char="D800"/>',
            "<w:vanish/>",
        ]
    )
    | st.sampled_from(["begin", "separate", "end"]).map(
        lambda kind: f'<w:fldChar w:fldCharType="{kind}"/>'
    ),
    lambda inner: st.tuples(
        st.sampled_from(_NAMES.split()),
        st.lists(inner, max_size=4),
    ).map(lambda made: f'<w:{made[0]} w:val="1">{"".join(made[1])}</w:{made[0]}>'),
    max_leaves=25,
)


@pytest.mark.slow
@settings(max_examples=200, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_XML, max_size=6), st.lists(_XML, max_size=2))
def test_elements_in_any_order_are_read_or_refused(body: list[str], notes: list[str]) -> None:
    read_or_refuse(
        docx(
            "".join(body), footnotes="".join(notes), numbering="".join(notes), styles="".join(body)
        )
    )


def read_or_refuse(data: bytes) -> None:
    try:
        found = DocxReader().read(data, granularity=Granularity.SUB, profile=None)
    except DocumentRefused:
        return
    assert found.text
    assert all(0 <= m.start < m.end <= len(found.text) for m in found.marks)
