"""What a run of a cut did, for a person or a program to read: small, frozen, without rows and
without secrets.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from domain.phases import Kind, Mode, Phase, PhaseSpec
from domain.results import BackupResult, EnactBatchResult, PhaseAnswer, VerifyResult


@dataclass(frozen=True, slots=True)
class PlanHandle:
    """Names a plan that is kept on disk: what is handed from phase to phase instead of its rows."""

    document_code: str
    plan_digest: str
    path: str


@dataclass(frozen=True, slots=True)
class PhaseReport:
    """One phase of one run: what it counted, how many seconds it took, and whether the journal
    answered for it.
    """

    phase: Phase
    count: int
    counted: str
    seconds: float
    replayed: bool
    answer: PhaseAnswer


@dataclass(frozen=True, slots=True)
class CutOutcome:
    """One run of one change set, phase by phase in the order they ran."""

    document: str
    document_code: str
    title: str
    mode: Mode
    change_set_id: uuid.UUID
    plan_digest: str
    target: str
    units: int
    gaps: int
    warnings: int
    plan_path: str
    phases: tuple[PhaseReport, ...]
    forbidden: tuple[str, ...] = ()
    """After a dry run: why the registered database would refuse the live run now."""
    kind: Kind = Kind.CUT
    changes: tuple[str, ...] = ()
    """What a revision does to units: `3 changed`."""

    @property
    def replayed(self) -> bool:
        """True if every phase was done before, so that this run changed nothing."""
        return bool(self.phases) and all(report.replayed for report in self.phases)

    @property
    def seconds(self) -> float:
        """How long the phases took together."""
        return sum(report.seconds for report in self.phases)

    @property
    def backup(self) -> BackupResult | None:
        """The backup that this run made or found, if any."""
        return next((r.answer for r in self.phases if isinstance(r.answer, BackupResult)), None)

    @property
    def verification(self) -> VerifyResult | None:
        """What the verifier found, if it came to that."""
        return next((r.answer for r in self.phases if isinstance(r.answer, VerifyResult)), None)

    @property
    def effect_digest(self) -> str:
        """What the tables hold after the last phase; empty if it did not come to that."""
        return next(
            (r.answer.effect_digest for r in self.phases if isinstance(r.answer, EnactBatchResult)),
            "",
        )


def run_answer(outcome: CutOutcome) -> dict[str, object]:
    """What a dry run showed, as one JSON-ready object for the approvers' page."""
    return {
        "change_set_id": str(outcome.change_set_id),
        "plan_digest": outcome.plan_digest,
        "effect_digest": outcome.effect_digest,
        "target": outcome.target,
        "units": outcome.units,
        "phases": phase_answers(outcome.phases),
    }


def phase_answers(phases: Sequence[PhaseReport]) -> list[dict[str, object]]:
    """What each phase counted and how many seconds it took, JSON-ready."""
    return [
        {"phase": r.phase.value, "count": r.count, "counted": r.counted, "seconds": r.seconds}
        for r in phases
    ]


def short_id(change_set_id: uuid.UUID) -> str:
    """The first eight characters of a change set's id, for names that people read.

    >>> short_id(uuid.UUID(int=0))
    '00000000'
    """
    return str(change_set_id)[:8]


def phase_report(
    spec: PhaseSpec, answer: PhaseAnswer, seconds: float, replayed: bool
) -> PhaseReport:
    """The report on one phase: its answer counts something, and the table of phases says what.

    >>> from domain.phases import spec_of
    >>> from domain.results import UnitsCreated
    >>> report = phase_report(spec_of(Phase.CUT_LEG_A), UnitsCreated(7), 0.5, False)
    >>> report.count, report.counted
    (7, 'units created')
    """
    counted = spec.counted.format(done=getattr(answer, "done", ""))
    return PhaseReport(spec.phase, answer.count, counted, seconds, replayed, answer)
