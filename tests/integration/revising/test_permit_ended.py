"""What the functions of a revision ask of its permit by themselves, where the program's own fence is
left out: the document can be released by another permit, and the one that ended is not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.phases import Phase, Principal
from tests.support.live import LiveBench, scalar
from tests.support.postgres import Database
from tests.support.reverts import reverted
from tests.support.revising import harbour, revised
from tests.support.revisions import harbour_plan, new_texts
from tests.support.tamper import tamper

ENDED = (
    "used_at = now()",
    "revoked_at = now(), revoked_by = 'x', revoke_reason = 'x'",
    "execute_by = opened_at",
    "plan_digest = repeat('0', 64)",
    "confirmed_at = NULL",
    "kind = 'cut'",
)


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    return harbour(database, tmp_path)


def only_the_check_asks(bench: LiveBench) -> None:
    """Whoever implements the units asks for the document once more; here it is released."""
    with bench.database.connect() as admin:
        for name in ("fn_document_released", "fn_revision_released"):
            admin.execute(
                f"CREATE OR REPLACE FUNCTION cutter.{name}(document_code text) RETURNS boolean"
                " LANGUAGE sql RETURN true".encode()
            )


@pytest.mark.one_quick
@pytest.mark.parametrize("ended", ENDED)
def test_no_version_is_enacted_under_a_permit_that_is_not_open_for_it(
    bench: LiveBench, ended: str
) -> None:
    ctx, _, _ = revised(bench, harbour_plan(new_texts()), until=Phase.WRITE_VERIFY)
    only_the_check_asks(bench)
    enact = (
        "SELECT f.status FROM cutter.cut_change_set s"
        " JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id"
        " AND r.action = 'revised' CROSS JOIN LATERAL"
        " cutter.fn_iu_enact_version(r.version_id, s.decision_id, 'x') AS f"
        " WHERE s.change_set_id = %s ORDER BY r.seq LIMIT 1"
    )
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        with conn.transaction(force_rollback=True):
            assert scalar(conn, enact, ctx.change_set_id) == "enacted", "only the permit is missing"
        which = f"change_set_id = '{ctx.change_set_id}'"
        assert tamper(bench.database, f"UPDATE cut_permit SET {ended} WHERE {which}") == 1
        answer = scalar(conn, enact, ctx.change_set_id)
    assert answer == "permit: none is open for this revision"


@pytest.mark.one_quick
@pytest.mark.parametrize("ended", ENDED)
def test_no_version_is_taken_back_under_a_permit_that_is_not_open_for_it(
    bench: LiveBench, ended: str
) -> None:
    ctx, _, _ = revised(bench, harbour_plan(new_texts()))
    reverted(bench, ctx.change_set_id, until=Phase.REVIEW)
    only_the_check_asks(bench)
    restore = (
        "SELECT f.status FROM cutter.decision_backlog_entry e"
        " JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id"
        " JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id"
        " JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = %s AND r.action = 'revised'"
        " CROSS JOIN LATERAL cutter.fn_iu_restore(r.version_id, d.decision_id, 'x') AS f"
        " WHERE e.kind = 'revert' ORDER BY r.seq LIMIT 1"
    )
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        with conn.transaction(force_rollback=True):
            assert scalar(conn, restore, ctx.change_set_id) == "restored"
        ends = f"UPDATE cut_permit SET {ended} WHERE kind = 'revert'"
        assert tamper(bench.database, ends) == 1
        answer = scalar(conn, restore, ctx.change_set_id)
    assert answer == "permit: none is open for this revert"
