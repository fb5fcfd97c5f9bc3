"""AsciiDoc and wiki headings in plain text."""

from __future__ import annotations

import pytest

from adapters.readers.text.asciidoc import scan_asciidoc
from domain.reading.marks import Level
from tests.unit.readers.helpers import numbers, read

_CLUB = """= Rules of the club
:toc:

== §1 Name

The club is called Heron and has its seat by the lake of the town.

== §2 Members

=== 2.1 Joining

* Anyone who is of age and has paid.

==== § 2.1.1 Children

They pay half.

== 3 The board

----
== 9 no heading
----

=== 3.1 Duties

Many.

== 4 Ends

It ends.
"""


@pytest.mark.parametrize("suffix", [".txt", ".adoc"])
def test_headings_are_units_with_and_without_a_sign(suffix: str) -> None:
    found = read(_CLUB, suffix)
    assert [(m.level, m.number, m.title, m.parent) for m in found.marks] == [
        (Level.OTHER, "", "Rules of the club", None),
        (Level.BASIC, "1", "Name", None),
        (Level.BASIC, "2", "Members", None),
        (Level.BASIC, "2.1", "Joining", 2),
        (Level.BASIC, "2.1.1", "Children", 3),
        (Level.BASIC, "3", "The board", None),
        (Level.BASIC, "3.1", "Duties", 5),
        (Level.BASIC, "4", "Ends", None),
    ]
    assert "".join(found.text[m.start : m.end] for m in found.marks) == _CLUB


def test_headings_of_a_wiki_end_with_their_signs() -> None:
    found = read("== Article 1 - Name ==\n\nHeron.\n\n== Article 2 - Seat ==\n\nThe lake.\n")
    assert [(m.label, m.title) for m in found.marks] == [
        ("Article 1", "Name"),
        ("Article 2", "Seat"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Article 1. Name\n======\n\nHeron.\n",
        "a == b\n",
        "== One line ==\nArticle 1. Name\n",
        "=== \n=== \n",
        "==Name\n==Seat\n",
    ],
)
def test_other_lines_of_equals_signs_are_no_headings(text: str) -> None:
    assert scan_asciidoc(text) is None


def test_a_block_that_is_never_closed_hides_nothing() -> None:
    found = scan_asciidoc("== A\n----\n== B\n")
    assert found is not None
    assert found.excluded == ()
    assert list(found.headings) == [0, 10]


def test_a_bare_number_that_does_not_count_on_is_part_of_its_heading() -> None:
    found = read(
        "= Rules\n\n== Members\n\nAll.\n\n== 10 Duties\n\nMany.\n\n== 3 Ends\n\nIt ends.\n"
    )
    assert numbers(found) == ["Members", "10 Duties", "3 Ends"]
