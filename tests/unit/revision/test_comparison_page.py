"""The page of a comparison: it says everything, it can not act, and it is made in time."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hypothesis import given

from adapters.likeness import RapidLikeness
from adapters.review_page.comparison import render_comparison
from adapters.review_page.page import content_security_policy
from domain.revision.compare import compare
from domain.revision.editorial import TextDifference
from domain.revision.settled import parse_settled
from domain.revision.units import Version
from domain.revision.verdicts import Change, Comparison
from tests.support.amended import amended, made_law
from tests.support.command import cutter
from tests.support.review import BELL, DECEIT, OVERRIDE, ZERO_WIDTH, Element, Page
from tests.unit.revision.versions import TEXTS, law, versions

LIKENESS: Final = RapidLikeness()
WHEN: Final = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ELEMENTS: Final = re.compile(
    "html|head|meta|title|style|body|header|main|footer|nav|section|article|h[123]|p|a|ul|li|table|caption|thead|"
    "tbody|tr|th|td|dl|dt|dd|div|span|code|strong|details|summary|b|i|bdi|br|ins|del"
)
SIX: Final = {str(number): text for number, text in TEXTS.items()}


def page(comparison: Comparison, *, everything: bool = False) -> Page:
    return Page(render_comparison(comparison, LIKENESS, WHEN, everything=everything))


def compared(old: Version, new: Version, *matches: str) -> Comparison:
    return compare(old, new, LIKENESS, [parse_settled(one) for one in matches])


def without(element: Element, left_out: str) -> Iterator[str]:
    """The text of an element without what is in elements of this name."""
    for part in element.content:
        if isinstance(part, str):
            yield part
        elif "data-c" in part.attributes:
            yield chr(int(part.attributes["data-c"], 16))
        elif part.name != left_out:
            yield from without(part, left_out)


def test_it_has_counts_that_add_up_doubts_first_and_every_word_of_a_change() -> None:
    changed = SIX["2"].replace(
        "weighs it on the quay before it is", "has it weighed by the board and"
    )
    new = {n: text for n, text in SIX.items() if n != "2"} | {
        "9": changed,
        "3": SIX["3"].replace("spring", "autumn"),
    }
    made = page(compared(law(SIX), law(new)))
    rows = [[cell.text for cell in row.all("th", "td")] for row in made.section("counts").all("tr")]
    assert rows[1:] == [
        ["same", "4", "4"],
        ["changed", "1", "1"],
        ["renumbered", "1", "1"],
        ["together", "6", "6"],
    ]
    assert "Number and text differ" in made.section("doubts").text
    assert "--match 'art_2=art_9'" in made.section("doubts").text
    order = [section.attributes["aria-labelledby"] for section in made.root.all("section")]
    assert order == ["counts", "doubts", "changed", "renumbered"]
    (gone,), (come,) = (made.section("changed").all(name) for name in ("del", "ins"))
    assert (gone.text, come.text) == ("spring", "autumn")
    assert "art_2 → art_9" in made.section("renumbered").text
    assert "4 units are unchanged" in made.root.text


def test_what_is_laid_out_anew_is_folded_and_what_is_unchanged_is_left_out() -> None:
    new = law(SIX | {"3": SIX["3"].replace(" of ", "\n  of ")})
    made = page(compared(law(SIX), new))
    (folded,) = made.section("layout").all("details")
    assert "art_3" in folded.text
    assert "open" not in folded.attributes
    assert "art_1" not in made.root.text
    assert "art_1" in page(compared(law(SIX), new), everything=True).section("same").text


def test_text_that_belongs_to_no_unit_is_compared_too() -> None:
    old = replace(law(SIX), gaps=("By the assembly.\n", "Given in May.\n"))
    layout = replace(law(SIX), gaps=("By  the assembly.\n", "Given in May.\n"))
    changed = replace(law(SIX), gaps=("By the assembly.\n", "Given in June.\n"))
    assert compared(old, layout).outside is TextDifference.LAYOUT
    assert "no unit" not in page(compared(old, layout)).root.text
    comparison = compared(old, changed)
    assert comparison.digest != compared(old, layout).digest
    assert [e.text for e in page(comparison).section("outside").all("del", "ins")] == [
        "May",
        "June",
    ]


def test_nothing_in_a_document_can_act() -> None:
    nasty = law({n: f"{text}{DECEIT}<script>alert(1)</script>" for n, text in SIX.items()})
    units = tuple(
        unit._replace(title=DECEIT, address=f"{unit.address}{DECEIT}", parent=None)
        for unit in nasty.units
    )
    old = Version("xx.1", DECEIT, units)
    other = (
        unit._replace(body=unit.body.replace("the", DECEIT), title=f"{DECEIT}x")
        for unit in units[1:]
    )
    new = Version("xx.1", DECEIT, tuple(other))
    html = render_comparison(compared(old, new), LIKENESS, WHEN)
    root = Page(html).root
    assert all(ELEMENTS.fullmatch(element.name) for element in root.all())
    assert all(element.attributes["href"].startswith("#") for element in root.all("a"))
    assert not any(name.startswith("on") for e in root.all() for name in e.attributes)
    assert not {OVERRIDE, BELL, ZERO_WIDTH} & set(html)
    assert not re.search(r"url\(|@import|https?:|//", html.split("</style>")[0])
    policies = [m.attributes.get("content") for m in root.all("meta")]
    assert content_security_policy() in policies


@given(versions(), versions())
def test_both_texts_can_be_read_back(old: Version, new: Version) -> None:
    comparison = compared(old, new)
    root = page(comparison, everything=True).root
    texts = [
        ["".join("".join(without(element, name)).split()) for name in ("ins", "del")]
        for element in root.with_class("d")
    ]
    want = [
        ["".join("".join(unit.body for unit in units).split()) for units in (one.old, one.new)]
        for one in comparison.verdicts
        if "text" in one.what or not (one.old and one.new)
    ]
    assert sorted(texts) == sorted(want)


def test_a_law_of_2500_units_is_compared_and_set_in_two_seconds() -> None:
    dice = random.Random(5)  # noqa: S311  # repeatable, no secret
    made = amended(made_law(dice, 2_300), dice)
    assert len(made.old.units) > 2_450
    begin = time.process_time()
    comparison = compare(made.old, made.new, LIKENESS)
    html = render_comparison(comparison, LIKENESS, WHEN)
    assert time.process_time() - begin < 2
    assert comparison.counts[Change.CHANGED][0] >= 35
    assert len(html) < 400_000


def test_the_command_writes_it(tmp_path: Path) -> None:
    for name, word in (("old", "quay"), ("new", "pier")):
        text = f"# A law\n\n## Article 1. Weighing\n\nFish is weighed on the {word}.\n"
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    old, new, html = (str(tmp_path / name) for name in ("old.md", "new.md", "out/page.html"))
    done = cutter("compare", old, new, "--html", html, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"on the page {html}" in done.stdout
    assert "[-quay-]" not in done.stdout
    made = Page(Path(html).read_text(encoding="utf-8"))
    assert [e.text for e in made.section("changed").all("del", "ins")] == ["quay", "pier"]
