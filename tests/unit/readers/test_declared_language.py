"""The language that a document declares, by whatever code, tells the profile."""

from __future__ import annotations

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.profiles.detection.codes import profile_of_code
from adapters.readers.profiles.registry import PROFILES
from adapters.readers.units.openings import with_opening
from domain.reading.marks import Level, Mark

_OPENINGS = {
    "de": "Der Bundestag hat das folgende Gesetz beschlossen:",
    "fr": "Considérant que les eaux sont à tous,",
    "en": "Whereas the waters belong to all,",
    "es": "Considerando que las aguas son de todos,",
    "it": "Visto l'articolo 87 della Costituzione,",
}


@pytest.mark.parametrize(
    ("code", "name"),
    [("ger", "de"), ("deu", "de"), ("fra", "fr"), ("eng", "en"), ("es-MX", "es"), ("ita", "it")],
)
def test_a_preamble_is_found_by_the_declared_language(code: str, name: str) -> None:
    text = f"{_OPENINGS[name]}\n\n1 Eaux.\n"
    first = Mark(text.index("1 "), len(text), Level.BASIC, "article", "1", "1", "")
    found = with_opening(text, [first], code)
    assert [mark.unit_kind for mark in found] == ["preamble", "article"]
    assert found == with_opening(text, [first], name)


def test_swedish_is_not_swahili() -> None:
    assert profile_of_code("swe") == "sv"
    assert profile_of_code("swa") == profile_of_code("sw") == "sw"


@pytest.mark.parametrize("name", [name for name in PROFILES if len(name) == 2])
def test_every_language_has_its_own_code(name: str) -> None:
    assert profile_of_code(name) == profile_of_code(f"{name.upper()}-XX") == name


@pytest.mark.parametrize(("code", "name"), [("swe", "swe"), ("sv-SE", "sv"), ("deu", "deu")])
def test_the_code_of_a_document_is_kept_whole(code: str, name: str) -> None:
    law = (
        f'<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0" xml:lang="{code}">'
        '<act name="lag"><body><article eId="art_1"><num>1 §</num><content><p>Lagen gäller.</p>'
        "</content></article></body></act></akomaNtoso>"
    )
    found = read_document(law.encode(), name="lag.xml")
    assert found.profile == name
