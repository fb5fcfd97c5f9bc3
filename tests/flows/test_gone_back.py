"""A database that was brought back from an older copy: nothing runs until SG_3 has accepted it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from adapters.home import used_approvals
from adapters.home.chain_heads import FILE_NAME, read
from adapters.home.restores import FOLDER
from cli.approvals.signing import Unlocking
from cli.control.restore import accept_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.approval.dsse import parse_envelope as parse
from domain.approval.dsse import signed_bytes
from domain.errors import ApprovalRefused, BadInput, StopInvariantFailed
from domain.phases import Mode
from flows.cut import run_cut
from tests.support.knowledge import Knowledge
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
WHY = "the disk broke on Monday"
ALL_BUT_ROLES = (
    "DELETE FROM decision_backlog_history",
    "DELETE FROM cut_approval",
    "DELETE FROM cut_permit",
)


def go_back(knowledge: Knowledge) -> None:
    """Take away what an older copy would not have."""
    with knowledge.database.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in ALL_BUT_ROLES:
            admin.execute(statement.encode())


def key_of(knowledge: Knowledge, gate: Gate, folder: Path) -> Path:
    """An approver's private key as a file."""
    private = knowledge.approvers.keys[gate]._key
    assert isinstance(private, Ed25519PrivateKey)
    content = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    file = folder / f"{gate}.key"
    file.write_bytes(content)
    return file


def test_a_restore_is_accepted_by_sg_3_and_runs_begin_again(
    knowledge: Knowledge, law: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    knowledge.live_run(law)
    lost = read(knowledge.home / "state" / FILE_NAME)
    go_back(knowledge)
    other = Path(law).with_name("other-law.md")
    other.write_text(Path(law).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(StopInvariantFailed, match="cutter restore accept"):
        knowledge.live_run(str(other))
    unasked = Unlocking(None, yes=True)
    with pytest.raises(ApprovalRefused, match="may not sign for SG_3"):
        accept_command(SafeConsole(), WHY, key_of(knowledge, Gate.SG_2, tmp_path), unasked)
    with pytest.raises(BadInput, match="for a reason"):
        accept_command(SafeConsole(), " ", key_of(knowledge, Gate.SG_3, tmp_path), unasked)
    accept_command(SafeConsole(), WHY, key_of(knowledge, Gate.SG_3, tmp_path), unasked)
    assert "test-law was cut off" in capsys.readouterr().out
    (kept,) = (knowledge.home / "state" / FOLDER).glob("*.json")
    envelope = parse(kept.read_text(encoding="utf-8"))
    statement = json.loads(envelope.payload)
    assert (statement["reason"], statement["accepted_by"]) == (WHY, "Ann")
    public = Ed25519PublicKey.from_public_bytes(knowledge.approvers.keys[Gate.SG_3].public_key)
    public.verify(envelope.signature, signed_bytes(envelope.payload_type, envelope.payload))
    (aside,) = (knowledge.home / "state" / FOLDER).glob("*.jsonl")
    assert read(aside) == lost
    with pytest.raises(BadInput, match="Nothing to accept"):
        accept_command(SafeConsole(), WHY, key_of(knowledge, Gate.SG_3, tmp_path), unasked)
    assert knowledge.live_run(str(other)).phases


def test_an_approval_that_this_home_has_used_opens_no_permit_in_an_older_copy(
    knowledge: Knowledge, law: str
) -> None:
    """The database has forgotten its permits; the home has not forgotten the approvals."""
    knowledge.arm_for(law)
    run_cut(law, Mode.LIVE)
    used = knowledge.home / "state" / used_approvals.FILE_NAME
    assert len(used.read_text(encoding="utf-8").splitlines()) == 2
    assert used.stat().st_mode & 0o777 == 0o600
    with knowledge.database.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        for table in ("cut_phase_journal", "cut_approval", "cut_permit"):
            admin.execute(f"DELETE FROM {table}".encode())
    outcome = knowledge.dry_run(law)
    arm(outcome.change_set_id)
    with pytest.raises(ApprovalRefused, match="as this home remembers"):
        run_cut(law, Mode.LIVE)
