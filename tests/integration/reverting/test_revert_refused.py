"""What stands in a revert's way: named before any write, and looked for again in the transaction
that withdraws.
"""

from __future__ import annotations

import dataclasses
import uuid
from contextlib import closing

import pytest

from adapters.postgres.reverting import adapter as revert_module
from adapters.postgres.reverting.plan import read_revert_plan, revert_request
from domain.change_set import CutContext
from domain.errors import (
    BadInput,
    CutterError,
    PhaseStop,
    ProductionExecutionNotAuthorized,
    RevertRefused,
    StopInvariantFailed,
)
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.permits import released
from tests.support.plans import made_plan
from tests.support.reverts import ONE, revert_adapter, revert_of, revert_plan, reverted, run_revert
from tests.support.tamper import tamper

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _another_document(bench: LiveBench) -> None:
    """What the tests write of another document is written under a permit of its own."""
    released(bench.database, "other.law", uuid.UUID(int=9))


CREATE = (
    "SELECT status FROM public.fn_iu_create('other.law~art_1', 'Other', %s, 'operator', "
    "'article', 'body', 'law', "
    "'registry', %s)"
)
NEW_VERSION = (
    f"WITH v AS (INSERT INTO unit_version SELECT gen_random_uuid(), id, 2, 'New', 'New', "
    f"sha256('New'), 'x' FROM"
    f" information_unit WHERE id = {ONE} RETURNING id) UPDATE information_unit SET "
    f"current_version_id = v.id FROM v"
    f" WHERE information_unit.id = {ONE}"
)
IN_THE_WAY = {
    "another version": (NEW_VERSION, "test.law~art_1 stands at version 2"),
    "another lifecycle": (
        (
            "UPDATE information_unit SET lifecycle = 'draft' WHERE canonical_address = "
            "'test.law~art_1'"
        ),
        "test.law~art_1 is draft, and its change set left it enacted",
    ),
    "another body": (
        f"UPDATE unit_version SET body = 'x' WHERE unit_id = {ONE}",  # this file's own words
        "test.law~art_1 has another body",
    ),
    "another title": (
        f"UPDATE unit_version SET title = 'x' WHERE unit_id = {ONE}",  # as above
        "test.law~art_1 has another title",
    ),
    "gone": (
        "DELETE FROM information_unit WHERE canonical_address = 'test.law~art_1'",
        "are not those that it wrote",
    ),
}


def requested(bench: LiveBench, reverts: uuid.UUID) -> None:
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        revert_request(conn, reverts, target=bench.target, actor="operator")


def refused(bench: LiveBench, reverts: uuid.UUID, says: str) -> None:
    """The request is refused in one sentence, and nothing is written."""
    before = row_hashes(bench.database)
    with pytest.raises(CutterError, match=says) as refusal:
        requested(bench, reverts)
    assert "\n" not in str(refusal.value)
    assert row_hashes(bench.database) == before


def refused_in_the_transaction(
    bench: LiveBench, reverts: uuid.UUID, statement: str, says: str, *parameters: object
) -> None:
    """What gets in the way after the plan was approved, and even after REVIEW, is found by leg A
    itself.
    """
    planned = revert_plan(bench, reverts)
    ctx = revert_of(bench, planned)
    adapter = revert_adapter(bench)
    run_revert(adapter, ctx, planned, until=Phase.REVIEW)
    tamper(bench.database, statement, *parameters)
    before = row_hashes(bench.database)
    with pytest.raises(CutterError, match=says):
        adapter.cut_leg_a(ctx, planned)
    assert row_hashes(bench.database) == before


@pytest.mark.parametrize("how", IN_THE_WAY)
def test_a_unit_that_has_changed_since(bench: LiveBench, cut: CutContext, how: str) -> None:
    statement, says = IN_THE_WAY[how]
    tamper(bench.database, statement)
    refused(bench, cut.change_set_id, says)


@pytest.mark.parametrize("how", IN_THE_WAY)
def test_a_unit_that_changes_after_the_review(bench: LiveBench, cut: CutContext, how: str) -> None:
    refused_in_the_transaction(bench, cut.change_set_id, *IN_THE_WAY[how])


@pytest.mark.parametrize("late", [False, True])
def test_a_unit_that_has_gained_a_child(bench: LiveBench, cut: CutContext, late: bool) -> None:
    says = "test.law~art_2 has gained the child other.law~art_1"
    if late:
        refused_in_the_transaction(
            bench, cut.change_set_id, CREATE, says, "Text.", "test.law~art_2"
        )
    else:
        tamper(bench.database, CREATE, "Text.", "test.law~art_2")
        refused(bench, cut.change_set_id, says)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("words", ["See test.law~art_2.", "As test.law~art_2, test.law~art_9 say"])
def test_a_unit_that_another_document_cites(
    bench: LiveBench, cut: CutContext, words: str, late: bool
) -> None:
    says = "test.law~art_2 is referenced by other.law~art_1"
    if late:
        refused_in_the_transaction(bench, cut.change_set_id, CREATE, says, words, None)
    else:
        tamper(bench.database, CREATE, words, None)
        refused(bench, cut.change_set_id, says)


def test_a_longer_address_is_another_address(bench: LiveBench, cut: CutContext) -> None:
    tamper(bench.database, CREATE, "See test.law~art_22 and my.test.law~art_2.", None)
    requested(bench, cut.change_set_id)


@pytest.mark.parametrize("column", ["information_unit", "unit_version"])
def test_a_unit_that_a_table_of_somebody_elses_references(
    bench: LiveBench, cut: CutContext, column: str
) -> None:
    with bench.database.connect() as admin:
        admin.execute(f"CREATE TABLE public.notes (about uuid REFERENCES {column} (id))".encode())
    refused(bench, cut.change_set_id, "notes points at units, and this principal may not read it")
    with bench.database.connect() as admin:
        admin.execute("GRANT SELECT ON notes TO cutter_verify, cutter_exec")
    requested(bench, cut.change_set_id)
    key = (
        ONE
        if column == "information_unit"
        else ONE.replace("(SELECT id", "(SELECT current_version_id")
    )
    with bench.database.connect() as admin:
        admin.execute(f"INSERT INTO notes VALUES ({key})".encode())  # this file's own words
    refused(bench, cut.change_set_id, r"test.law~art_1 is referenced by public.notes")


def test_a_unit_that_another_change_set_touches(bench: LiveBench, cut: CutContext) -> None:
    other = made_plan(1, code="other.law")
    ctx = bench.context(other)
    run_phases(bench.adapter, ctx, other)
    tamper(
        bench.database,
        "INSERT INTO cut_change_set_affected_row SELECT %s, 9, id, current_version_id, "
        "'withdrawn' FROM information_unit"
        " WHERE canonical_address = 'test.law~art_3'",
        ctx.change_set_id,
    )
    refused(
        bench, cut.change_set_id, f"test.law~art_3 is referenced by change set {ctx.change_set_id}"
    )


@pytest.mark.parametrize("until", [Phase.MARK, Phase.REVIEW])
def test_what_has_written_nothing_is_superseded_by_the_next_cut(
    bench: LiveBench, plan: CutPlan, until: Phase
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=until)
    refused(bench, ctx.change_set_id, "has written no unit.*--attempt 2")
    run_phases(bench.adapter, bench.context(plan, attempt=2), plan)
    with bench.database.connect() as admin:
        assert (
            scalar(admin, "SELECT status FROM decision_backlog_entry WHERE attempt = 1")
            == "superseded"
        )


def test_what_is_not_on_record_and_what_is_no_cut(bench: LiveBench, cut: CutContext) -> None:
    with pytest.raises(BadInput, match="not on record"):
        requested(bench, uuid.uuid4())
    own = reverted(bench, cut.change_set_id)[Phase.LEG_B_RECORD].change_set_id
    refused(bench, own, "is itself a revert")


def test_a_torn_cut_that_is_finished_meanwhile_needs_another_plan(
    bench: LiveBench, plan: CutPlan
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
    planned = revert_plan(bench, ctx.change_set_id)
    revert = revert_of(bench, planned)
    run_revert(revert_adapter(bench), revert, planned, until=Phase.REVIEW)
    bench.switch.change_set_id = ctx.change_set_id
    run_phases(bench.adapter, ctx, plan)
    bench.switch.change_set_id = revert.change_set_id
    with pytest.raises(RevertRefused, match="not as it was when its revert was planned"):
        revert_adapter(bench).cut_leg_a(revert, planned)
    reverted(bench, ctx.change_set_id)
    with bench.database.connect() as admin:
        found = admin.execute(
            "SELECT status FROM decision_backlog_entry ORDER BY opened_at"
        ).fetchall()
    assert found == [("reverted",), ("superseded",), ("enacted",)]


@pytest.mark.parametrize("phase", [Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.WRITE_VERIFY])
def test_no_other_cut_begins_while_a_revert_is_unfinished(
    bench: LiveBench, cut: CutContext, plan: CutPlan, phase: Phase
) -> None:
    reverted(bench, cut.change_set_id, until=phase)
    before = row_hashes(bench.database)
    bench.adapter = bench.new_adapter()
    again = bench.context(plan, attempt=2)
    with pytest.raises(PhaseStop, match="is not finished"):
        run_phases(bench.adapter, again, plan)
    after = row_hashes(bench.database)
    backup_on_record = ("cutter.cut_phase_journal",)
    assert {t: h for t, h in after.items() if t not in backup_on_record} == {
        t: h for t, h in before.items() if t not in backup_on_record
    }


@pytest.mark.parametrize("phase", [Phase.MARK, Phase.CUT_LEG_A, Phase.LIFECYCLE_ENACT])
def test_without_a_permit_no_phase_commits(bench: LiveBench, cut: CutContext, phase: Phase) -> None:
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned, approved=phase is not Phase.MARK)
    adapter = revert_adapter(bench)
    if phase is Phase.MARK:
        with pytest.raises(ProductionExecutionNotAuthorized, match="no permit"):
            adapter.pre_write_backup(ctx)
        return
    before_it = list(Phase)[list(Phase).index(phase) - 1]
    run_revert(adapter, ctx, planned, until=before_it)
    tamper(
        bench.database,
        (
            "UPDATE cut_permit SET revoked_at = now(), revoked_by = 'x', revoke_reason = 'x' WHERE "
            "kind = 'revert'"
        ),
    )
    before = row_hashes(bench.database)
    with pytest.raises(ProductionExecutionNotAuthorized, match="no permit"):
        getattr(adapter, phase.value)(ctx, planned)
    assert row_hashes(bench.database) == before


def test_another_plan_at_hand_is_refused(bench: LiveBench, cut: CutContext) -> None:
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    fewer = dataclasses.replace(planned, units=planned.units[1:])
    with pytest.raises(StopInvariantFailed, match="not the plan of this change set"):
        revert_adapter(bench).mark(ctx, fewer)


def test_one_unit_that_is_not_withdrawn_undoes_all(
    bench: LiveBench, cut: CutContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function's own refusals stand behind the looks: a status other than `withdrawn` undoes
    the whole leg.
    """
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    adapter = revert_adapter(bench)
    run_revert(adapter, ctx, planned, until=Phase.REVIEW)
    tamper(
        bench.database, CREATE, "Text.", "test.law~chp_1"
    )  # the last one, as children come first
    before = row_hashes(bench.database)
    monkeypatch.setattr(revert_module, "_require_same_plan", lambda *_: None)
    with pytest.raises(
        PhaseStop,
        match=r"test.law~chp_1 was not withdrawn, with the status 'children: other.law~art_1'",
    ):
        adapter.cut_leg_a(ctx, planned)
    assert row_hashes(bench.database) == before


def test_the_plan_is_the_same_however_far_the_revert_has_come(
    bench: LiveBench, cut: CutContext, plan: CutPlan
) -> None:
    digest = revert_plan(bench, cut.change_set_id).plan_digest
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    adapter = revert_adapter(bench)
    for phase in Phase:
        run_revert(adapter, ctx, planned, until=phase)
        assert revert_plan(bench, cut.change_set_id).plan_digest == digest, phase
    run_phases(bench.adapter, bench.context(plan, attempt=2), plan)
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        assert read_revert_plan(conn, cut.change_set_id).plan_digest == digest
