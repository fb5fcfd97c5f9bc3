"""One ticket a cut: from a file to an enacted law by its code, and what would be refused later is
refused before anybody signs or arms anything.
"""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.home.approvals import keep_approval, keep_decline, kept_approvals
from adapters.home.proposals import kept_proposals
from blocks.approval_form import Approval
from blocks.switch import VariableKillSwitch
from cli.approvals.approve import Subject, subject_of
from cli.home.look import status_command
from cli.proposals.go import go_command
from cli.proposals.inbox import inbox_command, withdraw_command
from cli.proposals.propose import propose_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.errors import ApprovalRefused, BadInput, DoubtsNotAccepted, Refused
from domain.phases import Kind, Mode
from domain.reading.options import AS_IT_IS, ReadingOptions
from domain.reports.proposal import Proposal, Stage
from domain.switch import SwitchState
from flows.cut import run_cut
from tasks.app import production_app
from tasks.records import halt
from tasks.records.proposals import cut_that_stands, decline_statement, standings, take_decline
from tasks.records.requests import gate_for, take_approval
from tests.support.knowledge import Knowledge
from tests.support.live import scalar

pytestmark = pytest.mark.prefect
SUB = ReadingOptions(granularity="sub", owner_ref="the-committee")


def propose(
    law: str, reading: ReadingOptions = AS_IT_IS, *, yes: bool = True, accepted: Sequence[str] = ()
) -> int:
    return propose_command(
        SafeConsole(soft_wrap=True),
        law,
        reading,
        rehearse=False,
        actor=None,
        accepted=accepted,
        yes=yes,
        as_json=False,
    )


def go(name: str, actor: str | None = None) -> None:
    go_command(
        SafeConsole(soft_wrap=True), name, reason=None, minutes=5, actor=actor, as_json=False
    )


def the_proposal(knowledge: Knowledge) -> Proposal:
    (found,) = kept_proposals(knowledge.home / "state")
    return found


def subject(knowledge: Knowledge, name: str) -> Subject:
    return subject_of(knowledge.home / "state", name, None, 1, AS_IT_IS)


def approve(
    knowledge: Knowledge, name: str, *gates: Gate, hours: float = 1, submitter: str | None = None
) -> None:
    """Sign what the code means, and keep it."""
    request = subject(knowledge, name).request()
    for gate in gates or (Gate.SG_1, Gate.SG_2):
        signed = knowledge.approvers.sign_one(
            request.effect,
            gate,
            datetime.now(UTC) - timedelta(hours=1),
            submitter=submitter or request.submitter,
            hours=1 + hours,
        )
        keep_approval(request.state, signed)


@pytest.fixture
def never_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arming the switch fails the test."""

    def arm(*_given: object) -> None:
        pytest.fail("the switch was armed")

    monkeypatch.setattr(halt, "arm", arm)


@pytest.mark.slow
def test_from_a_file_to_an_enacted_law_by_its_code(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert propose(law, SUB) == 0
    said = capsys.readouterr().out
    assert "cutter approve test-law --key KEY" in said
    proposal = the_proposal(knowledge)
    assert (proposal.code, proposal.reading) == ("test-law", SUB)
    inbox_command(SafeConsole(soft_wrap=True), as_json=False)
    assert "Waits for SG_1 and SG_2" in capsys.readouterr().out
    assert subject(knowledge, "test").request().effect.change_set_id == proposal.change_set_id
    approve(knowledge, "test-law", Gate.SG_1)
    inbox_command(SafeConsole(), as_json=True)
    (waiting,) = json.loads(capsys.readouterr().out)
    assert (waiting["stage"], waiting["missing"]) == ("waiting", ["SG_2"])
    approve(knowledge, str(proposal.change_set_id), Gate.SG_2)
    status_command(SafeConsole(soft_wrap=True), "test-law", as_json=False)
    assert "approved" in capsys.readouterr().out
    go("test-law")
    assert "Done: " in capsys.readouterr().out
    assert VariableKillSwitch().read().state is SwitchState.OFF
    with knowledge.database.connect() as admin:
        count = "SELECT count(*) FROM public.information_unit WHERE owner_ref = %s"
        assert scalar(admin, count, "the-committee") == proposal.units > 0
    status_command(SafeConsole(soft_wrap=True), "test-law", as_json=False)
    said = capsys.readouterr().out
    assert "enacted" in said
    assert "waiting" not in said
    assert cut_that_stands(production_app(), "test").change_set_id == proposal.change_set_id
    inbox_command(SafeConsole(soft_wrap=True), as_json=False)
    assert "Nothing waits" in capsys.readouterr().out

    # What is cut is neither proposed, nor approved, nor cut again; another version is a revision.
    assert propose(law, SUB) == 3
    with pytest.raises(Refused, match="nothing to approve"):
        subject(knowledge, "test-law").request()
    with pytest.raises(Refused, match="is enacted"):
        go("test-law")
    changed = Path(law).read_text() + "\n### Article 3. More\n\nMore of it.\n"
    Path(law).write_text(changed)
    capsys.readouterr()
    assert propose(law, SUB) == 0
    assert "added" in capsys.readouterr().out
    assert the_proposal(knowledge).kind is Kind.REVISION

    # The same text under the name of another file is said to be what stands.
    capsys.readouterr()
    copy = Path(law).with_name("downloaded.md")
    copy.write_bytes(Path(law).read_bytes())
    assert propose(str(copy), SUB) == 0
    said = capsys.readouterr().out
    assert "downloaded, of the file's name alone; --code says another" in said
    assert "test-law stands with this title or text" in said


def changed_document(knowledge: Knowledge, law: str) -> None:
    Path(law).write_text(Path(law).read_text() + "\nOne word more.\n")


def withdrawn(knowledge: Knowledge, law: str) -> None:
    withdraw_command(SafeConsole(), "test-law", reason="a typing error", by="Ada", as_json=False)


def halted(knowledge: Knowledge, law: str) -> None:
    halt.halt_everything(production_app(), "the index is rebuilt", "Ada")


def drifted(knowledge: Knowledge, law: str) -> None:
    with knowledge.database.connect() as admin:
        admin.execute("ALTER TABLE cutter.cut_phase_journal DISABLE TRIGGER append_only")


def unproven(knowledge: Knowledge, law: str) -> None:
    import os

    os.environ["CUTTER_REQUIRE_RESTORE_PROOF"] = "on"  # the fixture's patch puts it back


Harm = Callable[[Knowledge, str], None]


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (changed_document, "Propose it again"),
        (withdrawn, r"Withdrawn: a typing error \(Ada\)"),
        (halted, "the index is rebuilt"),
        (drifted, "append_only"),
        (unproven, "is proven to come back"),
    ],
)
def test_what_would_be_refused_is_refused_before_anything_is_armed(
    knowledge: Knowledge, law: str, never_armed: None, harm: Harm, says: str
) -> None:
    propose(law)
    approve(knowledge, "test-law")
    harm(knowledge, law)
    with pytest.raises(Refused, match=says):
        go("test-law")
    if harm in (changed_document, withdrawn):
        with pytest.raises(Refused):
            subject(knowledge, "test-law").request()


@pytest.mark.slow
def test_without_both_approvals_or_for_somebody_else_nothing_is_armed(
    knowledge: Knowledge, law: str, never_armed: None
) -> None:
    propose(law)
    with pytest.raises(Refused, match="Waits for SG_1 and SG_2"):
        go("test-law")
    approve(knowledge, "test-law", Gate.SG_1)
    approve(knowledge, "test-law", Gate.SG_2, hours=-0.5)
    with pytest.raises(Refused, match=re.escape("Waits for SG_2")):
        go("test-law")
    approve(knowledge, "test-law", Gate.SG_2)
    with pytest.raises(Refused, match=f"a run by {getpass.getuser()}"):
        go("test-law", actor="Mallory")


def test_a_document_that_is_new_is_confirmed_once(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="say --yes"):
        propose(law, yes=False)
    assert kept_proposals(knowledge.home / "state") == []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: "no")
    with pytest.raises(Refused, match="nothing was kept"):
        propose(law, yes=False)
    monkeypatch.setattr("builtins.input", lambda: "yes")
    assert propose(law, yes=False) == 0


def test_a_proposal_in_the_place_of_one_that_waits_says_whose_signatures_do_not_count_for_it(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    propose(law)
    first = the_proposal(knowledge)
    propose(law)
    assert "In the place of" not in capsys.readouterr().out, "it is the same proposal"
    approve(knowledge, "test-law", Gate.SG_1)
    path = Path(law)
    path.write_text(path.read_text() + "\nArticle 99. Name\nThis is the Test Act.\n")
    propose(law)
    said = capsys.readouterr().out
    assert f"In the place of the proposal of {first.document} by {first.proposed_by}" in said
    assert f"change set {first.change_set_id}. Ann signed that one, not this." in said
    assert the_proposal(knowledge).change_set_id != first.change_set_id


def test_the_gate_is_the_one_that_the_key_may_sign_for(knowledge: Knowledge, law: str) -> None:
    propose(law)
    app, request = production_app(), subject(knowledge, "test-law").request()
    keys = {gate: signer.key_id for gate, signer in knowledge.approvers.keys.items()}
    assert gate_for(app, request, keys[Gate.SG_1]) is Gate.SG_1  # SG_3 is for reverts
    assert gate_for(app, request, keys[Gate.SG_2]) is Gate.SG_2
    with pytest.raises(ApprovalRefused, match="is not an approver's"):
        gate_for(app, request, "0" * 64)


def test_a_pipe_is_not_proposed() -> None:
    with pytest.raises(BadInput, match="not a pipe"):
        propose("-")


@pytest.mark.slow
def test_what_an_approver_declines_does_not_run_until_that_approver_approves(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    propose(law)
    approve(knowledge, "test-law")
    app, proposal = production_app(), the_proposal(knowledge)
    ann, state = knowledge.approvers.keys[Gate.SG_1], knowledge.home / "state"
    with pytest.raises(ApprovalRefused, match="is not an approver's"):
        decline_statement(app, proposal, "0" * 64, "no")
    no = decline_statement(app, proposal, ann.key_id, "Article 2 is the old one")
    path = keep_decline(state, ann.decline(no))
    with pytest.raises(Refused, match="Declined by Ann: Article 2 is the old one"):
        go("test-law")
    capsys.readouterr()
    inbox_command(SafeConsole(soft_wrap=True), as_json=False)
    assert "Declined by Ann" in capsys.readouterr().out
    armed = halt.arm(app, SwitchState.LIVE, proposal.change_set_id, 5, "tester", "a test")
    assert armed > datetime.now(UTC)
    with pytest.raises(ApprovalRefused, match="Ann has declined this change set"):
        run_cut(law, Mode.LIVE)
    path.write_text("torn")
    with pytest.raises(Refused, match="can not be read"):
        go("test-law")
    request = subject(knowledge, "test-law").request()
    yes = knowledge.approvers.sign_one(
        request.effect, Gate.SG_1, datetime.now(UTC), submitter=request.submitter
    )
    take_approval(app, request, yes)
    (standing,) = standings(app, [proposal])
    assert standing.stage is Stage.APPROVED
    assert list(path.parent.glob("declined-*.taken-back"))


@pytest.mark.slow
def test_a_decline_withdraws_what_its_key_has_approved_for_ever(
    knowledge: Knowledge, law: str
) -> None:
    propose(law)
    approve(knowledge, "test-law")
    app, proposal = production_app(), the_proposal(knowledge)
    ann, state = knowledge.approvers.keys[Gate.SG_1], knowledge.home / "state"
    request = subject(knowledge, "test-law").request()
    before = kept_approvals(state, proposal.change_set_id)
    no = ann.decline(decline_statement(app, proposal, ann.key_id, "Article 2 is the old one"))
    take_decline(app, proposal, no)
    (kept,) = kept_approvals(state, proposal.change_set_id)
    assert kept.statement.approver == "Ben"
    with pytest.raises(ApprovalRefused, match="Ann has withdrawn this approval for SG_1"):
        take_approval(app, request, before[0])
    assert standings(app, [proposal])[0].stage is Stage.DECLINED, "the no stands"
    yes = knowledge.approvers.sign_one(
        request.effect, Gate.SG_1, datetime.now(UTC), submitter=request.submitter
    )
    take_approval(app, request, yes)
    assert standings(app, [proposal])[0].stage is Stage.APPROVED
    halt.arm(app, SwitchState.LIVE, proposal.change_set_id, 5, "tester", "a test")
    form = Approval(sg_1=before[0].envelope(), sg_2=before[1].envelope())
    with pytest.raises(ApprovalRefused, match="Ann has withdrawn this approval"):
        run_cut(law, Mode.LIVE, approval=form)


@pytest.mark.slow
def test_a_doubtful_law_is_proposed_with_its_doubts_accepted_and_goes_by_its_code(
    knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lamps.txt"
    text = "The keeper of the lamp shall be liable to the town for any damage that it does.\n"
    path.write_text("".join(f"Article {n}. Lamp {n}\n{text}\n" for n in (1, 2, 4)), "utf-8")
    with pytest.raises(DoubtsNotAccepted, match="--accept-doubt number-holes"):
        propose(str(path))
    assert not kept_proposals(knowledge.home / "state")
    assert propose(str(path), accepted=("number-holes",)) == 0
    assert the_proposal(knowledge).accepted == ("number-holes",)
    approve(knowledge, "lamps")
    go("lamps")
    assert "Done: " in capsys.readouterr().out
