"""How far a release is, document by document, and how long the rest will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Step(StrEnum):
    """How far one change set of a release is. What is on record in the ledger comes first."""

    DONE = "done"
    RUNNING = "running"
    FAILED = "failed"
    REFUSED = "refused"
    BEGUN = "begun"
    REVERTED = "reverted"
    APPROVED = "approved"
    WAITING = "waiting"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


LEFT = frozenset({Step.RUNNING, Step.BEGUN, Step.APPROVED, Step.WAITING})
"""What the workers of a release still come to."""
ENDED_BADLY = frozenset({Step.FAILED, Step.REFUSED})


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """One document: how far it is, why it stopped, and in how many seconds it should be done; None
    where nobody can say.
    """

    code: str
    change_set_id: UUID
    units: int
    step: Step
    reason: str
    torn: bool = False
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class ReleaseOutcome:
    """A release, and each of its documents in its order."""

    release_id: UUID
    root: str
    target: str
    documents: tuple[DocumentOutcome, ...]

    @property
    def steps(self) -> Counter[Step]:
        """How many documents are how far."""
        return Counter(one.step for one in self.documents)

    @property
    def all_done(self) -> bool:
        """Whether every document is done."""
        return self.steps[Step.DONE] == len(self.documents)

    @property
    def torn(self) -> bool:
        """Whether a document is half written."""
        return any(one.torn for one in self.documents)

    @property
    def seconds_left(self) -> float | None:
        """In how many seconds the last one should be done; None where nobody can say."""
        left = [one.seconds_left for one in self.documents if one.seconds_left is not None]
        return max(left, default=None)


def seconds_left(
    units: Sequence[int], steps: Sequence[Step], elapsed: float | None
) -> list[float | None]:
    """In how many seconds each document should be done, if those that are left take as long a unit
    as those that are done; None for the others, or where nobody works.

    >>> seconds_left([10, 10, 20], [Step.DONE, Step.RUNNING, Step.WAITING], 5.0)
    [None, 5.0, 15.0]
    >>> seconds_left([10, 10], [Step.WAITING, Step.WAITING], 5.0)
    [None, None]
    """
    done = sum(count for count, step in zip(units, steps, strict=True) if step is Step.DONE)
    if elapsed is None or not done or Step.RUNNING not in steps:
        return [None] * len(units)
    ahead, found = 0, list[float | None]()
    for count, step in zip(units, steps, strict=True):
        ahead += count if step in LEFT else 0
        found.append(ahead * elapsed / done if step in LEFT else None)
    return found
