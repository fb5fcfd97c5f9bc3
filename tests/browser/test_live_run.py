"""Two people approve, an operator arms and submits a form, and everybody looks at what became of
it: in a real browser.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.planning import plan_document
from blocks.artifacts import artifact_key
from domain.approval.approvals import Gate
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from tests.browser.conftest import DOCUMENT, LIVE, Run, file_of
from tests.browser.people import People
from tests.support.browser import PHONE, Ui, chromium
from tests.support.live import row_hashes
from tests.support.postgres import Database

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # Prefect leaves connections of its own to the garbage collector, which may find them in any
    # test.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
    pytest.mark.skipif(
        chromium() is None,
        reason="No Chromium is installed here; on Debian: apt-get install chromium.",
    ),
]


@pytest.fixture(scope="module")
def plan() -> CutPlan:
    """The document's plan, made here and now."""
    return plan_document(DOCUMENT)


def test_a_run_that_nobody_has_approved_is_refused(ui: Ui, knowledge: Database) -> None:
    before = row_hashes(knowledge)
    ui.open_form(LIVE)
    ui.submit()
    ui.watch_until("Failed")
    assert row_hashes(knowledge) == before


def test_an_approval_in_the_other_gates_field_is_refused(
    ui: Ui, approvals: dict[Gate, str], knowledge: Database
) -> None:
    before = row_hashes(knowledge)
    ui.open_form(LIVE)
    ui.field("SG_1").fill(approvals[Gate.SG_2])
    ui.field("SG_2").fill(approvals[Gate.SG_1])
    ui.submit()
    ui.watch_until("Failed")
    expect(
        ui.page.get_by_text("This is an approval for SG_2, and SG_1 is asked for here.")
    ).to_be_visible()
    assert row_hashes(knowledge) == before


def test_the_units_are_enacted_exactly_once(
    live_run: Run, knowledge: Database, plan: CutPlan
) -> None:
    units = rows(
        knowledge,
        "SELECT u.canonical_address, u.lifecycle, count(v.id) FROM information_unit u"
        " LEFT JOIN unit_version v ON v.unit_id = u.id GROUP BY u.id ORDER BY 1",
    )
    assert units == sorted((row.canonical_address, "enacted", 1) for row in plan.rows)
    assert rows(
        knowledge, "SELECT change_set_id, plan_digest, unit_count, status FROM cut_change_set"
    ) == [(live_run.change_set, plan.plan_digest, len(plan.rows), "verified_complete")]
    assert rows(knowledge, "SELECT change_set_id FROM cut_permit WHERE used_at IS NOT NULL") == [
        (live_run.change_set,)
    ]


def test_the_run_and_its_artifacts_show_what_the_database_holds(
    ui: Ui, live_run: Run, knowledge: Database
) -> None:
    ((code, digest, effect, units, target, source),) = rows(
        knowledge,
        "SELECT c.document_code, c.plan_digest, p.effect_digest, c.unit_count, c.target, "
        "v.source_sha256"
        " FROM cut_change_set c JOIN verify_result v USING (change_set_id) JOIN cut_permit p "
        "USING (change_set_id)",
    )
    ui.open_run(live_run.id)
    expect(ui.page.get_by_text(f"{code} LIVE {str(live_run.change_set)[:8]}").first).to_be_visible()
    expect(ui.page.get_by_text("Finished in state Completed()").last).to_be_visible()
    ui.take_picture("completed-run")

    summary = ui.open_artifact(live_run.id, artifact_key(code, "summary"))
    lines = summary.splitlines()
    assert f"LIVE of {code}: done" in lines
    for name, value in (
        ("change set", live_run.change_set),
        ("plan", digest),
        ("effect", effect),
        ("target", target),
    ):
        assert f"{name} {value}" in lines
    assert re.search(rf"^units {units}, gaps \d+, warnings 0$", summary, re.MULTILINE)
    assert re.findall(r"(\w+)\t\d+\t.*\tthis run", summary) == list(Phase)
    ui.take_picture("summary")

    verification = ui.open_artifact(live_run.id, artifact_key(code, "verification"))
    shown = [word for word in map(str.strip, verification.split("\n")) if word]
    for words in (
        ["units", str(units)],
        ["status", "verified_complete"],
        ["change set", str(live_run.change_set)],
    ):
        assert follow(shown, [*words, words[-1]])
    assert source in shown

    listed = ui.open_artifact(live_run.id, artifact_key(code, "plan"))
    assert f"The first {units} of {units} units, plan {digest[:16]}" in listed
    addresses = {
        address for (address,) in rows(knowledge, "SELECT canonical_address FROM information_unit")
    }
    assert addresses <= set(listed.split())


def test_the_review_page_shows_on_a_phone_what_was_signed(
    ui: Ui, browser: Browser, dry_run: UUID, live_run: Run, knowledge: Database, plan: CutPlan
) -> None:
    artifact = ui.open_artifact(dry_run, artifact_key(plan.document_code, "review"))
    named = re.search(r"file://\S+\.html", artifact)
    assert named is not None
    ((digest, effect, target),) = rows(
        knowledge,
        (
            "SELECT p.plan_digest, p.effect_digest, c.target FROM cut_permit p JOIN cut_change_set "
            "c USING (change_set_id)"
        ),
    )
    width, height = PHONE
    with browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1.5
    ) as context:
        phone = context.new_page()
        shown = Ui(phone, named[0], ui.pictures)
        phone.goto(file_of(named[0]).as_uri())
        folded = phone.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()  # what is signed is folded
        signed = phone.locator("body").inner_text()
        for value in (digest, effect, target, str(live_run.change_set)):
            assert f"\n{value}\n" in signed
        assert f"This would cut {len(plan.rows)} units of {plan.document_code}" in signed
        assert is_as_wide_as_the_screen(phone)
        assert shown.asked == [file_of(named[0]).as_uri()], "the page is not self-contained"
        shown.take_picture("review-page")


def test_retry_on_the_completed_run_writes_nothing_twice(
    ui: Ui, people: People, live_run: Run, knowledge: Database
) -> None:
    before = row_hashes(knowledge)
    permits = rows(knowledge, "SELECT * FROM cut_permit") + rows(
        knowledge, "SELECT * FROM cut_approval"
    )
    people.arm(live_run.change_set)
    ui.open_run(live_run.id)
    ui.watch_until("Completed")
    ui.retry()
    ui.watch_until("Completed")
    ((code,),) = rows(knowledge, "SELECT document_code FROM cut_change_set")
    summary = ui.open_newest_artifact(artifact_key(code, "summary"))
    assert f"LIVE of {code}: nothing to do, all was done before" in summary
    assert re.findall(r"(\w+)\t\d+\t.*\tthe journal", summary) == list(Phase)
    assert row_hashes(knowledge) == before
    assert permits == rows(knowledge, "SELECT * FROM cut_permit") + rows(
        knowledge, "SELECT * FROM cut_approval"
    )
    assert "OFF" in people.cutter("switch", "show")


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What a query answers to the administrator."""
    with database.connect() as admin:
        return admin.execute(query.encode()).fetchall()


def follow(shown: list[str], words: list[str]) -> bool:
    """Whether the words stand one after another on a page."""
    return any(shown[at : at + len(words)] == words for at in range(len(shown)))


def is_as_wide_as_the_screen(page: Page) -> bool:
    """Whether nothing has to be pushed aside to be read."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )
