"""A revision over a test's own database: planned against what stands, approved, and carried out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from adapters.likeness import RapidLikeness
from adapters.postgres.phases.transactions import LiveTransactions, PhaseTransactions
from adapters.postgres.record.documents import standing_text
from adapters.postgres.rehearsal.transactions import RehearsalBackup
from adapters.postgres.revising.adapter import LiveRevisionAdapter
from domain.approval.request import revision_effect
from domain.change_set import CutContext, run_context
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.revision.compare import compare
from domain.revision.dates import NO_DATES, Dates
from domain.revision.plan import RevisionPlan
from domain.revision.units import Version, version_of
from domain.switch import SwitchState
from tests.support.live import LiveBench, answers_of, live_bench, run_phases, scalar
from tests.support.postgres import Database
from tests.support.revisions import FIRST, harbour_plan


def revision_adapter(
    bench: LiveBench, transactions: PhaseTransactions | None = None
) -> LiveRevisionAdapter:
    """The live adapter of a revision, as another process would build it."""
    return LiveRevisionAdapter(
        executor=bench.executor,
        verifier=bench.verifier,
        switch=bench.switch,
        connections=bench.connections,
        backup=bench.backup,
        transactions=transactions or LiveTransactions(bench.connections, longest_wait=0.05),
    )


def rehearsing_revision_adapter(
    bench: LiveBench, transactions: PhaseTransactions
) -> LiveRevisionAdapter:
    """The same over a rehearsal's transactions."""
    return LiveRevisionAdapter(
        executor=bench.executor,
        verifier=bench.verifier,
        switch=bench.switch,
        backup=RehearsalBackup(),
        transactions=transactions,
    )


def what_stands(bench: LiveBench, code: str) -> Version:
    """What stands of a document, read as the verifier."""
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        return standing_text(conn, code)


def revision_plan(bench: LiveBench, new: CutPlan, dates: Dates = NO_DATES) -> RevisionPlan:
    """The revision that leads from what stands to a new text."""
    old = what_stands(bench, new.document_code)
    return RevisionPlan(new, compare(old, version_of(new), RapidLikeness()), dates)


def revision_context(
    bench: LiveBench,
    plan: RevisionPlan,
    mode: Mode = Mode.LIVE,
    *,
    attempt: int = 1,
    approved: bool = True,
) -> CutContext:
    """The context of a revision, with the switch armed for it and, if live, a permit that two
    approvers have opened.
    """
    ctx = run_context(plan.document_code, plan.plan_digest, mode, bench.target, "operator", attempt)
    bench.switch.change_set_id = ctx.change_set_id
    bench.switch.state = SwitchState.LIVE if mode is Mode.LIVE else SwitchState.REHEARSE
    if approved and mode is Mode.LIVE:
        bench.approvers.permit(bench.connections, ctx, revision_effect(ctx, plan))
    return ctx


def revised(
    bench: LiveBench,
    new: CutPlan,
    dates: Dates = NO_DATES,
    *,
    attempt: int = 1,
    until: Phase = Phase.LIFECYCLE_ENACT,
) -> tuple[CutContext, RevisionPlan, dict[Phase, Any]]:
    """Plan, approve and carry out a revision; what each phase answered."""
    plan = revision_plan(bench, new, dates)
    ctx = revision_context(bench, plan, attempt=attempt)
    return ctx, plan, answers_of(revision_adapter(bench), ctx, plan, until)


def cut_first(bench: LiveBench, plan: CutPlan) -> CutContext:
    """Cut the first text, as a revision needs one that stands."""
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan)
    return ctx


def harbour(database: Database, folder: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    made = live_bench(database, folder)
    cut_first(made, harbour_plan(FIRST))
    return made


def bodies(version: Version) -> Sequence[tuple[str, str]]:
    """Address and text of every unit that stands, in order."""
    return [(unit.address, unit.body) for unit in version.units]


def living(bench: LiveBench) -> str:
    """Hash of every row of what stands, as readers see it."""
    with bench.database.connect() as admin:
        rows = str(
            scalar(
                admin,
                "SELECT string_agg(u::text, chr(10) ORDER BY u.canonical_address)"
                " FROM cutter.iu_unit u WHERE u.lifecycle <> 'withdrawn'",
            )
        )
    return hashlib.sha256(rows.encode()).hexdigest()
