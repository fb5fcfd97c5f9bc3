"""The simulator of a revision: the phases of `adapters.simulator`, over what stands.

What stands is in the plan, so the simulated knowledge base begins with it. It writes what differs,
rebuilds the whole new text from what it then holds, and answers with the effect of that.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.simulator import SimulatedPhases, empty_argument, simulated_id, unknown_word
from domain.change_set import CutContext
from domain.digests import text_sha256
from domain.errors import PhaseStop
from domain.ledger.signed import AffectedRow
from domain.phases import Phase
from domain.results import IUCreateResult
from domain.revision.plan import Act, RevisionPlan, RevisionStep
from domain.runs.revision_effect import revision_effect


@dataclass(frozen=True, slots=True)
class _Written:
    """A step as it was written, with the unit and the version that it made."""

    step: RevisionStep
    unit_id: uuid.UUID
    version_id: uuid.UUID


class RevisionSimulator(SimulatedPhases[RevisionPlan]):
    """The phases of one revision. What stands before it is that of the plan that begins it."""

    def __init__(self) -> None:
        """Nothing stands until a plan says what does."""
        super().__init__()
        self.standing: dict[str, str] = {}
        """The text of each living unit, by address."""
        self._drafts: dict[str, _Written] = {}

    def _require_beginning(self, ctx: CutContext, plan: RevisionPlan) -> None:
        if not plan.changes_text:
            raise PhaseStop(
                f"Nothing of {ctx.document_code} would change; nothing was written.",
                phase=Phase.MARK,
            )
        self.standing = {unit.address: unit.body for unit in plan.comparison.old.units}

    def _write(self, ctx: CutContext, plan: RevisionPlan) -> int:
        staged: dict[str, _Written] = {}
        for step in plan.steps:
            if status := self._status(step, ctx.actor, staged):
                raise PhaseStop(
                    f"Unit {step.address} was refused with the status {status!r}; no unit was "
                    f"written.",
                    phase=Phase.CUT_LEG_A,
                )
            staged[step.address] = _Written(
                step,
                simulated_id(ctx, "unit", step.address),
                simulated_id(ctx, "version", step.address),
            )
        self._drafts |= staged
        return len(staged)

    def _status(self, step: RevisionStep, actor: str, staged: dict[str, _Written]) -> str:
        """Why a step would be refused, as a status; "" if it would not."""
        row = step.row
        if row is None:
            return "" if step.address in self.standing else "canonical_address: unknown"
        parent = row.parent_ref
        unknown = parent is not None and not (parent in staged or parent in self.standing)
        exists = step.act is Act.CREATE and step.address in self.standing
        return (
            empty_argument(row, actor)
            or unknown_word(row)
            or (f"parent_ref: unknown {parent}" if unknown else "")
            or ("canonical_address: exists" if exists else "")
        )

    def _written(self, plan: RevisionPlan) -> list[IUCreateResult]:
        drafts = (self._drafts[step.address] for step in plan.steps)
        return [
            IUCreateResult(one.step.address, one.step.action, one.unit_id, one.version_id)
            for one in drafts
        ]

    def _affected_rows(self, plan: RevisionPlan) -> list[AffectedRow]:
        drafts = (self._drafts[step.address] for step in plan.steps)
        return [
            AffectedRow(
                seq=one.step.seq,
                canonical_address=one.step.address,
                unit_id=str(one.unit_id),
                version_id=str(one.version_id),
                title_sha256=text_sha256(one.step.title),
                body_sha256=text_sha256(one.step.body),
            )
            for one in drafts
        ]

    def _bodies(self, plan: RevisionPlan) -> Iterator[tuple[int, str]]:
        written = {address: one.step.body for address, one in self._drafts.items()}
        held = self.standing | written
        return ((row.start, held[row.canonical_address]) for row in plan.rows)

    def _effect(self, plan: RevisionPlan, source_sha256: str) -> str:
        steps = [self._drafts[step.address].step for step in plan.steps]
        return revision_effect(plan, steps, source_sha256)

    def _enact(self, plan: RevisionPlan) -> None:
        for step in plan.steps:
            if step.row is None:
                del self.standing[step.address]
            else:
                self.standing[step.address] = self._drafts[step.address].step.body
