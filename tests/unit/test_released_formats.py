"""What earlier releases have written is read and verified for ever: bundles, approvals, plans and
manifests of backups, as `tests/fixtures` keeps them of each.
"""

from __future__ import annotations

import pytest

from adapters.evidence.verify import verify_folder
from adapters.home.plans import find_plan, forget_plans
from adapters.postgres.backups.manifest import BackupManifest, require_signature
from domain.approval.approvals import Gate, parse_envelope
from domain.evidence.bundle import Outcome, Verdict
from tests.support.releases import RELEASED, facts, release

each_release = pytest.mark.parametrize("version", RELEASED)


@each_release
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("finished", Verdict.PROVED),
        ("revert", Verdict.PROVED),
        ("torn", Verdict.UNFINISHED),
    ],
)
def test_evidence_of_every_release_is_verified(version: int, name: str, verdict: Verdict) -> None:
    known = facts(version)
    pins = [known["executor_key"], known["verifier_key"]]
    report = verify_folder(release(version) / f"evidence_{name}", pins)
    assert report.verdict is verdict
    assert [check for check in report.checks if check.outcome is Outcome.FAILS] == []


@each_release
def test_a_manifest_of_every_release_is_read_and_its_signature_holds(version: int) -> None:
    text = (release(version) / "backup_manifest.json").read_bytes()
    manifest = BackupManifest.model_validate_json(text)
    assert manifest.text() == text, "spelt as it was written"
    known = facts(version)
    require_signature(
        manifest, {known["executor_key"]: bytes.fromhex(known["executor_public_key"])}
    )


@each_release
def test_an_approval_of_every_release_is_read(version: int) -> None:
    text = (release(version) / "approval.json").read_text(encoding="utf-8")
    approval = parse_envelope(text)
    assert approval.envelope() == text.strip()
    assert approval.statement.gate is Gate.SG_1
    assert str(approval.statement.change_set_id) == facts(version)["waiting"]


@each_release
def test_a_plan_of_every_release_is_read_back_with_its_digest(version: int) -> None:
    forget_plans()
    digest = facts(version)["plan_digest"]
    assert find_plan(release(version), "waiting.law", digest).plan_digest == digest
