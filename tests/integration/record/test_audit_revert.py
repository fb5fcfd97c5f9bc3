"""The audit of what was reverted: as full as of what is enacted, and no stage of a revert is taken
for tampering.
"""

# statements are put together from this file's own words
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.record.audit import audit_database
from adapters.postgres.record.chain_heads import keep_heads
from domain.evidence.audit import AuditReport
from domain.phases import Phase, Principal
from tests.support.approved import cut
from tests.support.live import live_bench
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Database, fresh_database
from tests.support.reverts import reverted
from tests.support.tamper import tamper

pytestmark = pytest.mark.slow

CUT = "(SELECT change_set_id FROM decision_backlog_entry WHERE kind = 'cut')"
REVERT = "(SELECT change_set_id FROM decision_backlog_entry WHERE kind = 'revert')"


def audited(database: Database, heads: Path) -> AuditReport:
    """Audit it, its heads kept as a live run keeps them when there are none."""
    with database.connect(Principal.VERIFY, autocommit=True) as conn:
        if not heads.exists():
            keep_heads(conn, heads)
        return audit_database(conn, read_fingerprint(conn), heads)


@pytest.fixture(scope="module")
def prepared(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A finished cut and its finished revert: a template of it."""
    with fresh_database(cluster) as database:
        bench = live_bench(database, tmp_path_factory.mktemp("prepared"))
        reverted(bench, cut(bench, made_plan(4)).change_set_id)
        yield replace(cluster, template=database.name)


@pytest.mark.parametrize("until", list(Phase))
def test_no_stage_of_a_revert_is_taken_for_tampering(
    database: Database, tmp_path: Path, until: Phase
) -> None:
    bench = live_bench(database, tmp_path)
    reverted(bench, cut(bench, made_plan(2)).change_set_id, until)
    assert audited(database, tmp_path / "heads").findings == ()


@pytest.mark.parametrize("stopped", [Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.WRITE_VERIFY])
def test_a_torn_cut_that_was_reverted_has_no_findings(
    database: Database, tmp_path: Path, stopped: Phase
) -> None:
    bench = live_bench(database, tmp_path)
    reverted(bench, cut(bench, made_plan(2), until=stopped).change_set_id)
    cut(bench, made_plan(2), attempt=2)
    assert audited(database, tmp_path / "heads").findings == ()


TAMPERS: dict[str, tuple[str, set[str], str]] = {
    "a phase of the cut less": (
        f"DELETE FROM cut_phase_journal WHERE phase = 'review' AND change_set_id = {CUT}",
        {"journal"},
        "review is not in its journal",
    ),
    "the cut's record is gone": (
        f"DELETE FROM cut_change_set WHERE change_set_id = {CUT}",
        {"record"},
        "not on record",
    ),
    "the cut's verification is gone": (
        f"DELETE FROM verify_result WHERE change_set_id = {CUT}",
        {"verification", "signature"},
        "no verification is on record",
    ),
    "the verifier's half of the cut is gone": (
        f"DELETE FROM dot_pair_signature WHERE half = 'verifier' AND change_set_id = {CUT}",
        {"signature"},
        "not signed by the verifier",
    ),
    "no permit of the cut": (
        f"UPDATE cut_permit SET used_at = NULL WHERE change_set_id = {CUT}",
        {"approvals"},
        "no permit was used",
    ),
    "the cut's enacted effect": (
        (
            "UPDATE cut_phase_journal SET result = jsonb_set(result, '{effect_digest}', "
            "to_jsonb(repeat('1', 64)))"
            f" WHERE phase = 'lifecycle_enact' AND change_set_id = {CUT}"
        ),
        {"approvals"},
        "is not the one that was enacted",
    ),
    "the units that the cut wrote": (
        (
            "UPDATE cut_phase_journal SET result = jsonb_set(result, '{units_sha256}', "
            "to_jsonb(repeat('1', 64)))"
            f" WHERE phase = 'cut_leg_a' AND change_set_id = {CUT}"
        ),
        {"revert"},
        "has written other units than its revert",
    ),
    "a withdrawn row less": (
        f"DELETE FROM cut_change_set_affected_row WHERE seq = 2 AND change_set_id = {REVERT}",
        {"revert", "rows", "effect", "unit"},
        "has written other units than its revert",
    ),
    "the dependency is gone": (
        "DELETE FROM decision_backlog_dependency WHERE kind = 'reverts'",
        {"revert", "effect"},
        "0 enacted reverts rest on it",
    ),
    "the cut stands at enacted again": (
        "UPDATE decision_backlog_entry SET status = 'enacted' WHERE kind = 'cut'",
        {"revert", "status", "effect"},
        "has reverted it",
    ),
    "a unit lives again": (
        (
            "UPDATE information_unit SET lifecycle = 'enacted' WHERE canonical_address = "
            "'test.law~art_2'"
        ),
        {"unit", "effect"},
        "is enacted, and the ledger says withdrawn",
    ),
    "a body": (
        "UPDATE unit_version SET body = 'x' WHERE title = 'Article 2'",
        {"unit", "rows", "effect"},
        "has another body than the manifest",
    ),
    "a kind": (
        (
            "UPDATE information_unit SET unit_kind = 'section' WHERE canonical_address = "
            "'test.law~art_2'"
        ),
        {"effect"},
        "another effect",
    ),
}


@pytest.mark.parametrize("what", TAMPERS)
def test_what_is_changed_after_a_revert_is_found(
    prepared: Cluster, tmp_path: Path, what: str
) -> None:
    change, expected, says = TAMPERS[what]
    with fresh_database(prepared) as database:
        assert audited(database, tmp_path / "heads").findings == ()
        assert tamper(database, change) >= 1
        findings = audited(database, tmp_path / "heads").findings
    assert {finding.rule for finding in findings} == expected
    assert any(says in finding.message for finding in findings), [
        finding.message for finding in findings
    ]
