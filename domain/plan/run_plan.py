"""The plan in a bundle: what was to be cut, or what was to be withdrawn.

Both kinds answer the same questions here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from domain.fields import fields_from
from domain.phases import Kind
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument
from domain.plan.effect import Block, planned_effect
from domain.plan.revert import WITHDRAWN, RevertPlan, RevertUnit, planned_revert_effect
from domain.reading.doubts import NO_ACCOUNT, Doubt, LineAccount
from domain.reading.marks import PlanWarning

RunPlan = CutPlan | RevertPlan
"""The plan of a run that leaves evidence."""


def kind_of(plan: RunPlan) -> Kind:
    """What a run of this plan is."""
    return Kind.REVERT if isinstance(plan, RevertPlan) else Kind.CUT


def blocks_of(plan: RunPlan) -> Sequence[Block]:
    """The units that the plan writes or withdraws, in its order."""
    return plan.units if isinstance(plan, RevertPlan) else plan.rows


def gaps_of(plan: RunPlan) -> Sequence[Gap]:
    """The gaps between the units; a revert has none."""
    return () if isinstance(plan, RevertPlan) else plan.gaps


def doubts_of(plan: RunPlan) -> Sequence[Doubt]:
    """What makes the plan doubtful; a revert's never is."""
    return () if isinstance(plan, RevertPlan) else plan.doubts


def effect_of(plan: RunPlan) -> str:
    """The effect digest that the plan must have if it is carried out exactly."""
    return planned_revert_effect(plan) if isinstance(plan, RevertPlan) else planned_effect(plan)


def action_of(kind: Kind) -> str:
    """What a run of this kind does to each of its units, as the ledger's rows say it."""
    return WITHDRAWN if kind is Kind.REVERT else "created"


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan without its rows and gaps, which are kept in files of their own."""

    document: TargetDocument
    source_name: str
    reader: str
    profile: str
    granularity: str
    text_sha256: str
    text_chars: int
    warnings: tuple[PlanWarning, ...]
    file_sha256: str = ""
    doubts: tuple[Doubt, ...] = ()
    account: LineAccount = NO_ACCOUNT

    @classmethod
    def of(cls, plan: CutPlan) -> PlanHead:
        """The head of a plan."""
        return cls(**fields_from(plan, cls))

    def plan(self, rows: Sequence[CutplanRow], gaps: Sequence[Gap]) -> CutPlan:
        """The whole plan again. It is not checked here."""
        return CutPlan(**fields_from(self, PlanHead), rows=tuple(rows), gaps=tuple(gaps))


@dataclass(frozen=True, slots=True)
class RevertHead:
    """A revert's plan without its units, which are kept in a file of their own.

    `status` is where the cut stood before.
    """

    document_code: str
    title: str
    reverts: uuid.UUID
    entry_id: uuid.UUID
    status: str
    attempt: int
    text_sha256: str

    @classmethod
    def of(cls, plan: RevertPlan) -> RevertHead:
        """The head of a plan."""
        return cls(**fields_from(plan, cls))

    def plan(self, units: Sequence[RevertUnit], gaps: Sequence[Gap]) -> RevertPlan:
        """The whole plan again, otherwise not checked here.

        Raises ValueError for gaps: a revert has none.
        """
        if gaps:
            raise ValueError("a revert has no gaps")
        return RevertPlan(**fields_from(self, RevertHead), units=tuple(units))
