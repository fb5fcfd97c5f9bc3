"""`cutter review` and `write_review`: where the page goes, what is printed, and what is said when
something is not there.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort

from adapters.home.runs import DRY_RUN, REHEARSAL, folder_of, keep_json
from adapters.home.target import register_target
from adapters.planning import plan_document
from blocks.api import bounded_client
from domain.errors import BadInput
from domain.phases import Mode
from domain.reports.review_page import Comparison
from domain.revision.verdicts import Change
from tasks.app import production_app
from tasks.change_sets import context_of
from tasks.records.review_page import WrittenReview, with_knowledge_base, write_review
from tests.support.command import cutter, cutter_process
from tests.support.knowledge import Knowledge
from tests.support.prefect import LAW
from tests.support.review import TARGET, Page, run_of, source_of

pytestmark = pytest.mark.prefect


def written(law: str, **options: Path) -> WrittenReview:
    """Plan a document and write its page, as the command does."""
    plan = plan_document(law)
    return write_review(
        production_app(),
        plan,
        context_of(production_app(), plan, Mode.DRYRUN, 1, "tester"),
        compare=with_knowledge_base(production_app()),
        **options,
    )


def page_at(path: Path) -> Page:
    """The page in a file."""
    return Page(path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_page_goes_to_the_run_folder_for_its_owner_only(home: Path, law: str) -> None:
    done = cutter_process("review", law, "--json", home=home)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    path = Path(said["path"])
    assert path == home / "runs" / said["change_set_id"] / "review.html"
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, said["size"])
    assert [entry.name for entry in path.parent.iterdir()] == ["review.html"]
    page = page_at(path)
    assert source_of(page) == LAW
    assert said["plan_digest"] in page.section("sign").text
    assert "Not compared: no database" in page.section("differences").text
    assert said["not_compared"].startswith("no database")


def test_the_page_goes_where_it_is_wanted_and_the_digests_are_printed(
    home: Path, law: str, tmp_path: Path
) -> None:
    wanted = tmp_path / "out" / "page.html"
    done = cutter("review", law, "--html", str(wanted), "--attempt", "2", home=home)
    assert done.returncode == 0, done.stderr
    assert str(wanted) in done.stdout
    values = [
        value.with_class("digest")[0].text
        for value in page_at(wanted).section("sign").all("dd")[:6]
    ]
    assert all(value in done.stdout for value in values)
    assert values[-2:] == ["none", "2"]
    assert "Look: No target database is registered" in done.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [(("--html", "."), "can not be written"), (("--granularity", "x"), "basic or sub")],
)
def test_what_can_not_be_written_is_one_sentence(
    home: Path, law: str, options: tuple[str, ...], says: str
) -> None:
    done = cutter("review", law, *options, home=home)
    assert done.returncode == 2
    assert done.stderr.startswith("cutter: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_it_compares_with_the_registered_database(knowledge: Knowledge, law: str) -> None:
    review = written(law).review
    assert review.comparison.diff is not None
    assert review.comparison.diff.counts[Change.ADDED] == (0, len(review.plan.rows))
    assert review.comparison.catalog_digest is not None
    assert review.backup_key == os.environ["BACKUP_GPG_FPR"]
    assert not review.alerts


def test_a_database_that_does_not_answer_is_said_on_the_page(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOT_CUTTER_DB_PORT", "9")
    page = written(law)
    assert page.review.comparison.diff is None
    section = page_at(page.path).section("differences").text
    assert "Not compared:" in section
    assert page.review.comparison.why_not in section
    for canary in knowledge.canaries:
        assert canary not in page.path.read_text(encoding="utf-8")


def test_runs_on_record_are_shown_and_doubted(home: Path, law: str) -> None:
    register_target(home / "state", TARGET)
    plan = plan_document(law)
    ctx = context_of(production_app(), plan, Mode.DRYRUN, 1, "tester")
    run = asdict(run_of(write_review(production_app(), plan, ctx).review))
    keep_json(home / "runs", ctx.change_set_id, DRY_RUN, run)
    keep_json(home / "runs", ctx.change_set_id, REHEARSAL, run | {"effect_digest": "0" * 64})
    again = write_review(production_app(), plan, ctx)
    (alert,) = again.review.alerts
    assert "The rehearsal on record was of something else: not this page's effect digest" in alert
    section = page_at(again.path).section("runs").text
    assert (section.count("It went through"), section.count("Mismatch:")) == (1, 1)
    (folder_of(home / "runs", ctx.change_set_id) / f"{DRY_RUN}.json").write_text(
        '{"units": 3}', encoding="utf-8"
    )
    with pytest.raises(BadInput, match=r"dry-run\.json is not what a run leaves behind"):
        write_review(production_app(), plan, ctx)


def test_a_comparison_that_nobody_asked_for_is_not_made(home: Path, law: str) -> None:
    register_target(home / "state", TARGET)

    def compare(_plan: object) -> Comparison:
        raise AssertionError

    plan = plan_document(law)
    ctx = context_of(production_app(), plan, Mode.DRYRUN, 1, "tester")
    assert "not asked for" in write_review(production_app(), plan, ctx).review.comparison.why_not
    with pytest.raises(AssertionError):
        write_review(production_app(), plan, ctx, compare=compare)


def test_in_a_flow_run_an_artifact_names_the_page(api: str, home: Path, law: str) -> None:
    @flow(name="a_review")
    def a_review() -> str:
        return str(written(law).path)

    path = a_review()
    with bounded_client() as client:
        (found, *_) = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["cut-test-law-review"])),
            sort=ArtifactSort.CREATED_DESC,
        )
    text = str(found.data)
    assert path in text
    assert Path(path).as_uri() in text
    assert "cutter review DOCUMENT --html FILE" in text
    assert "No target database is registered" in text
