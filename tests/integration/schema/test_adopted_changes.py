"""A unit that was there before and was changed outside: noticed, accepted by SG_3, noticed again."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.home.signed_statements import FOLDER
from adapters.postgres.adopting.apply import adopt, plan_adoption
from adapters.postgres.record.audit import audit_database
from domain.approval.adopted import AGAIN
from domain.approval.approvals import Gate
from domain.errors import ApprovalRefused, BadInput, ConfigMismatch
from tasks.adopted import Accepted, accept_as_shown, accepted_by_now, changed_now
from tests.support.approved import as_verifier
from tests.support.approvers import new_signer
from tests.support.live import LiveBench, live_bench
from tests.support.postgres import Server, bare_server
from tests.support.site import Site, site

WHY = "the office has corrected a misprint"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with bare_server() as made:
        yield made


@pytest.fixture
def shared(server: Server, tmp_path: Path) -> Iterator[Site]:
    """A base that cutter was let into."""
    with site(server, "shared") as made:
        with made.connect() as admin:
            planned = plan_adoption(admin, tmp_path / "adopt")
            adopt(admin, tmp_path / "adopt", planned.digest)
        yield made


@pytest.fixture
def bench(shared: Site, tmp_path: Path) -> LiveBench:
    return live_bench(shared.database(), tmp_path)


def changed(site: Site, body: str, title: str = "Article 7") -> None:
    """As somebody else changes a unit, by the means that they have."""
    with site.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE unit_version SET body = %s WHERE title = %s", (body, title))


def found(bench: LiveBench, state: Path) -> list[str]:
    """What an audit names."""
    with as_verifier(bench) as conn:
        known = accepted_by_now(conn, state, bench.target)
        report = audit_database(conn, bench.target, state / "heads", accepted=known)
        assert [unit.canonical_address for unit in changed_now(conn, state)] == [
            finding.subject for finding in report.findings
        ]
    return [finding.message for finding in report.findings]


def accept(bench: LiveBench, state: Path, reason: str = WHY) -> Accepted:
    with as_verifier(bench) as conn:
        signer = bench.approvers.keys[Gate.SG_3]
        return accept_as_shown(conn, state, signer, reason, changed_now(conn, state))


@pytest.mark.slow
def test_an_accepted_change_is_named_no_more_and_the_next_one_is(
    shared: Site, bench: LiveBench, tmp_path: Path
) -> None:
    changed(shared, "corrected")
    assert [m for m in found(bench, tmp_path) if "has another body" in m]
    done = accept(bench, tmp_path)
    assert [unit.canonical_address for unit in done.units] == ["charter~art_7"]
    payload = json.loads(base64.b64decode(json.loads(done.kept.read_text())["payload"]))
    assert (payload["accepted_by"], payload["reason"]) == ("Ann", WHY)
    assert found(bench, tmp_path) == []

    changed(shared, "and tampered with")
    assert [m for m in found(bench, tmp_path) if AGAIN in m]
    changed(shared, "corrected")
    assert found(bench, tmp_path) == []
    changed(shared, "another unit", "Article 8")
    assert [m for m in found(bench, tmp_path) if "charter~art_8" in m]


@pytest.mark.slow
def test_the_last_acceptance_counts(shared: Site, bench: LiveBench, tmp_path: Path) -> None:
    for body in ("first", "second"):
        changed(shared, body)
        accept(bench, tmp_path)
        assert found(bench, tmp_path) == []
    changed(shared, "first")
    assert [m for m in found(bench, tmp_path) if AGAIN in m]


@pytest.mark.parametrize("damage", ["payload", "signature"])
def test_a_statement_that_was_not_signed_so_covers_nothing(
    shared: Site, bench: LiveBench, tmp_path: Path, damage: str
) -> None:
    changed(shared, "corrected")
    kept = accept(bench, tmp_path).kept
    changed(shared, "tampered with")
    with as_verifier(bench) as conn:
        (now,) = changed_now(conn, tmp_path)
    envelope = json.loads(kept.read_text())
    if damage == "payload":
        payload = json.loads(base64.b64decode(envelope["payload"]))
        payload["units"][str(now.unit_id)] = now.now_sha256
        words = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
        envelope["payload"] = base64.b64encode(words).decode()
    else:
        envelope["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    kept.write_text(json.dumps(envelope))
    assert [m for m in found(bench, tmp_path) if "has another body" in m]


def test_a_statement_whose_key_did_not_count_covers_nothing(
    shared: Site, bench: LiveBench, tmp_path: Path
) -> None:
    changed(shared, "corrected")
    accept(bench, tmp_path)
    with shared.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE cutter.approver_key SET retired_at = now() - interval '1 hour'")
    assert [m for m in found(bench, tmp_path) if "has another body" in m]


def test_only_sg_3_accepts_for_a_reason_what_it_was_shown(
    shared: Site, bench: LiveBench, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="Nothing to accept"):
        accept(bench, tmp_path)
    changed(shared, "corrected")
    with pytest.raises(BadInput, match="for a reason"):
        accept(bench, tmp_path, " ")
    with as_verifier(bench) as conn:
        shown = changed_now(conn, tmp_path)
        for signer in (bench.approvers.keys[Gate.SG_2], new_signer()):
            with pytest.raises(ApprovalRefused, match="may not sign for SG_3"):
                accept_as_shown(conn, tmp_path, signer, WHY, shown)
        changed(shared, "changed while it was read")
        with pytest.raises(BadInput, match="changed again since they were shown"):
            accept_as_shown(conn, tmp_path, bench.approvers.keys[Gate.SG_3], WHY, shown)
    assert not (tmp_path / FOLDER).exists()


def test_a_statement_that_can_not_be_read_stops_the_audit(bench: LiveBench, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "1.json").write_text("{")
    with pytest.raises(ConfigMismatch, match="bring it back from a copy"):
        found(bench, tmp_path)
