"""Bluebell: keywords, indentation, quotations and schedules."""

from __future__ import annotations

from domain.marks import Granularity, Level
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


def test_text_before_the_first_unit_is_a_warning() -> None:
    assert codes(read("A loose line.\n\n" + _ACT)) == ["text-before-first-unit"]


def test_other_text_is_not_bluebell() -> None:
    assert read("BODY\nof knowledge\n").reader == "plain_text"
    assert read(_ACT, ".md").reader == "markdown"
