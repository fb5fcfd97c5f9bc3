"""From what people write to the one unit that it means."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.errors import CannotSay, UnitNotFound
from domain.units.citing import resolve
from domain.units.records import DocumentLine

BASE = {
    "de.bdsg": ["de.bdsg~sec_15b", "de.bdsg~sec_15b__para_2", "de.bdsg~sec_16"],
    "vn.91-2015": [
        "vn.91-2015~art_112",
        "vn.91-2015~art_112__para_2",
        "vn.91-2015~art_112__para_2__point_a",
        "vn.91-2015~art_113",
    ],
    "house-rules": [
        "house-rules~part_1__art_5",
        "house-rules~part_2__art_5",
        "house-rules~art_6",
        "house-rules!annex_1~art_6",
        "house-rules!annex_1~art_9",
        "house-rules~bad step",
    ],
    "eu.gdpr": ["eu.gdpr~art_5", "eu.gdpr~art_113"],
}
TITLES = {"eu.gdpr": "General Data Protection Regulation 2", "vn.91-2015": "Bộ luật Dân sự"}
DOCUMENTS = tuple(DocumentLine(code, TITLES.get(code, ""), "law", 3, None) for code in BASE)


def addresses(code: str) -> Sequence[str]:
    return BASE[code]


@pytest.mark.parametrize(
    ("citation", "address"),
    [
        ("§ 15b Abs. 2 BDSG", "de.bdsg~sec_15b__para_2"),
        ("§ 15b", "de.bdsg~sec_15b"),
        ("BDSG § 16", "de.bdsg~sec_16"),
        ("điểm a khoản 2 Điều 112 Bộ luật Dân sự", "vn.91-2015~art_112__para_2__point_a"),
        ("khoản 2 Điều 112 của vn.91-2015", "vn.91-2015~art_112__para_2"),
        ("Article 112(2)(a)", "vn.91-2015~art_112__para_2__point_a"),
        ("Article 5 of the General Data Protection Regulation", "eu.gdpr~art_5"),
        ("article 113 eu.gdpr", "eu.gdpr~art_113"),
        ("Article 6 house-rules", "house-rules~art_6"),
        ("Article 9 of the house rules", "house-rules!annex_1~art_9"),
    ],
)
def test_a_citation_means_one_unit(citation: str, address: str) -> None:
    assert resolve(citation, DOCUMENTS, addresses) == (address, ())


def test_what_was_cut_no_smaller_is_a_part_of_the_unit_and_said() -> None:
    found = resolve("§ 16 Abs. 3 BDSG", DOCUMENTS, addresses)
    assert (found.address, [str(step) for step in found.missing]) == ("de.bdsg~sec_16", ["para_3"])


@pytest.mark.parametrize(
    ("citation", "candidates"),
    [
        ("Article 5 house-rules", ["house-rules~part_1__art_5", "house-rules~part_2__art_5"]),
        ("Điều 113", ["vn.91-2015~art_113", "eu.gdpr~art_113"]),
    ],
)
def test_what_means_several_units_names_them(citation: str, candidates: list[str]) -> None:
    with pytest.raises(CannotSay) as refused:
        resolve(citation, DOCUMENTS, addresses)
    for one in candidates:
        assert one in str(refused.value)


@pytest.mark.parametrize("words", ["", "what the law says", "BDSG", "§"])
def test_what_is_no_citation_can_not_be_answered(words: str) -> None:
    with pytest.raises(CannotSay):
        resolve(words, DOCUMENTS, addresses)


@pytest.mark.parametrize(
    "citation",
    [
        "§ 99 BDSG",
        "Điều 7 Bộ luật Dân sự",
        "Article 112 eu.gdpr",
        "Article 5 of nothing",
        "§ 16 Abs. 3 ZPO",
    ],
)
def test_a_unit_that_does_not_stand_is_not_found(citation: str) -> None:
    """Also where another document has one of that number, or the law that is named is unknown."""
    with pytest.raises(UnitNotFound):
        resolve(citation, DOCUMENTS, addresses)


def test_a_number_alone_names_no_document() -> None:
    """The 2 is the paragraph's, though a document has one in its title."""
    with pytest.raises(UnitNotFound):
        resolve("Article 77 (2)", DOCUMENTS, addresses)
