"""The plan of a revision: the whole new text, what stands, what differs, and from when.

Four digests go into its own: the base (every living unit with its version), the cut plan of the new
text, the comparison with all that a person has settled, and the dates. So approvals sign what the
revision starts from and what it does, and a base that has moved makes another plan of it.

What is written follows from the addresses alone, since a unit is an address for ever: a unit that
stands and differs is revised, one that does not stand is created, and one of which nothing is left
is repealed. The verdicts say where a text came from; that is its lineage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from domain.digests import records_sha256
from domain.errors import BadInput, PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.revision.dates import NO_DATES, Dates
from domain.revision.units import Version, VersionUnit, version_of
from domain.revision.verdicts import Comparison


class Act(StrEnum):
    """What is done to one address."""

    CREATE = "create"
    REVISE = "revise"
    REPEAL = "repeal"


@dataclass(frozen=True, slots=True)
class RevisionStep:
    """What is written for one address.

    `row` is the new unit, None for a repeal. `derived_from` are the addresses whose text became
    this one, where they are not its own alone; `became` are those that a repealed unit's text went
    to.
    """

    act: Act
    address: str
    row: CutplanRow | None
    in_force_from: date | None
    derived_from: tuple[str, ...] = ()
    became: tuple[str, ...] = ()


@dataclass(frozen=True)
class RevisionPlan:
    """One revision of one document.

    Raises `PlanRefused` where its parts are not of one document and one text, and `BadInput` where
    a date is for a unit to which nothing happens.
    """

    plan: CutPlan
    comparison: Comparison
    dates: Dates = NO_DATES

    def __post_init__(self) -> None:
        code = self.plan.document_code
        if self.comparison.old.document_code != code or self.comparison.new != version_of(
            self.plan
        ):
            raise PlanRefused(
                f"The comparison is not of this plan of {code} with what stands; compare again."
            )
        written = {step.address for step in self.steps}
        for address in self.dates.single:
            if address not in written:
                raise BadInput(
                    f"A date is given for {address}, and nothing happens to it; take it out."
                )

    @property
    def base_digest(self) -> str:
        """SHA-256 of what the revision starts from."""
        return self.comparison.old.base_digest

    @cached_property
    def revision_digest(self) -> str:
        """SHA-256 that pins base, new text, difference and dates: what approvals sign."""
        return records_sha256(
            [
                (
                    "iu-cutter revision 1",
                    self.base_digest,
                    self.plan.plan_digest,
                    self.comparison.digest,
                    self.dates.digest,
                )
            ]
        )

    @cached_property
    def steps(self) -> tuple[RevisionStep, ...]:
        """What is written: new and revised units in the order of the text, then what is repealed.

        Units that stand as they are have no step.
        """
        return (*self._written(), *self._repealed())

    @property
    def counts(self) -> Mapping[Act, int]:
        """How many addresses each act concerns; every act is there."""
        counted = Counter(step.act for step in self.steps)
        return {act: counted[act] for act in Act}

    @property
    def untouched(self) -> int:
        """How many units stand as they are."""
        return len(self.plan.rows) - sum(step.row is not None for step in self.steps)

    def _written(self) -> Iterator[RevisionStep]:
        standing = {unit.address: unit for unit in self.comparison.old.units}
        came_from = {
            unit.address: tuple(old.address for old in verdict.old)
            for verdict in self.comparison.verdicts
            for unit in verdict.new
        }
        for row in self.plan.rows:
            address = row.canonical_address
            unit = standing.get(address)
            origin = came_from[address]
            if unit is not None and _stands(unit, row) and origin == (address,):
                continue
            act = Act.CREATE if unit is None else Act.REVISE
            lineage = () if origin == (address,) else origin
            yield RevisionStep(act, address, row, self.dates.of(address), lineage)

    def _repealed(self) -> Iterator[RevisionStep]:
        left = {row.canonical_address for row in self.plan.rows}
        became = {
            unit.address: tuple(new.address for new in verdict.new)
            for verdict in self.comparison.verdicts
            for unit in verdict.old
        }
        for unit in self.comparison.old.units:
            address = unit.address
            if address not in left:
                yield RevisionStep(
                    Act.REPEAL, address, None, self.dates.of(address), became=became[address]
                )


def require_base(plan: RevisionPlan, standing: Version) -> None:
    """Refuse a revision whose base is not what stands now. Raises `PlanRefused`.

    To be asked while the writers lock is held: only then nothing can move between answer and write.
    """
    if standing.base_digest != plan.base_digest:
        raise PlanRefused(
            f"What stands of {plan.plan.document_code} has changed since this revision was planned "
            f"(base {plan.base_digest[:16]}, now {standing.base_digest[:16]}); plan it again, and "
            f"have it approved again. Nothing was written."
        )


def _stands(unit: VersionUnit, row: CutplanRow) -> bool:
    """Whether a unit stands exactly as the new text has it."""
    return (unit.title, unit.body, unit.unit_kind, unit.parent) == (
        row.title,
        row.body,
        row.unit_kind,
        row.parent_ref,
    )
