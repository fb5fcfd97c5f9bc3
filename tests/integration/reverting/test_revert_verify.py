"""The second principal finds whatever is not exactly the revert, and another effect ends before the
last COMMIT.
"""

# statements are put together from this file's own words
from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from adapters.postgres.record.audit import audit_database
from domain.change_set import CutContext
from domain.errors import StopInvariantFailed
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.reverts import (
    ONE,
    revert_adapter,
    revert_of,
    revert_plan,
    reverted,
    run_revert,
)
from tests.support.tamper import tamper

pytestmark = pytest.mark.slow


TAMPERED = {
    "a unit lives again": (
        f"UPDATE information_unit SET lifecycle = 'enacted' WHERE id = {ONE}",
        "art_1 is not withdrawn",
    ),
    "another body": (
        f"UPDATE unit_version SET body = 'x' WHERE unit_id = {ONE}",
        "art_1 is not what its change set wrote",
    ),
    "another title": (
        f"UPDATE unit_version SET title = 'x' WHERE unit_id = {ONE}",
        "art_1 is not what its change set wrote",
    ),
    "a row is missing": (
        f"DELETE FROM cut_change_set_affected_row WHERE action = 'withdrawn' AND unit_id = {ONE}",
        "not the plan's",
    ),
    "a row too many": (
        (
            "INSERT INTO cut_change_set_affected_row SELECT change_set_id, 99, "
            "gen_random_uuid(), unit_id, action"
            " FROM cut_change_set_affected_row WHERE action = 'withdrawn' LIMIT 1"
        ),
        "not the plan's",
    ),
    "a row of another action": (
        (
            f"UPDATE cut_change_set_affected_row SET action = 'created' WHERE action = 'withdrawn' "
            f"AND unit_id = {ONE}"
        ),
        "not the plan's",
    ),
    "another unit is withdrawn": (
        (
            "INSERT INTO information_unit SELECT gen_random_uuid(), 'test.law~art_99', "
            "document_code, unit_kind, section_type,"
            f" publication_type, owner_ref, NULL, 'withdrawn', current_version_id, 'x' FROM "
            f"information_unit WHERE id = {ONE}"
        ),
        "art_99 is withdrawn, and no change set has withdrawn it",
    ),
    "a child lives": (
        (
            "INSERT INTO information_unit SELECT gen_random_uuid(), 'other.law~art_1', "
            "'other.law', unit_kind, section_type,"
            f" publication_type, owner_ref, id, 'enacted', current_version_id, 'x' FROM "
            f"information_unit WHERE id = {ONE}"
        ),
        "other.law~art_1 lives, and its parent is withdrawn",
    ),
    "the address lives": (
        (
            "INSERT INTO information_unit SELECT gen_random_uuid(), canonical_address, "
            "document_code, unit_kind, section_type,"
            f" publication_type, owner_ref, NULL, 'enacted', current_version_id, 'x' FROM "
            f"information_unit WHERE id = {ONE}"
        ),
        "art_1 was written by what is reverted, and is not withdrawn",
    ),
    "a gap is gone": (
        "DELETE FROM manifest_unit_block WHERE gap_text IS NOT NULL",
        "does not rebuild the source text",
    ),
    "another signature": (
        (
            "UPDATE dot_pair_signature SET signature = sha256('a') || sha256('b') WHERE half = "
            "'executor'"
        ),
        "signature",
    ),
    "another decision": ("UPDATE cut_change_set SET actor = 'x'", "not on record as it was run"),
    "what it reverts has moved": (
        "UPDATE decision_backlog_entry SET status = 'superseded' WHERE kind = 'cut'",
        "does not rest on what it reverts",
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_the_verifier_finds_what_is_not_exactly_the_revert(
    bench: LiveBench, cut: CutContext, how: str
) -> None:
    statement, says = TAMPERED[how]
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    adapter = revert_adapter(bench)
    run_revert(adapter, ctx, planned, until=Phase.LEG_B_RECORD)
    tamper(bench.database, statement)
    with pytest.raises(StopInvariantFailed, match=says):
        adapter.write_verify(ctx, planned)
    with bench.database.connect() as admin:
        assert (
            scalar(
                admin,
                "SELECT count(*) FROM verify_result WHERE change_set_id = %s",
                ctx.change_set_id,
            )
            == 0
        )


def test_the_verifier_wants_a_permit_for_a_revert(bench: LiveBench, cut: CutContext) -> None:
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    adapter = revert_adapter(bench)
    run_revert(adapter, ctx, planned, until=Phase.LEG_B_RECORD)
    tamper(
        bench.database,
        "UPDATE cut_permit SET effect_digest = repeat('0', 64) WHERE kind = 'revert'",
    )
    with pytest.raises(StopInvariantFailed, match="another plan or effect"):
        adapter.write_verify(ctx, planned)


def test_another_effect_than_the_approved_one_ends_before_the_last_commit(
    bench: LiveBench, cut: CutContext
) -> None:
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    adapter = revert_adapter(bench)
    run_revert(adapter, ctx, planned, until=Phase.WRITE_VERIFY)
    tamper(bench.database, f"UPDATE information_unit SET owner_ref = 'somebody' WHERE id = {ONE}")
    before = row_hashes(bench.database)
    with pytest.raises(StopInvariantFailed, match="was approved"):
        adapter.lifecycle_enact(ctx, planned)
    assert row_hashes(bench.database) == before


def test_an_audit_finds_nothing_wrong_with_a_revert(
    bench: LiveBench, cut: CutContext, plan: CutPlan, tmp_path: Path
) -> None:
    reverted(bench, cut.change_set_id)
    run_phases(bench.adapter, bench.context(plan, attempt=2), plan)
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        report = audit_database(conn, bench.target, tmp_path / "heads")
    assert [one for one in report.findings if "head" not in one.rule] == []
