"""What a rehearsal shows, what it can not prove, and what it cost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from domain.change_set import CutContext
from domain.phases import Phase
from domain.reports.run import PhaseReport

CAN_NOT_PROVE: Final = (
    (
        "COMMIT itself: it is never sent, so a full disk, a crash or a standby that does not "
        "answer at that moment is not seen."
    ),
    (
        "The logins of cutter_exec and cutter_verify: the rehearsal logs in as cutter_rehearse "
        "and becomes them, so their "
        "passwords, connection limits, role settings and pg_hba.conf lines are not used; "
        "`cutter prove` connects as both."
    ),
    "The backup: pg_dump does not see uncommitted rows, so none was made.",
    (
        "A second look from outside: the verifier saw the rows within the same transaction, not "
        "through a snapshot of its own."
    ),
    (
        "Conflicts between serializable transactions: everything ran in one READ COMMITTED "
        "transaction."
    ),
    (
        "Replication, archives and listeners: what is rolled back is not replayed, and its notices "
        "are never sent."
    ),
    (
        "The future: what others write between now and the live run. The live run checks again, "
        "phase by phase."
    ),
)
"""Said wherever the result of a rehearsal is shown."""


@dataclass(frozen=True, slots=True)
class RehearsalCost:
    """What the server keeps of a rehearsal: nothing to read, but some work for it.

    `dead_tuples` are exactly the rehearsal's own; `transaction_ids` and `wal_bytes` also hold what
    others used meanwhile.
    """

    transaction_ids: int
    wal_bytes: int
    dead_tuples: int


@dataclass(frozen=True, slots=True)
class RehearsalEnd:
    """How a rehearsal's transaction ended.

    `commit_refused`: the server was asked, and would have refused COMMIT.
    """

    commit_refused: bool
    cost: RehearsalCost


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """One rehearsal of one change set that went through: every phase ran on the real database and
    was rolled back.
    """

    document_code: str
    change_set_id: uuid.UUID
    plan_digest: str
    effect_digest: str
    target: str
    units: int
    phases: tuple[PhaseReport, ...]
    commit_refused: bool
    cost: RehearsalCost
    can_not_prove: tuple[str, ...] = CAN_NOT_PROVE

    @property
    def seconds(self) -> float:
        """How long the phases took together."""
        return sum(report.seconds for report in self.phases)

    @property
    def already_done(self) -> tuple[Phase, ...]:
        """Phases that a live run has committed before, and that were therefore read and not
        rehearsed.
        """
        return tuple(report.phase for report in self.phases if report.replayed)


def rehearsal_report(
    ctx: CutContext,
    units: int,
    phases: tuple[PhaseReport, ...],
    effect_digest: str,
    end: RehearsalEnd,
) -> RehearsalReport:
    """The report on a rehearsal that went through."""
    return RehearsalReport(
        document_code=ctx.document_code,
        change_set_id=ctx.change_set_id,
        plan_digest=ctx.plan_digest,
        effect_digest=effect_digest,
        target=str(ctx.target),
        units=units,
        phases=phases,
        commit_refused=end.commit_refused,
        cost=end.cost,
    )
