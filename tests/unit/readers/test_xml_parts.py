"""A long XML law is parsed in parts, and nobody can tell from what is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.readers.xml import parts as xml_parts
from adapters.readers.xml.parse import checked_source
from adapters.readers.xml.parts import PartsUnfit, parts_of
from adapters.readers.xml.reader import XmlReader
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, ReadDocument
from tests.bench.law_texts import akn_law
from tests.fuzz.made_documents import made_xml
from tests.unit.readers.test_xml import akn
from tests.unit.readers.test_xml_bad_input import mutated

ARTICLE = "<article><num>Art. {0}</num><paragraph><num>1.</num><p>one</p></paragraph></article>\n"
NESTED = (
    "<chapter><num>Chapter I</num>"
    + "".join(map(ARTICLE.format, range(1, 5)))
    + "</chapter> between <chapter>"
    "<num>Chapter II</num><heading>On <i>air</i></heading>"
    "<article><num>5</num><quotedStructure><article><num>9</num><p>q</p></article></quotedStructure>z</article>"
    "<hcontainer "
    "name='chapter'><num>6</num><article><num>7</num><p>x</p></article></hcontainer></chapter><p>last</p>"
)


def outcome(data: bytes, granularity: Granularity) -> ReadDocument | str:
    """What is read, or why it is refused.

    Without the document's title, which would be cut if it held an article.
    """
    try:
        return replace(XmlReader().read(data, granularity=granularity, profile=None), metadata={})
    except DocumentRefused as error:
        return str(error)


def parts(data: bytes) -> int:
    """Of how many parts a document is; raises `PartsUnfit`."""
    return sum(1 for _ in parts_of(checked_source(data)))


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few articles."""
    monkeypatch.setattr(xml_parts, "_PART_BYTES", 60)


def test_a_law_of_a_megabyte_is_read_in_parts_and_one_of_a_few_pages_is_not() -> None:
    assert parts(akn_law(1_000_000).encode()) > 5
    assert parts(akn_law(10_000).encode()) == 1


@pytest.mark.parametrize("granularity", Granularity)
def test_parts_of_any_size_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch, granularity: Granularity
) -> None:
    data = akn(NESTED)
    whole = outcome(data, granularity)
    assert isinstance(whole, ReadDocument)
    for size in range(1, len(data) // 4):
        monkeypatch.setattr(xml_parts, "_PART_BYTES", size)
        assert parts(data) > 1
        assert outcome(data, granularity) == whole


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize(
    "between",
    [
        "<!-- " + ARTICLE.format(8) * 3 + " -->",
        "<p><![CDATA[" + ARTICLE.format(8) * 3 + "]]></p>",
        '<p xmlns="">' + ARTICLE.format(8) * 3 + "</p>",
    ],
)
def test_what_can_not_be_cut_is_read_whole(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    data = akn(ARTICLE.format(1) * 2 + between + ARTICLE.format(9) * 2)
    with pytest.raises(PartsUnfit):
        parts(data)
    cut = outcome(data, Granularity.BASIC)
    monkeypatch.undo()
    assert cut == outcome(data, Granularity.BASIC)
    assert isinstance(cut, ReadDocument)


@pytest.mark.usefixtures("short_parts")
def test_tags_too_long_to_be_read_with_every_part_are_read_once() -> None:
    articles = ARTICLE.format(1) * 6
    assert parts(akn(f"<chapter eId='{'x' * 10_000}'>{articles}</chapter>")) > 1
    with pytest.raises(PartsUnfit):
        parts(akn(f"<chapter eId='{'x' * 20_000}'>{articles}</chapter>"))


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("<p></num>", "not well formed at line 4"),
        ("</body>", "not well formed at line 7"),
        ("<p>&what;</p>", "not well formed"),
        ("<x:p/>", "not well formed at line 4"),
        ("<p>\ufdd0</p>", "U+FDD0"),
    ],
)
def test_an_error_in_any_part_is_named_as_for_the_whole(broken: str, said: str) -> None:
    data = akn(ARTICLE.format(1) * 3 + broken + ARTICLE.format(2) * 3)
    assert said in str(outcome(data, Granularity.BASIC))


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize("lost", [1, 20, 200, 300])
def test_a_truncated_law_is_refused(lost: int) -> None:
    said = outcome(akn(ARTICLE.format(1) * 6)[:-lost], Granularity.BASIC)
    assert isinstance(said, str)
    assert "not well formed" in said


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    mutated() | made_xml().map(lambda document: document[1]),
    st.integers(1, 200),
    st.sampled_from(Granularity),
)
def test_any_document_in_parts_is_read_or_refused_as_the_whole(
    data: bytes, size: int, granularity: Granularity
) -> None:
    whole = outcome(data, granularity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_parts, "_PART_BYTES", size)
        assert outcome(data, granularity) == whole
