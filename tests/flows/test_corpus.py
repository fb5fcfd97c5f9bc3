"""A corpus becomes one release: what is new or changed is planned, in one process or several, and
what is left out is named.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.home.proposals import kept_proposal, kept_proposals
from adapters.releases import kept_release
from cli.corpus.plan import corpus_plan_command
from cli.corpus.status import corpus_status_command
from cli.proposals.inbox import withdraw_command
from cli.proposals.propose import propose_command
from cli.terminal import SafeConsole
from domain.errors import BadInput
from domain.reading.options import AS_IT_IS
from domain.revision.plan import RevisionPlan
from tasks.app import production_app
from tasks.corpus.one import look_at
from tasks.records.revisions import planned
from tests.support.knowledge import Knowledge
from tests.support.prefect import LAW, write_law

pytestmark = pytest.mark.prefect

DOUBTFUL = "".join(f"Article {n}. Lamps {n}\nThe keeper answers for it.\n\n" for n in (1, 2, 4, 5))
HOLE = ("number-holes",)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    folder.mkdir()
    for number in (1, 2, 3):
        write_law(folder, f"law-{number}.md")
    return folder


def plan(
    place: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    processes: int = 1,
    anew: bool = False,
    in_force_from: str | None = None,
) -> dict[str, Any]:
    """The answer of `cutter corpus plan --json`, with its exit status and what it said."""
    status = corpus_plan_command(
        SafeConsole(stderr=True, soft_wrap=True),
        place,
        AS_IT_IS,
        in_force_from=in_force_from,
        processes=processes,
        anew=anew,
        actor=None,
        as_json=True,
    )
    out, err = capsys.readouterr()
    answer: dict[str, Any] = json.loads(out)
    return answer | {"status": status, "said": err}


def of(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in answer["documents"] if one["source"].endswith(f"/{name}")]
    return dict(found)


@pytest.mark.slow
def test_a_corpus_is_one_release_and_only_what_changed_is_planned_again(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = knowledge.home / "state"
    first = plan(corpus, capsys)
    assert (first["status"], len(first["planned"]["new"])) == (0, 3)
    release = kept_release(state, UUID(first["release"]["release_id"]))
    assert (release.root, release.count) == (first["release"]["root"], 3)
    proposed = {one.code: one.change_set_id for one in kept_proposals(state)}
    assert proposed == {one.document_code: one.change_set_id for one in release.effects}
    assert all(Path(one["review_page"]).is_file() for one in first["documents"])
    assert Path(first["release"]["review_page"]).is_file()
    release_id = first["release"]["release_id"][:8]
    assert f"cutter approve {release_id} --key KEY" in first["said"]
    assert f"cutter corpus go {release_id}" in first["said"]

    again = plan(corpus, capsys)
    assert (again["release"], again["planned"]["as_before"]) == (first["release"], 3)
    assert "3 as before" in again["said"]

    write_law(corpus, "law-2.md", LAW + "And more.\n")
    (corpus / "law-3.md").unlink()
    third = plan(corpus, capsys)
    assert [Path(one).name for one in third["planned"]["changed"]] == ["law-2.md"]
    assert [Path(one).name for one in third["planned"]["gone"]] == ["law-3.md"]
    assert "1 changed, 1 as before" in third["said"]
    assert (third["release"]["count"], third["release"]["root"] != release.root) == (2, True)
    assert len(plan(corpus, capsys, anew=True)["planned"]["changed"]) == 2


def test_what_is_left_out_is_named_with_its_reason(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_law(corpus, "copy.md", f"---\ndocument_code: law-3\n---\n{LAW}")
    write_law(corpus, "doubtful.txt", DOUBTFUL)
    (corpus / "nothing.md").write_text("Only words.\n")
    (corpus / ".notes").write_text("x")
    found = plan(corpus, capsys)
    assert found["status"] == 3
    assert {Path(one["source"]).name: one["found"] for one in found["documents"]} == {
        "law-1.md": "ready",
        "law-2.md": "ready",
        "law-3.md": "same code",
        "copy.md": "same code",
        "doubtful.txt": "doubtful",
        "nothing.md": "refused",
    }
    assert found["release"]["count"] == 2
    assert all(one["why"] for one in found["documents"] if one["found"] != "ready")
    assert Path(of(found, "doubtful.txt")["review_page"]).is_file()
    assert "1 no documents, as their names begin with a dot" in found["said"]
    codes = {one.code for one in kept_proposals(knowledge.home / "state")}
    assert codes == {"law-1", "law-2"}


@pytest.mark.slow
def test_doubts_that_were_accepted_alone_count_in_the_release(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_law(corpus, "doubtful.txt", DOUBTFUL)
    assert of(plan(corpus, capsys), "doubtful.txt")["found"] == "doubtful"
    console = SafeConsole(stderr=True, soft_wrap=True)
    options = {"rehearse": False, "actor": None, "yes": True, "as_json": False}
    assert propose_command(console, path, AS_IT_IS, accepted=HOLE, **options) == 0  # type: ignore[arg-type]
    capsys.readouterr()
    found = plan(corpus, capsys)
    assert (of(found, "doubtful.txt")["found"], found["status"]) == ("ready", 0)
    release = kept_release(knowledge.home / "state", UUID(found["release"]["release_id"]))
    assert [bool(one.doubts) for one in release.effects].count(True) == 1


@pytest.mark.slow
def test_what_stands_or_was_withdrawn_is_no_part_of_the_release(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(corpus, capsys)
    withdraw_command(SafeConsole(), "law-1", reason="too early", by=None, as_json=False)
    knowledge.live_run(str(corpus / "law-2.md"))
    capsys.readouterr()
    for anew in (False, True):
        found = plan(corpus, capsys, anew=anew)
        assert of(found, "law-1.md")["found"] == "withdrawn"
        assert "too early" in of(found, "law-1.md")["why"]
        assert of(found, "law-2.md")["found"] == "stands"
        assert found["release"]["count"] == 1
    assert {one.code: one.withdrawn for one in kept_proposals(knowledge.home / "state")}["law-1"]


@pytest.mark.slow
def test_a_new_version_of_the_text_between_the_units_is_a_revision_of_the_release(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    knowledge.live_run(str(corpus / "law-2.md"))
    write_law(corpus, "law-2.md", LAW.replace("# The law of tests", "# The law of all tests"))
    capsys.readouterr()
    found = plan(corpus, capsys)
    assert (of(found, "law-2.md")["found"], of(found, "law-2.md")["kind"]) == ("ready", "revision")
    assert found["release"]["count"] == 3


@pytest.mark.slow
def test_the_day_from_which_new_versions_are_in_force_is_said_for_all_of_them(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("law-1.md", "law-2.md"):
        knowledge.live_run(str(corpus / name))
    write_law(corpus, "law-2.md", LAW + "And more.\n")
    capsys.readouterr()
    unknown = plan(corpus, capsys)
    with pytest.raises(BadInput, match="is no date"):
        plan(corpus, capsys, in_force_from="1.1.2027")
    found = plan(corpus, capsys, in_force_from="2027-01-01")
    assert [Path(one).name for one in found["planned"]["changed"]] == [
        "law-1.md",
        "law-2.md",
        "law-3.md",
    ]
    assert {
        Path(one["source"]).name: (one["found"], one["kind"]) for one in found["documents"]
    } == {
        "law-1.md": ("stands", "cut"),
        "law-2.md": ("ready", "revision"),
        "law-3.md": ("ready", "cut"),
    }
    assert of(found, "law-2.md")["plan_digest"] != of(unknown, "law-2.md")["plan_digest"]
    assert of(found, "law-3.md")["plan_digest"] == of(unknown, "law-3.md")["plan_digest"]
    proposal = kept_proposal(knowledge.home / "state", "law-2")
    assert proposal is not None
    revision = planned(production_app(), proposal.document, proposal.reading)
    assert isinstance(revision, RevisionPlan)
    assert {step.in_force_from for step in revision.steps} == {date(2027, 1, 1)}
    assert plan(corpus, capsys, in_force_from="2027-01-01")["planned"]["as_before"] == 3


@pytest.mark.slow
def test_how_far_a_release_is_comes_from_the_ledger(
    knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_law(corpus, "law-4.md")
    release = plan(corpus, capsys)["release"]["release_id"]
    knowledge.live_run(str(corpus / "law-1.md"))
    knowledge.approve(str(corpus / "law-2.md"))
    withdraw_command(SafeConsole(), "law-3", reason="too early", by=None, as_json=False)
    write_law(corpus, "law-4.md", LAW + "And more.\n")
    propose_command(
        SafeConsole(),
        str(corpus / "law-4.md"),
        AS_IT_IS,
        rehearse=False,
        actor=None,
        yes=True,
        as_json=False,
    )
    capsys.readouterr()
    assert corpus_status_command(SafeConsole(stderr=True), release, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["code"]: one["step"] for one in found["documents"]} == {
        "law-1": "done",
        "law-2": "approved",
        "law-3": "withdrawn",
        "law-4": "replaced",
    }
    assert all(one["next_step"] for one in found["documents"])
    corpus_status_command(SafeConsole(soft_wrap=True), release, as_json=False)
    assert "4 documents: 1 done, 1 approved" in capsys.readouterr().out


@pytest.mark.usefixtures("knowledge")
def test_a_release_is_named_whole_or_refused() -> None:
    for name in ("no-id", str(UUID(int=5))):
        with pytest.raises(BadInput, match=r"cutter corpus plan|plan the corpus"):
            corpus_status_command(SafeConsole(), name, as_json=False)


@pytest.mark.slow
@pytest.mark.usefixtures("knowledge")
def test_several_processes_find_the_same_as_one(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = plan(corpus, capsys)
    several = plan(corpus, capsys, processes=2, anew=True)
    assert "in 2 processes" in several["said"]
    assert several["release"] == one["release"]
    assert several["documents"] == one["documents"]


def test_a_run_that_was_ended_is_taken_up_where_it_was(
    knowledge: Knowledge,
    corpus: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was planned before the end is not planned again, and is proposed."""
    place = "cli.corpus.processes.look_at"

    def ended(app: Any, job: Any) -> Any:
        if job.source.endswith("law-3.md"):
            raise KeyboardInterrupt
        return look_at(app, job)

    monkeypatch.setattr(place, ended)
    with pytest.raises(KeyboardInterrupt):
        plan(corpus, capsys)
    monkeypatch.setattr(place, look_at)
    found = plan(corpus, capsys)
    assert [Path(one).name for one in found["planned"]["new"]] == ["law-3.md"]
    assert found["release"]["count"] == 3
    assert len(kept_proposals(knowledge.home / "state")) == 3
