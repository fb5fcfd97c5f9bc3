"""The plan of a run: what is to be cut, revised or withdrawn.

All kinds answer the same questions here.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import BadInput, PlanRefused
from domain.fields import fields_from
from domain.phases import Kind
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument
from domain.plan.effect import Block, planned_effect
from domain.plan.revert import RevertPlan, RevertUnit, StandingBlock, planned_revert_effect
from domain.reading.doubts import NO_ACCOUNT, Doubt, LineAccount
from domain.reading.marks import PlanWarning
from domain.revision.agreement import set_beside
from domain.revision.dates import Dates, parse_day, said
from domain.revision.editorial import TextDifference
from domain.revision.plan import RevisionPlan
from domain.revision.settled import Settled
from domain.revision.units import Version, VersionUnit, version_of
from domain.revision.verdicts import Change, Comparison
from domain.runs.revision_effect import planned_revision_effect
from domain.runs.revision_records import ActRecord, DateRecord, VerdictRecord

DocumentPlan = CutPlan | RevisionPlan
"""The plan of a run that writes the text of a document."""

RunPlan = CutPlan | RevisionPlan | RevertPlan
"""The plan of a run that leaves evidence."""


def kind_of(plan: RunPlan) -> Kind:
    """What a run of this plan is."""
    if isinstance(plan, RevertPlan):
        return Kind.REVERT
    return Kind.REVISION if isinstance(plan, RevisionPlan) else Kind.CUT


def blocks_of(plan: RunPlan) -> Sequence[Block]:
    """The units that the plan writes or withdraws, in its order."""
    if isinstance(plan, RevertPlan):
        return plan.units
    return plan.steps if isinstance(plan, RevisionPlan) else plan.rows


def manifest_of(plan: RunPlan) -> Sequence[Block]:
    """The units that the plan's manifest names: of a revision every unit of the new text."""
    return plan.manifest if isinstance(plan, RevertPlan) else plan.rows


def gaps_of(plan: RunPlan) -> Sequence[Gap]:
    """The gaps between the units of the manifest; the revert of a cut has none."""
    return plan.gaps


def doubts_of(plan: RunPlan) -> Sequence[Doubt]:
    """What makes the plan doubtful; a revert's never is."""
    return () if isinstance(plan, RevertPlan) else plan.doubts


def cut_plan_of(plan: DocumentPlan) -> CutPlan:
    """How the whole text is cut."""
    return plan.plan if isinstance(plan, RevisionPlan) else plan


def effect_of(plan: RunPlan) -> str:
    """The effect digest that the plan must have if it is carried out exactly."""
    if isinstance(plan, RevertPlan):
        return planned_revert_effect(plan)
    if isinstance(plan, RevisionPlan):
        return planned_revision_effect(plan)
    return planned_effect(plan)


def actions_of(plan: RunPlan) -> Sequence[str]:
    """What is done to each of its units, in its order, as the ledger's rows say it."""
    if isinstance(plan, RevisionPlan):
        return [step.action for step in plan.steps]
    if isinstance(plan, RevertPlan):
        return [unit.action for unit in plan.units]
    return ["created"] * len(plan.rows)


def changes_of(plan: RunPlan) -> tuple[str, ...]:
    """What a revision does to the units of both versions, in words: `3 changed`, `1 added`; to the
    text between them; and to the document as a whole: `owner changed from A to B`.
    """
    if not isinstance(plan, RevisionPlan):
        return ()
    counts = plan.comparison.counts.items()
    units = tuple(
        f"{max(both):,} {change}"
        for change, both in counts
        if change is not Change.SAME and any(both)
    )
    about = tuple(map(str, plan.about))
    outside = plan.comparison.outside
    if outside is not TextDifference.NONE:
        what = "layout" if outside is TextDifference.LAYOUT else "text"
        return (*units, f"{what} between the units changed", *about)
    said = (*units, *about)
    return said if said or not plan.changes_text else ("the order of the text changed",)


def publication_type_of(plan: RunPlan) -> str:
    """The publication type of a document that is written; of a revert none is named.

    By its units, which the database has too, so the verifier finds the same.
    """
    if isinstance(plan, RevertPlan):
        return ""
    named = {row.publication_type for row in plan.rows}
    return named.pop() if len(named) == 1 else ""


def revision_fields(plan: RunPlan) -> dict[str, Any]:
    """What is signed of a revision besides: its base, how many addresses each act concerns, and
    from when they are in force. Nothing for other kinds.
    """
    if not isinstance(plan, RevisionPlan):
        return {}
    days = Counter(said(step.in_force_from) for step in plan.steps)
    if not days:  # of the text between the units, which has a day as well
        days[said(plan.dates.all_from)] = 0
    return {
        "base_digest": plan.base_digest,
        "changes": tuple(f"{act} {count}" for act, count in plan.counts.items() if count),
        "dates": tuple(f"{day} {count}" for day, count in sorted(days.items())),
    }


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
class RevisionHead:
    """A revision's plan without the rows and gaps of its new text, which are kept as a cut's are.

    `base` is what stood, text and all. Verdicts name units by address. `settled` is what a person
    has said of them.
    """

    document: PlanHead
    base_name: str
    base: tuple[VersionUnit, ...]
    base_gaps: tuple[str, ...]
    taken: tuple[tuple[str, int], ...]
    verdicts: tuple[VerdictRecord, ...]
    settled: tuple[Settled, ...]
    in_force_from: str
    dates: tuple[DateRecord, ...] = ()
    act: ActRecord | None = None
    base_text: str = ""
    base_title: str = ""

    @classmethod
    def of(cls, plan: RevisionPlan) -> RevisionHead:
        """The head of a plan."""
        old, act = plan.comparison.old, plan.agreement
        return cls(
            document=PlanHead.of(plan.plan),
            base_name=old.name,
            base=old.units,
            base_gaps=old.gaps,
            taken=old.taken,
            verdicts=tuple(map(VerdictRecord.of, plan.comparison.verdicts)),
            settled=plan.comparison.settled,
            in_force_from=said(plan.dates.all_from),
            dates=tuple(DateRecord.of(*one) for one in sorted(plan.dates.single.items())),
            act=None if act is None else ActRecord(act.act, act.claims),
            base_text=old.text_sha256,
            base_title=old.title,
        )

    def plan(self, rows: Sequence[CutplanRow], gaps: Sequence[Gap]) -> RevisionPlan:
        """The whole plan again, otherwise not checked here.

        Raises ValueError where its parts do not fit together.
        """
        cut = self.document.plan(rows, gaps)
        try:
            old = Version(
                cut.document_code,
                self.base_name,
                self.base,
                self.base_gaps,
                self.taken,
                self.base_text,
                self.base_title,
            )
            new = version_of(cut)
            verdicts = tuple(one.verdict(old, new) for one in self.verdicts)
            comparison = Comparison(old, new, verdicts, self.settled)
            dates = Dates(
                parse_day(self.in_force_from, "in_force_from"),
                {one.address: one.unit_date() for one in self.dates},
            )
            act = self.act
            agreement = None if act is None else set_beside(act.act, act.claims, comparison)
            return RevisionPlan(cut, comparison, dates, agreement)
        except (BadInput, PlanRefused, LookupError) as error:
            raise ValueError(f"its parts do not fit together: {error}") from None


@dataclass(frozen=True, slots=True)
class RevertGap:
    """A gap of the text that stands once a revision is taken back."""

    start: int
    end: int
    text: str


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
    stands: tuple[StandingBlock, ...] = ()
    gaps: tuple[RevertGap, ...] = ()
    base_digest: str = ""

    @classmethod
    def of(cls, plan: RevertPlan) -> RevertHead:
        """The head of a plan."""
        gaps = tuple(RevertGap(*gap) for gap in plan.gaps)
        return cls(**fields_from(plan, cls) | {"gaps": gaps})

    def plan(self, units: Sequence[RevertUnit], gaps: Sequence[Gap]) -> RevertPlan:
        """The whole plan again, otherwise not checked here.

        Raises ValueError for gaps: a revert has none.
        """
        if gaps:
            raise ValueError("a revert has no gaps")
        own = tuple(Gap(gap.start, gap.end, gap.text) for gap in self.gaps)
        return RevertPlan(**fields_from(self, RevertHead) | {"gaps": own}, units=tuple(units))
