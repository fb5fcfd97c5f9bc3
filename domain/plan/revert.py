"""A revert: a new change set that takes back a committed one.

It withdraws every unit that was created, and moves each that was revised or repealed back to the
version before.

Nothing is deleted (docs/architecture.md, Database contract).

The plan is read from the database and pinned by one digest. It says what the reverted change set
has written, so it is the same however far the revert itself has come: a revert that died is resumed
with the same plan, and so the same id.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain.change_set import CutContext, TargetFingerprint, run_context
from domain.digests import records_sha256
from domain.errors import RevertRefused
from domain.phases import Mode
from domain.plan.cut_plan import Gap
from domain.plan.effect import FORMAT, Block, entry_records, manifest_records, seal_records

PLAN_FORMAT: Final = "iu-cutter revert plan 1"
WITHDRAWN: Final = "withdrawn"
RESTORED: Final = "restored"
REVERTED: Final = "reverted"
NAMED: Final = 5
"""So many units are named in a refusal; the rest is counted."""


@dataclass(frozen=True, slots=True)
class RevertUnit:
    """One unit to withdraw, or to move back from a version, as its change set wrote it.

    `lifecycle` is where that change set left it: draft or enacted. A version that a revision left
    as a draft is one that nobody stands at.
    """

    seq: int
    canonical_address: str
    unit_id: uuid.UUID
    version_id: uuid.UUID
    lifecycle: str
    title_sha256: str
    body_sha256: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner_sha256: str
    parent_ref: str | None
    start: int
    end: int
    action: str = WITHDRAWN


@dataclass(frozen=True, slots=True)
class StandingBlock:
    """A unit of the text that stands once a revision is taken back, as its manifest names it."""

    seq: int
    canonical_address: str
    start: int
    end: int
    title_sha256: str
    body_sha256: str


@dataclass(frozen=True)
class RevertPlan:
    """Every unit of one change set, children before their parents.

    `text_sha256` is of the source text that they were cut from; of a revision it is of the text
    that stood before and stands again, with its units in `stands`, its `gaps`, and the
    `base_digest` that the revision had named.

    `entry_id` and `status` are the backlog entry of what is reverted, and where it stood before.
    """

    document_code: str
    title: str
    reverts: uuid.UUID
    entry_id: uuid.UUID
    status: str
    attempt: int
    text_sha256: str
    units: tuple[RevertUnit, ...]
    stands: tuple[StandingBlock, ...] = ()
    gaps: tuple[Gap, ...] = ()
    base_digest: str = ""

    @property
    def manifest(self) -> Sequence[Block]:
        """The units that its manifest names: of a cut what is withdrawn, of a revision what stands
        afterwards.
        """
        return self.stands or self.units

    @cached_property
    def plan_digest(self) -> str:
        """SHA-256 that pins every unit by address, unit, version, body and lifecycle, their order,
        and what is reverted.
        """
        return records_sha256(self._digest_records())

    def _digest_records(self) -> Iterator[tuple[str, ...]]:
        yield (
            PLAN_FORMAT,
            self.document_code,
            str(self.reverts),
            str(self.entry_id),
            self.status,
            self.text_sha256,
        )
        if self.base_digest:
            yield ("base", self.base_digest)
        for unit in self.units:
            yield (
                "withdraw" if unit.action == WITHDRAWN else "restore",
                str(unit.unit_id),
                str(unit.version_id),
                unit.lifecycle,
                *_unit_fields(unit),
            )

    @property
    def recut_attempt(self) -> int:
        """The attempt that a new cut of the same plan has to have afterwards."""
        return self.attempt + 1


@dataclass(frozen=True, slots=True)
class RevertFault:
    """Why one unit can not be withdrawn."""

    canonical_address: str
    fault: str

    def __str__(self) -> str:
        return f"{self.canonical_address} {self.fault}"


def _unit_fields(unit: RevertUnit) -> tuple[str, ...]:
    return (
        str(unit.seq),
        unit.canonical_address,
        unit.unit_kind,
        unit.section_type,
        unit.publication_type,
        unit.owner_sha256,
        unit.title_sha256,
        unit.body_sha256,
        unit.parent_ref or "",
        str(unit.start),
        str(unit.end),
    )


def planned_revert_effect(plan: RevertPlan) -> str:
    """The effect digest that a revert must have if it is carried out exactly; `sql/effect.sql`
    computes it from the tables.
    """
    return records_sha256((*_effect_units(plan), *_effect_ledger(plan)))


def _effect_units(plan: RevertPlan) -> Iterator[tuple[str, ...]]:
    yield (FORMAT,)
    for unit in plan.units:
        seq, address, *fields, _start, _end = _unit_fields(unit)
        if unit.action == WITHDRAWN:
            yield ("unit", seq, WITHDRAWN, address, *fields, WITHDRAWN)
        else:
            hashes = (unit.title_sha256, unit.body_sha256)
            yield ("version", seq, RESTORED, address, *hashes, "taken back")


def _effect_ledger(plan: RevertPlan) -> Iterator[tuple[str, ...]]:
    yield from entry_records(plan.document_code, plan.plan_digest)
    yield from manifest_records(plan.plan_digest, plan.text_sha256, plan.manifest, plan.gaps)
    yield from seal_records(plan.document_code, plan.plan_digest, len(plan.units), plan.text_sha256)
    yield ("reverts", str(plan.reverts), REVERTED)


def revert_context(
    plan: RevertPlan, mode: Mode, target: TargetFingerprint, actor: str, attempt: int = 1
) -> CutContext:
    """The context of one run of a revert. Its change set's id is made as every other's."""
    return run_context(plan.document_code, plan.plan_digest, mode, target, actor, attempt)


def require_revertible(reverts: uuid.UUID, faults: Sequence[RevertFault]) -> None:
    """Raises `RevertRefused` naming the first units that can not be withdrawn, and why."""
    if not faults:
        return
    named = "; ".join(str(fault) for fault in faults[:NAMED])
    more = f"; and {len(faults) - NAMED:,} more" if len(faults) > NAMED else ""
    raise RevertRefused(
        f"Change set {reverts} can not be reverted: {named}{more}. Nothing was written."
    )


def escalation(torn: uuid.UUID) -> str:
    """What to do about a torn change set, in one sentence for an operator: finish it, or revert it
    under SG_3.

    >>> "SG_3" in escalation(uuid.UUID(int=0))
    True
    """
    return (
        f"Change set {torn} is torn: its units are written and it is not finished. Run the "
        f"same cut or revision again to finish it, "
        f"or have SG_3 revert it: `cutter revert {torn}` shows what that would do, `cutter "
        f"approve --revert {torn} "
        f"--gate SG_3` and `--gate SG_2` approve it, and `cutter revert {torn} --live` does it."
    )


def how_to_finish(reverts: uuid.UUID, own: uuid.UUID) -> str:
    """What to do about a revert that stopped after it had withdrawn units, in one sentence.

    >>> "--live" in how_to_finish(uuid.UUID(int=0), uuid.UUID(int=1))
    True
    """
    return (
        f"The revert {own} is torn: its units are withdrawn and it is not finished. Arm the "
        f"kill-switch for it and run "
        f"`cutter revert {reverts} --live` again; if its permit has expired, SG_3 and SG_2 "
        f"have to approve it anew."
    )
