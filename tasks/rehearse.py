"""The rehearsal of a cut: the same plain phase functions and the same adapter, over a session that
never commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.rehearsal.session import RehearsalConnections, RehearsalConnector
from adapters.postgres.rehearsal.transactions import RehearsalBackup, RehearsalTransactions
from adapters.postgres.verify.verifier import Verifier
from adapters.simulator import Simulator
from blocks.secrets import rehearsal_login
from blocks.settings import load_settings
from blocks.switch import VariableKillSwitch
from domain.errors import StopInvariantFailed
from domain.phases import CutContext, Mode, Phase, Principal, TargetFingerprint
from domain.ports import KillSwitch, PhaseExecutor, Signer
from domain.reports.rehearsal import RehearsalReport, rehearsal_report
from domain.reports.run import PhaseReport, PlanHandle
from domain.results import EnactBatchResult
from domain.switch import require_switch
from tasks.app import LateSigner
from tasks.dispatch import TASK_LOCK, RunSwitch, Wiring, run_phase, wired

Progress = Callable[[str, PhaseReport | None], None]


@dataclass(frozen=True, slots=True)
class RehearsalWiring:
    """How a rehearsal makes what it needs."""

    switch: Callable[[], RunSwitch]
    transactions: Callable[[TargetFingerprint], RehearsalTransactions]
    signers: Callable[[], tuple[Signer, Signer]]

    def adapter(self, switch: KillSwitch, transactions: RehearsalTransactions) -> PhaseExecutor:
        """The live adapter, its method bodies unchanged, over transactions that never commit."""
        executor, verifier = self.signers()
        return ProductionLiveExecutionAdapter(
            switch=switch,
            backup=RehearsalBackup(),
            governance=LedgerWriter(executor),
            verify=Verifier(verifier),
            transactions=transactions,
        )


def production_rehearsal() -> RehearsalWiring:
    """The wiring of the settings in force. It connects to nothing and reads no secret."""

    def transactions(target: TargetFingerprint) -> RehearsalTransactions:
        settings = load_settings()
        roles = {principal: settings.user_of(principal) for principal in Principal}
        return RehearsalTransactions(rehearsal_connections(target), roles=roles)

    def signers() -> tuple[Signer, Signer]:
        settings = load_settings()
        return LateSigner(Principal.EXEC, settings), LateSigner(Principal.VERIFY, settings)

    return RehearsalWiring(VariableKillSwitch, transactions, signers)


def rehearsal_connections(target: TargetFingerprint) -> RehearsalConnector:
    """The rehearsal's login on the database of the settings in force. Opens nothing."""
    return RehearsalConnections(load_settings().endpoint(), rehearsal_login, target=target)


_WIRING: ContextVar[RehearsalWiring | None] = ContextVar("cutter_rehearsal", default=None)


@contextmanager
def rehearsal_wired(wiring: RehearsalWiring | None = None) -> Iterator[RehearsalWiring]:
    """Use a wiring for the block. None keeps the one in force, else the production one."""
    chosen = wiring or _WIRING.get() or production_rehearsal()
    token = _WIRING.set(chosen)
    try:
        yield chosen
    finally:
        _WIRING.reset(token)


def rehearse(
    ctx: CutContext, plan: PlanHandle, units: int, *, progress: Progress | None = None
) -> RehearsalReport:
    """Run every phase on the real database, roll all of it back, and say what was shown and what it
    cost.

    Raises `ProductionExecutionNotAuthorized` unless the switch stands at REHEARSE for this change
    set, `RehearsalYielded` if somebody waited for it, and what the phases raise.
    """
    tell = progress or (lambda _phase, _report: None)
    with rehearsal_wired() as wiring:
        require_switch(wiring.switch().read(), Mode.REHEARSE, ctx.change_set_id, TASK_LOCK)
        with wiring.transactions(ctx.target) as transactions:
            bench = Wiring(
                wiring.switch, Simulator, lambda switch, _ctx: wiring.adapter(switch, transactions)
            )
            with wired(bench):
                reports = tuple(_told(tell, phase, ctx, plan) for phase in Phase)
            end = transactions.roll_back()
    return rehearsal_report(ctx, units, reports, _effect(reports), end)


def _told(tell: Progress, phase: Phase, ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    tell(phase.value, None)
    report = run_phase(phase, ctx, plan)
    tell(phase.value, report)
    return report


def _effect(reports: tuple[PhaseReport, ...]) -> str:
    enacted = next(
        (report.answer for report in reports if isinstance(report.answer, EnactBatchResult)), None
    )
    if enacted is None or not enacted.effect_digest:
        raise StopInvariantFailed(
            "The rehearsal's last phase gave no effect digest.", phase=Phase.LIFECYCLE_ENACT
        )
    return enacted.effect_digest
