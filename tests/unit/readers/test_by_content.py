"""Which reader a document gets, and which documents get none."""

from __future__ import annotations

import gc

import pytest

from adapters.readers.by_content import read_document
from domain.errors import DocumentRefused
from tests.unit.readers.helpers import read


@pytest.mark.parametrize("name", ["law.rtf", "law.txt", "law", "law.doc"])
@pytest.mark.parametrize(("content", "kind"), [(b"{\\rtf1\\ansi Article 1}", "an RTF document")])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_what_only_looks_like_text_is_refused_by_name(
    name: str, content: bytes, kind: str, before: bytes
) -> None:
    with pytest.raises(
        DocumentRefused, match=f"^{name} is {kind}, which is not read; save it as DOCX"
    ):
        read_document(before + content, name=name)


def test_a_law_may_speak_of_such_documents() -> None:
    assert (
        read(
            "Article 1. Forms\n%PDF-1.7 is a form.\nArticle 2. More\n{\\rtf1 is one, too.\n"
        ).reader
        == "plain_text"
    )


def test_an_empty_document_is_refused() -> None:
    with pytest.raises(DocumentRefused, match=r"law\.txt is empty"):
        read_document(b" \n", name="law.txt")


@pytest.mark.parametrize("content", ["Article 1. One\nText.\n", "\x00"])
def test_the_cycle_collector_is_left_as_it_was(content: str) -> None:
    for before in (gc.enable, gc.disable):
        before()
        enabled = gc.isenabled()
        try:
            if content == "\x00":
                with pytest.raises(DocumentRefused):
                    read(content)
            else:
                read(content)
            assert gc.isenabled() is enabled
        finally:
            gc.enable()
