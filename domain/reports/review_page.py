"""What an approver is shown before signing: the plan, what it would be signed as, and what is known
of it so far.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from domain.change_set import SIMULATED_TARGET, CutContext
from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan
from domain.reading.doubts import DOUBTS
from domain.reading.hidden_characters import HiddenCharacter, hidden_in
from domain.revision.plan import RevisionPlan
from domain.revision.verdicts import Comparison as VersionComparison
from domain.runs.run_plan import DocumentPlan, blocks_of, effect_of


@dataclass(frozen=True, slots=True)
class PhaseOnRecord:
    """One phase of a run that is kept: what it counted and how many seconds it took."""

    phase: str
    count: int
    counted: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunOnRecord:
    """A dry run or a rehearsal that went through, as it was kept."""

    change_set_id: uuid.UUID
    plan_digest: str
    effect_digest: str
    target: str
    units: int
    finished_at: datetime
    phases: tuple[PhaseOnRecord, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plan beside what the knowledge base holds.

    Without a `diff`, `why_not` says in one sentence why there is none.
    """

    diff: VersionComparison | None = None
    why_not: str = ""
    catalog_digest: str | None = None

    @property
    def on_record(self) -> int:
        """How many living units of the document the knowledge base holds."""
        return len(self.diff.old.units) if self.diff else 0


NO_DATABASE: Final = Comparison(why_not="no database. None is registered as the target.")


@dataclass(frozen=True)
class Review:
    """One plan as one change set would write it.

    `plan` is how the text is cut; `revision` the plan that it is a part of, where what stands is
    revised. `made_at` is UTC. Raises `BadInput` if the context is of another plan.
    """

    plan: CutPlan
    ctx: CutContext
    comparison: Comparison
    made_at: datetime
    backup_key: str | None = None
    dry_run: RunOnRecord | None = None
    rehearsal: RunOnRecord | None = None
    revision: RevisionPlan | None = None

    def __post_init__(self) -> None:
        whole = self.whole
        if (self.ctx.document_code, self.ctx.plan_digest) != (
            whole.document_code,
            whole.plan_digest,
        ):
            raise BadInput(
                f"Change set {self.ctx.change_set_id} is not of this plan of "
                f"{self.plan.document_code}; plan it again."
            )

    @property
    def whole(self) -> DocumentPlan:
        """The plan that is signed."""
        return self.revision or self.plan

    @property
    def units(self) -> int:
        """How many units are written."""
        return len(blocks_of(self.whole))

    @cached_property
    def effect_digest(self) -> str:
        """The digest of what the tables will hold if the plan is carried out exactly."""
        return effect_of(self.whole)

    @property
    def simulated(self) -> bool:
        """Whether no target is registered, so that these are not the values of a live run."""
        return self.ctx.target == SIMULATED_TARGET

    @cached_property
    def text(self) -> str:
        """The source text, rebuilt from rows and gaps."""
        parts = sorted(
            [(r.start, r.end, r.body) for r in self.plan.rows]
            + [(g.start, g.end, g.text) for g in self.plan.gaps]
        )
        return "".join(part for *_, part in parts)

    @cached_property
    def hidden(self) -> tuple[HiddenCharacter, ...]:
        """The characters of the source text that do not show."""
        return hidden_in(self.text)

    @cached_property
    def alerts(self) -> tuple[str, ...]:
        """What an approver has to know before anything else, a sentence each; none if there is
        nothing.
        """
        return tuple(self._alerts())

    def _alerts(self) -> Iterator[str]:
        doubts = self.whole.doubts
        counts = Counter(doubt.code for doubt in doubts)
        for code, count in sorted(counts.items()):
            first = next(doubt.line for doubt in doubts if doubt.code == code)
            yield (
                f"Doubt `{code}`: {DOUBTS.get(code, code)} ({count:,}, the first in line "
                f"{first:,}). This plan is neither rehearsed nor cut without "
                f"`--accept-doubt {code}`, and who signs accepts it: look at every place first."
            )
        if self.simulated:
            yield (
                "No target database is registered, so change set and target are the "
                "simulator's and can not be signed for a "
                "live run. Register it with `cutter doctor --register` and make this page again."
            )
        for name, run in (("dry run", self.dry_run), ("rehearsal", self.rehearsal)):
            if run and (other := self.mismatches(run)):
                yield (
                    f"The {name} on record was of something else: not this page's "
                    f"{', not its '.join(other)}. "
                    f"Do not sign on its result; make the {name} again."
                )
        if reordering := sum(hidden.count for hidden in self.hidden if hidden.reorders):
            yield (
                f"The text holds {reordering:,} characters that change the order in which "
                f"others show. "
                "This page shows them as marks and in the order in which they are stored; "
                "other programs may show another text."
            )

    def mismatches(self, run: RunOnRecord) -> tuple[str, ...]:
        """What in a run on record is not this review's: names of values, none if all agree."""
        pairs = {
            "plan digest": (run.plan_digest, self.ctx.plan_digest),
            "effect digest": (run.effect_digest, self.effect_digest),
            "change set": (run.change_set_id, self.ctx.change_set_id),
            "target": (run.target, str(self.ctx.target)),
            "number of units": (run.units, self.units),
        }
        return tuple(name for name, (its, ours) in pairs.items() if its != ours)


def run_on_record(found: Any, name: str) -> RunOnRecord:
    """A run as it was kept in JSON; `name` is how the refusal calls it.

    Raises `BadInput` if something is missing or odd.

    >>> run_on_record({}, "dry-run.json")
    Traceback (most recent call last):
    domain.errors.BadInput: dry-run.json is not what a run leaves behind; remove it and run again.
    """
    try:
        return RunOnRecord(
            change_set_id=uuid.UUID(found["change_set_id"]),
            plan_digest=str(found["plan_digest"]),
            effect_digest=str(found["effect_digest"]),
            target=str(found["target"]),
            units=int(found["units"]),
            finished_at=datetime.fromisoformat(found["finished_at"]),
            phases=tuple(
                PhaseOnRecord(
                    str(p["phase"]), int(p["count"]), str(p["counted"]), float(p["seconds"])
                )
                for p in found["phases"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(
            f"{name} is not what a run leaves behind; remove it and run again."
        ) from None
