"""The effect digest: one hash over what the tables hold after a cut, without ids, times and names
of people.

Dry run, rehearsal and live run of one plan must have the same. The database computes it in
`sql/effect.sql` from its own tables; the simulator computes it here from what it holds. Encoding:
`domain.digests`; free text enters as its own hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from domain.change_set import CutContext
from domain.digests import records_sha256, text_sha256
from domain.errors import StopInvariantFailed
from domain.phases import LAST, PHASES, PRINCIPAL_OF, EntryStatus, Lifecycle, Phase
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap

FORMAT: Final = "iu-cutter effect 1"


class Block(Protocol):
    """A unit as the manifest has it."""

    @property
    def seq(self) -> int:
        """Its place, from 1."""
        ...

    @property
    def canonical_address(self) -> str:
        """Its address."""
        ...

    @property
    def start(self) -> int:
        """Its first character in the source text."""
        ...

    @property
    def end(self) -> int:
        """One past its last character."""
        ...

    @property
    def title_sha256(self) -> str:
        """SHA-256 of its title, hexadecimal."""
        ...

    @property
    def body_sha256(self) -> str:
        """SHA-256 of its body, hexadecimal."""
        ...


class ManifestBlock(NamedTuple):
    """A unit as the manifest names it, and nothing more of it: a `Block`."""

    seq: int
    canonical_address: str
    start: int
    end: int
    title_sha256: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class UnitEffect:
    """A unit as it stands after the writes: what was planned for it, and its lifecycle."""

    row: CutplanRow
    lifecycle: str


@dataclass(frozen=True, slots=True)
class LedgerEffect:
    """The ledger's shape after the writes: what the entry, manifest, change set and verification
    say, and who wrote what.
    """

    document_code: str
    plan_digest: str
    text_sha256: str
    text_chars: int
    gaps: Sequence[Gap]
    source_sha256: str


def effect_sha256(units: Sequence[UnitEffect], ledger: LedgerEffect) -> str:
    """The effect digest of a finished cut, hexadecimal. `units` in plan order."""
    return records_sha256((*_unit_records(units), *_ledger_records(units, ledger)))


@lru_cache(maxsize=1)  # executor and verifier of one run ask, with a plan each that is the same
def planned_effect(plan: CutPlan) -> str:
    """The effect digest that a plan must have if it is carried out exactly."""
    units = [UnitEffect(row, Lifecycle.ENACTED) for row in plan.rows]
    return effect_sha256(units, ledger_effect(plan, plan.text_sha256))


def ledger_effect(plan: CutPlan, source_sha256: str) -> LedgerEffect:
    """The ledger's shape for a plan, and the source text's hash as the verifier rebuilt it."""
    return LedgerEffect(
        plan.document_code,
        plan.plan_digest,
        plan.text_sha256,
        plan.text_chars,
        plan.gaps,
        source_sha256,
    )


def require_approved_effect(ctx: CutContext, effect_digest: str) -> None:
    """Raises `StopInvariantFailed` if another effect was approved.

    Called before the last COMMIT.
    """
    approved = ctx.approved_effect_digest
    if approved is not None and approved != effect_digest:
        raise StopInvariantFailed(
            f"The effect of change set {ctx.change_set_id} would be {effect_digest[:12]}, and "
            f"{approved[:12]} was approved; "
            "no unit was enacted. Rehearse it again and have the new effect approved.",
            phase=LAST,
        )


def _unit_records(units: Sequence[UnitEffect]) -> Iterator[tuple[str, ...]]:
    yield (FORMAT,)
    for unit in units:
        row = unit.row
        yield (
            "unit",
            str(row.seq),
            "created",
            row.canonical_address,
            row.unit_kind,
            row.section_type,
            row.publication_type,
            text_sha256(row.owner_ref),
            row.title_sha256,
            row.body_sha256,
            row.parent_ref or "",
            unit.lifecycle,
        )


def _ledger_records(units: Sequence[UnitEffect], ledger: LedgerEffect) -> Iterable[tuple[str, ...]]:
    blocks = [unit.row for unit in units]
    yield from entry_records(ledger.document_code, ledger.plan_digest)
    yield ("source", ledger.text_sha256)
    yield (
        "sweep",
        ledger.text_sha256,
        str(ledger.text_chars),
        str(len(units)),
        str(len(ledger.gaps)),
    )
    yield from manifest_records(ledger.plan_digest, ledger.text_sha256, blocks, ledger.gaps)
    yield from seal_records(
        ledger.document_code, ledger.plan_digest, len(units), ledger.source_sha256
    )


def entry_records(document_code: str, plan_digest: str) -> Iterator[tuple[str, ...]]:
    """An entry that went all the way, and its history."""
    yield ("entry", document_code, plan_digest, EntryStatus.ENACTED.value)
    for spec in PHASES:
        if spec.step is not None:
            old, new = spec.step
            yield ("step", old.value if old else "", new.value, spec.principal.value)


def manifest_records(
    plan_digest: str, source_text: str, blocks: Sequence[Block], gaps: Sequence[Gap]
) -> Iterator[tuple[str, ...]]:
    """A manifest with its blocks in plan order, and the decision on it."""
    yield ("manifest", plan_digest, source_text, str(len(blocks)), str(len(gaps)), "approved")
    for row in blocks:
        yield (
            "block",
            str(row.start),
            str(row.end),
            str(row.seq),
            row.canonical_address,
            row.title_sha256,
            row.body_sha256,
        )
    for gap in gaps:
        yield ("gap", str(gap.start), str(gap.end), text_sha256(gap.text))


def seal_records(
    document_code: str, plan_digest: str, units: int, source_sha256: str
) -> Iterator[tuple[str, ...]]:
    """A change set with both halves of its signature, its verification, and its journal up to the
    last phase.
    """
    yield ("change set", document_code, plan_digest, str(units), EntryStatus.VERIFIED.value)
    for half, phase in (("executor", Phase.LEG_B_RECORD), ("verifier", Phase.WRITE_VERIFY)):
        yield ("half", half, PRINCIPAL_OF[phase].value)
    yield (
        "verified",
        "verified",
        str(units),
        str(units),
        source_sha256,
        PRINCIPAL_OF[Phase.WRITE_VERIFY].value,
    )
    for spec in PHASES[:-1]:  # the journal row of the last one holds the digest
        yield ("journal", spec.phase.value, spec.principal.value)
