"""Sections that numbers alone head: acts of the common law, policies, directives; and where words
and numbers compete.
"""

from __future__ import annotations

from adapters.readers.html.reader import HtmlReader
from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import codes, marked, numbers, read

_BODY = "The board shall see that the rules of the club are kept by every member of it.\n\n"


def test_an_arrangement_headed_by_a_plural_is_no_section_of_its_own() -> None:
    found = marked(
        "THE WATER ACT\n\nARRANGEMENT OF SECTIONS\n\nSECTIONS\n1. Short title.\n2. Terms.\n3. "
        "Repeal.\n\n"
        "CHAPTER I\nPRELIMINARY\n\n1. Short title.—(1) This Act may be called the Water "
        "Act.\n\n(2) It extends to all.\n\n"
        "2. Terms.—In this Act the words have the meaning that is given to them.\n\n"
        "1[2A. Board.—There is a board for the purposes of this Act.]\n\n3. [Repeal.] Rep. by "
        "the Repealing Act.\n"
    )
    assert numbers(found) == ["1", "2", "2A", "3"]
    assert "table-of-contents" in codes(found)


def test_a_note_in_brackets_that_names_a_section_is_none() -> None:
    found = marked(
        "PART I – PRELIMINARY\n\n1. Short title\n\nIt may be cited as the Water Act.\n\n2. "
        "Terms\n\nThe terms are set here.\n\n"
        f"3. Authority\n\n{_BODY}FIRST SCHEDULE\n\n[Section 3(2).]\n\nMEETINGS OF THE "
        f"AUTHORITY\n\nThe authority shall meet.\n"
    )
    assert numbers(found) == ["1", "2", "3"]


def test_marginal_titles_above_the_numbers() -> None:
    found = marked(
        "Establishment\n1.—(1) There is established by this Act a Commission for water.\n(2) "
        "It is a body corporate.\n\n"
        "Functions\n2. The Commission shall regulate the water of the land.\n\nBoard\n3. (1) "
        "The Commission has a board.\n"
    )
    assert numbers(found) == ["1", "2", "3"]


def test_a_treaty_in_a_schedule_leaves_the_sections_of_the_act() -> None:
    text = (
        f"1. Short title\n\n{_BODY}2. Terms\n\n{_BODY}3. Force of "
        f"law\n\n{_BODY}SCHEDULE\n\nCONVENTION ON WATER\n\n"
        f"Article 1\n\n{_BODY}Article 2\n\n{_BODY}Article 3\n\n{_BODY}"
    )
    found = marked(text)
    assert [
        (m.unit_kind, m.number, m.component) for m in found.marks if m.level is Level.BASIC
    ] == [
        ("section", "1", ""),
        ("section", "2", ""),
        ("section", "3", ""),
        ("article", "1", "sched_convention-on-water"),
        ("article", "2", "sched_convention-on-water"),
        ("article", "3", "sched_convention-on-water"),
    ]


def test_two_articles_with_numbered_paragraphs_stay_articles() -> None:
    body = (
        "1. The parties share the water.\n\n2. The river is shared.\n\n3. The lake is shared.\n\n"
    )
    assert numbers(marked(f"Article 1\nScope\n\n{body}Article 2\nEnd\n\n{body}")) == ["1", "2"]


def test_numbers_start_again_under_headings_without_words() -> None:
    found = marked(
        "   Ratified by the members of the club.\n\nContract with the Members\n\n    1. The "
        "club is open\n"
        "       We shall not close it to any person who asks.\n    2. The club is free\n       "
        "No member pays.\n\n"
        "The Guidelines\n\n    1. Free entry\n       The door is not locked in the day.\n    "
        "2. Free books\n"
        "       Books are lent to all of the members.\n    3. No charge\n       There is no fee.\n"
    )
    assert numbers(found) == ["1", "2", "1", "2", "3"]
    assert [m.title for m in found.marks if m.level is Level.CONTAINER] == [
        "Contract with the Members",
        "The Guidelines",
    ]
    assert [m.parent for m in found.marks] == [None, 0, 0, None, 3, 3, 3]


def test_a_list_inside_a_section_does_not_start_the_numbers_again() -> None:
    found = marked(
        f"1. Purpose\n\n{_BODY}2. Rules\n\nThe staff:\n\n1. Come on time.\n2. Leave on "
        f"time.\n\n3. Penalties\n\n{_BODY}"
    )
    assert numbers(found) == ["1", "2", "3"]


def test_roman_groups_of_a_directive_with_numbers_in_each() -> None:
    found = marked(
        "CHỈ THỊ\nVề việc quản lý nước\n\nThủ tướng yêu cầu các bộ và các cơ quan thực "
        "hiện:\nI. NGUYÊN TẮC\n"
        "1. Việc quản lý phải bảo đảm các quy định của luật.\n2. Giữ gìn nguồn nước.\nII. TỔ "
        "CHỨC THỰC HIỆN\n"
        "1. Ban chỉ đạo lãnh đạo chung.\n2. Bộ chủ quản\na) Chủ trì;\nb) Theo dõi.\n3. Bộ tài "
        "chính\nBố trí kinh phí.\n"
    )
    assert [(m.label, m.level) for m in found.marks if m.level is Level.CONTAINER] == [
        ("I.", Level.CONTAINER),
        ("II.", Level.CONTAINER),
    ]
    assert numbers(found) == ["1", "2", "1", "2", "3"]


def test_roman_numbers_head_a_policy() -> None:
    found = marked(
        f"USE POLICY\n\nI. PURPOSE\n\n{_BODY}II. SCOPE\n\nThe policy applies to:\n\n1. "
        f"staff;\n2. guests.\n\n"
        f"III. RULES\n\nA. Passwords\n\n{_BODY}B. Devices\n\n{_BODY}IV. REVIEW\n\n{_BODY}"
    )
    assert numbers(found) == ["I", "II", "III", "IV"]


def test_numbers_that_count_through_roman_groups_are_the_sections() -> None:
    found = marked(
        f"I. GENERAL\n\n1. Name\n\n{_BODY}2. Seat\n\n{_BODY}II. MEMBERS\n\n3. "
        f"Joining\n\n{_BODY}III. END\n\n4. End\n\n{_BODY}"
    )
    assert numbers(found) == ["1", "2", "3", "4"]


def test_bold_numbers_are_headings_of_markdown_without_others() -> None:
    found = read(
        f"# Policy\n\n**1. Purpose**\n\n{_BODY}**2. Scope**\n\n{_BODY}**2.1 "
        f"Staff**\n\nAll.\n\n**3. Rules**\n\nNone.\n",
        ".md",
    )
    assert numbers(found) == ["1", "2", "2.1", "3"]


def test_letters_between_two_numbers_are_a_list_and_after_the_last_they_are_appendices() -> None:
    listed = "".join(f"   {letter}. Keep the books of the club in order.\n" for letter in "ABCDE")
    text = "".join(f"{i}. SECTION OF THE RULES\n\n{_BODY}" for i in range(1, 4))
    found = marked(f"{text}{listed}\n4. NEXT SECTION\n\n{_BODY}5. LAST SECTION\n\n{_BODY}")
    assert numbers(found) == ["1", "2", "3", "4", "5"]
    assert numbers(marked(f"{text}A. Terms\n\nA.1. Staff\n\n{_BODY}A.2. Guests\n\n{_BODY}")) == [
        "1",
        "2",
        "3",
        "A",
        "A.1",
        "A.2",
    ]


def test_an_underlined_heading_starts_the_numbers_again() -> None:
    terms = "".join(
        f"{i}. The owner grants the user the right to use the work as it is.\n\n"
        for i in range(1, 4)
    )
    found = marked(
        f"FIRST LICENCE\n-------------\n\n{terms}SECOND LICENCE\n--------------\n\n{terms}"
    )
    assert numbers(found) == ["1", "2", "3"] * 2
    assert [m.title for m in found.marks if m.level is Level.CONTAINER] == [
        "FIRST LICENCE",
        "SECOND LICENCE",
    ]


def test_numbers_of_a_memorandum_are_not_the_articles_of_the_decision_that_it_explains() -> None:
    memorandum = "".join(
        f"{i}. {title}\n\n{_BODY}"
        for i, title in enumerate(("Subject", "Context", "Legal basis"), 1)
    )
    decision = (
        f"HAS ADOPTED THIS DECISION:\n\nArticle 1\n\n{_BODY}Article 2\n\n{_BODY}Done at Brussels,\n"
    )
    assert numbers(marked(f"EXPLANATORY MEMORANDUM\n\n{memorandum}{decision}")) == ["1", "2"]
    assert [m.label for m in marked(f"{memorandum}{decision}").marks if m.level is Level.BASIC] == [
        "Article 1",
        "Article 2",
    ]


def test_the_lines_of_a_linked_table_of_contents_are_not_chosen_for_sections() -> None:
    titles = ("Terms used here", "Ships", "Boats", "Rafts")
    listed = "".join(
        f'<li><a href="#s{i}">{i}. {title}</a></li>' for i, title in enumerate(titles, 1)
    )
    sections = "".join(
        f'<h3 id="s{i}">{i}. {title}</h3><p>(1) A boat in section 3.</p>'
        for i, title in enumerate(titles, 1)
    )
    page = f"<html><body><ol>{listed}</ol><h2>Part I – Preliminary</h2>{sections}</body></html>"
    found = HtmlReader().read(page.encode(), granularity=Granularity.BASIC, profile=None)
    units = [mark for mark in found.marks if mark.level is Level.BASIC]
    assert [unit.number for unit in units] == ["1", "2", "3", "4"]
    assert all("A boat" in found.text[unit.start : unit.end] for unit in units)
