"""Addresses: unique for every input, stable under edits elsewhere, citable, and taken apart
again.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.reading.address import MAX_ADDRESS_CHARS, assign_addresses, parse_address
from domain.reading.address_steps import normal_number, slug
from domain.reading.marks import Level, Mark
from domain.reading.vocabulary import CONTAINER_SIGN, UNIT_KINDS

CODE = "xx.1-2020"


def unit(
    kind: str, number: str, parent: int | None = None, level: Level = Level.BASIC, **more: str
) -> Mark:
    """A mark without text, for addresses only."""
    return Mark(
        0,
        0,
        level,
        kind,
        more.get("label", ""),
        number,
        more.get("title", ""),
        parent,
        more.get("component", ""),
    )


def box(kind: str, number: str, parent: int | None = None) -> Mark:
    return unit(kind, number, parent, Level.CONTAINER)


def addresses(*marks: Mark) -> list[str]:
    return [address.removeprefix(CODE) for address in assign_addresses(CODE, "", marks)[0]]


def test_a_sub_unit_is_cited_through_its_article_and_not_its_chapter() -> None:
    assert addresses(
        box("chapter", "II"),
        unit("article", "5", 0),
        unit("paragraph", "2", 1, Level.SUB),
        unit("point", "a", 2, Level.SUB),
    ) == ["~chp_II", "~art_5", "~art_5__para_2", "~art_5__para_2__point_a"]


def test_moving_an_article_to_another_chapter_moves_no_address() -> None:
    one = addresses(box("chapter", "I"), unit("article", "1", 0), unit("article", "2", 0))
    two = addresses(
        box("chapter", "I"), unit("article", "1", 0), box("chapter", "IA"), unit("article", "2", 2)
    )
    assert set(one) <= set(two)


def test_an_ancestor_comes_in_front_only_where_numbering_restarts() -> None:
    assert addresses(
        box("part", "1"),
        unit("article", "1", 0),
        unit("article", "2", 0),
        box("part", "2"),
        unit("article", "1", 3),
        unit("article", "2", 3),
        unit("article", "3", 3),
        box("part", "3"),
        unit("article", "4", 7),
    ) == [
        "~part_1",
        "~art_1",
        "~art_2",
        "~part_2",
        "~part_2__art_1",
        "~part_2__art_2",
        "~part_2__art_3",
        "~part_3",
        "~art_4",
    ]


def test_the_outermost_ancestor_that_restarts_is_the_prefix() -> None:
    marks = (
        box("part", "1"),
        box("chapter", "I", 0),
        unit("article", "1", 1),
        box("part", "2"),
        box("chapter", "I", 3),
        unit("article", "1", 4),
        box("chapter", "II", 3),
        unit("article", "2", 6),
    )
    assert addresses(*marks)[3:] == [
        "~part_2",
        "~part_2__chp_I",
        "~part_2__art_1",
        "~part_2__chp_II",
        "~part_2__art_2",
    ]


def test_one_misprinted_number_is_a_duplicate_and_not_a_restart() -> None:
    marks = [
        box("chapter", "I"),
        *(unit("article", str(n), 0) for n in range(1, 9)),
        box("chapter", "II"),
    ]
    marks += [unit("article", n, 9) for n in ("9", "5", "11", "12")]
    made, warnings = assign_addresses(CODE, "", marks)
    assert [a.removeprefix(CODE) for a in made[9:]] == [
        "~chp_II",
        "~art_9",
        "~art_5.2",
        "~art_11",
        "~art_12",
    ]
    assert [w.code for w in warnings] == ["duplicate-number"]
    assert f"{made[11]}".endswith("art_5.2")


def test_recitals_are_cited_alone_and_closing_words_through_their_paragraph() -> None:
    marks = (
        unit("preamble", "", level=Level.OTHER),
        unit("recital", "1", 0, Level.SUB),
        unit("article", "1"),
        unit("paragraph", "1", 2, Level.SUB),
        unit("paragraph", "", 3, Level.OTHER, title="In any case"),
    )
    assert addresses(*marks) == [
        "~preamble",
        "~rec_1",
        "~art_1",
        "~art_1__para_1",
        "~art_1__para_1__para_in-any-case",
    ]


def test_an_article_inside_an_article_carries_the_outer_one() -> None:
    assert addresses(unit("article", "229"), unit("section", "1", 0)) == [
        "~art_229",
        "~art_229__sec_1",
    ]


def abschnitte(numbers: Sequence[str]) -> list[Mark]:
    """Two containers of the basic units' kind, and § with these numbers in them."""
    half = len(numbers) // 2
    first = [unit("section", number, 0) for number in numbers[:half]]
    second = [unit("section", number, half + 1) for number in numbers[half:]]
    return [box("section", "1"), *first, box("section", "2"), *second]


@pytest.mark.parametrize("numbers", [("1", "2", "3", "4"), ("25", "26", "27", "28")])
def test_containers_and_basic_units_never_share_a_step_name(numbers: tuple[str, ...]) -> None:
    alone = addresses(*(unit("section", number) for number in numbers))
    found = addresses(*abschnitte(numbers))
    assert [one for one in found if one.startswith("~csec")] == ["~csec_1", "~csec_2"]
    assert [one for one in found if not one.startswith("~csec")] == alone
    assert alone == [f"~sec_{number}" for number in numbers]


def test_numbering_that_restarts_in_each_container_has_it_in_front() -> None:
    found = addresses(*abschnitte(("1", "2", "1", "2")))
    assert found[3:] == ["~csec_2", "~csec_2__sec_1", "~csec_2__sec_2"]


def test_containers_of_another_kind_keep_their_step() -> None:
    assert addresses(box("section", "1"), unit("article", "1", 0)) == ["~sec_1", "~art_1"]
    annexed = unit("section", "1", component="annex_1")
    assert addresses(box("section", "1"), unit("article", "1", 0), annexed)[0] == "~sec_1"


def test_as_earlier_versions_named_them_containers_keep_their_step() -> None:
    made, _ = assign_addresses(CODE, "", abschnitte(("1", "2", "3", "4")), shared_steps=True)
    assert made[0] == f"{CODE}~sec_1"
    assert made[1] == f"{CODE}~sec_1__sec_1"


def test_a_containers_sign_makes_no_other_abbreviation() -> None:
    signed = {CONTAINER_SIGN + abbreviation for abbreviation in UNIT_KINDS.values()}
    assert signed.isdisjoint(UNIT_KINDS.values())


def test_a_basic_unit_in_a_container_in_a_basic_unit_stands_alone() -> None:
    assert (
        addresses(unit("section", "3"), box("title", "54", 0), unit("section", "100101", 1))[-1]
        == "~sec_100101"
    )


def test_duplicates_are_counted_in_document_order_and_warned_of_with_their_line() -> None:
    text = "a\nb\nc\n"
    marks = [Mark(i * 2, i * 2 + 2, Level.BASIC, "article", "Art. 5", "5", "") for i in range(3)]
    made, warnings = assign_addresses(CODE, text, marks)
    assert made == [f"{CODE}~art_5", f"{CODE}~art_5.2", f"{CODE}~art_5.3"]
    assert [(w.code, w.line) for w in warnings] == [
        ("duplicate-number", 2),
        ("duplicate-number", 3),
    ]


def test_a_second_unit_without_number_and_words_is_counted_too() -> None:
    assert addresses(unit("preamble", ""), unit("preamble", "")) == ["~preamble", "~preamble.2"]
    assert parse_address(f"{CODE}~preamble.2").steps[0].unit_kind == "preamble"


def test_a_duplicate_never_takes_the_address_of_a_printed_number() -> None:
    assert addresses(unit("section", "2"), unit("section", "2"), unit("section", "2.2")) == [
        "~sec_2",
        "~sec_2.3",
        "~sec_2.2",
    ]


def test_components_have_a_numbering_of_their_own() -> None:
    assert addresses(
        unit("article", "1"),
        unit("annex", "1", level=Level.ANNEX, component="annex_1"),
        unit("article", "1", 1, component="annex_1"),
        unit("paragraph", "1", 2, Level.SUB, component="annex_1"),
    ) == ["~art_1", "~annex_1", "!annex_1~art_1", "!annex_1~art_1__para_1"]


def test_what_has_no_number_is_known_by_its_words() -> None:
    assert addresses(
        unit("heading", "", title="Điều khoản chuyển tiếp"),
        unit("preamble", "", title="Having regard to"),
        unit("annex", "", label="ANNEX", level=Level.ANNEX),
    ) == ["~hdg_dieu-khoan-chuyen-tiep", "~preamble", "~annex"]
    text = "The owner decides.\nNobody else does."
    marks = [
        Mark(0, 19, Level.BASIC, "article", "", "", ""),
        Mark(19, len(text), Level.SUB, "paragraph", "", "", "", 0),
    ]
    assert (
        assign_addresses(CODE, text, marks)[0][1]
        == f"{CODE}~art_the-owner-decides__para_nobody-else-does"
    )


def test_the_same_heading_under_another_parent_carries_its_parent() -> None:
    marks = (box("part", "1"), box("heading", "", 0), box("part", "2"), box("heading", "", 2))
    named = [
        m if m.number else unit("heading", "", m.parent, Level.CONTAINER, title="Scope")
        for m in marks
    ]
    assert addresses(*named) == ["~part_1", "~hdg_scope", "~part_2", "~part_2__hdg_scope"]


def test_very_deep_nesting_keeps_the_first_and_the_last_steps() -> None:
    marks = [unit("article", "1")] + [unit("point", f"p{i}", i, Level.SUB) for i in range(300)]
    made = addresses(*marks)
    assert made[-1].startswith("~art_1__")
    assert made[-1].endswith("__point_p298__point_p299")
    assert len(set(made)) == 301
    assert max(map(len, made)) <= MAX_ADDRESS_CHARS - len(CODE)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("12 a.", "12a"),
        ("3 bis 6", "3..6"),
        ("3 bis", "3bis"),
        ("XXVIII", "XXVIII"),
        ("10 – 12", "10..12"),
        ("184-A", "184-A"),
    ],
)
def test_numbers_are_normalised(printed: str, number: str) -> None:
    assert normal_number(printed) == number


WORDS = st.text(max_size=8) | st.sampled_from(
    ["", "1", "2", "1.2", "a", "I", "2.", "a b", "x__y", "~", "!", "\x00", "é", "e\u0301"]
)
RAW = st.tuples(
    st.sampled_from(list(Level)),
    st.sampled_from([*UNIT_KINDS, "no-such-kind"]),
    WORDS,
    WORDS,
    st.none() | st.integers(0, 30),
    st.sampled_from(["", "", "annex_1", "a nnex_1", "~!"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(RAW, max_size=30), st.text(max_size=40))
def test_every_input_gets_unique_short_clean_addresses(
    raw: list[tuple[Level, str, str, str, int | None, str]], text: str
) -> None:
    marks = [
        Mark(
            0,
            len(text),
            level,
            kind,
            "",
            number,
            title,
            None if parent is None or parent >= i else parent,
            component,
        )
        for i, (level, kind, number, title, parent, component) in enumerate(raw)
    ]
    made, _ = assign_addresses(CODE, text, marks)
    assert len(set(made)) == len(made) == len(marks)
    for address in made:
        assert len(address) <= MAX_ADDRESS_CHARS
        assert unicodedata.is_normalized("NFC", address)
        assert not any(unicodedata.category(c)[0] in "CZ" for c in address)
        assert str(parse_address(address)) == address


@st.composite
def laws(draw: st.DrawFn) -> tuple[list[Mark], list[Mark]]:
    """A law, and the same law after one article or one paragraph with a new number was put in
    somewhere.
    """
    restarts = draw(st.booleans())
    sizes = draw(
        st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=4)
    )
    tree: list[tuple[int, list[tuple[str, list[str]]]]] = []
    count = 0
    for chapter, articles in enumerate(sizes, 1):
        count = 0 if restarts else count
        tree.append(
            (
                chapter,
                [
                    (str(count + k), [str(p + 1) for p in range(n)])
                    for k, n in enumerate(articles, 1)
                ],
            )
        )
        count += len(articles)
    before = _marks(tree)
    chapter_at = draw(st.integers(0, len(tree) - 1))
    articles_there = tree[chapter_at][1]
    if draw(st.booleans()):
        articles_there.insert(draw(st.integers(0, len(articles_there))), ("99z", ["1", "2"]))
    else:
        paragraphs = articles_there[draw(st.integers(0, len(articles_there) - 1))][1]
        paragraphs.insert(draw(st.integers(0, len(paragraphs))), "1a")
    return before, _marks(tree)


def _marks(tree: list[tuple[int, list[tuple[str, list[str]]]]]) -> list[Mark]:
    marks: list[Mark] = []
    for chapter, articles in tree:
        marks.append(box("chapter", str(chapter)))
        top = len(marks) - 1
        for number, paragraphs in articles:
            marks.append(unit("article", number, top))
            at = len(marks) - 1
            marks += [unit("paragraph", p, at, Level.SUB) for p in paragraphs]
    return marks


@settings(max_examples=300, deadline=None)
@given(laws())
def test_inserting_an_article_or_a_paragraph_moves_no_address(
    pair: tuple[list[Mark], list[Mark]],
) -> None:
    before, after = (assign_addresses(CODE, "", marks)[0] for marks in pair)
    added = [address for address in after if "99z" in address or "para_1a" in address]
    assert [address for address in after if address not in added] == before


@pytest.mark.parametrize("most", [20_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_marks_take_linear_time(most: int) -> None:
    def seconds(n: int) -> float:
        marks = [unit("article", str(i % 1000)) for i in range(n // 2)]
        marks += [unit("point", "a", i + n // 2 - 1, Level.SUB) for i in range(n // 2)]
        best = 9e9
        for _ in range(2):
            begin = time.thread_time()
            assert len(set(assign_addresses(CODE, "", marks)[0])) == n
            best = min(best, time.thread_time() - begin)
        return best

    assert seconds(most) < 25 * max(seconds(most // 10), 0.02)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "art_5",
        "code~",
        "a b~art_1",
        "code~art_1__",
        "code~~art_1",
        "c!~art_1",
        "c~" + "a" * 300,
    ],
)
def test_what_is_no_address_is_refused_by_name(bad: str) -> None:
    with pytest.raises(BadInput, match="is not an address"):
        parse_address(bad)


def test_an_address_is_taken_apart() -> None:
    address = parse_address("vn.91-2015!annex_1~art_5__para_2__point_a")
    assert (address.document_code, address.component) == ("vn.91-2015", "annex_1")
    assert [(step.unit_kind, step.number) for step in address.steps] == [
        ("article", "5"),
        ("paragraph", "2"),
        ("point", "a"),
    ]


@given(st.text())
def test_a_slug_is_short_and_has_no_sign_of_an_address(words: str) -> None:
    made = slug(words)
    assert len(made) <= 48
    assert not set(made) & set("~!_ \n\t")
