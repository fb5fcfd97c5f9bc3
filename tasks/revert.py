"""A revert's phases: guarded as a cut's are, and carried out by the live adapter of reverts.

It has no simulator.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from prefect import task
from prefect.cache_policies import NO_CACHE

from adapters.evidence.run_log import note
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.rehearsal.transactions import RehearsalBackup
from adapters.postgres.reverting.adapter import LiveRevertAdapter
from blocks.secrets import SecretCredentials
from blocks.settings import load_settings
from domain.errors import ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.phases import CutContext, Mode, Phase, Principal
from domain.plan.revert import RevertPlan
from domain.ports import KillSwitch
from domain.reports.rehearsal import RehearsalReport, rehearsal_report
from domain.reports.run import PhaseAnswer, PhaseReport, counted
from domain.results import EnactBatchResult
from domain.switch import require_switch
from tasks.app import LateSigner, principal_connections
from tasks.dispatch import TASK_LOCK, RunSwitch, refuse_if_killswitch_off
from tasks.rehearse import Progress, rehearsal_wired

log = logging.getLogger(__name__)


def live_revert_adapter(switch: KillSwitch, ctx: CutContext) -> LiveRevertAdapter:
    """The live adapter for one revert.

    Raises `ConfigMissing` or `ConfigMismatch` naming the setting; opens nothing.
    """
    if ctx.mode is not Mode.LIVE:
        raise ProductionExecutionNotAuthorized(
            TASK_LOCK, f"this adapter commits, so {ctx.mode} may not use it"
        )
    settings = load_settings()
    executor = LateSigner(Principal.EXEC, settings)
    return LiveRevertAdapter(
        executor=executor,
        verifier=LateSigner(Principal.VERIFY, settings),
        switch=switch,
        connections=principal_connections(settings, ctx.target),
        backup=PgDumpBackup(
            settings.endpoint(),
            SecretCredentials(settings),
            settings.backups,
            settings.backup_fingerprint(),
            signer=executor,
            gnupg_home=settings.gnupg_home,
        ),
    )


class RevertRun:
    """One run of one revert.

    No dataclass, so that the orchestrator does not walk through its plan.
    """

    def __init__(
        self, switch: RunSwitch, adapter: LiveRevertAdapter, ctx: CutContext, plan: RevertPlan
    ) -> None:
        self._switch = switch
        self._adapter = adapter
        self._ctx = ctx
        self._plan = plan

    def run(self, phase: Phase) -> PhaseReport:
        """Guard, carry out and time one phase.

        Raises `ProductionExecutionNotAuthorized` if the switch does not allow it, and what the
        adapter raises.
        """
        refuse_if_killswitch_off(self._switch, self._ctx)
        started = time.monotonic()
        answer = self._dispatch(phase)
        seconds = time.monotonic() - started
        report = PhaseReport(
            phase, *counted(answer), seconds, phase in self._adapter.replayed, answer
        )
        log.info("%s of a revert: %d %s in %.2f s", phase, report.count, report.counted, seconds)
        ended = f"{phase} of a revert has ended"
        note(
            ended,
            count=report.count,
            counted=report.counted,
            seconds=round(seconds, 3),
            replayed=report.replayed,
        )
        return report

    def _dispatch(self, phase: Phase) -> PhaseAnswer:
        adapter = self._adapter
        if phase is Phase.PRE_WRITE_BACKUP:
            return adapter.pre_write_backup(self._ctx)
        methods: dict[Phase, Callable[[CutContext, RevertPlan], PhaseAnswer]] = {
            Phase.MARK: adapter.mark,
            Phase.REVIEW: adapter.review,
            Phase.CUT_LEG_A: adapter.cut_leg_a,
            Phase.LEG_B_RECORD: adapter.leg_b_record,
            Phase.WRITE_VERIFY: adapter.write_verify,
            Phase.LIFECYCLE_ENACT: adapter.lifecycle_enact,
        }
        return methods[phase](self._ctx, self._plan)


@task(
    name="revert_phase",
    task_run_name="revert_{phase}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def revert_phase(run: RevertRun, phase: Phase) -> PhaseReport:
    """One phase of a revert. See `RevertRun.run`."""
    return run.run(phase)


def rehearse_revert(ctx: CutContext, plan: RevertPlan, progress: Progress) -> RehearsalReport:
    """Run every phase of a revert on the real database and roll all of it back.

    Raises `ProductionExecutionNotAuthorized` unless the switch stands at REHEARSE for this change
    set, `RehearsalYielded` if somebody waited for it, and what the phases raise.
    """
    with rehearsal_wired() as wiring:
        switch = wiring.switch()
        require_switch(switch.read(), Mode.REHEARSE, ctx.change_set_id, TASK_LOCK)
        executor, verifier = wiring.signers()
        with wiring.transactions(ctx.target) as transactions:
            adapter = LiveRevertAdapter(
                executor=executor,
                verifier=verifier,
                switch=switch,
                backup=RehearsalBackup(),
                transactions=transactions,
            )
            run = RevertRun(switch, adapter, ctx, plan)
            reports = []
            for phase in Phase:
                progress(phase.value, None)
                reports.append(run.run(phase))
                progress(phase.value, reports[-1])
            end = transactions.roll_back()
    answer = reports[-1].answer
    if not isinstance(answer, EnactBatchResult) or not answer.effect_digest:
        raise StopInvariantFailed(
            "The rehearsal's last phase gave no effect digest.", phase=Phase.LIFECYCLE_ENACT
        )
    return rehearsal_report(ctx, len(plan.units), tuple(reports), answer.effect_digest, end)
