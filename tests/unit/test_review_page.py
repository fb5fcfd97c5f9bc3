"""The review page: what an approver reads there, and that everybody can read it."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from adapters.review_page.layout import DEEPEST
from adapters.review_page.render import render_review
from domain.approval.request import cut_effect
from domain.approval.short_code import short_code
from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan
from domain.reading.imprint import CodeFrom, Imprint
from domain.reading.marks import PlanWarning
from domain.reports.rehearsal import CAN_NOT_PROVE
from domain.reports.review_page import NO_DATABASE, Comparison, Review, run_on_record
from tests.support.plans import context, made_plan
from tests.support.review import (
    OVERRIDE,
    TARGET,
    Element,
    Page,
    beside,
    hostile_review,
    page_of,
    plan_of,
    review_of,
    run_of,
)


def test_what_is_signed_can_be_compared() -> None:
    review = review_of(plan_of(["", "one", "two"]))
    section = page_of(review).section("sign")
    names = [name.text for name in section.all("dt")]
    values = [value.with_class("digest")[0].text for value in section.all("dd")]
    assert dict(zip(names, values, strict=True)) == {
        "Plan digest": review.plan.plan_digest,
        "Effect digest": review.effect_digest,
        "Change set": str(review.ctx.change_set_id),
        "Target": str(TARGET),
        "Doubts": "none",
        "Attempt": "1",
        "Backup key": "AB" * 20,
        "Catalog digest": "cd" * 32,
    }
    assert not review.alerts


def test_digests_stand_folded_at_the_end_and_one_code_at_the_beginning() -> None:
    review = review_of(plan_of(["", "one", "two"]))
    html = render_review(review)
    code = short_code(cut_effect(review.ctx, review.plan))
    assert html.count(code) == 2
    assert html.index(code) < html.index('id="document"')
    last = html.rindex("<section")
    assert html.index('id="text"') < last < html.index('id="sign"')
    assert last < html.rindex("<details>") < html.index("Plan digest")


def test_what_a_person_judges_comes_first_and_what_is_compared_is_folded() -> None:
    section = page_of(review_of(plan_of(["gap", "a" * 10, "b" * 30, "c" * 57]))).section("document")
    names, values = ([one.text for one in section.all(tag)] for tag in ("dt", "dd"))
    facts = dict(zip(names, values, strict=True))
    assert facts["Largest units"] == "art_3 57%, art_2 30%, art_1 10%"
    assert facts["Gaps"] == "1, 3 characters, 3%"
    assert (
        names.index("Doubts") < names.index("Largest units") < names.index("Source text, SHA-256")
    )
    (folded,) = section.all("details")
    assert [one.text for one in folded.all("dt")][:2] == ["Source", "Source text, SHA-256"]


def test_what_the_document_says_it_is_stands_there_to_be_confirmed() -> None:
    said = Imprint("91/2015/QH13", "2015-11-24", CodeFrom.WORK)
    plan = replace(plan_of(["gap", "one"]), imprint=said)
    section = page_of(review_of(plan)).section("document")
    names, values = ([one.text for one in section.all(tag)] for tag in ("dt", "dd"))
    facts = dict(zip(names, values, strict=True))
    assert facts["Code"] == "nasty.law, of the work that the document says it is"
    assert (facts["Number"], facts["Dated"]) == ("91/2015/QH13", "2015-11-24")
    unknown = page_of(review_of(plan_of(["gap", "one"]))).section("document").text
    assert "Number" not in unknown
    assert "Dated" not in unknown


@pytest.mark.parametrize("agrees", [True, False])
def test_digests_of_a_run_are_folded_unless_they_are_of_something_else(agrees: bool) -> None:
    review = review_of(plan_of(["", "one"]))
    run = run_of(review) if agrees else replace(run_of(review), plan_digest="0" * 64)
    section = page_of(replace(review, dry_run=run)).section("runs")
    (folded,) = section.all("details")
    assert ("open" in folded.attributes) is not agrees
    digests = section.with_class("digest")
    assert len(digests) == 2
    assert all(folded in one.within() for one in digests)


def test_what_is_not_known_is_said() -> None:
    plan = plan_of(["", "one"])
    review = review_of(plan, ctx=context(plan), comparison=NO_DATABASE, backup_key=None)
    page = page_of(review)
    assert "Not compared: no database" in page.section("differences").text
    assert "Not set" in page.section("sign").text
    assert "Not known" in page.section("sign").text
    assert page.section("runs").text.count("None on record for this change set") == 2
    assert "can not be signed for a live run" in review.alerts[0]
    assert "not compared" in page.root.with_class("lead")[0].text


@pytest.mark.parametrize("name", ["dry_run", "rehearsal"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"plan_digest": "0" * 64}, "plan digest"),
        ({"effect_digest": "0" * 64}, "effect digest"),
        ({"change_set_id": uuid.UUID(int=1)}, "change set"),
        ({"target": "another:1@1"}, "target"),
        ({"units": 99}, "number of units"),
    ],
)
def test_a_run_of_something_else_is_called_that(
    name: str, change: dict[str, Any], says: str
) -> None:
    review = review_of(plan_of(["", "one"]))
    run = replace(run_of(review), **change)
    wrong = replace(review, dry_run=run) if name == "dry_run" else replace(review, rehearsal=run)
    (alert,) = wrong.alerts
    assert f"not this page's {says}" in alert
    page = page_of(wrong)
    assert alert in page.root.with_class("stop")[0].text
    assert f"Mismatch: not this page's {says}." in page.section("runs").text
    assert "went through" not in page.section("runs").text


def test_runs_that_agree_are_shown_with_their_phases() -> None:
    review = review_of(plan_of(["", "one"]))
    page = page_of(replace(review, dry_run=run_of(review), rehearsal=run_of(review)))
    section = page.section("runs")
    assert section.text.count("It went through") == 2
    assert section.text.count("lifecycle_enact") == 2
    assert "2026-03-04 05:00:00 UTC" in section.text
    assert all(sentence.replace("`", "") in section.text for sentence in CAN_NOT_PROVE)
    assert not page.root.with_class("stop")


@pytest.mark.parametrize("wrong", [{}, [], None, {"change_set_id": "x"}])
def test_a_run_on_record_that_is_none(wrong: object) -> None:
    with pytest.raises(BadInput, match=r"dry-run\.json"):
        run_on_record(wrong, "dry-run.json")


def test_a_context_of_another_plan_is_refused() -> None:
    with pytest.raises(BadInput, match="is not of this plan"):
        review_of(plan_of(["", "one"]), ctx=context(plan_of(["", "two"])))


def test_differences_are_listed_and_marked_in_the_text() -> None:
    before, after = (
        plan_of(["", "one", "two", "three", "", "five"]),
        plan_of(["", "one", "2", "three"]),
    )
    page = page_of(review_of(after, comparison=Comparison(beside(after, before))))
    counts = [
        [cell.text for cell in row.all("th", "td")]
        for row in page.section("differences").all("table")[0].all("tr")[1:]
    ]
    assert counts == [
        ["same", "2", "2"],
        ["changed", "1", "1"],
        ["repealed", "1", "0"],
        ["together", "4", "3"],
    ]
    section = page.section("differences")
    assert [element.text for element in section.all("del", "ins")] == ["two", "2", "five"]
    assert "art_4" in section.text
    assert "changed: text" in page.by_id("u2").text
    assert "same" in page.by_id("u1").text


def test_a_warning_leads_to_its_place_and_back() -> None:
    pieces = ["gap\n", "one\n", "two\ntwo\n", "three\n"]
    warnings = tuple(PlanWarning("odd", line, f"reason {line}") for line in (1, 3, 4, 99))
    page = page_of(review_of(plan_of(pieces, warnings=warnings)))
    rows = page.section("warnings").all("tbody")[0].all("tr")
    assert [row.all("a")[0].attributes["href"] for row in rows] == ["#g1", "#u2", "#u2", "#u3"]
    assert [row.all("td")[1].text for row in rows] == [
        "reason 1",
        "reason 3",
        "reason 4",
        "reason 99",
    ]
    assert [a.attributes["href"] for a in page.by_id("u2").with_class("note")[0].all("a")] == [
        "#w2"
    ]
    assert "lines 3 to 4" in page.by_id("u2").text


def test_gaps_are_marked_as_gaps() -> None:
    page = page_of(
        review_of(plan_of(["printed elsewhere\n", "one\n", "two\n", "three\n", " \n\n"]))
    )
    parts = page.section("text").all("article")
    assert ["gap" in part.attributes.get("class", "") for part in parts] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert "belong to no unit" in parts[0].text
    assert "3 characters of white space" in parts[4].text


def nesting(page: Page) -> dict[str, str | None]:
    """The id that each link of the tree leads to, and that of the unit it lies below."""
    found: dict[str, str | None] = {}
    for link in page.section("tree").all("a"):
        around = [e for e in link.within() if e.name == "details"]
        own = "own" in link.attributes.get("class", "")
        above = around[1 if own else 0] if len(around) > own else None
        found[link.attributes["href"]] = _own(above) if above else None
    return found


def _own(details: Element) -> str:
    return next(
        a.attributes["href"] for a in details.all("a") if a.attributes.get("class") == "own"
    )


def test_the_tree_follows_the_parents() -> None:
    plan = made_plan(25)
    seqs = {row.canonical_address: f"#u{row.seq}" for row in plan.rows}
    expected = {
        f"#u{row.seq}": seqs[row.parent_ref] if row.parent_ref else None for row in plan.rows
    }
    assert nesting(page_of(review_of(plan))) == expected


def test_a_chain_of_units_does_not_nest_without_end() -> None:
    plan = plan_of(["x"] * 400)
    links = page_of(review_of(plan)).section("tree").all("a")
    assert [link.attributes["href"] for link in links] == [f"#u{row.seq}" for row in plan.rows]
    assert max(sum(e.name == "ul" for e in link.within()) for link in links) == DEEPEST


@pytest.mark.parametrize(
    "review", [hostile_review(), review_of(made_plan(30))], ids=["hostile", "made"]
)
def test_a_screen_reader_finds_its_way(review: Review) -> None:
    root = page_of(review).root
    elements = root.all()
    assert [len(root.all(name)) for name in ("h1", "header", "nav", "main", "footer", "title")] == [
        1
    ] * 6
    levels = [int(e.name[1]) for e in elements if re.fullmatch("h[1-6]", e.name)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [e.attributes["id"] for e in elements if "id" in e.attributes]
    assert len(set(ids)) == len(ids)
    refs = {e.attributes["href"][1:] for e in root.all("a")} | {
        e.attributes.get("aria-labelledby", "main") for e in elements
    }
    assert refs <= set(ids)
    assert all(e.attributes.get("scope") in ("col", "row") for e in root.all("th"))
    assert all(table.all("caption") for table in root.all("table"))
    first = root.all("a")[0]
    assert (first.attributes["href"], root.all("main")[0].attributes["id"]) == ("#main", "main")
    assert root.all("html")[0].attributes["lang"] == "en"


@pytest.mark.parametrize(
    ("profile", "lang"), [("vi", "vi"), ("de", "de"), ("numbered", None), ('x" onload=1', None)]
)
def test_the_text_is_in_its_own_language(profile: str, lang: str | None) -> None:
    page = page_of(review_of(replace(plan_of(["", "one"]), profile=profile)))
    assert {element.attributes.get("lang") for element in page.root.with_class("t")} == {lang}
    assert page.root.all("h1")[0].attributes.get("lang") == lang


def timed(plan: CutPlan) -> tuple[float, int]:
    """Seconds of this process and bytes for one page."""
    review = review_of(plan)
    assert review.effect_digest
    start = time.process_time()
    html = render_review(review)
    return time.process_time() - start, len(html.encode())


@pytest.mark.slow
def test_ten_thousand_units_take_seconds_and_grow_in_line() -> None:
    body = "The text of article {n}, in some words more. " * 20 + "\n"
    few, many = made_plan(1_250, body=body), made_plan(10_000, body=body)
    timed(few)
    (few_seconds, few_bytes), (many_seconds, many_bytes) = timed(few), timed(many)
    assert many_seconds < 10
    assert many_seconds < 8 * few_seconds * 2.5
    assert many_bytes < 8.2 * few_bytes
    assert many_bytes < 1.1 * many.text_chars + 600 * len(many.rows)


def test_hidden_characters_can_not_blow_the_page_up() -> None:
    text = (OVERRIDE + "\"'<>&") * 10_000
    _, size = timed(plan_of(["", text]))
    assert size < 12 * len(text.encode()) + 60_000


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2, section 1.4.3)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_enough_in_light_and_dark() -> None:
    """WCAG 2.2 AA: 4.5 for text, 3 for what the focus and the marks are seen by."""
    style = page_of(review_of(plan_of(["", "one"]))).root.all("style")[0].text
    schemes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.S)
    ]
    assert len(schemes) == 2
    assert schemes[0].keys() == schemes[1].keys()
    for colours in schemes:
        for panel in ("page", "panel"):
            for name in ("text", "quiet", "link"):
                assert _contrast(colours[name], colours[panel]) >= 4.5, (name, panel)
            for name in ("stop", "warn", "good"):
                assert _contrast(colours[f"{name}-line"], colours[panel]) >= 3, (name, panel)
        assert _contrast(colours["accent"], colours["page"]) >= 4.5
        for name in ("stop", "warn", "good"):
            assert _contrast(colours[name], colours[f"{name}-panel"]) >= 4.5, name
