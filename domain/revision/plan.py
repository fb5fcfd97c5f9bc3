"""The plan of a revision: the whole new text, what stands, what differs, and from when.

Four digests go into its own: the base (every living unit with its version), the cut plan of the new
text, the comparison with all that a person has settled, and the dates; where the document gets
another title, that; and where the amending act is at hand, one of its claims. So approvals sign
what the revision starts from and what it does, and a base that has moved makes another plan of it.

What is written follows from the addresses alone, since a unit is an address for ever: a unit that
stands and differs is revised, one that does not stand is created, and one of which nothing is left
is repealed. An address that stands as repealed is revised too. The verdicts say where a text came
from; that is its lineage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

from domain.digests import records_sha256, text_sha256
from domain.errors import BadInput, PlanRefused, Refused
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap
from domain.plan.effect import ManifestBlock
from domain.reading.doubts import Doubt
from domain.revision.agreement import Agreement
from domain.revision.dates import NO_DATES, Dates
from domain.revision.doubtful import doubts_of_revision
from domain.revision.units import TITLE, AboutChange, about_changes, stands_as, version_of
from domain.revision.verdicts import Comparison


class Act(StrEnum):
    """What is done to one address."""

    CREATE = "create"
    REVISE = "revise"
    REPEAL = "repeal"


ACTIONS: Final[Mapping[Act, str]] = {
    Act.CREATE: "created",
    Act.REVISE: "revised",
    Act.REPEAL: "repealed",
}
"""What was done, as the ledger's rows say it."""


@dataclass(frozen=True, slots=True)
class RevisionStep:
    """What is written for one address.

    `seq` counts the steps from 1. `row` is the new unit, None for a repeal. `title` is the title
    that stands afterwards: a repealed unit keeps its own. `derived_from` are the addresses whose
    text became this one, where they are not its own alone; `became` are those that a repealed
    unit's text went to.
    """

    act: Act
    address: str
    row: CutplanRow | None
    in_force_from: date | None
    derived_from: tuple[str, ...] = ()
    became: tuple[str, ...] = ()
    title: str = ""
    seq: int = 0

    @property
    def canonical_address(self) -> str:
        """The address."""
        return self.address

    @property
    def action(self) -> str:
        """What the ledger's row says was done."""
        return ACTIONS[self.act]

    @property
    def body(self) -> str:
        """The text that stands afterwards; a repealed unit has none."""
        return self.row.body if self.row else ""

    @property
    def title_sha256(self) -> str:
        """SHA-256 of the title, hexadecimal."""
        return text_sha256(self.title)

    @property
    def body_sha256(self) -> str:
        """SHA-256 of the body, hexadecimal."""
        return text_sha256(self.body)

    @property
    def start(self) -> int:
        """Its first character in the new text; 0 for a repeal."""
        return self.row.start if self.row else 0

    @property
    def end(self) -> int:
        """One past its last character; 0 for a repeal."""
        return self.row.end if self.row else 0


@dataclass(frozen=True)
class RevisionPlan:
    """One revision of one document.

    `agreement` has the claims of the amending act, where it is at hand. Raises `PlanRefused` where
    the parts are not of one document and one text, and `BadInput` where a date is for a unit to
    which nothing happens.
    """

    plan: CutPlan
    comparison: Comparison
    dates: Dates = NO_DATES
    agreement: Agreement | None = None

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
    def document_code(self) -> str:
        """The document's code."""
        return self.plan.document_code

    @property
    def source_name(self) -> str:
        """What the new text was read from."""
        return self.plan.source_name

    @property
    def rows(self) -> tuple[CutplanRow, ...]:
        """Every unit of the new text, whether anything happens to it or not."""
        return self.plan.rows

    @cached_property
    def blocks(self) -> tuple[ManifestBlock, ...]:
        """Every unit of the new text as the manifest names it, hashed once: the comparison is of
        this very text, and has the hashes.
        """
        hashes = self.comparison.new.hashes
        return tuple(
            ManifestBlock(row.seq, row.canonical_address, row.start, row.end, *hashed)
            for row, hashed in zip(self.plan.rows, hashes, strict=True)
        )

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The stretches of the new text that belong to no unit."""
        return self.plan.gaps

    @property
    def text_sha256(self) -> str:
        """SHA-256 of the new text."""
        return self.plan.text_sha256

    @property
    def text_chars(self) -> int:
        """How many characters the new text has."""
        return self.plan.text_chars

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """What makes the cut of the new text doubtful, then what of the comparison nobody has
        settled, then where the amending act disagrees.
        """
        return (*self.plan.doubts, *doubts_of_revision(self.plan, self.comparison, self.agreement))

    @property
    def base_digest(self) -> str:
        """SHA-256 of what the revision starts from."""
        return self.comparison.old.base_digest

    @property
    def plan_digest(self) -> str:
        """The digest that the change set's id is made of, as a cut's: `revision_digest`."""
        return self.revision_digest

    @cached_property
    def revision_digest(self) -> str:
        """SHA-256 that pins base, new text, difference and dates: what approvals sign."""
        return digest_of_revision(self.base_digest, self.plan.plan_digest, self.beside)

    @property
    def beside(self) -> tuple[str, ...]:
        """The digests of what no table holds, but people have judged: comparison, dates with their
        sources, and the amending act's claims where they are at hand. Before those, another title:
        a table holds it, and nothing else of the plan says it.
        """
        act = () if self.agreement is None else (self.agreement.digest,)
        title = (self.retitled,) if self.retitled else ()
        return (self.comparison.digest, self.dates.digest, *title, *act)

    @cached_property
    def about(self) -> tuple[AboutChange, ...]:
        """What is otherwise of the document itself."""
        return tuple(about_changes(self.comparison.old, self.plan))

    @cached_property
    def retitled(self) -> str:
        """SHA-256 of the document's title where that becomes another one, else ""."""
        new = any(one.what == TITLE for one in self.about)
        return text_sha256(self.plan.document.title) if new else ""

    @cached_property
    def restates(self) -> bool:
        """Whether units get another publication type or owner."""
        return any(one.units for one in self.about)

    @cached_property
    def steps(self) -> tuple[RevisionStep, ...]:
        """What is written: new and revised units in the order of the text, then what is repealed.

        Units that stand as they are have no step; a revision of the text between them has none.
        """
        found = (*self._written(), *self._repealed())
        return tuple(replace(step, seq=seq) for seq, step in enumerate(found, 1))

    @property
    def counts(self) -> Mapping[Act, int]:
        """How many addresses each act concerns; every act is there."""
        counted = Counter(step.act for step in self.steps)
        return {act: counted[act] for act in Act}

    @property
    def changes_text(self) -> bool:
        """Whether anything stands otherwise afterwards. Without a step it is the title, the text
        between the units, or their order: the manifest has both of these.
        """
        old, new = self.comparison.old, self.comparison.new
        return bool(
            self.steps
            or self.retitled
            or old.digest != new.digest
            or old.text_sha256 not in ("", new.text_sha256)
        )

    @property
    def untouched(self) -> int:
        """How many units stand as they are."""
        return len(self.plan.rows) - sum(step.row is not None for step in self.steps)

    def _written(self) -> Iterator[RevisionStep]:
        standing = {unit.address: unit for unit in self.comparison.old.units}
        taken = {address for address, _ in self.comparison.old.taken}
        came_from = {
            unit.address: tuple(old.address for old in verdict.old)
            for verdict in self.comparison.verdicts
            for unit in verdict.new
        }
        for row in self.plan.rows:
            address = row.canonical_address
            unit = standing.get(address)
            origin = came_from[address]
            if unit is not None and stands_as(unit, row) and origin == (address,):
                continue
            act = Act.REVISE if unit is not None or address in taken else Act.CREATE
            lineage = () if origin == (address,) else origin
            yield RevisionStep(act, address, row, self.dates.of(address), lineage, title=row.title)

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
                    Act.REPEAL,
                    address,
                    None,
                    self.dates.of(address),
                    became=became[address],
                    title=unit.title,
                )


def digest_of_revision(base_digest: str, plan_digest: str, beside: Iterable[str]) -> str:
    """SHA-256 over the digests that pin a revision; `beside` as `RevisionPlan.beside`."""
    return records_sha256([("iu-cutter revision 1", base_digest, plan_digest, *beside)])


def require_something_to_revise(plan: RevisionPlan) -> None:
    """Raises `Refused` for a revision after which the very text stands that stands already."""
    if plan.changes_text:
        return
    raise Refused(
        f"Nothing to revise: {plan.source_name} stands in the knowledge base as it is, all "
        f"{len(plan.rows):,} units of {plan.document_code} and the text between them. Nothing was "
        f"written."
    )


def require_base(plan: RevisionPlan, standing_digest: str) -> None:
    """Refuse a revision whose base is not what stands now, whose digest this is. Raises
    `PlanRefused`.

    To be asked while the writers lock is held: only then nothing can move between answer and write.
    """
    if standing_digest != plan.base_digest:
        raise PlanRefused(
            f"What stands of {plan.plan.document_code} has changed since this revision was planned "
            f"(base {plan.base_digest[:16]}, now {standing_digest[:16]}); plan it again, and "
            f"have it approved again. Nothing was written."
        )
