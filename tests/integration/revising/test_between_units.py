"""A new version in which no unit differs: the text between the units, or the order of the units."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.postgres.rehearsal.session import RehearsalConnections
from adapters.postgres.rehearsal.transactions import RehearsalTransactions
from adapters.simulated_revision import RevisionSimulator
from domain.phases import Mode, Phase
from domain.runs.revision_effect import planned_revision_effect
from domain.runs.run_plan import RevisionHead, changes_of
from tests.integration.revising.test_chain import rebuilt
from tests.integration.revising.test_taking_back import found_by_audit
from tests.support.live import LiveBench, answers_of
from tests.support.postgres import Database
from tests.support.reverts import reverted
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
from tests.support.revisions import CODE, OLD, PREAMBLE, harbour_plan, laid_out, whole


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    return harbour(database, tmp_path)


VERSIONS = {
    "another preamble": laid_out("a.md", "The harbour's own rules.\n", *"123456"),
    "signatures": laid_out("b.md", PREAMBLE, *"123456", "Signed by the harbour master.\n"),
    "the preamble elsewhere": laid_out("c.md", *"123456", PREAMBLE),
    "another order": laid_out("d.md", PREAMBLE, *"213456"),
}


@pytest.mark.one_quick
@pytest.mark.parametrize("what", sorted(VERSIONS))
def test_it_is_a_revision_with_one_effect_and_is_rebuilt_and_taken_back(
    bench: LiveBench, tmp_path: Path, what: str
) -> None:
    new, old = VERSIONS[what], what_stands(bench, CODE)
    rows = living(bench)
    plan = revision_plan(bench, new)
    assert (plan.steps, plan.changes_text, len(changes_of(plan))) == ((), True, 1)
    assert RevisionHead.of(plan).plan(plan.rows, plan.gaps) == plan
    simulated = answers_of(
        RevisionSimulator(),
        revision_context(bench, plan, Mode.DRYRUN),
        plan,
        Phase.LIFECYCLE_ENACT,
    )
    ctx = revision_context(bench, plan, Mode.REHEARSE)
    connections = RehearsalConnections(
        bench.database.endpoint, bench.database.rehearsal_login, target=bench.target
    )
    with RehearsalTransactions(connections) as transactions:
        adapter = rehearsing_revision_adapter(bench, transactions)
        rehearsed = answers_of(adapter, ctx, plan, Phase.LIFECYCLE_ENACT)
        transactions.roll_back()
    assert what_stands(bench, CODE) == old
    ctx = revision_context(bench, plan)
    live = answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    effects = {one[Phase.LIFECYCLE_ENACT].effect_digest for one in (simulated, rehearsed, live)}
    assert effects == {planned_revision_effect(plan)}
    assert living(bench) == rows, "no unit was touched"
    assert rebuilt(bench, ctx.change_set_id) == whole(new)
    assert what_stands(bench, CODE).text_sha256 == new.text_sha256
    assert not revision_plan(bench, new).changes_text, "it stands now"
    assert found_by_audit(bench, tmp_path) == []
    reverted(bench, ctx.change_set_id)
    assert what_stands(bench, CODE) == old
    assert found_by_audit(bench, tmp_path) == []


def test_a_revision_of_units_goes_on_from_it(bench: LiveBench) -> None:
    first, _, _ = revised(bench, VERSIONS["signatures"])
    texts = [("1", OLD["1"]), ("2", "Another rule.")]
    second, plan, _ = revised(bench, harbour_plan(texts, "shorter.md"))
    assert rebuilt(bench, second.change_set_id) == whole(plan.plan)
    reverted(bench, second.change_set_id)
    assert what_stands(bench, CODE).gaps == (PREAMBLE, "Signed by the harbour master.\n")
    reverted(bench, first.change_set_id)
    assert what_stands(bench, CODE).gaps == (PREAMBLE,)
