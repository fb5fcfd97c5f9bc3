"""A revision that says something else of the document itself, or of a unit's kind, with its text as
it was: written, verified in the run and apart, read out, and taken back exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from adapters.postgres.rehearsal.session import RehearsalConnections
from adapters.postgres.rehearsal.transactions import RehearsalTransactions
from adapters.simulated_revision import RevisionSimulator
from domain.approval.request import revert_effect, revision_effect
from domain.errors import ApprovalRefused, PhaseStop, StopInvariantFailed
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import revert_context
from domain.revision.plan import Act
from domain.runs.revision_effect import planned_revision_effect
from tests.support.apart import Worker, serving
from tests.support.live import LiveBench, answers_of, scalar
from tests.support.postgres import Database
from tests.support.reverts import revert_plan, reverted
from tests.support.revising import (
    harbour,
    living,
    rehearsing_revision_adapter,
    revised,
    revision_adapter,
    revision_context,
    revision_plan,
    what_stands,
)
from tests.support.revisions import CODE, FIRST, FRESH, about, harbour_plan, new_texts

PORT = "port authority"


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    return harbour(database, tmp_path)


def owned(texts: Sequence[tuple[str, str]] = FIRST) -> CutPlan:
    return about(harbour_plan(texts), PORT, "decree", "Port rules")


def annexed(plan: CutPlan) -> CutPlan:
    """The same text, with the last article as a part of an annex."""
    *rows, last = plan.rows
    return about(CutPlan(**{**vars(plan), "rows": (*rows, last._replace(section_type="annex"))}))


def shown(bench: LiveBench) -> set[tuple[str, str, str]]:
    """Type, owner and the document's title, as readers see them."""
    with bench.database.connect() as admin:
        return set(
            admin.execute(
                "SELECT u.publication_type, u.owner_ref, d.title FROM cutter.v_unit u"
                " JOIN cutter.v_document d USING (document_code)"
            ).fetchall()
        )


AS_IT_WAS = {("policy", "harbour office", "Rules of the harbour")}


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("new", "about_it", "steps"),
    [
        (owned, 3, 6),
        (lambda: owned(new_texts()), 3, 6),
        (lambda: about(harbour_plan(FIRST), title="Port rules"), 1, 0),
        (lambda: about(harbour_plan(FIRST), PORT), 1, 6),
        (lambda: annexed(harbour_plan(FIRST)), 0, 1),
    ],
    ids=["all of it", "with other text", "title", "owner", "section type"],
)
def test_it_has_one_effect_stands_and_is_taken_back_exactly(
    bench: LiveBench, new: Callable[[], CutPlan], about_it: int, steps: int
) -> None:
    before, stood = living(bench), what_stands(bench, CODE)
    plan = revision_plan(bench, new())
    assert (len(plan.about), len(plan.steps)) == (about_it, steps)
    dry = revision_context(bench, plan, Mode.DRYRUN)
    simulated = answers_of(RevisionSimulator(), dry, plan, Phase.LIFECYCLE_ENACT)
    connections = RehearsalConnections(
        bench.database.endpoint, bench.database.rehearsal_login, target=bench.target
    )
    with RehearsalTransactions(connections) as transactions:
        adapter = rehearsing_revision_adapter(bench, transactions)
        ctx = revision_context(bench, plan, Mode.REHEARSE)
        rehearsed = answers_of(adapter, ctx, plan, Phase.LIFECYCLE_ENACT)
        transactions.roll_back()
    ctx = revision_context(bench, plan)
    live = answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    effects = {one[Phase.LIFECYCLE_ENACT].effect_digest for one in (simulated, rehearsed, live)}
    assert effects == {planned_revision_effect(plan)}
    document = plan.plan.document
    assert shown(bench) == {(document.publication_type, document.owner_ref, document.title)}
    assert [(u.section_type, u.owner_ref) for u in what_stands(bench, CODE).units] == [
        (row.section_type, row.owner_ref) for row in plan.rows
    ]
    reverted(bench, ctx.change_set_id)
    assert living(bench) == before
    assert (what_stands(bench, CODE), shown(bench)) == (stood, AS_IT_WAS)


def test_a_later_version_keeps_it_and_what_comes_again_gets_it(bench: LiveBench) -> None:
    revised(bench, harbour_plan(FIRST[:5], "shorter.md"))
    revised(bench, about(harbour_plan(FIRST[:5]), PORT))
    later = [*FIRST[:4], ("5", f"{FIRST[4][1]} Always."), ("6", FRESH)]
    _, plan, _ = revised(bench, about(harbour_plan(later, "later.md"), PORT))
    assert (plan.restates, plan.counts[Act.REVISE]) == (False, 2)
    words = {(u.publication_type, u.owner_ref) for u in what_stands(bench, CODE).units}
    assert words == {("policy", PORT)}


@pytest.mark.slow
def test_it_is_verified_apart_and_so_is_its_revert(bench: LiveBench, tmp_path: Path) -> None:
    before, worker, used = living(bench), Worker(bench), tmp_path / "used"
    plan = revision_plan(bench, owned(new_texts()))
    with serving(bench):
        ctx = revision_context(bench, plan, approved=False)
        effect = revision_effect(ctx, plan)
        ctx = worker.release(ctx, effect, worker.sign(effect), used)
        answers_of(worker.revision_adapter(), ctx, plan, Phase.LIFECYCLE_ENACT)
        assert shown(bench) == {("decree", PORT, "Port rules")}
        back = revert_plan(bench, ctx.change_set_id)
        taken = revert_context(back, Mode.LIVE, bench.target, ctx.actor)
        bench.switch.change_set_id = taken.change_set_id
        effect = revert_effect(taken, back)
        taken = worker.release(taken, effect, worker.sign(effect), used)
        answers_of(worker.revert_adapter(), taken, back, Phase.LIFECYCLE_ENACT)
    assert (living(bench), shown(bench)) == (before, AS_IT_WAS)


@pytest.mark.one_quick
@pytest.mark.parametrize("what", ["owner", "type", "title", "title on record", "title kept silent"])
@pytest.mark.parametrize("apart", [False, True])
def test_what_was_not_signed_of_the_document_is_not_verified(
    bench: LiveBench, tmp_path: Path, what: str, *, apart: bool
) -> None:
    """Whoever writes for the executor can say something else of the document, and it shows."""
    plan = revision_plan(bench, owned())
    tamper = {
        "owner": "UPDATE public.unit_version SET owner_ref = 'mallory' WHERE version_no = 2",
        "type": "UPDATE public.unit_version SET publication_type = 'law' WHERE version_no = 2",
        "title": "UPDATE cutter.decision_backlog_entry SET title = 'Mallory'"
        " WHERE kind = 'revision'",
        "title on record": "UPDATE cutter.decision_backlog_dependency SET reference ="
        " repeat('a', 64) WHERE kind = 'title'",
        "title kept silent": "DELETE FROM cutter.decision_backlog_dependency WHERE kind = 'title'",
    }[what]

    def tampered() -> None:
        with bench.database.connect() as admin:
            admin.execute("SET session_replication_role = replica")
            assert admin.execute(tamper.encode()).rowcount > 0

    worker = Worker(bench)
    if apart:
        with serving(bench):
            ctx = revision_context(bench, plan, approved=False)
            effect = revision_effect(ctx, plan)
            ctx = worker.release(ctx, effect, worker.sign(effect), tmp_path / "used")
            adapter = worker.revision_adapter()
            answers_of(adapter, ctx, plan, Phase.LEG_B_RECORD)
            tampered()
            with pytest.raises((PhaseStop, ApprovalRefused, StopInvariantFailed)):
                adapter.write_verify(ctx, plan)
        return
    ctx, _, _ = revised(bench, owned(), until=Phase.LEG_B_RECORD)
    tampered()
    with pytest.raises(StopInvariantFailed, match=r"owner|publication type|title"):
        revision_adapter(bench).write_verify(ctx, plan)


def test_the_function_asks_for_a_permit_and_for_a_version_that_waits(bench: LiveBench) -> None:
    call = "SELECT cutter.fn_iu_restate(%s, %s, %s, 'mallory')"
    first = "SELECT version_id FROM cutter.iu_unit WHERE canonical_address = %s"
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        one = scalar(thief, first, f"{CODE}~art_1")
        assert scalar(thief, call, one, "law", "m") == "version: it replaces none"
    revised(bench, harbour_plan(new_texts()))
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        two = scalar(thief, first, f"{CODE}~art_2")
        assert scalar(thief, call, two, "law", "m").startswith("permit: none is open")
        thief.rollback()
    later = harbour_plan([*new_texts()[:5], ("6", FRESH)], "later.md")
    revised(bench, later, until=Phase.REVIEW)
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        assert scalar(thief, call, two, "law", "m") == "version: it is on record already"
        assert scalar(thief, call, two, "no such", "m").startswith("publication_type: unknown")
        assert scalar(thief, call, two, "law", " ") == "owner_ref: empty"
