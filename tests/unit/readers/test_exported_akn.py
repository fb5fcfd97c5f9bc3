"""Akoma Ntoso that is exported: valid by the official schema, and read again as the same units."""

from __future__ import annotations

import dataclasses
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.planning import plan_document
from adapters.readers.by_content import read_document
from adapters.readers.xml.exported import AKN, HIERARCHY
from adapters.writers.akn import akn_of
from domain.errors import DocumentRefused, PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow, TargetDocument, build_plan
from domain.reading.address_steps import normal_number
from domain.reading.marks import Granularity, Level, Mark, ReadDocument
from domain.reading.options import ReadingOptions
from domain.reading.vocabulary import UNIT_KINDS
from domain.units.records import REPEALED, VersionFacts
from tests.support.exports import document_of, schema_faults
from tests.support.plans import made_plan

CORPUS = Path(os.environ.get("CUTTER_TEST_CORPUS") or Path(__file__).parents[3] / "documents")
NAMES = {"a": AKN}
# Every character that PostgreSQL can store: all but NUL and the halves of pairs.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
SPECIAL = st.sampled_from(
    ["\r\n", "\r", "\n\n", "\t", "  ", "\x0c", "\x01", "\ufffe", "\ufdd0", "]]>", "<p>", "&amp;",
     "\\u{41}", "\u2028", "\x85", "Article 5", "§ 3", "(a)"]
)  # fmt: skip
TEXT = st.lists(st.text(CHARACTERS, max_size=12) | SPECIAL, max_size=6).map("".join)
WORDS = st.text(CHARACTERS, max_size=20)


@st.composite
def plans(draw: st.DrawFn) -> CutPlan:
    """A plan of marks of any level, kind and nesting, over any text."""
    text, marks = "", []
    for place in range(draw(st.integers(1, 8))):
        gap = draw(st.sampled_from(["", "", "", "gap\n"]))
        printed = draw(st.sampled_from(["", "Article 5.", "§ 12a", "Annex 1", "(a)"]) | WORDS)
        title = draw(st.sampled_from(["", "Scope", "a" * 999 + " b"]) | WORDS)
        joint = draw(st.sampled_from([" ", "\n", "", " - "]))
        start = len(text) + len(gap)
        text += gap + draw(st.sampled_from(["", printed + joint + title])) + draw(TEXT)
        parent = draw(st.none() | st.integers(0, place - 1)) if place else None
        marks.append(
            Mark(
                start,
                len(text),
                draw(st.sampled_from(Level)),
                draw(st.sampled_from(sorted(UNIT_KINDS))),
                printed,
                draw(
                    st.sampled_from(["", "1", "2", "12a", "XIV", "3..6"]) | WORDS.map(normal_number)
                ),
                title,
                parent,
                draw(st.sampled_from(["", "", "annex_1", "sched_2"])),
            )
        )
    read = ReadDocument(text, tuple(marks), "made", "en")
    document = TargetDocument("xx.1", "law", draw(WORDS.filter(str.strip)), draw(WORDS))
    try:
        return build_plan(read, document, source_name="made", granularity=Granularity.SUB)
    except PlanRefused:  # an empty title
        return made_plan(2)


def facts(rows: tuple[CutplanRow, ...]) -> list[tuple[str | None, ...]]:
    """What has to be the same again."""
    return [
        (r.canonical_address, r.title, r.body, r.unit_kind, r.section_type, r.parent_ref)
        for r in rows
    ]


def read_again(text: str) -> CutPlan:
    read = read_document(text.encode(), name="law.xml", granularity=Granularity.SUB)
    document = TargetDocument(
        read.metadata["document_code"],
        read.metadata["publication_type"],
        read.metadata["owner"],
    )
    return build_plan(read, document, source_name="law.xml", granularity=Granularity.SUB)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_every_document_is_valid_and_read_again_as_the_same_units(plan: CutPlan) -> None:
    text = akn_of(document_of(plan))
    assert schema_faults(text) == []
    again = read_again(text)
    assert facts(again.rows) == facts(plan.rows)
    assert again.document.owner_ref == plan.document.owner_ref
    assert akn_of(document_of(again)) == akn_of(dataclasses.replace(document_of(plan), title=""))


@pytest.mark.parametrize("granularity", ["basic", "sub"])
@pytest.mark.slow
def test_every_law_in_a_folder_is_valid_and_read_again_as_the_same_units(granularity: str) -> None:
    """The folder is `CUTTER_TEST_CORPUS`, else that of the documents that come along."""
    files = sorted(CORPUS.glob("*.*"))
    assert files
    for file in files:
        plan = plan_document(str(file), ReadingOptions(granularity=granularity))
        text = akn_of(document_of(plan))
        assert schema_faults(text) == [], file.name
        assert facts(read_again(text).rows) == facts(plan.rows), file.name


def test_a_unit_is_the_element_of_its_kind_with_its_steps_as_id() -> None:
    plan = made_plan(12)
    root = etree.fromstring(akn_of(document_of(plan)).encode())
    named = [
        (etree.QName(one).localname, one.get("eId"))
        for one in root.iter("{*}chapter", "{*}article")
    ]
    wanted = [(row.unit_kind, row.canonical_address.partition("~")[2]) for row in plan.rows]
    assert named == wanted
    inside = root.find(".//a:chapter[@eId='chp_2']", NAMES)
    assert inside is not None
    assert [one.get("eId") for one in inside.findall("a:article", NAMES)] == ["art_11", "art_12"]


def test_every_kind_that_akoma_ntoso_has_an_element_for_is_that_element() -> None:
    assert set(UNIT_KINDS) >= HIERARCHY
    schema = etree.parse(Path(__file__).parents[2] / "fixtures/akomantoso/akomantoso30.xsd")
    xsd = {"x": "http://www.w3.org/2001/XMLSchema"}
    found = schema.findall(".//x:group[@name='ANhier']/x:choice/x:element", xsd)
    assert {one.get("ref") for one in found} & set(UNIT_KINDS) == HIERARCHY


ENACTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FIRST = VersionFacts(1, change_set_id=UUID(int=1), enacted_at=ENACTED)
SECOND = VersionFacts(
    2,
    in_force_from=date(2027, 1, 1),
    change_set_id=UUID(int=2),
    enacted_at=datetime(2026, 11, 1, tzinfo=UTC),
)


def test_versions_are_told_as_far_as_they_are_known() -> None:
    document = document_of(made_plan(3))
    chapter, one, two, three = document.units
    document = dataclasses.replace(
        document,
        units=(
            chapter._replace(version=FIRST, versions=(FIRST,)),
            one._replace(version=SECOND, versions=(FIRST, SECOND)),
            two._replace(version=SECOND, versions=(SECOND,)),
            three._replace(
                version=SECOND._replace(state=REPEALED),
                versions=(FIRST, SECOND._replace(state=REPEALED)),
            ),
        ),
    )
    text = akn_of(document)
    assert schema_faults(text) == []
    root = etree.fromstring(text.encode())
    assert [
        (one.get("type"), one.get("date")) for one in root.iterfind(".//a:eventRef", NAMES)
    ] == [("generation", "2026-01-02"), ("amendment", "2026-11-01"), (None, "2027-01-01")]
    mods = root.findall(".//a:passiveModifications/a:textualMod", NAMES)
    assert [one.get("type") for one in mods] == ["substitution", "insertion", "repeal"]
    pointed_at = [
        etree.QName(one).localname + " " + one.get("href", "") for mod in mods for one in mod
    ]
    source = f"source urn:uuid:{UUID(int=2)}"
    assert pointed_at == [
        part for number in (1, 2, 3) for part in (source, f"destination #art_{number}")
    ]
    article = root.find(".//a:article[@eId='art_1']", NAMES)
    repealed = root.find(".//a:article[@eId='art_3']", NAMES)
    assert article is not None
    assert repealed is not None
    assert article.get("period") == "#period-2027-01-01"
    assert repealed.get("status") == "removed"
    ids = {one.get("eId") for one in root.iter() if one.get("eId")}
    pointed = set(re.findall(r'(?:start|period|href|refersTo|source)="#([^"]+)"', text))
    assert pointed <= ids


def test_nothing_is_said_of_a_date_that_is_not_known() -> None:
    text = akn_of(document_of(made_plan(2)))
    assert schema_faults(text) == []
    assert "lifecycle" not in text
    assert "temporalData" not in text
    assert set(re.findall(r'date="([^"]+)" name="([^"]+)"', text)) == {("0001-01-01", "unknown")}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('eId="art_1"', 'eId="art 1"', "the address"),
        ('eId="art_1"', 'eId="chp_9"', "a article at"),
        ('eId="art_2"', 'eId="art_1"', "twice"),
        ('iu:section="body"', 'iu:section="other"', "a 'article' in 'other'"),
        ("<content><p>", "<content><p><b>x</b>", "a 'b' in a line"),
        ("<content><p>", '<content><p><marker name="U+0000"/>', "the character U.0000"),
        ("<content><p>", '<content><p><marker name="U+D800"/>', "the character U.D800"),
        ('eId="art_1"', 'eId="art_1" iu:parent="~art_2"', "before its parent"),
    ],
)
def test_what_cutter_does_not_write_is_refused(old: str, new: str, says: str) -> None:
    text = akn_of(document_of(made_plan(2)))
    assert old in text
    with pytest.raises(DocumentRefused, match=says):
        read_document(text.replace(old, new, 1).encode(), name="law.xml")


def test_addresses_that_the_numbers_do_not_give_are_a_warning() -> None:
    text = akn_of(document_of(made_plan(2))).replace('eId="art_2"', 'eId="art_7"')
    plan = read_again(text)
    assert [row.canonical_address for row in plan.rows][-1] == "test.law~art_7"
    assert "given-addresses" in {warning.code for warning in plan.warnings}


def test_another_document_in_the_same_words_is_read_by_the_rules_for_all() -> None:
    text = akn_of(document_of(made_plan(2)))
    plain = re.sub(r' iu:\w+="[^"]*"', "", text)
    read = read_document(plain.encode(), name="law.xml")
    assert read.addresses == ()
    assert [mark.unit_kind for mark in read.marks]
