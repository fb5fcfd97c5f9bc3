"""What a run of a revert did or would do, for a person or a program to read: small, frozen, without
texts and secrets.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from domain.phases import Mode
from domain.reports.run import PhaseReport, phase_answers

SHOWN: Final = 12
"""So many addresses stand in an outcome."""


@dataclass(frozen=True, slots=True)
class RevertOutcome:
    """One run of one revert. A dry run has no phases: it says what a live run would do.

    `stood` is where the reverted change set stood before, `begun` whether units were withdrawn
    before this run.
    """

    change_set_id: uuid.UUID
    reverts: uuid.UUID
    document_code: str
    title: str
    mode: Mode
    stood: str
    plan_digest: str
    effect_digest: str
    target: str
    units: int
    addresses: tuple[str, ...]
    recut_attempt: int
    begun: bool
    phases: tuple[PhaseReport, ...] = ()

    @property
    def replayed(self) -> bool:
        """True if every phase was done before, so that this run changed nothing."""
        return bool(self.phases) and all(report.replayed for report in self.phases)


def revert_answer(outcome: RevertOutcome) -> dict[str, object]:
    """What a dry run or a rehearsal showed, as one JSON-ready object for the approvers."""
    return {
        "change_set_id": str(outcome.change_set_id),
        "reverts": str(outcome.reverts),
        "plan_digest": outcome.plan_digest,
        "effect_digest": outcome.effect_digest,
        "target": outcome.target,
        "units": outcome.units,
        "phases": phase_answers(outcome.phases),
    }
