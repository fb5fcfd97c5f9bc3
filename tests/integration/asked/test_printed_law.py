"""A law's page as a reader has it, on the screen and printed to PDF by a real Chromium: its whole
text in its order, and on paper nothing but the law.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest

from service.reading_app.app import reading_app
from tasks.questions.readers import Desk
from tests.support.asked import readers_of, unproved
from tests.support.browser import DESK, chromium, running_browser
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database
from tests.support.served import served

CODE = "printed.law"
UNITS = 60
BODY = "Article {n}. Whoever moors at berth {n} pays the due.\nIt is doubled at night at {n}.\n"
ONLY_ON_THE_SCREEN = ("Contents", "Documents", "As in force on", "Akoma Ntoso", "Show")


def folded(text: str) -> str:
    """Without white space, of which paper has its own."""
    return "".join(text.split())


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    with closing(pypdfium2.PdfDocument(pdf)) as paper:
        return [page.get_textpage().get_text_bounded() for page in paper]


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
def test_the_page_of_a_law_holds_all_of_it_in_order_on_screen_and_on_paper(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    plan = made_plan(UNITS, code=CODE, body=BODY)
    run_phases(bench.adapter, bench.context(plan), plan)
    with closing(readers_of(bench)) as readers:
        desk = Desk(readers, str(bench.target), unproved)
        with (
            served(partial(reading_app, desk)) as url,
            running_browser(tmp_path / "net.json") as browser,
        ):
            width, height = DESK
            shown = browser.new_context(
                viewport={"width": width, "height": height}, java_script_enabled=False
            ).new_page()
            shown.goto(f"{url}/{CODE}")
            screen = shown.locator("body").inner_text()
            pdf = shown.pdf(format="A4")
            browser.close()
    pages = pages_of(pdf)
    printed = "\n".join(pages)
    for shape, text in (("screen", screen), ("paper", printed)):
        places = [folded(text).find(folded(row.body)) for row in plan.rows]
        assert -1 not in places, (shape, places.index(-1))
        assert all(one < next_one for one, next_one in pairwise(places)), shape
        assert folded(text).count(folded(plan.rows[0].body)) == 1, "and once"
    for word in ONLY_ON_THE_SCREEN:
        assert word in screen
        assert word not in printed
    assert CODE in pages[0], "paper says what it is of"
    assert f"From {bench.target}" in printed, "and from where"
    assert len(pages) > 1
    for page in pages:
        last = page.strip().splitlines()[-1].strip()
        assert last not in {row.title for row in plan.rows}, "no heading stands alone at the foot"
