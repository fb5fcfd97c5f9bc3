"""`cutter_exec`'s password while a genuine permit is open: what it plants is no law, and what it
leaves in a document's way an administrator takes away by one command.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.clearing import clear_document
from adapters.postgres.record.audit import audit_database
from adapters.postgres.record.chain_heads import keep_heads
from domain.change_set import CutContext
from domain.errors import BadInput, PhaseStop, RevertRefused, StopInvariantFailed
from domain.evidence.audit import Finding
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.command import Done, cutter
from tests.support.live import LiveBench, answers_of, row_hashes, run_phases, scalar
from tests.support.postgres import Connection
from tests.support.reverts import revert_adapter, revert_of, revert_plan
from tests.support.revising import (
    bodies,
    cut_first,
    revised,
    revision_adapter,
    revision_context,
    revision_plan,
    what_stands,
)
from tests.support.revisions import CODE, FIRST, harbour_plan, new_texts

Steal = Callable[[Principal], Connection]
Sabotage = Callable[[Connection, CutContext, CutPlan], None]
CREATE = "SELECT status FROM fn_iu_create(%s, %s, %s, 'mallory', 'article', 'body', 'law', 'o', %s)"
JOURNAL = (
    "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor)"
    " VALUES (%s, %s, %s, %s, 'mallory')"
)


def planted(thief: Connection, address: str, parent: str | None = None, body: str = "b") -> None:
    assert scalar(thief, CREATE, address, "t", body, parent) == "created"


def journaled(thief: Connection, ctx: CutContext, phase: Phase, result: object) -> None:
    thief.execute(JOURNAL, (ctx.change_set_id, phase.value, ctx.plan_digest, json.dumps(result)))


def _a_planned_address(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    planted(thief, plan.rows[0].canonical_address)


def _one_below_another(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    """Deeper ones whose addresses sort before their parents'."""
    above = f"{ctx.document_code}~zz_9"
    planted(thief, above)
    for at in ("art_1", "aa_1", "mm_1"):
        planted(thief, f"{ctx.document_code}~{at}", above)
        above = f"{ctx.document_code}~{at}"


def _a_leg_that_was_not_taken(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    journaled(thief, ctx, Phase.CUT_LEG_A, {"created": 2, "units_sha256": "0" * 64})


def _other_words(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    """Every planned address with another text, and a journal that says so."""
    for row in plan.rows:
        planted(thief, row.canonical_address, row.parent_ref, "another text")
    journaled(thief, ctx, Phase.CUT_LEG_A, {"created": len(plan.rows), "units_sha256": "0" * 64})


def _a_half_of_the_pair(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    key = scalar(thief, "SELECT key_id FROM principal_key WHERE principal = 'cutter_exec'")
    thief.execute(
        "INSERT INTO dot_pair_signature VALUES (%s, %s, 'executor', %s, %s, %s, now())",
        (uuid.uuid4(), ctx.change_set_id, key, "0" * 64, bytes(64)),
    )


def _an_end_that_nobody_told(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    thief.execute("UPDATE decision_backlog_entry SET status = 'superseded'")


def _a_step_that_nobody_told(thief: Connection, ctx: CutContext, plan: CutPlan) -> None:
    thief.execute("UPDATE decision_backlog_entry SET status = 'cut_applied'")


SABOTAGE = {
    "a planned address": _a_planned_address,
    "one below another": _one_below_another,
    "a leg that was not taken": _a_leg_that_was_not_taken,
    "other words": _other_words,
    "a half of the pair": _a_half_of_the_pair,
    "an end that nobody told": _an_end_that_nobody_told,
    "a step that nobody told": _a_step_that_nobody_told,
}


def cleared(bench: LiveBench, code: str, *, put_back: bool = False) -> list[tuple[str, str | None]]:
    """Halt, clear and lift, as the administrator does; what was in the way."""
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        conn.execute("SELECT cutter.fn_halt('operator', 'a stolen login')")
    with bench.database.connect(autocommit=True) as admin:
        done = clear_document(admin, code, "operator", "planted", apply=True, put_back=put_back)
    bench.lift()
    return [(one.kind, one.canonical_address) for one in done]


def findings(bench: LiveBench, tmp_path: Path) -> tuple[Finding, ...]:
    """What an audit finds, its heads kept."""
    heads = tmp_path / "heads"
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        keep_heads(conn, heads)
        return audit_database(conn, read_fingerprint(conn), heads).findings


@pytest.mark.one_quick
@pytest.mark.parametrize("sabotage", SABOTAGE.values(), ids=SABOTAGE)
def test_what_stops_a_cut_for_good_is_cleared_by_one_command(
    bench: LiveBench, steal: Steal, plan: CutPlan, tmp_path: Path, sabotage: Sabotage
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.REVIEW)
    sabotage(steal(Principal.EXEC), ctx, plan)
    with pytest.raises((PhaseStop, StopInvariantFailed)):
        run_phases(bench.new_adapter(), ctx, plan)
    assert ("change_set", None) in cleared(bench, ctx.document_code)
    again = bench.context(plan, attempt=2)
    run_phases(bench.new_adapter(), again, plan)
    with bench.database.connect() as admin:
        stands = "SELECT canonical_address, body FROM cutter.iu_unit WHERE lifecycle = 'enacted'"
        assert set(admin.execute(stands).fetchall()) == {
            (row.canonical_address, row.body) for row in plan.rows
        }
        assert scalar(admin, "SELECT count(*) FROM cutter.iu_unit WHERE lifecycle = 'draft'") == 0
    left = findings(bench, tmp_path)
    assert left == (), left


def test_what_stops_a_revision_for_good_is_cleared_by_the_same(
    bench: LiveBench, steal: Steal, tmp_path: Path
) -> None:
    """A draft at an address that it adds, and versions beside those that it has written."""
    cut_first(bench, harbour_plan(FIRST))
    stood = bodies(what_stands(bench, CODE))
    new = harbour_plan([*new_texts(), ("9", "Dogs stay ashore.")])
    plan = revision_plan(bench, new)
    ctx = revision_context(bench, plan)
    answers_of(revision_adapter(bench), ctx, plan, Phase.CUT_LEG_A)
    thief = steal(Principal.EXEC)
    thief.execute(
        "SELECT fn_iu_revise(canonical_address, version_id, 't', 'mine', 'm', 'article', 'body',"
        " NULL, NULL) FROM cutter.iu_unit WHERE lifecycle = 'enacted'"
    )
    with pytest.raises((PhaseStop, StopInvariantFailed)):
        answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    with pytest.raises((RevertRefused, StopInvariantFailed)):
        revert_plan(bench, ctx.change_set_id)
    assert {kind for kind, _ in cleared(bench, CODE)} == {"change_set", "unit", "version"}
    assert bodies(what_stands(bench, CODE)) == stood
    revised(bench, new, attempt=2)
    assert bodies(what_stands(bench, CODE)) == [(r.canonical_address, r.body) for r in new.rows]
    assert findings(bench, tmp_path) == ()


def test_what_stops_a_revert_is_cleared_by_the_same(
    bench: LiveBench, steal: Steal, cut: CutContext, tmp_path: Path
) -> None:
    plan = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, plan)
    answers_of(revert_adapter(bench), ctx, plan, Phase.REVIEW)
    journaled(steal(Principal.EXEC), ctx, Phase.CUT_LEG_A, {"created": 2, "units_sha256": "0" * 64})
    with pytest.raises((PhaseStop, StopInvariantFailed)):
        answers_of(revert_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert cleared(bench, cut.document_code) == [("change_set", None)]
    assert findings(bench, tmp_path) == ()


def test_a_revert_that_has_withdrawn_units_is_not_cleared(
    bench: LiveBench, cut: CutContext
) -> None:
    plan = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, plan)
    answers_of(revert_adapter(bench), ctx, plan, Phase.CUT_LEG_A)
    assert cleared(bench, cut.document_code) == []


def _one_of_the_units(thief: Connection, ctx: CutContext) -> None:
    withdraw = (
        "SELECT cutter.fn_iu_withdraw(u.unit_id, u.version_id, 'enacted', d.decision_id, 'm')"
        " FROM cutter.iu_unit u, cutter.review_decision d JOIN manifest_envelope m"
        " USING (envelope_id) JOIN decision_backlog_entry e USING (entry_id)"
        " WHERE e.change_set_id = %s AND u.lifecycle = 'enacted'"
        " ORDER BY u.canonical_address LIMIT 1"
    )
    assert scalar(thief, withdraw, ctx.change_set_id) == "withdrawn"


def _all_of_them_and_a_false_record(thief: Connection, ctx: CutContext) -> None:
    for _ in range(2):
        _one_of_the_units(thief, ctx)
    journaled(thief, ctx, Phase.CUT_LEG_A, {"created": 2, "units_sha256": "0" * 64})


@pytest.mark.parametrize("harm", [_one_of_the_units, _all_of_them_and_a_false_record])
def test_units_that_a_thief_has_taken_back_are_put_back_and_the_revert_is_done_anew(
    bench: LiveBench,
    steal: Steal,
    cut: CutContext,
    tmp_path: Path,
    harm: Callable[[Connection, CutContext], None],
) -> None:
    stood = row_hashes(bench.database)["public.information_unit"]
    plan = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, plan)
    answers_of(revert_adapter(bench), ctx, plan, Phase.REVIEW)
    harm(steal(Principal.EXEC), ctx)
    with pytest.raises((PhaseStop, StopInvariantFailed, RevertRefused)):
        answers_of(revert_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert cleared(bench, cut.document_code) == []
    assert {kind for kind, _ in cleared(bench, cut.document_code, put_back=True)} == {
        "change_set",
        "unit",
    }
    assert row_hashes(bench.database)["public.information_unit"] == stood
    assert findings(bench, tmp_path) == ()
    again = revert_of(bench, plan, attempt=2)
    answers_of(revert_adapter(bench), again, plan, Phase.LIFECYCLE_ENACT)
    with bench.database.connect() as admin:
        lifecycles = "SELECT array_agg(DISTINCT lifecycle) FROM information_unit"
        assert scalar(admin, lifecycles) == ["withdrawn"]
    assert findings(bench, tmp_path) == ()


def test_units_that_a_thief_has_moved_back_stand_again_at_their_versions(
    bench: LiveBench, steal: Steal, tmp_path: Path
) -> None:
    cut_first(bench, harbour_plan(FIRST))
    new = harbour_plan(new_texts())
    revision, _, _ = revised(bench, new)
    stood = row_hashes(bench.database)["public.information_unit"]
    plan = revert_plan(bench, revision.change_set_id)
    ctx = revert_of(bench, plan)
    answers_of(revert_adapter(bench), ctx, plan, Phase.REVIEW)
    back = (
        "SELECT cutter.fn_iu_restore(r.version_id, d.decision_id, 'm')"
        " FROM cut_change_set_affected_row r, cutter.review_decision d JOIN manifest_envelope m"
        " USING (envelope_id) JOIN decision_backlog_entry e USING (entry_id)"
        " WHERE e.change_set_id = %s AND r.change_set_id = %s AND r.action = 'revised' LIMIT 1"
    )
    thief = steal(Principal.EXEC)
    assert scalar(thief, back, ctx.change_set_id, revision.change_set_id) == "restored"
    with pytest.raises((PhaseStop, StopInvariantFailed, RevertRefused)):
        answers_of(revert_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert cleared(bench, CODE) == []
    assert {kind for kind, _ in cleared(bench, CODE, put_back=True)} == {"change_set", "unit"}
    assert row_hashes(bench.database)["public.information_unit"] == stood
    assert bodies(what_stands(bench, CODE)) == [(r.canonical_address, r.body) for r in new.rows]
    assert findings(bench, tmp_path) == ()


def test_what_is_law_is_never_cleared(bench: LiveBench, cut: CutContext, tmp_path: Path) -> None:
    assert cleared(bench, cut.document_code) == []
    with bench.database.connect() as admin:
        lifecycles = "SELECT array_agg(DISTINCT lifecycle) FROM information_unit"
        assert scalar(admin, lifecycles) == ["enacted"]


@pytest.mark.parametrize("login", list(Principal))
def test_no_login_clears_or_withdraws_a_draft(
    bench: LiveBench, steal: Steal, plan: CutPlan, login: Principal
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    thief = steal(login)
    thief.execute("SELECT cutter.fn_halt('mallory', 'so that I may')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute("SELECT cutter.fn_document_clear('test.law', 'm', 'm')")
    withdraw = "SELECT cutter.fn_iu_withdraw(unit_id, version_id, 'draft', NULL, 'm') FROM iu_unit"
    if login is Principal.EXEC:
        answers = {status for (status,) in thief.execute(withdraw.encode()).fetchall()}
        assert answers
        assert all(status.startswith("review_decision: no reviewed revert") for status in answers)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute("INSERT INTO cutter.cleared SELECT gen_random_uuid(), 'unit'")
    with bench.database.connect() as admin:
        lifecycles = "SELECT array_agg(DISTINCT lifecycle) FROM information_unit"
        assert scalar(admin, lifecycles) == ["draft"]


def test_it_is_asked_for_under_a_halt_with_a_name_and_a_reason_and_can_be_tried(
    bench: LiveBench, plan: CutPlan
) -> None:
    run_phases(bench.adapter, bench.context(plan), plan, until=Phase.CUT_LEG_A)
    with bench.database.connect(autocommit=True) as admin:
        with pytest.raises(BadInput, match="while everything is halted"):
            clear_document(admin, "test.law", "operator", "planted", apply=True)
        with pytest.raises(psycopg.Error, match="while everything is halted"):
            admin.execute("SELECT cutter.fn_document_clear('test.law', 'o', 'r')")
        admin.execute("SELECT cutter.fn_halt('operator', 'a stolen login')")
        with pytest.raises(BadInput, match="a named person for a reason"):
            clear_document(admin, "test.law", "operator", " ", apply=True)
        would = clear_document(admin, "test.law", "operator", "planted", apply=False)
        assert len(would) == 1 + len(plan.rows)
        drafts = "SELECT count(*) FROM cutter.iu_unit WHERE lifecycle = 'draft'"
        assert scalar(admin, drafts) == len(plan.rows)
        assert scalar(admin, "SELECT count(*) FROM cutter.cleared") == 0
        done = clear_document(admin, "test.law", "operator", "planted", apply=True)
        assert [one.was for one in done] == [one.was for one in would]
        assert scalar(admin, drafts) == 0


def test_outside_of_a_permit_no_step_half_or_journal_row_is_taken(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    """A run that has stopped keeps its entry where it stands, whatever the login does."""
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    steal(Principal.VERIFY).execute("SELECT cutter.fn_halt('operator', 'a stolen login')")
    bench.lift()
    thief = steal(Principal.EXEC)
    for status in ("superseded", "cut_applied"):
        with pytest.raises(psycopg.Error) as refused:
            thief.execute("UPDATE decision_backlog_entry SET status = %s", (status,))
        assert refused.value.sqlstate == "IU006"
    with pytest.raises(psycopg.Error) as refused:
        _a_half_of_the_pair(thief, ctx, plan)
    assert refused.value.sqlstate == "IU006"


def test_under_a_permit_no_phase_is_recorded_that_was_not_done(
    bench: LiveBench, steal: Steal, plan: CutPlan
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    thief = steal(Principal.EXEC)
    for phase in (Phase.LEG_B_RECORD, Phase.LIFECYCLE_ENACT):
        with pytest.raises(psycopg.Error) as refused:
            journaled(thief, ctx, phase, {})
        assert refused.value.sqlstate == "IU003"
    with pytest.raises(psycopg.Error) as refused:
        thief.execute("UPDATE decision_backlog_entry SET status = 'superseded'")
    assert refused.value.sqlstate == "IU003"
    run_phases(bench.new_adapter(), ctx, plan, until=Phase.WRITE_VERIFY)
    with pytest.raises(psycopg.Error) as refused:
        thief.execute("UPDATE decision_backlog_entry SET status = 'enacted'")
    assert refused.value.sqlstate == "IU003"
    answers = run_phases(bench.new_adapter(), ctx, plan)
    assert answers[Phase.LIFECYCLE_ENACT].lifecycle == "enacted"


def test_the_command_tries_does_and_says_what_it_did(
    bench: LiveBench, plan: CutPlan, tmp_path: Path
) -> None:
    run_phases(bench.adapter, bench.context(plan), plan, until=Phase.CUT_LEG_A)

    def clear(*arguments: str) -> Done:
        at, login = bench.database.endpoint, bench.database.cluster.server.admin
        password = tmp_path / "password"
        password.write_text(login.password.get_secret_value())
        password.chmod(0o600)
        return cutter(
            *("db", "clear", "test.law", "--by", "Ann", "--reason", "planted", *arguments),
            *("--admin", login.user, "--password-file", str(password)),
            home=tmp_path / "home",
            environment={
                "DOT_CUTTER_DB_HOST": at.host,
                "DOT_CUTTER_DB_PORT": str(at.port),
                "DOT_CUTTER_DB_NAME": at.database,
                "DOT_CUTTER_DB_SSLMODE": at.sslmode,
            },
        )

    refused = clear("--apply")
    assert refused.returncode == 2
    assert "while everything is halted" in refused.stderr
    assert "Traceback" not in refused.stderr
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        conn.execute("SELECT cutter.fn_halt('operator', 'a stolen login')")
    tried = json.loads(clear("--json").stdout)
    assert (tried["done"], len(tried["cleared"])) == (False, 1 + len(plan.rows))
    done = clear("--apply")
    assert f"draft {plan.rows[0].canonical_address} is withdrawn" in done.stdout
    assert "kept on record: 1 change set" in done.stdout
    assert "Nothing stands in the way" in clear("--plan").stdout
