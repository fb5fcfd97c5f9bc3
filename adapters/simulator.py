"""The simulator: answers every phase as the live adapter would, from memory, and touches nothing.

It keeps the same contract (one suite runs over both), refuses what `fn_iu_create` would refuse,
with the same status, and signs with throwaway keys. It is not a `LiveExecutionAdapter`: a live run
can not reach it, by type.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from adapters.keys.signing import Ed25519Signer, new_private_key
from domain.change_set import CutContext
from domain.digests import text_sha256
from domain.errors import PhaseStop, StopInvariantFailed
from domain.ledger.signed import AffectedRow, ChangeSetRecord, change_set_record
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan, CutplanRow, already_cut
from domain.plan.effect import UnitEffect, effect_sha256, ledger_effect, require_approved_effect
from domain.reading.address import is_address
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS
from domain.results import (
    BackupResult,
    EnactBatchResult,
    IUCreateResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    VerifyResult,
)
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import blocks_of, cut_plan_of, gaps_of

R = TypeVar("R")
P = TypeVar("P", CutPlan, RevisionPlan)
_SIMULATED: Final = uuid.UUID("0b5ad7c4-6f0a-5ad5-8a34-3c8e6f2f3f10")


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """A unit as the simulated knowledge base holds it."""

    row: CutplanRow
    unit_id: uuid.UUID
    version_id: uuid.UUID
    lifecycle: str


@dataclass(slots=True)
class SimulatedLedger:
    """What a simulated change set has put on record so far."""

    plan_digest: str
    done: dict[Phase, object] = field(default_factory=dict)
    rows: list[AffectedRow] = field(default_factory=list)
    change_set: ChangeSetRecord | None = None
    signature: bytes = b""


class SimulatedPhases(ABC, Generic[P]):
    """The phases of change sets of one kind, in memory. One instance is one knowledge base.

    A kind says what it refuses to begin, what it writes, and what stands of it afterwards.
    """

    def __init__(self) -> None:
        self._ledgers: dict[uuid.UUID, SimulatedLedger] = {}
        self._replayed: set[Phase] = set()
        self._executor = Ed25519Signer(new_private_key())
        self._verifier = Ed25519Signer(new_private_key())

    @property
    def replayed(self) -> frozenset[Phase]:
        """Phases that were answered from the record instead of run."""
        return frozenset(self._replayed)

    def pre_write_backup(self, ctx: CutContext) -> BackupResult:
        """See `PhaseExecutor.pre_write_backup`. Makes no file: `made` is False."""
        ledger = self._ledger(ctx)
        if (recorded := self._recorded(ledger, Phase.PRE_WRITE_BACKUP, BackupResult)) is not None:
            return recorded
        result = BackupResult(
            path="",
            size=0,
            sha256=text_sha256(""),
            key_fingerprint="",
            finished_at=datetime.now(UTC),
            server_version="simulated",
            made=False,
        )
        ledger.done[Phase.PRE_WRITE_BACKUP] = result
        return result

    def mark(self, ctx: CutContext, plan: P) -> MarkResult:
        """See `PhaseExecutor.mark`."""
        ledger = self._ledger(ctx, plan, after=Phase.PRE_WRITE_BACKUP)
        if (recorded := self._recorded(ledger, Phase.MARK, MarkResult)) is not None:
            return recorded
        self._require_beginning(ctx, plan)
        cut = cut_plan_of(plan)
        result = MarkResult(
            entry_id=simulated_id(ctx, "entry"), units=len(cut.rows), warnings=len(cut.warnings)
        )
        ledger.done[Phase.MARK] = result
        return result

    def review(self, ctx: CutContext, plan: P) -> ReviewResult:
        """See `PhaseExecutor.review`."""
        ledger = self._ledger(ctx, plan, after=Phase.MARK)
        if (recorded := self._recorded(ledger, Phase.REVIEW, ReviewResult)) is not None:
            return recorded
        result = ReviewResult(
            entry_id=simulated_id(ctx, "entry"),
            envelope_id=simulated_id(ctx, "envelope"),
            decision_id=simulated_id(ctx, "decision"),
            unit_blocks=len(plan.rows),
            gap_blocks=len(plan.gaps),
        )
        ledger.done[Phase.REVIEW] = result
        return result

    def cut_leg_a(self, ctx: CutContext, plan: P) -> list[IUCreateResult]:
        """See `PhaseExecutor.cut_leg_a`."""
        ledger = self._ledger(ctx, plan, after=Phase.REVIEW)
        if Phase.CUT_LEG_A in ledger.done:
            self._replayed.add(Phase.CUT_LEG_A)
        else:
            ledger.done[Phase.CUT_LEG_A] = self._write(ctx, plan)
        return self._written(plan)

    def leg_b_record(self, ctx: CutContext, plan: P) -> LegBResult:
        """See `PhaseExecutor.leg_b_record`."""
        ledger = self._ledger(ctx, plan, after=Phase.CUT_LEG_A)
        if (recorded := self._recorded(ledger, Phase.LEG_B_RECORD, LegBResult)) is not None:
            return recorded
        ledger.rows = self._affected_rows(plan)
        ledger.change_set = change_set_record(
            ctx,
            simulated_id(ctx, "entry"),
            simulated_id(ctx, "envelope"),
            simulated_id(ctx, "decision"),
            ledger.rows,
        )
        payload = ledger.change_set.canonical_bytes()
        ledger.signature = self._executor.sign(payload)
        result = LegBResult(
            change_set_id=ctx.change_set_id,
            entry_id=simulated_id(ctx, "entry"),
            affected_rows=len(ledger.rows),
            payload_sha256=hashlib.sha256(payload).hexdigest(),
            executor_signature=base64.b64encode(ledger.signature).decode(),
            status="cut_applied",
        )
        ledger.done[Phase.LEG_B_RECORD] = result
        return result

    def verify_result_count_for(self, change_set_id: uuid.UUID) -> int:
        """See `PhaseExecutor.verify_result_count_for`."""
        ledger = self._ledgers.get(change_set_id)
        return int(ledger is not None and Phase.WRITE_VERIFY in ledger.done)

    def write_verify(self, ctx: CutContext, plan: P) -> VerifyResult:
        """See `PhaseExecutor.write_verify`. Recomputes from the units that this simulator holds."""
        ledger = self._ledger(ctx, plan, after=Phase.LEG_B_RECORD)
        if (recorded := self._recorded(ledger, Phase.WRITE_VERIFY, VerifyResult)) is not None:
            return recorded
        source = self._rebuilt_source(plan)
        if source != plan.text_sha256 or ledger.change_set is None:
            raise StopInvariantFailed(
                "Verification failed: the stored bodies and gaps do not rebuild the source "
                "text. Nothing was enacted.",
                phase=Phase.WRITE_VERIFY,
            )
        signature = self._verifier.sign(
            ledger.change_set.verification_bytes(source, ledger.signature)
        )
        result = VerifyResult(
            change_set_id=ctx.change_set_id,
            expected_units=len(blocks_of(plan)),
            found_units=len(ledger.rows),
            source_sha256=source,
            verifier_signature=base64.b64encode(signature).decode(),
            status="verified_complete",
        )
        ledger.done[Phase.WRITE_VERIFY] = result
        return result

    def lifecycle_enact(self, ctx: CutContext, plan: P) -> EnactBatchResult:
        """See `PhaseExecutor.lifecycle_enact`."""
        ledger = self._ledger(ctx, plan, after=Phase.WRITE_VERIFY)
        if (
            recorded := self._recorded(ledger, Phase.LIFECYCLE_ENACT, EnactBatchResult)
        ) is not None:
            return recorded
        digest = self._effect(plan, self._rebuilt_source(plan))
        require_approved_effect(ctx, digest)
        self._enact(plan)
        result = EnactBatchResult(ctx.change_set_id, len(blocks_of(plan)), "enacted", digest)
        ledger.done[Phase.LIFECYCLE_ENACT] = result
        return result

    def _ledger(
        self, ctx: CutContext, plan: P | None = None, after: Phase | None = None
    ) -> SimulatedLedger:
        if plan is not None and plan.plan_digest != ctx.plan_digest:
            raise StopInvariantFailed(
                "The plan at hand is not the plan of this change set; nothing was written."
            )
        ledger = self._ledgers.setdefault(ctx.change_set_id, SimulatedLedger(ctx.plan_digest))
        if ledger.plan_digest != ctx.plan_digest:
            raise StopInvariantFailed(
                f"Change set {ctx.change_set_id} is on record for another plan; nothing was "
                f"written."
            )
        if after is not None and after not in ledger.done:
            raise StopInvariantFailed(
                f"{after} of change set {ctx.change_set_id} is not on record; it has to run first."
            )
        return ledger

    def _recorded(self, ledger: SimulatedLedger, phase: Phase, result_type: type[R]) -> R | None:
        recorded = ledger.done.get(phase)
        if isinstance(recorded, result_type):
            self._replayed.add(phase)
            return recorded
        return None

    @abstractmethod
    def _require_beginning(self, ctx: CutContext, plan: P) -> None:
        """Raises an error of `domain.errors` where this kind may not begin."""

    @abstractmethod
    def _write(self, ctx: CutContext, plan: P) -> int:
        """Write all or nothing; how many units. Raises `PhaseStop`."""

    @abstractmethod
    def _written(self, plan: P) -> list[IUCreateResult]:
        """What was answered for each unit that was written."""

    @abstractmethod
    def _affected_rows(self, plan: P) -> list[AffectedRow]:
        """The ledger's rows of what was written."""

    @abstractmethod
    def _bodies(self, plan: P) -> Iterator[tuple[int, str]]:
        """Where each unit of the whole text begins, and its text as it is held here."""

    @abstractmethod
    def _effect(self, plan: P, source_sha256: str) -> str:
        """The effect digest of what is held here once it is enacted."""

    @abstractmethod
    def _enact(self, plan: P) -> None:
        """Let what was written stand."""

    def _rebuilt_source(self, plan: P) -> str:
        parts = [*((gap.start, gap.text) for gap in gaps_of(plan)), *self._bodies(plan)]
        return text_sha256("".join(part for _, part in sorted(parts)))


class Simulator(SimulatedPhases[CutPlan]):
    """The phases of cuts, over a knowledge base that is empty at first."""

    def __init__(self) -> None:
        """One instance is one knowledge base."""
        super().__init__()
        self.units: dict[str, StoredUnit] = {}

    def _require_beginning(self, ctx: CutContext, plan: CutPlan) -> None:
        living = sum(
            address.startswith((f"{ctx.document_code}~", f"{ctx.document_code}!"))
            for address in self.units
        )
        if living:
            raise already_cut(plan.document_code, living)

    def _write(self, ctx: CutContext, plan: CutPlan) -> int:
        staged: dict[str, StoredUnit] = {}
        for row in plan.rows:
            status = self._status(row, ctx.actor, staged)
            if status != "created":
                raise PhaseStop(
                    f"Unit {row.canonical_address} was refused with the status {status!r}; no "
                    f"unit was written.",
                    phase=Phase.CUT_LEG_A,
                )
            address = row.canonical_address
            staged[address] = StoredUnit(
                row,
                simulated_id(ctx, "unit", address),
                simulated_id(ctx, "version", address),
                "draft",
            )
        self.units |= staged
        return len(staged)

    def _written(self, plan: CutPlan) -> list[IUCreateResult]:
        return [self._created(row.canonical_address) for row in plan.rows]

    def _affected_rows(self, plan: CutPlan) -> list[AffectedRow]:
        return [self._affected(row) for row in plan.rows]

    def _bodies(self, plan: CutPlan) -> Iterator[tuple[int, str]]:
        return ((row.start, self.units[row.canonical_address].row.body) for row in plan.rows)

    def _effect(self, plan: CutPlan, source_sha256: str) -> str:
        units = [UnitEffect(self.units[r.canonical_address].row, "enacted") for r in plan.rows]
        return effect_sha256(units, ledger_effect(plan, source_sha256))

    def _enact(self, plan: CutPlan) -> None:
        for row in plan.rows:
            address = row.canonical_address
            self.units[address] = replace(self.units[address], lifecycle="enacted")

    def _status(self, row: CutplanRow, actor: str, staged: dict[str, StoredUnit]) -> str:
        """The status that `fn_iu_create` would answer with, in the order in which it checks."""
        return (
            empty_argument(row, actor)
            or unknown_word(row)
            or self._unknown_parent(row, staged)
            or (
                "canonical_address: exists"
                if row.canonical_address in staged or row.canonical_address in self.units
                else ""
            )
            or "created"
        )

    def _unknown_parent(self, row: CutplanRow, staged: dict[str, StoredUnit]) -> str:
        parent = row.parent_ref
        return (
            ""
            if parent is None or parent in staged or parent in self.units
            else f"parent_ref: unknown {parent}"
        )

    def _created(self, address: str) -> IUCreateResult:
        unit = self.units[address]
        return IUCreateResult(address, "created", unit.unit_id, unit.version_id)

    def _affected(self, row: CutplanRow) -> AffectedRow:
        unit = self.units[row.canonical_address]
        return AffectedRow(
            seq=row.seq,
            canonical_address=row.canonical_address,
            unit_id=str(unit.unit_id),
            version_id=str(unit.version_id),
            title_sha256=text_sha256(unit.row.title),
            body_sha256=text_sha256(unit.row.body),
        )


def simulated_id(ctx: CutContext, *what: str) -> uuid.UUID:
    """An id that the same run always gets."""
    return uuid.uuid5(_SIMULATED, "\x1f".join((str(ctx.change_set_id), *what)))


def empty_argument(row: CutplanRow, actor: str) -> str:
    """The status for an argument that is empty; "" if none is."""
    named = {
        "canonical_address": row.canonical_address,
        "title": row.title,
        "actor": actor,
        "owner_ref": row.owner_ref,
    }
    for name, value in named.items():
        if not value.strip(" "):
            return f"{name}: empty"
        if name == "canonical_address" and not is_address(value):
            return "canonical_address: not an address"
    if not row.section_type:
        return "section_type: Multiple, choose: " + ", ".join(sorted(SECTION_TYPES))
    return ""


def unknown_word(row: CutplanRow) -> str:
    """The status for a word that is not in the vocabulary; "" if all are."""
    words = (
        ("unit_kind", row.unit_kind, UNIT_KINDS),
        ("section_type", row.section_type, SECTION_TYPES),
        ("publication_type", row.publication_type, PUBLICATION_TYPES),
    )
    return next((f"{axis}: unknown {word}" for axis, word, known in words if word not in known), "")
