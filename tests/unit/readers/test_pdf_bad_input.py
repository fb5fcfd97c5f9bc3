"""PDF files that are hostile, locked, damaged or no text: refused in one sentence, within limits; and
what the process that opens them can reach.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.pdf import process
from adapters.readers.pdf.process import Limits, read_pdf
from domain.errors import DocumentRefused
from tests.support.pdf import (
    Page,
    Text,
    assembled,
    column,
    packed_stream,
    pdf,
    stream,
)

LAW = pdf([Page(column([f"Article {n}. Boats", "A boat floats.", ""])) for n in range(1, 4)])
SECONDS = 5.0  # for a refusal


def refusal(data: bytes, limits: Limits | None = None) -> str:
    """The sentence that a file is refused with, in good time."""
    begin = time.monotonic()
    with pytest.raises(DocumentRefused) as refused:
        read_pdf(data, limits)
    assert time.monotonic() - begin < 4 * SECONDS  # a busy machine
    (sentence,) = refused.value.args
    assert "\n" not in sentence
    return str(sentence)


def one_page(content: bytes, resources: bytes = b"<<>>", *more: bytes) -> bytes:
    """A file with one page, which draws the packed content."""
    return assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources%s>>"
            % resources,
            content,
            *more,
        ]
    )


def test_an_encrypted_file_is_named_with_the_way_out() -> None:
    sentence = refusal(pdf([Page([Text(70, 700, "Article 1. Boats")])], encrypted=True))
    assert sentence.startswith("This PDF is encrypted; take its password off: qpdf --decrypt")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_is_cut_short_is_never_read_as_a_shorter_law(share: float) -> None:
    assert "cut short" in refusal(LAW[: int(share * len(LAW))])


def test_a_file_with_its_middle_missing_is_refused() -> None:
    third = len(LAW) // 3
    assert "damaged" in refusal(LAW[:third] + LAW[2 * third :])


def test_a_page_that_is_missing_is_not_passed_over() -> None:
    two = [Page(column([f"Article {n}. Boats", "A boat floats."])) for n in (1, 2)]
    assert refusal(pdf(two, count=4)).startswith("Page 3 of this PDF can not be read")


def test_a_damaged_stream_is_not_read_as_an_empty_one() -> None:
    at = LAW.rindex(b"\nstream\n") + 30
    damaged = LAW[:at] + bytes([LAW[at] ^ 0x55]) + LAW[at + 1 :]
    assert "does not unpack" in refusal(damaged)


def test_a_scan_is_refused_with_the_command_that_recognises_it() -> None:
    sentence = refusal(pdf([Page(picture=1.0)] * 3))
    assert "is a scan: 3 of its 3 pages" in sentence
    assert "ocrmypdf -l LANG IN.pdf OUT.pdf" in sentence


def test_a_scan_with_a_stamp_on_each_page_is_a_scan() -> None:
    stamped = Page([Text(60, 800, "Gazette of 1 May, digitally signed")], picture=0.95)
    assert "is a scan" in refusal(pdf([stamped] * 4))


def test_pages_without_anything_are_refused() -> None:
    assert refusal(pdf([Page(), Page()])).startswith("This PDF holds no text")


def test_more_pages_than_any_law_are_refused() -> None:
    kids = b" ".join(b"3 0 R" for _ in range(5_001))
    many = assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 5001/Kids[%s]>>" % kids,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ]
    )
    assert "5,001 pages and 5,000 are read" in refusal(many)


def test_a_count_of_pages_that_lies_takes_no_time() -> None:
    with pytest.raises(DocumentRefused):
        read_pdf(pdf([Page()], count=2_000_000_000))


def test_objects_in_objects_without_end_are_refused() -> None:
    deep = assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"[" * 300_000 + b"]" * 300_000])
    assert "damaged" in refusal(deep)


@pytest.mark.slow
def test_a_drawing_that_draws_itself_ends() -> None:
    itself = stream(
        b"/X Do /X Do",
        b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>",
    )
    data = one_page(stream(b"/X Do"), b"<</XObject<</X 5 0 R>>>>", itself)
    assert "can not be read" in refusal(data, Limits(5, 300 << 20))


def test_a_stream_that_unpacks_without_end_is_refused() -> None:
    packer = zlib.compressobj(9)
    begin = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = begin + block * 600 + packer.flush()
    assert len(bomb) < 2 << 20
    assert "unpacks to more than 512 MiB" in refusal(one_page(packed_stream(bomb)))


def test_what_takes_too_long_is_ended() -> None:
    font = b"<</Font<</F0<</Type/Font/Subtype/Type1/BaseFont/Courier>>>>>>"
    letters = b"BT /F0 1 Tf " + b"1 0 0 1 9 9 Tm (boat) Tj " * 400_000 + b"ET"
    data = one_page(stream(letters), font)
    assert "takes longer to read than 1 seconds" in refusal(data, Limits(1, 1 << 30))


def test_what_needs_too_much_memory_is_ended() -> None:
    data = one_page(stream(b"0 0 m " + b"9 9 l " * 5_000_000 + b"S"))
    assert "needs more memory than 256 MiB" in refusal(data, Limits(60, 256 << 20))


def test_letters_that_the_file_does_not_say_are_refused() -> None:
    font = (
        b"<</Font<</F0<</Type/Font/Subtype/Type0/BaseFont/Odd/Encoding/Identity-H/DescendantFonts"
        b"[<</Type/Font/Subtype/CIDFontType2/BaseFont/Odd/CIDSystemInfo<</Registry(A)/Ordering(B)"
        b"/Supplement 0>>/FontDescriptor<</Type/FontDescriptor/FontName/Odd/Flags 4>>>>]>>>>>>"
    )
    drawn = b"BT /F0 11 Tf 70 700 Td <" + b"00410042" * 40 + b"> Tj ET"
    assert "ocrmypdf --force-ocr" in refusal(one_page(stream(drawn), font))


def test_what_is_called_a_pdf_and_is_none_is_refused() -> None:
    with pytest.raises(DocumentRefused):
        read_document(b"\x00\x01\x02 no PDF", name="law.pdf")


def test_the_name_does_not_matter() -> None:
    for name in ("law.pdf", "law.txt", "law", "law.doc"):
        for before in (b"", b"\xef\xbb\xbf", b"\r\n"):
            assert read_document(before + LAW, name=name).reader == "pdf"


# --- what the process can reach -------------------------------------------------------------------


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname')",
        "open('/tmp/made-by-a-pdf', 'w')",
        "__import__('socket').socket()",
        "__import__('os').pipe()",
        "__import__('subprocess').run(['true'])",
        "bytearray(1 << 30)",
    ],
)
def test_the_process_opens_nothing_and_fills_nothing(attempt: str) -> None:
    code = (
        "import socket, subprocess\n"
        "from adapters.readers.pdf.child import give_up\n"
        "give_up(5, 600 << 20)\n"
        f"try:\n    {attempt}\nexcept (OSError, MemoryError):\n    print('no')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, timeout=60
    )
    assert done.stdout == b"no\n", done.stderr


def test_a_law_is_read_with_no_file_within_reach() -> None:
    """What the reader imports late, it could not import any more."""
    assert read_pdf(LAW).lines


def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a script stand in the place of the process."""
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


def test_the_process_inherits_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_PASSWORD", "a-secret")
    answer = 'printf \'{"refused":"%s"}\' "${CUTTER_PASSWORD:-nothing}"'
    interpreter(tmp_path, monkeypatch, f"cat > /dev/null; {answer}")
    assert "a-secret" in os.environ.values()
    assert refusal(LAW) == "nothing"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        '{"lines": ["a"], "pages": [], "going_on": [], "notes": [], "margins": [], "notices": {}}',
        '{"lines": [1], "pages": [1], "going_on": [], "notes": [], "margins": [], "notices": {}}',
        '{"lines": ["a\\u000bb"], "pages": [1], "going_on": [], "notes": [], "margins": [], "notices": {}}',
        '{"lines": ["\\ud800"], "pages": [1], "going_on": [], "notes": [], "margins": [], "notices": {}}',
        '{"lines": ["a"], "pages": ["1"], "going_on": [], "notes": [[1]], "margins": [], "notices": {}}',
    ],
)
def test_an_answer_of_another_form_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    interpreter(tmp_path, monkeypatch, f"cat > /dev/null; printf '%s' '{answer}'")
    assert refusal(LAW) == "This PDF can not be read: its reader gave no answer."


def test_an_answer_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_MOST_BYTES", 1 << 20)
    interpreter(tmp_path, monkeypatch, "exec yes")
    assert "more text than is read" in refusal(LAW)


def test_a_process_that_does_not_read_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter(tmp_path, monkeypatch, "exit 3")
    assert "can not be read" in refusal(LAW + bytes(4 << 20))
