"""A policy from end to end: put in force by command, asked for early, held in the run, proved by
the evidence.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.evidence.verify import verify_folder
from adapters.home.approvals import kept_approvals
from adapters.keys.approvers import ApproverSigner, load_private_key, save_private_key
from adapters.postgres.permits.permit import clock
from cli.approvals import policy as policies
from cli.approvals.signing import Unlocking
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate, SignedApproval
from domain.errors import ApprovalRefused, BadInput, Refused
from domain.evidence.bundle import Verdict
from tasks.app import production_app
from tasks.change_sets import approvals_for
from tasks.policies import policy_now
from tasks.records.proposals import standings
from tasks.records.requests import gate_for, take_approval
from tests.flows.test_proposals import go, propose, subject, the_proposal
from tests.support.knowledge import Knowledge
from tests.support.plans import context, made_plan
from tests.support.policies import BOARD, approval_by, in_force, registered

pytestmark = pytest.mark.prefect
CONSOLE = SafeConsole(soft_wrap=True)


def sign(knowledge: Knowledge, person: str, signer: ApproverSigner) -> SignedApproval:
    """What a person signs elsewhere for the gate that is left, taken as it is given back."""
    app, request = production_app(), subject(knowledge, "test-law").request()
    gate = gate_for(app, request, signer.key_id)
    with knowledge.database.connect() as admin:
        now = clock(admin)
    signed = approval_by(
        person, signer, request.effect, now, gate=gate, submitter=request.submitter
    )
    take_approval(app, request, signed)
    return signed


def missing(knowledge: Knowledge) -> tuple[str, ...]:
    (standing,) = standings(production_app(), [the_proposal(knowledge)])
    return standing.missing


@pytest.mark.slow
def test_a_law_waits_for_the_board_and_its_evidence_holds_the_policy(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    approvers, database = knowledge.approvers, knowledge.database
    ann, ben = approvers.keys[Gate.SG_1], approvers.keys[Gate.SG_2]
    signed = in_force(database, approvers)
    assert propose(law) == 3
    assert "there is missing 1 more of board" in capsys.readouterr().out
    cara = registered(database, "Cara", Gate.SG_1, Gate.SG_2)
    eve = registered(database, "Eve", Gate.SG_1, Gate.SG_2)
    assert propose(law) == 0
    assert missing(knowledge) == ("SG_1", "SG_2", "1 more of board", "2 more of legal")
    by_ann, by_ben = sign(knowledge, "Ann", ann), sign(knowledge, "Ben", ben)
    assert missing(knowledge) == ("1 more of board",)
    with pytest.raises(Refused, match="Waits for 1 more of board"):
        go("test-law")
    with pytest.raises(ApprovalRefused, match="Nothing is left"):
        sign(knowledge, "Eve", eve)
    sign(knowledge, "Cara", cara)
    assert missing(knowledge) == ()
    proposal = the_proposal(knowledge)
    given = [by_ann, by_ben]
    ctx = replace(context(made_plan()), change_set_id=proposal.change_set_id)
    assert {one.statement.approver for one in approvals_for(production_app(), ctx, given)} == {
        "Ann",
        "Ben",
        "Cara",
    }
    assert len(kept_approvals(knowledge.home / "state", proposal.change_set_id)) == 3
    go("test-law")
    (bundle,) = (knowledge.home / "runs").glob("*/evidence-0001")
    assert signed.digest in _digests(bundle)
    assert verify_folder(bundle).verdict is not Verdict.BROKEN


def _digests(bundle: Path) -> list[str]:
    from domain.approval.signed_policy import policy_from_envelope

    lines = (bundle / "approvals.jsonl").read_text().splitlines()
    return [policy_from_envelope(json.loads(one)["policy"]["envelope"]).digest for one in lines]


def test_the_submitter_does_not_count_among_those_who_could_sign(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    registered(knowledge.database, getpass.getuser(), Gate.SG_1)
    mine = BOARD.replace('"Cara", "Dan"', f'"{getpass.getuser()}"')
    in_force(knowledge.database, knowledge.approvers, mine)
    assert propose(law) == 3
    assert (
        f"without {getpass.getuser()}, there is missing 1 more of board" in capsys.readouterr().out
    )


def test_the_commands_show_set_and_refuse(
    knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, key, password = tmp_path / "policy.toml", tmp_path / "sg3", tmp_path / "password"
    login = knowledge.database.admin
    password.write_text(login.password.get_secret_value())
    password.chmod(0o600)
    save_private_key(key)
    who = policies.Administrator(login.user, password)

    def put(text: str, *, as_json: bool = False) -> None:
        file.write_text(text)
        policies.set_command(CONSOLE, file, key, Unlocking(None, yes=True), who, as_json=as_json)

    policies.show_command(CONSOLE, as_json=False)
    assert "No policy is set: any two people approve" in capsys.readouterr().out
    with pytest.raises(ApprovalRefused, match="may not sign for SG_3"):
        put("[rules]\ndefault = { any = 2 }")

    registered(knowledge.database, "Gus", Gate.SG_3, signer=load_private_key(key))
    with pytest.raises(BadInput, match="law would wait for 1 more of board"):
        put(BOARD)
    with pytest.raises(BadInput, match="it has to ask for 2 to 16"):
        put("[rules]\ndefault = { any = 1 }")
    assert policy_now(production_app()) is None
    registered(knowledge.database, "Cara", Gate.SG_2)
    put(BOARD)
    assert "In force, signed by Gus" in capsys.readouterr().out
    policies.show_command(CONSOLE, as_json=False)
    assert "law: 1 of board, 2 of legal" in capsys.readouterr().out
    put("[rules]\ndefault = { any = 3 }", as_json=True)
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    policies.show_command(CONSOLE, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown == said
    assert (shown["signed_by"], shown["rules"]) == ("Gus", {"default": {"any": 3}})
