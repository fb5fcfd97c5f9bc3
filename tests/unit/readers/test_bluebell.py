"""Bluebell: keywords, indentation, quotations and schedules."""

from __future__ import annotations

from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import codes, numbers, read

_ACT = """PREFACE

  An Act about water.

BODY

PART A - General

  SECTION 1. - Short title

    SUBSECTION (1)

      This is the Water Act.

    SUBSECTION (2)

      It replaces:

      PARAGRAPH (a)

        the old Act; and

      QUOTE

        SECTION 7. - Of another Act

      PARAGRAPH (b)

        the rest.

  SECTION 2A. - Terms

    Words mean what they say.

SCHEDULE Schedule 1 - Forms
  SUBHEADING (Section 2)

  PARAGRAPH 1.

    A form.
"""


def test_sections_parts_and_schedules() -> None:
    found = read(_ACT)
    assert found.reader == "bluebell"
    assert [(m.level, m.label, m.title, m.parent) for m in found.marks] == [
        (Level.OTHER, "Preface", "", None),
        (Level.CONTAINER, "Part A", "General", None),
        (Level.BASIC, "Section 1.", "Short title", 1),
        (Level.BASIC, "Section 2A.", "Terms", 1),
        (Level.ANNEX, "Schedule 1", "Forms", None),
    ]
    assert found.marks[4].component == "sched_1"


def test_deeper_units_follow_the_indentation_and_quotations_hold_none() -> None:
    found = read(_ACT, granularity=Granularity.SUB)
    assert numbers(found, Level.SUB) == ["1", "2", "a", "b", "1"]
    by_number = {(m.unit_kind, m.number): i for i, m in enumerate(found.marks)}
    assert found.marks[by_number["paragraph", "a"]].parent == by_number["subsection", "2"]
    assert found.marks[-1].component == "sched_1"


_MARKED = """PREFACE

  PART of an older law

PREAMBLE

  SECTION 9 was bad.

BODY

PART 1 - Fees

  CROSSHEADING Boats

  SECTION 1 -

    CROSSHEADING inside

    FOOTNOTE 1

      SECTION 7. - Of another Act

    QUOTE{startQuote "}

      SECTION 8. - Of another Act

  SECTION 2. - Oars \\- and masts - both

    BLOCKLIST

      ITEM (a) - heading

        SECTION of a boat

    TABLE

      TR

        TC

          PART B

    BULLETS

      SECTION 5

  \\SECTION 6 is text

  SECTION - Without a number

CONCLUSIONS

  PART of the seal

SCHEDULE - Forms

  PROVISO

    a
"""


def test_units_of_the_body_only_and_none_in_notes_tables_and_lists() -> None:
    found = read(_MARKED, granularity=Granularity.SUB)
    assert [(m.level, m.label, m.title) for m in found.marks] == [
        (Level.OTHER, "Preface", ""),
        (Level.OTHER, "Preamble", ""),
        (Level.CONTAINER, "Part 1", "Fees"),
        (Level.OTHER, "", "Boats"),
        (Level.BASIC, "Section 1", ""),
        (Level.BASIC, "Section 2.", "Oars - and masts - both"),
        (Level.SUB, "Item (a)", "heading"),
        (Level.BASIC, "Section", "Without a number"),
        (Level.OTHER, "Conclusions", ""),
        (Level.ANNEX, "Schedule", "Forms"),
        (Level.SUB, "Proviso", ""),
    ]
    assert [m.parent for m in found.marks[2:5]] == [None, 2, 2]


def test_sections_of_a_law_with_articles_are_kept_above_them() -> None:
    text = (
        "BODY\n\nSECTION 1. - Approval\n\n  text\n\nSCHEDULE Treaty\n\n  ARTICLE 1\n\n    "
        "SECTION 1\n\n      x\n"
    )
    found = read(text, granularity=Granularity.SUB)
    assert [(m.level.value, m.label) for m in found.marks] == [
        ("container", "Section 1."),
        ("annex", "Treaty"),
        ("basic", "Article 1"),
        ("sub", "Section 1"),
    ]


def test_a_convention_with_a_preamble_is_plain_text() -> None:
    assert (
        read(
            "PREAMBLE\n\nThe States,\n\nARTICLE 1 - Ships\n\nShips sail.\n\nARTICLE 2 - "
            "Rafts\n\nDrift.\n"
        ).reader
        == "plain_text"
    )
    assert read("PREAMBLE\n\n  We,\n\nARTICLE 1 - Ships\n\n  Ships sail.\n").reader == "bluebell"


def test_a_line_of_a_million_spaces_takes_no_time() -> None:
    found = read("BODY\n\nSECTION 1" + " " * 1_000_000 + "-x\n\n  text\n")
    assert numbers(found, Level.BASIC) == ["1-x"]


def test_text_before_the_first_unit_is_a_warning() -> None:
    assert codes(read("A loose line.\n\n" + _ACT)) == ["text-before-first-unit"]


def test_other_text_is_not_bluebell() -> None:
    assert read("BODY\nof knowledge\n").reader == "plain_text"
    assert read(_ACT, ".md").reader == "markdown"
