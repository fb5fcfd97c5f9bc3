"""A new version of a document that stands, by its code: proposed, approved, carried out, read, and
taken back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.evidence.collect import bundles_of
from adapters.evidence.verify import verify_folder
from adapters.home.approvals import keep_approval
from adapters.home.proposals import kept_proposals
from cli.approvals.approve import Subject, subject_of
from cli.documents.compare import compared
from cli.documents.planning import Showing, plan_command
from cli.proposals.go import go_command
from cli.proposals.inbox import inbox_command
from cli.proposals.propose import propose_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.errors import (
    ApprovalRefused,
    BadInput,
    DoubtsNotAccepted,
    ProductionExecutionNotAuthorized,
    Refused,
)
from domain.evidence.bundle import Verdict
from domain.phases import Kind, Mode
from domain.plan.cut_plan import CutPlan
from domain.reading.address import assign_addresses
from domain.reading.marks import Mark
from domain.reading.options import AS_IT_IS, ReadingOptions, RevisingOptions
from domain.reports.proposal import Proposal
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import changes_of
from flows.cut import run_cut
from flows.dry_run import run_dry_run
from flows.revert import run_revert
from tasks.app import production_app
from tasks.records.evidence import audit
from tasks.records.knowledge_base import standing_version
from tasks.records.proposals import change_set_named
from tasks.records.requests import Request, request_for_cut, request_for_revert
from tasks.records.revisions import planned
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.prefect import arm

CODE = "harbour-rules"
OLD = {
    "1": "The harbour master keeps a register of every boat that is moored for more than a night.",
    "2": "A boat that is longer than twelve metres is moored at the outer quay and nowhere else.",
    "3": "Nets are dried on the slope behind the ice house, and never on the bollards or ropes.",
    "4": "Whoever finds an anchor hands it in within three days and is told whose it has been.",
}
NEW = {
    "1": OLD["1"],
    "2": OLD["2"].replace("twelve", "fourteen"),
    "3": OLD["3"],
    "3a": "Divers leave their names, and the hour at which they mean to be back, with the watchman.",
}
FROM = RevisingOptions(in_force_from="2027-01-01")


def written(folder: Path, articles: dict[str, str]) -> str:
    """The document with these articles; its path."""
    path = folder / f"{CODE}.md"
    parts = [
        f"### Article {number}. Rule {number}\n\n{text}\n" for number, text in articles.items()
    ]
    path.write_text("# Rules of the harbour\n\n" + "\n".join(parts), encoding="utf-8")
    return str(path)


def reading(**said: Any) -> ReadingOptions:
    return ReadingOptions(code=CODE, revising=RevisingOptions(**said))


def propose(document: str, options: ReadingOptions, accepted: tuple[str, ...] = ()) -> int:
    return propose_command(
        SafeConsole(soft_wrap=True),
        document,
        options,
        rehearse=False,
        actor=None,
        accepted=accepted,
        yes=True,
        as_json=False,
    )


def the_proposal(knowledge: Knowledge) -> Proposal:
    (found,) = kept_proposals(knowledge.home / "state")
    return found


def subject(knowledge: Knowledge, name: str = CODE) -> Subject:
    return subject_of(knowledge.home / "state", name, None, 1, AS_IT_IS)


def sign(knowledge: Knowledge, request: Request, *gates: Gate) -> None:
    """Sign a request for these gates, and keep it."""
    for gate in gates:
        signed = knowledge.approvers.sign_one(
            request.effect, gate, datetime.now(UTC), submitter=request.submitter
        )
        keep_approval(request.state, signed)


def go() -> None:
    go_command(SafeConsole(soft_wrap=True), CODE, reason=None, minutes=5, actor=None, as_json=False)


def cut(knowledge: Knowledge, document: str) -> None:
    """Cut the first version, by its code."""
    assert propose(document, ReadingOptions(code=CODE)) == 0
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()


def bodies() -> dict[str, str]:
    """The text of each unit that stands, by the last step of its address."""
    units = standing_version(production_app(), CODE).units
    return {unit.step: unit.body for unit in units}


@pytest.fixture
def stands(knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The path of a document whose first version stands."""
    document = written(tmp_path, OLD)
    cut(knowledge, document)
    capsys.readouterr()
    return document


@pytest.mark.slow
def test_a_new_version_is_proposed_approved_and_carried_out_by_its_code(
    knowledge: Knowledge, stands: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = standing_version(production_app(), CODE)
    written(tmp_path, NEW)
    assert propose(stands, reading(in_force_from="2027-01-01")) == 0
    said = capsys.readouterr().out
    assert "1 changed, 1 added, 1 repealed" in said
    assert "3 units from 2027-01-01" in said
    proposal = the_proposal(knowledge)
    assert (proposal.kind, proposal.units) == (Kind.REVISION, 3)
    inbox_command(SafeConsole(soft_wrap=True), as_json=False)
    assert "revision: 1 changed, 1 added, 1 repealed" in capsys.readouterr().out

    request = subject(knowledge).request()
    assert request.effect.base_digest == before.base_digest
    assert request.effect.changes == ("create 1", "revise 1", "repeal 1")
    assert request.effect.dates == ("2027-01-01 3",)
    page = knowledge.home / "runs" / str(proposal.change_set_id) / "review.html"
    assert "<del>twelve</del><ins>fourteen</ins>" in page.read_text(encoding="utf-8")
    sign(knowledge, request, Gate.SG_1, Gate.SG_2)
    go()
    assert "Done: " in capsys.readouterr().out

    now = bodies()
    assert {step for step in now if step.startswith("art")} == {"art_1", "art_2", "art_3", "art_3a"}
    assert "fourteen" in now["art_2"]
    with knowledge.database.connect() as admin:
        versions = (
            "SELECT count(*) FROM public.unit_version v JOIN public.information_unit u "
            "ON u.id = v.unit_id WHERE u.canonical_address = %s"
        )
        assert scalar(admin, versions, f"{CODE}~art_2") == 2
        dated = "SELECT max(in_force_from) FROM public.unit_version"
        assert scalar(admin, dated) == date(2027, 1, 1)
    (bundle,) = bundles_of(knowledge.home / "runs", proposal.change_set_id)
    assert verify_folder(bundle).verdict is Verdict.PROVED
    assert audit(production_app()).findings == ()

    # The same text again is nothing to revise, and is no drift.
    with pytest.raises(Refused, match="Nothing to revise"):
        propose(stands, ReadingOptions(code=CODE))
    assert run_dry_run(stands, ReadingOptions(code=CODE)).changes == ()


@pytest.mark.slow
def test_a_revision_is_taken_back_by_another(
    knowledge: Knowledge, stands: str, tmp_path: Path
) -> None:
    before = standing_version(production_app(), CODE)
    of_the_cut = change_set_named(production_app(), CODE)
    written(tmp_path, NEW)
    propose(stands, reading(in_force_from="2027-01-01"))
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()
    app = production_app()
    revision = change_set_named(app, CODE)
    assert revision == the_proposal(knowledge).change_set_id
    with pytest.raises(Refused, match="is what the revision"):
        request_for_revert(app, str(of_the_cut))
    assert request_for_revert(app, str(revision)).effect.kind is Kind.REVERT
    written(tmp_path, OLD)
    assert propose(stands, ReadingOptions(code=CODE)) == 0
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()
    assert standing_version(app, CODE).digest == before.digest
    assert audit(app).findings == ()


@pytest.mark.slow
def test_a_revision_is_reverted_by_its_code(
    knowledge: Knowledge, stands: str, tmp_path: Path
) -> None:
    app = production_app()
    before, of_the_cut = standing_version(app, CODE), change_set_named(app, CODE)
    written(tmp_path, NEW)
    propose(stands, reading(in_force_from="2027-01-01"))
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()
    revision = str(change_set_named(app, CODE))
    request = request_for_revert(app, revision)
    sign(knowledge, request, Gate.SG_3, Gate.SG_2)
    arm(request.effect.change_set_id)
    run_revert(revision, Mode.LIVE)
    after = standing_version(app, CODE)
    assert (after.digest, after.taken) == (before.digest, ())
    assert audit(app).findings == ()
    assert change_set_named(app, CODE) == of_the_cut


@pytest.mark.slow
def test_what_a_person_says_of_a_new_version_is_part_of_what_is_signed(
    knowledge: Knowledge, stands: str, tmp_path: Path
) -> None:
    written(tmp_path, NEW)
    dates = tmp_path / "dates.csv"
    dates.write_text("art_2, 2027-07-01, Gazette 12\nart_3a, unknown, an order\n", encoding="utf-8")
    act = tmp_path / "act.md"
    act.write_text('1. In article 2, for "twelve" substitute "fourteen".\n', encoding="utf-8")
    said: dict[str, Any] = {
        "in_force_from": "2027-01-01",
        "dates": str(dates),
        "amended_by": str(act),
    }
    with pytest.raises(DoubtsNotAccepted, match="--accept-doubt act-disagrees"):
        propose(stands, reading(**said))
    assert propose(stands, reading(**said), ("act-disagrees",)) == 0
    proposal = the_proposal(knowledge)
    assert proposal.reading.revising == RevisingOptions(**said)
    effect = subject(knowledge).request().effect
    assert effect.dates == ("2027-01-01 1", "2027-07-01 1", "unknown 1")
    assert [one.split()[0] for one in effect.doubts] == ["act-disagrees"]
    dates.write_text("art_2, 2027-08-01, Gazette 13\n", encoding="utf-8")
    with pytest.raises(Refused, match="is not what was proposed"):
        subject(knowledge).request()


@pytest.mark.slow
def test_what_does_not_fit_is_refused_before_anybody_signs(
    knowledge: Knowledge, stands: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="Nothing to revise"):
        propose(stands, reading(in_force_from="2027-01-01"))
    written(tmp_path, NEW)
    with pytest.raises(BadInput, match="is no date"):
        propose(stands, reading(in_force_from="1.1.2027"))
    with pytest.raises(BadInput, match="has no unit art_77"):
        propose(stands, reading(matches=("art_77=art_2",)))
    other = tmp_path / "other.md"
    other.write_text(Path(stands).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(BadInput, match="there is nothing to revise"):
        propose(str(other), ReadingOptions(code="other-rules", revising=FROM))
    assert the_proposal(knowledge).kind is Kind.CUT


@pytest.mark.slow
def test_another_owner_and_type_are_proposed_signed_and_taken_back(
    knowledge: Knowledge, stands: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = production_app()
    before = standing_version(app, CODE)
    options = ReadingOptions(code=CODE, owner_ref="<b>port</b>", publication_type="decree")
    assert propose(stands, options) == 0
    assert "owner changed from unassigned to <b>port</b>" in capsys.readouterr().out
    proposal = the_proposal(knowledge)
    assert (proposal.kind, proposal.units) == (Kind.REVISION, len(before.units))
    assert "owner changed from unassigned to <b>port</b>" in proposal.changes
    page = knowledge.home / "runs" / str(proposal.change_set_id) / "review.html"
    assert "<del>unassigned</del> <ins>&lt;b&gt;port&lt;/b&gt;</ins>" in page.read_text("utf-8")
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()
    words = {(u.publication_type, u.owner_ref) for u in standing_version(app, CODE).units}
    assert words == {("decree", "<b>port</b>")}
    assert audit(app).findings == ()
    (bundle,) = bundles_of(knowledge.home / "runs", proposal.change_set_id)
    assert verify_folder(bundle).verdict is Verdict.PROVED
    # What nobody says stays as it stands; what somebody says is another revision.
    with pytest.raises(Refused, match="Nothing to revise"):
        propose(stands, ReadingOptions(code=CODE))
    assert propose(stands, ReadingOptions(code=CODE, owner_ref="unassigned")) == 0
    request = request_for_revert(app, str(proposal.change_set_id))
    sign(knowledge, request, Gate.SG_3, Gate.SG_2)
    arm(request.effect.change_set_id)
    run_revert(str(proposal.change_set_id), Mode.LIVE)
    assert standing_version(app, CODE) == before


@pytest.mark.slow
def test_a_front_matter_that_states_another_owner_is_a_revision(
    knowledge: Knowledge, stands: str
) -> None:
    path = Path(stands)
    path.write_text(
        "---\nowner: port authority\n---\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8"
    )
    plan = planned(production_app(), stands, ReadingOptions(code=CODE))
    assert "owner changed from unassigned to port authority" in changes_of(plan)


@pytest.mark.slow
def test_approvals_of_a_revision_are_of_the_base_that_was_seen(
    knowledge: Knowledge, stands: str, tmp_path: Path
) -> None:
    written(tmp_path, NEW)
    propose(stands, ReadingOptions(code=CODE))
    request = subject(knowledge).request()
    sign(knowledge, request, Gate.SG_1, Gate.SG_2)
    written(tmp_path, {**OLD, "5": "The ice house is closed on Sundays and on every holiday."})
    propose(stands, ReadingOptions(code=CODE))
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()
    written(tmp_path, NEW)
    # The same text over another base is another change set, which nobody has approved.
    again = request_for_cut(production_app(), stands, ReadingOptions(code=CODE))
    assert again.effect.plan_digest != request.effect.plan_digest
    arm(again.effect.change_set_id)
    with pytest.raises(ApprovalRefused, match="a live revision needs SG_1 and SG_2"):
        run_cut(stands, Mode.LIVE, ReadingOptions(code=CODE))
    arm(request.effect.change_set_id)
    with pytest.raises(ProductionExecutionNotAuthorized):
        run_cut(stands, Mode.LIVE, ReadingOptions(code=CODE))
    assert "fourteen" not in bodies()["art_2"]


@pytest.mark.slow
def test_a_new_version_is_no_drift_to_the_nightly_dry_run(
    knowledge: Knowledge, stands: str, tmp_path: Path
) -> None:
    options = ReadingOptions(code=CODE)
    assert run_dry_run(stands, options).changes == ()
    written(tmp_path, NEW)
    outcome = run_dry_run(stands, options)
    assert outcome.kind is Kind.REVISION
    assert outcome.changes == ("1 changed", "1 added", "1 repealed")


@pytest.mark.slow
def test_planned_against_the_base_it_answers_as_a_revision(
    knowledge: Knowledge, stands: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, NEW)
    showing = Showing(address=None, strict=False, compare=True, as_json=True)
    plan_command(SafeConsole, showing, stands, reading(in_force_from="2027-01-01"))
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "revision"
    assert {
        name: (n["old"], n["new"]) for name, n in found["counts"].items() if any(n.values())
    } == {
        "same": (3, 3),  # with the heading
        "changed": (1, 1),
        "added": (0, 1),
        "repealed": (1, 0),
    }
    assert [(step["act"], step["in_force_from"]) for step in found["steps"]] == [
        ("revise", "2027-01-01"),
        ("create", "2027-01-01"),
        ("repeal", "2027-01-01"),
    ]


SECTIONS = (
    "Rules of the basin\n\nAbschnitt 1\nAllgemeines\n\n§ 1 Zweck\n\nDiese Ordnung dient dem Schutz der "
    "Boote und der Stege.\n\n§ 2 Begriffe\n\nDie Begriffe sind die der Verordnung über Häfen.\n\n"
    "Abschnitt 2\nNutzung\n\n§ 3 Nutzung\n\nDie Nutzung der Stege ist für alle Boote frei.\n"
)


def as_earlier(code: str, text: str, marks: Sequence[Mark], **_: bool) -> Any:
    """How earlier versions named the steps of containers."""
    return assign_addresses(code, text, marks, shared_steps=True)


@pytest.mark.slow
def test_a_document_that_stands_with_shared_step_names_keeps_its_addresses(
    knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Earlier versions called `Abschnitt 1` and `§ 1` both `sec_1`."""
    path = tmp_path / f"{CODE}.txt"
    path.write_text(SECTIONS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("domain.plan.cut_plan.assign_addresses", as_earlier)
        cut(knowledge, str(path))
    before = [unit.address for unit in standing_version(production_app(), CODE).units]
    steps = [address.partition("~")[2] for address in before]
    assert steps == ["sec_1", "sec_1__sec_1", "sec_1__sec_2", "sec_2", "sec_3"]

    changed = SECTIONS.replace("Allgemeines", "Grundsätze und Aufsicht").replace(
        "Diese Ordnung dient dem Schutz der Boote und der Stege.", "Wer anlegt, haftet für Schäden."
    )
    path.write_text(changed, encoding="utf-8")
    plan = planned(production_app(), str(path), reading(in_force_from="2027-01-01"))
    assert isinstance(plan, RevisionPlan)
    became = [
        (one.change, one.old[0].address, one.new[0].address) for one in plan.comparison.verdicts
    ]
    assert [(old, new) for _, old, new in became] == [(one, one) for one in before]
    assert [str(change) for change, _, _ in became].count("changed") == 2
    assert compared(f"db:{CODE}", str(path), AS_IT_IS).new == plan.comparison.new


@pytest.mark.slow
def test_a_cut_that_stands_with_shared_step_names_is_known_again(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    path = tmp_path / f"{CODE}.txt"
    path.write_text(SECTIONS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("domain.plan.cut_plan.assign_addresses", as_earlier)
        cut(knowledge, str(path))
    assert isinstance(planned(production_app(), str(path), ReadingOptions(code=CODE)), CutPlan)
