"""The pages that people judge by, in a real browser, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from adapters.review_page.release import render_release
from adapters.review_page.render import render_review
from domain.approval.request import document_effect
from domain.phases import Mode
from domain.reading.marks import PlanWarning
from domain.release.looked import Found, Looked, of_the_release, shape_of
from domain.release.manifest import release_of
from domain.reports.review_page import Comparison, Review
from tests.support.browser import DESK, PHONE, chromium, running_browser
from tests.support.plans import context, made_plan
from tests.support.review import TARGET, hostile_review, review_of, run_of
from tests.support.revisions import made_revision

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None,
        reason="No Chromium is installed here; on Debian: apt-get install chromium.",
    ),
]

NOW: Final = datetime(2027, 1, 1, tzinfo=UTC)
LONG: Final = "donaudampfschifffahrtsgesellschaftskapitaensgesetz-of-1866"
OUTSIDE: Final = """() => [...document.querySelectorAll("body *")].filter(one =>
    one.checkVisibility()
    && !one.closest(".skip, .cards thead")
    && (one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        || one.getBoundingClientRect().left < -1
        || (one.scrollWidth > one.clientWidth + 1
            && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)))
  ).map(one => `${one.tagName} ${one.textContent.trim().slice(0, 40)}`)"""
"""What can not be read without pushing it aside."""
BROKEN: Final = """() => [...document.querySelectorAll(".k, .phase")].filter(one => {
    if (!one.checkVisibility()) return false;
    const text = document.createRange();
    text.selectNodeContents(one);
    const words = one.textContent.trim().split(/\\s+/);
    const lines = new Set([...text.getClientRects()].map(box => Math.round(box.top)));
    return words.length === 1 && lines.size > 1;
  }).map(one => one.textContent)"""
"""Words of ours that stand on two lines."""


def cut() -> str:
    """A law with warnings, all of whose runs are on record."""
    plan = made_plan(60)
    plan = replace(plan, warnings=tuple(PlanWarning("odd", n, "To be seen.") for n in (1, 9)))
    review = review_of(plan)
    return render_review(replace(review, dry_run=run_of(review), rehearsal=run_of(review)))


def revised() -> str:
    """A law of six articles, some of which change."""
    made = made_revision()
    compared = Comparison(made.comparison)
    return render_review(Review(made.plan, context(made), compared, NOW, revision=made))


def released() -> str:
    """Documents with long names, and two that are left out."""
    looked = [ready(code, units) for code, units in ((LONG, 1_234), ("a.x", 3))]
    left = [
        Looked(f"/laws/of/{LONG}.pdf", Found.REFUSED, "It has no text layer; `ocr` it."),
        Looked("/laws/b.txt", Found.DOUBTFUL, "It has doubts: number-holes."),
    ]
    release = release_of(of_the_release(looked))
    return render_release(release, [*looked, *left], Path("/home/state/releases/x"), NOW)


def ready(code: str, units: int) -> Looked:
    """A document of a release, with more than one kind of unit and a doubt."""
    plan = made_plan(units, code=code)
    effect = document_effect(context(plan, Mode.DRYRUN, TARGET), plan)
    shape = replace(
        shape_of(plan),
        title="A law about the captains of the steamboats of the river, and what they may do",
        kinds=(("article", units), ("subparagraph", 17), ("container", 9)),
        doubts=("number-holes", "largest-unit"),
    )
    page = f"/home/runs/{effect.change_set_id}/review.html"
    return Looked(f"/laws/{code}.txt", Found.READY, shape=shape, effect=effect, page=page)


PAGES: Final = {
    "cut": cut,
    "hostile": lambda: render_review(hostile_review()),
    "revision": revised,
    "release": released,
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_browser(tmp_path_factory.mktemp("browser") / "net.json") as running:
        yield running


def opened(browser: Browser, path: Path, html: str, size: tuple[int, int]) -> Page:
    """A page in a window of that size; its picture lies beside it."""
    path.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(path.as_uri())
    page.screenshot(path=path.with_suffix(".png"), full_page=True)
    return page


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_pushed_aside_and_no_word_of_ours_breaks(
    browser: Browser, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    with opened(browser, tmp_path / f"{name}.html", PAGES[name](), size) as page:
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(BROKEN) == []
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(BROKEN) == []


def test_on_a_phone_each_figure_of_a_release_stands_with_its_name(
    browser: Browser, tmp_path: Path
) -> None:
    named = """() => [...document.querySelectorAll(".view.first tbody tr:first-child td")].map(
        one => [getComputedStyle(one, "::before").content, one.getBoundingClientRect().left])"""
    with opened(browser, tmp_path / "release.html", released(), PHONE) as page:
        names, places = zip(*page.evaluate(named), strict=True)
        heads = page.locator(".view.first thead th").all_text_contents()
        assert [name.strip('"') for name in names] == heads[1:]
        assert len(set(places)) == 1
        captions = page.locator("caption:visible").all()
        assert all(one.evaluate("one => one.clientWidth") > PHONE[0] / 2 for one in captions)
    with opened(browser, tmp_path / "desk.html", released(), DESK) as page:
        assert {name for name, _ in page.evaluate(named)} == {"none"}


@pytest.mark.parametrize("name", ["cut", "revision"])
def test_tree_and_text_stand_side_by_side_where_there_is_room(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    def places(page: Page) -> tuple[dict[str, float], dict[str, float]]:
        """Where the tree and the last unit are, once somebody reads the last unit."""
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        page.locator("article[id^=u]").last.scroll_into_view_if_needed()
        boxes = (page.locator(".tree").first, page.locator("article[id^=u]").last)
        tree, unit = (one.evaluate("one => one.getBoundingClientRect().toJSON()") for one in boxes)
        return tree, unit

    with opened(browser, tmp_path / "desk.html", PAGES[name](), DESK) as page:
        tree, unit = places(page)
        assert tree["right"] < unit["left"]
        assert tree["top"] < unit["bottom"], "the tree stays while the text goes by"
        assert tree["bottom"] > unit["top"]
    with opened(browser, tmp_path / "phone.html", PAGES[name](), PHONE) as page:
        tree, unit = places(page)
        assert tree["bottom"] < unit["top"]
        assert abs(tree["left"] - unit["left"]) < 40
