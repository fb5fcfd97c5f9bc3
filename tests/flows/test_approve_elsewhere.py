"""Approvals that are signed away from the home: asked for by file, taken back only if they count
for exactly this run.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from adapters.home.approvals import keep_approval, kept_approvals
from adapters.keys.approvers import ApproverSigner, load_private_key, save_private_key
from adapters.postgres.permits.approvers import register_approver, retire_approver
from adapters.request_file import digest_of, read_request
from cli.approvals.approve import Means, Subject, Terms, approve_command
from cli.approvals.signing import Unlocking, sign_command
from domain.approval.approvals import ApprovalStatement, Gate, SignedApproval, parse_envelope
from domain.errors import ApprovalRefused, BadInput, Refused
from domain.phases import Mode, Phase
from domain.reading.options import AS_IT_IS
from flows.cut import run_cut
from tasks.app import production_app
from tasks.records.requests import request_for_cut
from tests.support.knowledge import Knowledge
from tests.support.prefect import LAW, arm, write_law

pytestmark = pytest.mark.prefect

GATES = {"Cara": (Gate.SG_1, Gate.SG_3), "Dan": (Gate.SG_2,), "Eve": (Gate.SG_1, Gate.SG_2)}
YEAR = timedelta(days=365)
HAND = Unlocking(None, yes=True)


@dataclass(frozen=True)
class Elsewhere:
    """Three approvers with machines of their own, and a home whose law they are asked about."""

    knowledge: Knowledge
    law: str
    folder: Path
    said: io.StringIO = field(default_factory=io.StringIO)

    def key(self, person: str) -> Path:
        return self.folder / person.lower()

    def signer(self, person: str) -> ApproverSigner:
        return load_private_key(self.key(person))

    def command(
        self, gate: Gate | None, document: str | None = None, minutes: float = 60, **way: Any
    ) -> None:
        """Run `cutter approve`."""
        within = timedelta(minutes=minutes)
        chosen: dict[str, Any] = {
            "key": None,
            "request": None,
            "approver": None,
            "signed": None,
            **way,
        }
        approve_command(
            Console(file=self.said, soft_wrap=True),
            Subject(document or self.law, None, 1, AS_IT_IS),
            Means(**chosen),
            gate,
            Terms(within, within, "operator"),
            HAND,
        )

    def ask(
        self, gate: Gate, person: str, minutes: float = 60, document: str | None = None
    ) -> Path:
        """Have a request written for one of them."""
        file = self.folder / f"{gate}-{person}.json"
        self.command(gate, document, minutes, request=file, approver=person)
        return file

    def sign(self, request: Path, person: str) -> Path:
        """Sign it on that person's machine."""
        out = request.with_suffix(".signed")
        sign_command(
            Console(file=self.said, soft_wrap=True), request, self.key(person), HAND, out, None
        )
        return out

    def give_back(self, signed: Path, document: str | None = None) -> None:
        self.command(None, document, signed=signed)

    def signed_as(
        self, person: str, gate: Gate, change: Callable[[ApprovalStatement], ApprovalStatement]
    ) -> Path:
        """What somebody who does not care about the request signs."""
        request = read_request(self.ask(gate, "Cara" if gate is not Gate.SG_2 else "Dan"))
        statement = change(replace(request.statement, key_id=self.signer(person).key_id))
        out = self.folder / "forged.signed"
        out.write_text(self.signer(person).sign(statement).envelope(), encoding="utf-8")
        return out

    def kept(self) -> list[Gate]:
        change_set = request_for_cut(production_app(), self.law).effect.change_set_id
        return [
            one.statement.gate for one in kept_approvals(self.knowledge.home / "state", change_set)
        ]

    def refused(self, signed: Path, says: str, document: str | None = None) -> None:
        """It is not kept, and one sentence says why."""
        before = self.kept()
        with pytest.raises((Refused, BadInput), match=says) as error:
            self.give_back(signed, document)
        assert "\n" not in str(error.value)
        assert self.kept() == before


@pytest.fixture
def elsewhere(knowledge: Knowledge, law: str, tmp_path: Path) -> Elsewhere:
    made = Elsewhere(knowledge, law, tmp_path / "elsewhere")
    made.folder.mkdir()
    with knowledge.database.connect() as admin:
        for person, gates in GATES.items():
            save_private_key(made.key(person))
            register_approver(
                admin, person, made.signer(person).public_key, gates, YEAR, "administrator"
            )
        save_private_key(made.key("Mallory"))
    return made


def test_two_people_elsewhere_release_a_live_run(
    elsewhere: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_cut(elsewhere.law, Mode.DRYRUN, actor="operator")
    for gate, person in ((Gate.SG_1, "Cara"), (Gate.SG_2, "dan")):
        request = elsewhere.ask(gate, person)
        asked = read_request(request)
        assert capsys.readouterr().out.strip() == digest_of(asked)
        assert "the same plan and effect" in asked.known.dry_run
        assert asked.known.review_sha256 is not None
        assert elsewhere.knowledge.home.as_posix() not in request.read_text(encoding="utf-8")
        for canary in elsewhere.knowledge.canaries:
            assert canary not in request.read_text(encoding="utf-8")
        elsewhere.give_back(elsewhere.sign(request, person))
        capsys.readouterr()
    assert elsewhere.kept() == [Gate.SG_1, Gate.SG_2]
    arm(outcome.change_set_id)
    assert [
        report.phase for report in run_cut(elsewhere.law, Mode.LIVE, actor="operator").phases
    ] == list(Phase)


@pytest.mark.slow
def test_nothing_is_approved_that_is_enacted_and_what_its_run_used_stays(
    elsewhere: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = elsewhere.sign(elsewhere.ask(Gate.SG_1, "Cara"), "Cara")
    elsewhere.knowledge.live_run(elsewhere.law)
    done = request_for_cut(production_app(), elsewhere.law).effect.change_set_id
    used = kept_approvals(elsewhere.knowledge.home / "state", done)
    capsys.readouterr()
    for way in ({"key": elsewhere.key("Cara")}, {"request": Path("x"), "approver": "Cara"}):
        with pytest.raises(ApprovalRefused, match=f"nothing to approve: .*{done} is enacted"):
            elsewhere.command(Gate.SG_1, **way)
    elsewhere.refused(waiting, "nothing to approve")
    assert kept_approvals(elsewhere.knowledge.home / "state", done) == used
    assert capsys.readouterr().out == ""
    assert not Path("x").exists()


@pytest.mark.slow
def test_what_was_signed_for_another_cut_is_refused(elsewhere: Elsewhere, tmp_path: Path) -> None:
    signed = elsewhere.sign(elsewhere.ask(Gate.SG_1, "Cara"), "Cara")
    other = write_law(tmp_path, "other-law.md", LAW.replace("for tests", "for others"))
    elsewhere.refused(signed, "approves another change set id", other)
    write_law(tmp_path, text=LAW.replace("This law is for tests.", "This law is for everybody."))
    elsewhere.refused(signed, "approves another change set id")


@pytest.mark.slow
def test_a_key_that_is_not_registered_is_refused(elsewhere: Elsewhere) -> None:
    elsewhere.refused(
        elsewhere.signed_as("Mallory", Gate.SG_1, lambda statement: statement),
        "is not an approver's",
    )
    with pytest.raises(
        ApprovalRefused, match="Mallory is not an approver's; an administrator registers it"
    ):
        elsewhere.ask(Gate.SG_1, "Mallory")


def test_a_key_that_was_retired_meanwhile_is_refused(elsewhere: Elsewhere) -> None:
    signed = elsewhere.sign(elsewhere.ask(Gate.SG_1, "Cara"), "Cara")
    with elsewhere.knowledge.database.connect() as admin:
        retire_approver(admin, elsewhere.signer("Cara").key_id)
    elsewhere.refused(signed, "of Cara does not count any more")


@pytest.mark.slow
def test_another_person_or_gate_than_the_keys_own_is_refused(elsewhere: Elsewhere) -> None:
    elsewhere.refused(
        elsewhere.signed_as("Eve", Gate.SG_1, lambda statement: statement), "belongs to Eve"
    )
    with pytest.raises(ApprovalRefused, match="Cara may sign for SG_1, SG_3, not for SG_2"):
        elsewhere.ask(Gate.SG_2, "Cara")
    wrong_gate = elsewhere.signed_as(
        "Cara", Gate.SG_1, lambda statement: replace(statement, gate=Gate.SG_2)
    )
    elsewhere.refused(wrong_gate, "belongs to Cara, for SG_1, SG_3 only")
    no_gate_of_a_cut = elsewhere.signed_as(
        "Cara", Gate.SG_1, lambda statement: replace(statement, gate=Gate.SG_3)
    )
    elsewhere.refused(no_gate_of_a_cut, "a cut needs SG_1 and SG_2, not SG_3")
    with pytest.raises(ApprovalRefused, match="a cut needs SG_1 and SG_2, not SG_3"):
        elsewhere.ask(Gate.SG_3, "Cara")


@pytest.mark.slow
def test_the_same_person_twice_is_refused_at_once(elsewhere: Elsewhere) -> None:
    elsewhere.give_back(elsewhere.sign(elsewhere.ask(Gate.SG_1, "Eve"), "Eve"))
    signed = elsewhere.sign(elsewhere.ask(Gate.SG_2, "Eve"), "Eve")
    elsewhere.refused(signed, "Eve can not approve twice")
    elsewhere.give_back(elsewhere.sign(elsewhere.ask(Gate.SG_1, "Cara"), "Cara"))  # in Eve's place
    elsewhere.give_back(signed)
    assert elsewhere.kept() == [Gate.SG_1, Gate.SG_2]


def test_what_is_kept_and_does_not_count_any_more_stands_in_nobodys_way(
    elsewhere: Elsewhere,
) -> None:
    day = timedelta(days=1)
    old = elsewhere.signed_as(
        "Eve",
        Gate.SG_1,
        lambda one: replace(
            one, approver="Eve", approve_by=one.approve_by - day, execute_by=one.execute_by - day
        ),
    )
    keep_approval(
        elsewhere.knowledge.home / "state", parse_envelope(old.read_text(encoding="utf-8"))
    )
    elsewhere.give_back(elsewhere.sign(elsewhere.ask(Gate.SG_2, "Eve"), "Eve"))
    assert elsewhere.kept() == [Gate.SG_1, Gate.SG_2]


def test_who_submits_can_not_approve_it_elsewhere_either(elsewhere: Elsewhere) -> None:
    own = elsewhere.signed_as(
        "Cara", Gate.SG_1, lambda statement: replace(statement, submitter="cara")
    )
    elsewhere.refused(own, "Cara has submitted this run")


def test_an_approval_that_has_expired_or_lasts_too_long_is_refused(elsewhere: Elsewhere) -> None:
    for shift in (timedelta(days=-1), timedelta(days=30)):
        other = elsewhere.signed_as(
            "Cara",
            Gate.SG_1,
            lambda one, by=shift: replace(
                one, approve_by=one.approve_by + by, execute_by=one.execute_by + by
            ),  # type: ignore[misc]
        )
        elsewhere.refused(other, "has expired or is valid for too long")


def test_a_request_that_has_expired_is_not_signed(elsewhere: Elsewhere) -> None:
    request = elsewhere.ask(Gate.SG_1, "Cara", minutes=-1)
    with pytest.raises(ApprovalRefused, match="was good until"):
        elsewhere.sign(request, "Cara")


def test_a_signature_over_something_else_is_refused(elsewhere: Elsewhere) -> None:
    signed = elsewhere.sign(elsewhere.ask(Gate.SG_1, "Cara"), "Cara")
    one = parse_envelope(signed.read_text(encoding="utf-8"))
    other = parse_envelope(
        elsewhere.sign(elsewhere.ask(Gate.SG_1, "Cara"), "Cara").read_text(encoding="utf-8")
    )
    signed.write_text(
        SignedApproval(one.payload, one.key_id, other.signature).envelope(), encoding="utf-8"
    )
    elsewhere.refused(signed, "the signature of SG_1 does not cover what it is attached to")
    signed.write_text(one.envelope().replace(":", ": "), encoding="utf-8")
    elsewhere.refused(signed, "was written again by something else")


@pytest.mark.parametrize(
    ("gate", "way", "says"),
    [
        (Gate.SG_1, {}, "Say how: --key signs here"),
        (Gate.SG_1, {"key": Path("a"), "signed": Path("b")}, "Say how: --key signs here"),
        (Gate.SG_1, {"request": Path("a")}, "--request FILE and --approver NAME go together"),
        (
            Gate.SG_1,
            {"key": Path("a"), "approver": "Cara"},
            "--request FILE and --approver NAME go together",
        ),
        (
            None,
            {"request": Path("a"), "approver": "Cara"},
            "Name the gate to sign for with --gate",
        ),
        (None, {"signed": Path("none")}, "The approval none can not be read"),
    ],
)
def test_what_does_not_go_together_is_said(
    elsewhere: Elsewhere, gate: Gate | None, way: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        elsewhere.command(gate, **way)


def test_a_name_with_two_keys_is_asked_about(elsewhere: Elsewhere) -> None:
    save_private_key(elsewhere.key("second"))
    key = elsewhere.signer("second")
    with elsewhere.knowledge.database.connect() as admin:
        register_approver(admin, "Cara", key.public_key, (Gate.SG_1,), YEAR, "administrator")
    with pytest.raises(BadInput, match=f"Cara has more than one key.*{key.key_id[:12]}"):
        elsewhere.ask(Gate.SG_1, "Cara")
    assert read_request(elsewhere.ask(Gate.SG_1, key.key_id[:12])).statement.key_id == key.key_id
