"""PDF: reading order, margins, notes, hyphens, raised digits; what is signed."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.readers.by_content import read_document
from adapters.readers.pdf.columns import Line
from adapters.readers.pdf.paragraphs import Placed, going_on
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.marks import Granularity, ReadDocument
from tests.support.browser import chromium
from tests.support.pdf import (
    HEIGHT,
    LEFT,
    LETTER,
    SIZE,
    STEP,
    TOP,
    Page,
    Text,
    column,
    flowing,
    pdf,
    wrapped,
)
from tests.support.printed import printed
from tests.unit.readers.helpers import codes, numbers

ARTICLE = (
    "The harbour master of the town shall keep a register of all boats that lie in the harbour, "
    "and shall enter in it the name of the owner, the length of the boat and the day on which it "
    "came; boat {n} is entered as well, under the number that this article has."
)


def read(*pages: Page) -> ReadDocument:
    return read_document(pdf(pages), name="law.pdf")


def articles(first: int, last: int) -> list[str]:
    """The paragraphs of articles, each with a title and a sentence of its own."""
    return [
        paragraph
        for n in range(first, last + 1)
        for paragraph in (f"Article {n}. Boats of kind {n}", ARTICLE.format(n=n))
    ]


def with_margins(number: int, texts: list[Text]) -> Page:
    """A page with a running head of two parts and a page number."""
    return Page(
        [
            Text(LEFT, HEIGHT - 32, "Boats Act 2024", 9),
            Text(430, HEIGHT - 32, f"Official Journal {number + 30}", 9),
            *texts,
            Text(290, 36, f"- {number} -", 9),
        ]
    )


def bodies(found: ReadDocument) -> list[str]:
    return [found.text[mark.start : mark.end] for mark in found.marks]


def plan_of(found: ReadDocument) -> CutPlan:
    return build_plan(
        found, TargetDocument("xx.1"), source_name="law.pdf", granularity=Granularity.BASIC
    )


def test_a_column_is_read_from_top_to_bottom_and_a_unit_goes_on_over_pages() -> None:
    lines = flowing(articles(1, 12))
    pages = [with_margins(n, column(lines[35 * (n - 1) : 35 * n])) for n in range(1, 4)]
    found = read(*pages)
    assert numbers(found) == [str(n) for n in range(1, 13)]
    assert [mark.title for mark in found.marks][2] == "Boats of kind 3"
    for n, body in enumerate(bodies(found), 1):
        assert " ".join(body.split()) == f"Article {n}. Boats of kind {n} {ARTICLE.format(n=n)}"


def test_running_heads_and_page_numbers_are_a_gap_and_in_no_body() -> None:
    lines = flowing(articles(1, 12))
    pages = [with_margins(n, column(lines[35 * (n - 1) : 35 * n])) for n in range(1, 4)]
    plan = plan_of(read(*pages))
    assert "Journal" not in "".join(row.body for row in plan.rows)
    assert plan.gaps[-1].text == (
        "[page 1] Boats Act 2024\tOfficial Journal 31\n[page 1] - 1 -\n"
        "[page 2] Boats Act 2024\tOfficial Journal 32\n[page 2] - 2 -\n"
        "[page 3] Boats Act 2024\tOfficial Journal 33\n[page 3] - 3 -\n"
    )


def test_a_page_may_begin_with_what_an_author_numbers() -> None:
    pages = [
        Page(
            [Text(290, 36, str(n), 9), *column([f"Article {n}", "", *wrapped(ARTICLE.format(n=n))])]
        )
        for n in range(1, 7)
    ]
    assert numbers(read(*pages)) == ["1", "2", "3", "4", "5", "6"]


def test_annexes_with_the_same_form_keep_their_first_line() -> None:
    lines = flowing(articles(1, 24))
    pages = [column(lines[35 * n : 35 * n + 35]) for n in range(6)]
    forms = [
        column(["REPUBLIC OF BOATS", "", *wrapped(ARTICLE.format(n=n))]) for n in range(30, 33)
    ]
    found = read(*(with_margins(n, texts) for n, texts in enumerate([*pages, *forms], 1)))
    text = "".join(bodies(found))
    assert text.count("REPUBLIC OF BOATS") == 3


@pytest.mark.parametrize("shift", [0, STEP / 2])
def test_two_columns_are_read_one_after_the_other(shift: float) -> None:
    lines = flowing(articles(1, 24), letters=34)
    pages = []
    for n in range(1, 5):
        own = lines[70 * (n - 1) : 70 * n]
        left, right = column(own[:35]), column(own[35:], x=320, y=TOP - shift)
        pages.append(with_margins(n, [*left, *right]))
    found = read(*pages)
    assert numbers(found) == [str(n) for n in range(1, 25)]
    for n, body in enumerate(bodies(found), 1):
        assert " ".join(body.split()) == f"Article {n}. Boats of kind {n} {ARTICLE.format(n=n)}"


def test_columns_stand_between_what_spans_the_page() -> None:
    lines = flowing(articles(1, 6), letters=34)
    half = len(lines) // 2
    over = column(wrapped("Whereas boats are of use to all who live near water, and whereas " * 3))
    under = column(
        wrapped("Done in the town hall and signed by all who were there on the day " * 3), y=120
    )
    page = Page([*over, *column(lines[:half], y=690), *column(lines[half:], x=320, y=690), *under])
    found = read(page)
    assert numbers(found) == ["1", "2", "3", "4", "5", "6"]
    assert found.text.startswith("Whereas boats")
    assert found.text.rstrip().endswith("on the day")


def test_a_table_is_read_row_by_row() -> None:
    rows = [(f"Boat {n}", f"{n} metres") for n in range(1, 9)]
    texts = column([*flowing(articles(1, 2)), ""])
    for i, (name, length) in enumerate(rows):
        texts += [Text(LEFT, 560 - STEP * i, name), Text(380, 560 - STEP * i, length)]
    found = read(Page(texts))
    assert "Boat 1\t1 metres\nBoat 2\t2 metres\n" in found.text


def test_a_hyphen_at_the_end_of_a_line_stays_in_the_text_and_not_in_a_title() -> None:
    title = "Article 1. Registers of boats, of rafts and of whatever else is float-"
    lines = [title, "ing on water, and Land-", "", *flowing([ARTICLE.format(n=1)]), ""]
    more = flowing(articles(2, 9))
    found = read(Page(column([*lines, *more])))
    assert "else is float-\ning on water" in found.text
    assert found.marks[0].title.endswith("of whatever else is floating on water, and Land-")


def test_a_reference_that_a_line_begins_with_heads_nothing() -> None:
    """The printed line before it was full, so that it goes on with that."""
    sentence = (
        "Whoever keeps a boat shall tell the harbour master of a change under "
        "Article 3. Boats that nobody has spoken for are sold, as they have been for all of time."
    )
    assert wrapped(sentence)[1].startswith("Article 3. Boats")
    paragraphs = [*articles(1, 2), "Article 3. Change", sentence, *articles(4, 8)]
    found = read(Page(column(flowing(paragraphs))))
    assert numbers(found) == [str(n) for n in range(1, 9)]
    assert found.marks[2].title == "Change"


def test_footnotes_stand_apart_after_the_text() -> None:
    pages = []
    for n, word in enumerate(("Boats", "Ponds of the town", "Rain"), 1):
        texts = column(flowing(articles(3 * n - 2, 3 * n)))
        end = texts[-1]
        texts.append(Text(end.x + LETTER * SIZE * len(end.text), end.y + 4, str(n), 6))
        notes = [
            Text(LEFT, 84, str(n), 5),
            Text(LEFT + 5, 80, f"{word} of the Water Act, which is of another time and place", 8),
            Text(LEFT, 70, f"and has been repealed by the {word} Act.", 8),
        ]
        pages.append(with_margins(n, [*texts, *notes]))
    plan = plan_of(read(*pages))
    assert [row.label for row in plan.rows] == [f"Article {n}." for n in range(1, 10)]
    assert "Water Act" not in "".join(row.body for row in plan.rows)
    assert "repealed" not in "".join(row.body for row in plan.rows)
    assert "[page 2] 2 Ponds of the town of the Water Act" in plan.gaps[-1].text


def test_small_print_without_a_mark_is_no_footnote() -> None:
    texts = [
        *column(flowing(articles(1, 3))),
        *column(["Article 4. Small print", "It holds, too."], y=90, size=8, step=10),
    ]
    assert numbers(read(Page(texts))) == ["1", "2", "3", "4"]


def test_a_raised_number_is_kept_apart() -> None:
    raised = [
        Text(LEFT, 500, "It costs 30"),
        Text(LEFT + 11 * LETTER * SIZE, 504.5, "1", 6),
        Text(LEFT + 12 * LETTER * SIZE, 500, "coins."),
    ]
    found = read(Page([*column(flowing(articles(1, 3))), *raised]))
    assert "It costs 30¹ coins." in found.text
    assert "301" not in found.text


def test_a_blank_that_cannot_be_seen_parts_no_word() -> None:
    """Some programs write one into the middle of a word."""
    word = b"BT /F0 11 Tf 70 500 Td [(Har) 0 ( ) 600 (bour)] TJ ET\n"
    found = read(Page(column(flowing(articles(1, 3))), drawn=word))
    assert "Harbour\n" in found.text


def test_words_are_parted_by_a_gap_without_a_blank() -> None:
    words = b"BT /F0 11 Tf 70 500 Td [(The) -333 (harbour) -333 (master)] TJ ET\n"
    found = read(Page(column(flowing(articles(1, 3))), drawn=words))
    assert "The harbour master\n" in found.text


def test_file_and_text_are_signed() -> None:
    page = Page(column(flowing(articles(1, 4))))
    data = pdf([page])
    plan = plan_of(read_document(data, name="law.pdf"))
    assert plan.file_sha256 == hashlib.sha256(data).hexdigest()
    other = pdf([page]).replace(b"%\xe2\xe3\xcf\xd3", b"%\xe2\xe3\xcf\xd4")
    again = plan_of(read_document(other, name="law.pdf"))
    assert again.text_sha256 == plan.text_sha256
    assert again.plan_digest != plan.plan_digest


def test_the_plan_of_another_format_has_the_digest_that_it_always_had() -> None:
    found = read_document(b"Article 1. One\nText.\nArticle 2. Two\nText.\n", name="law.txt")
    assert plan_of(found).file_sha256 == ""


def test_rows_and_gaps_are_the_text() -> None:
    lines = flowing(articles(1, 12))
    found = read(*(with_margins(n, column(lines[35 * n - 35 : 35 * n])) for n in range(1, 4)))
    plan = plan_of(found)
    parts = sorted([(r.start, r.end) for r in plan.rows] + [(g.start, g.end) for g in plan.gaps])
    assert parts[0][0] == 0
    assert parts[-1][1] == len(found.text)
    assert all(a[1] == b[0] for a, b in pairwise(parts))


def test_what_is_left_out_is_said() -> None:
    lines = column(flowing(articles(1, 3)))
    page = Page(
        [*lines, Text(LEFT, 300, "unseen", invisible=True), Text(30, 300, "turned", upwards=True)],
        note="written over it",
    )
    found = read(page, Page(picture=1.0), Page(column(flowing(articles(4, 9)))))
    assert codes(found) == [
        "annotations-left-out",
        "hidden-text",
        "turned-text",
        "page-is-a-picture",
    ]
    assert not {"unseen", "turned", "written over it"} & set(found.text.split("\n"))


def test_text_that_was_recognised_is_read_and_said_to_be() -> None:
    texts = [Text(t.x, t.y, t.text, invisible=True) for t in column(flowing(articles(1, 4)))]
    found = read(Page(texts, picture=1.0))
    assert numbers(found) == ["1", "2", "3", "4"]
    assert codes(found) == ["recognised-text"]


def test_a_running_head_may_change_with_the_chapter_and_the_side_of_the_page() -> None:
    lines = flowing(articles(1, 24))
    pages = []
    for n in range(1, 9):
        chapter = f"Chapter {1 + n // 4}. Boats of all kinds"
        foot = f"{n} {chapter}" if n % 2 else f"{chapter} {n}"
        texts = column(lines[20 * (n - 1) : 20 * n])
        pages.append(Page([*texts, Text(LEFT, 36, foot, 9)]))
    plan = plan_of(read(*pages))
    assert "of all kinds" not in "".join(row.body for row in plan.rows)
    assert plan.gaps[-1].text.count("of all kinds") == 8


def test_a_word_that_each_chapter_begins_with_is_no_running_head() -> None:
    lines = flowing(articles(1, 24))
    pages = []
    for n in range(1, 10):
        texts = column(lines[20 * (n - 1) : 20 * n], y=TOP - 60)
        head = ("CHAPTER", 14) if n in (1, 5, 9) else (f"Boats Act {n}", 9)
        pages.append(Page([Text(LEFT, HEIGHT - 32, *head), *texts, Text(290, 36, str(n), 9)]))
    found = read(*pages)
    assert "\nCHAPTER\n" in "\n" + found.text
    assert "] CHAPTER" not in found.text


def test_an_entry_of_a_contents_list_is_no_unit() -> None:
    entries = [f"Article {n}. Boats of kind {n} " + ". " * 12 + str(n) for n in range(1, 7)]
    found = read(Page(column([*entries, "", *flowing(articles(1, 6))])))
    assert numbers(found) == [str(n) for n in range(1, 7)]
    assert not any(". . ." in mark.title for mark in found.marks)


def test_an_entry_without_room_for_dots_is_in_the_contents_list_of_its_neighbours() -> None:
    entries = [f"Article {n}. Boats of kind {n} " + ". " * 12 + str(n) for n in range(1, 7)]
    entries[3] = "Article 4. Boats of kind 4 and what else there is to be said of the boats 4"
    found = read(Page(column([*entries, "", *flowing(articles(1, 6))])))
    assert numbers(found) == [str(n) for n in range(1, 7)]
    assert not any("what else" in mark.title for mark in found.marks)


def test_a_contents_list_may_have_its_pages_behind_a_gap() -> None:
    rows = [
        text
        for i in range(3)
        for text in (
            Text(LEFT, TOP - 20 * i, f"{i} Boats of kind {i}"),
            Text(430, TOP - 20 * i, str(i + 3)),
        )
    ]
    sections = [
        paragraph
        for i in range(3)
        for paragraph in (f"{i}. Boats of kind {i}", ARTICLE.format(n=i), "")
    ]
    found = read(Page(rows), Page(column(flowing(sections))))
    assert numbers(found) == ["0", "1", "2"]
    assert found.marks[0].start > found.text.index("kind 2")


@pytest.mark.parametrize("after", ["0.2. The fees.", "(b) the fees.", "Section 4. Fees."])
def test_a_numbered_line_below_a_full_one_begins_something_new(after: str) -> None:
    usual = Line("The boats are counted.", 70, 520, 0, 11, 0, frozenset(), (400, 400), 20, 90)
    short = usual._replace(right=200)
    paragraphs = [(usual, True), (usual, False), (short, False)] * 8
    lines = [*paragraphs, (usual, True), (usual._replace(text=after), False)]
    found = going_on([Placed(line, 1, apart) for line, apart in lines])
    assert found == {i for i, (_, apart) in enumerate(paragraphs) if not apart}


@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
@pytest.mark.slow
def test_a_law_that_a_browser_prints_is_read_as_it_is_written(tmp_path: Path) -> None:
    paragraphs = articles(1, 30)
    data = printed(tmp_path, "\n".join(paragraphs), columns=2, margins=False)
    found = read_document(data, name="law.pdf")
    assert numbers(found) == [str(n) for n in range(1, 31)]
    for n, body in enumerate(bodies(found), 1):
        assert " ".join(body.split()) == f"Article {n}. Boats of kind {n} {ARTICLE.format(n=n)}"


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("letter", "accent", "wanted"),
    [("O", "¨", "Ö"), ("u", "¨", "ü"), ("e", "´", "é"), ("c", "¸", "ç"), ("n", "˜", "ñ")],
)
@pytest.mark.parametrize("accent_first", [False, True])
@pytest.mark.parametrize("raised", [0, 2])
def test_an_accent_that_is_drawn_over_a_letter_is_one_letter_with_it(
    letter: str, accent: str, wanted: str, accent_first: bool, raised: int
) -> None:
    signs = [Text(LEFT, TOP - STEP, letter), Text(LEFT, TOP - STEP + raised, accent)]
    texts = [Text(LEFT, TOP, "Article 1. Scope"), *(signs[::-1] if accent_first else signs)]
    assert read(Page([*texts, Text(LEFT + LETTER, TOP - STEP, "x ends.")])).text.endswith(
        f"{wanted}x ends.\n"
    )


def test_an_accent_beside_a_letter_stays_a_sign_of_its_own() -> None:
    texts = [Text(LEFT, TOP, "Article 1. Scope"), Text(LEFT, TOP - STEP, "The sign O¨ is two.")]
    assert "O¨ is two." in read(Page(texts)).text


def test_the_head_of_a_last_page_of_one_line_is_none_of_the_text() -> None:
    head = Text(LEFT, TOP + 2 * STEP, "Boats Act of the town")

    def page(rows: list[str]) -> Page:
        return Page([head, *(Text(LEFT, TOP - i * STEP, row) for i, row in enumerate(rows))])

    counted = [f"It is counted by day {i} of them all." for i in range(30)]
    first = page(["Article 1. Boats", *counted])
    found = read(first, page(counted), page(["That is all."]))
    assert "Boats Act" not in bodies(found)[0]
    assert bodies(found)[0].strip().endswith("That is all.")
