"""A revision on a real PostgreSQL: what it writes, what it leaves alone, and what it refuses."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from adapters.postgres.rehearsal.session import RehearsalConnections
from adapters.postgres.rehearsal.transactions import RehearsalTransactions
from adapters.simulated_revision import RevisionSimulator
from domain.errors import (
    PlanRefused,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.results import EnactBatchResult
from domain.revision.dates import Dates, UnitDate
from domain.runs.revision_effect import planned_revision_effect
from tests.support.live import LiveBench, answers_of, live_bench, row_hashes, scalar
from tests.support.postgres import Database
from tests.support.revising import (
    bodies,
    harbour,
    rehearsing_revision_adapter,
    revised,
    revision_adapter,
    revision_context,
    revision_plan,
    what_stands,
)
from tests.support.revisions import CODE, FIRST, FRESH, harbour_plan, new_texts


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    return harbour(database, tmp_path)


def later(word: str, source: str = "later.md") -> CutPlan:
    """A third text: article 2 once more with another word."""
    texts = [(n, t.replace("fourteen", word)) for n, t in new_texts()]
    return harbour_plan(texts, source)


def versions(bench: LiveBench) -> list[tuple[str, int, str, date | None]]:
    with bench.database.connect() as admin:
        return admin.execute(
            "SELECT u.canonical_address, v.version_no, v.state, v.in_force_from FROM unit_version v"
            " JOIN information_unit u ON u.id = v.unit_id WHERE u.lifecycle <> 'withdrawn'"
            " ORDER BY u.canonical_address, v.version_no"
        ).fetchall()


def test_what_stands_afterwards_is_the_new_text(bench: LiveBench) -> None:
    new = harbour_plan(new_texts())
    dates = Dates(date(2027, 1, 1), {f"{CODE}~art_4": UnitDate(None, "left to an order")})
    ctx, plan, answers = revised(bench, new, dates)
    assert what_stands(bench, CODE).units[3].body.endswith(f"{FRESH}\n")
    assert bodies(what_stands(bench, CODE)) == [(r.canonical_address, r.body) for r in new.rows]
    assert answers[Phase.LIFECYCLE_ENACT] == EnactBatchResult(
        ctx.change_set_id, len(plan.steps), "enacted", planned_revision_effect(plan)
    )
    assert [one.status for one in answers[Phase.CUT_LEG_A]] == [s.action for s in plan.steps]
    untouched = {f"{CODE}~art_1", f"{CODE}~art_3"}
    assert {a for a, no, *_ in versions(bench) if no == 1} - {
        a for a, no, *_ in versions(bench) if no == 2
    } >= untouched
    assert (f"{CODE}~art_2", 2, "text", date(2027, 1, 1)) in versions(bench)
    assert (f"{CODE}~art_4", 2, "text", None) in versions(bench)


def test_dry_run_rehearsal_and_live_run_have_one_effect(bench: LiveBench) -> None:
    plan = revision_plan(bench, harbour_plan(new_texts()))
    dry = revision_context(bench, plan, Mode.DRYRUN)
    simulated = answers_of(RevisionSimulator(), dry, plan, Phase.LIFECYCLE_ENACT)
    before = row_hashes(bench.database)
    ctx = revision_context(bench, plan, Mode.REHEARSE)
    connections = RehearsalConnections(
        bench.database.endpoint, bench.database.rehearsal_login, target=bench.target
    )
    with RehearsalTransactions(connections) as transactions:
        adapter = rehearsing_revision_adapter(bench, transactions)
        rehearsed = answers_of(adapter, ctx, plan, Phase.LIFECYCLE_ENACT)
        transactions.roll_back()
    assert row_hashes(bench.database) == before
    ctx = revision_context(bench, plan)
    live = answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    effects = {one[Phase.LIFECYCLE_ENACT].effect_digest for one in (simulated, rehearsed, live)}
    assert effects == {planned_revision_effect(plan)}


def test_running_again_answers_the_same_from_the_record(bench: LiveBench) -> None:
    ctx, plan, first = revised(bench, harbour_plan(new_texts()))
    again = revision_adapter(bench)
    assert answers_of(again, ctx, plan, Phase.LIFECYCLE_ENACT) == first
    assert again.replayed == frozenset(Phase)


@pytest.mark.one_quick
@pytest.mark.parametrize("until", list(Phase)[:-1])
def test_a_run_that_stopped_is_finished_by_another(bench: LiveBench, until: Phase) -> None:
    old = bodies(what_stands(bench, CODE))
    ctx, plan, _ = revised(bench, harbour_plan(new_texts()), until=until)
    assert bodies(what_stands(bench, CODE)) == old, "nothing shows before it is enacted"
    answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert bodies(what_stands(bench, CODE)) == [(r.canonical_address, r.body) for r in plan.rows]


@pytest.mark.slow
def test_a_repealed_address_can_come_again(bench: LiveBench) -> None:
    shorter = harbour_plan(FIRST[:5], "shorter.md")
    revised(bench, shorter)
    assert (f"{CODE}~art_6", 2, "repealed", None) in versions(bench)
    assert len(what_stands(bench, CODE).units) == 5
    assert what_stands(bench, CODE).taken == ((f"{CODE}~art_6", 2),)
    revised(bench, harbour_plan([*FIRST[:5], ("6", FRESH)], "again.md"))
    assert (f"{CODE}~art_6", 3, "text", None) in versions(bench)
    assert what_stands(bench, CODE).units[5].body.endswith(f"{FRESH}\n")


def test_a_base_that_has_moved_is_refused_whatever_was_approved(bench: LiveBench) -> None:
    stale = revision_plan(bench, later("sixteen"))
    ctx = revision_context(bench, stale)
    revised(bench, harbour_plan(new_texts()))
    bench.switch.change_set_id = ctx.change_set_id
    before = row_hashes(bench.database)
    adapter = revision_adapter(bench)
    adapter.pre_write_backup(ctx)
    with pytest.raises(PlanRefused, match="has changed since this revision was planned"):
        adapter.mark(ctx, stale)
    after = row_hashes(bench.database)
    assert {t for t in after if after[t] != before[t]} == {"cutter.cut_phase_journal"}


def test_a_base_that_moves_between_mark_and_leg_a_is_refused_there(bench: LiveBench) -> None:
    ctx, plan, _ = revised(bench, harbour_plan(new_texts()), until=Phase.REVIEW)
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("ALTER TABLE unit_version DISABLE TRIGGER canonical_writer_only")
        admin.execute(
            "UPDATE unit_version SET body = body || ' ' WHERE id = (SELECT current_version_id FROM"
            " information_unit WHERE canonical_address = %s)",
            (f"{CODE}~art_1",),
        )
        admin.execute("ALTER TABLE unit_version ENABLE TRIGGER canonical_writer_only")
    with pytest.raises(PlanRefused, match="has changed since"):
        revision_adapter(bench).cut_leg_a(ctx, plan)


def test_a_document_that_was_never_cut_can_not_be_revised(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    plan = revision_plan(bench, harbour_plan(FIRST))
    ctx = revision_context(bench, plan)
    adapter = revision_adapter(bench)
    adapter.pre_write_backup(ctx)
    with pytest.raises(PlanRefused, match="nothing to revise"):
        adapter.mark(ctx, plan)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (
            "UPDATE unit_version SET body = body || ' ' WHERE version_no = 2 AND state = 'text'",
            "has another body",
        ),
        ("UPDATE unit_version SET in_force_from = '2000-01-01' WHERE version_no = 2", "day"),
        ("UPDATE unit_version SET state = 'suspended' WHERE version_no = 2", "another state"),
        ("DELETE FROM unit_lineage", "lineage"),
        (
            (
                "INSERT INTO unit_lineage SELECT max(w.id::text)::uuid, v.id FROM unit_version v,"
                " unit_version w WHERE w.version_no = 2 AND v.body LIKE '%every boat%' GROUP BY v.id"
            ),
            "lineage",
        ),
        (
            "UPDATE unit_version SET body = body || ' ' WHERE body LIKE '%every boat%'",
            "not the base",
        ),
    ],
)
def test_the_verifier_finds_what_was_tampered_with(
    bench: LiveBench, tamper: str, fault: str
) -> None:
    ctx, plan, _ = revised(bench, harbour_plan(new_texts()), until=Phase.LEG_B_RECORD)
    with bench.database.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(tamper.encode())
    with pytest.raises(StopInvariantFailed, match=fault):
        revision_adapter(bench).write_verify(ctx, plan)


def test_no_function_of_a_revision_works_without_its_own_permit(bench: LiveBench) -> None:
    with closing(bench.connections.connect(Principal.EXEC)) as conn:
        version = scalar(
            conn, "SELECT version_id FROM cutter.iu_unit WHERE canonical_address = %s",
            f"{CODE}~art_2",
        )  # fmt: skip
        calls = {
            "fn_iu_revise": ("%s, %s, 't', 'b', 'a', 'article', 'body', NULL, NULL", True),
            "fn_iu_repeal": ("%s, %s, 'a', NULL", True),
        }
        for name, (arguments, _) in calls.items():
            for schema in ("cutter", "public"):
                status = conn.execute(
                    f"SELECT status FROM {schema}.{name}({arguments})".encode(),
                    (f"{CODE}~art_2", version),
                ).fetchone()
                assert status is not None
                assert status[0].startswith("permit: none is open")
        added = conn.execute(
            "SELECT status FROM cutter.fn_iu_add(%s, 't', 'b', 'a', 'article', 'body', 'law', 'o',"
            " NULL, NULL)",
            (f"{CODE}~art_99",),
        ).fetchone()
        assert added is not None
        assert added[0].startswith("permit: none is open")
        for name in ("fn_iu_enact_version", "fn_iu_restore"):
            status = conn.execute(
                f"SELECT * FROM cutter.{name}(%s, gen_random_uuid(), 'a')".encode(), (version,)
            ).fetchone()
            assert status is not None
            assert status[0].startswith("review_decision: no ")
        assert scalar(conn, "SELECT cutter.fn_iu_derive(%s, %s, 'a')", version, version).startswith(
            "permit: none"
        )


def test_a_revision_without_a_permit_writes_nothing(bench: LiveBench) -> None:
    plan = revision_plan(bench, harbour_plan(new_texts()))
    ctx = revision_context(bench, plan, approved=False)
    before = row_hashes(bench.database)
    with pytest.raises(ProductionExecutionNotAuthorized, match="no permit"):
        answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert row_hashes(bench.database) == before
