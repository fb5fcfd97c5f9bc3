"""What an upgrade of the database's schema would do, and what stands in its way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A change set that is not finished: where it stands, and whether it has written units."""

    change_set_id: UUID
    document_code: str
    kind: str
    status: str
    has_units: bool


@dataclass(frozen=True, slots=True)
class OpenPermit:
    """A permit that two people have opened and nobody has used or taken back."""

    change_set_id: UUID
    document_code: str
    execute_by: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One migration: `name` is its folder's, `what` its first sentence.

    `carries_unfinished` says that change sets which are not finished go on after it as they were,
    `carries_sites` that it leads on a database whose units are its own as well.
    """

    name: str
    what: str
    carries_unfinished: bool = False
    carries_sites: bool = False

    @property
    def version(self) -> int:
        """The version of the schema that it leads to.

        >>> Step("0002_schema_cutter", "").version
        2
        """
        return int(self.name.partition("_")[0])


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """From which version to which, by which steps; each obstacle is a sentence that says what to do
    first, each note one that is worth knowing.
    """

    installed: int
    wanted: int
    steps: Sequence[Step]
    obstacles: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def nothing_to_do(self) -> bool:
        """Whether the database has this program's version already."""
        return self.installed == self.wanted


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade has done: its plan, the rows that it found unchanged, and how long other
    sessions had to wait at most, in seconds.
    """

    plan: UpgradePlan
    tables: int = 0
    rows: int = 0
    seconds: float = field(default=0.0, compare=False)


def steps_between(steps: Iterable[Step], installed: int, wanted: int) -> tuple[Step, ...]:
    """The migrations that lead from one version to the other, in their order.

    >>> [s.name for s in steps_between([Step("0003_b", ""), Step("0002_a", "")], 1, 3)]
    ['0002_a', '0003_b']
    """
    return tuple(
        sorted(
            (step for step in steps if installed < step.version <= wanted),
            key=lambda step: step.version,
        )
    )


def unfinished_sentence(one: Unfinished, steps: Sequence[Step]) -> tuple[bool, str]:
    """Whether a change set that is not finished stands in the way, and a sentence about it.

    >>> torn = Unfinished(UUID(int=1), "law", "cut", "reviewed", True)
    >>> unfinished_sentence(torn, [Step("0002_a", "", carries_unfinished=True)])[0]
    False
    """
    what = f"The {one.kind} {one.change_set_id} of {one.document_code} stands at {one.status}"
    needs = [step.name for step in steps if not step.carries_unfinished]
    if not needs:
        return False, f"{what}; the upgrade carries it, and it goes on afterwards."
    how = (
        "finish it, or revert it with `cutter revert`,"
        if one.has_units
        else "finish it, or let another cut of the document supersede it,"
    )
    return True, f"{what}: {how} with the release that began it, before {needs[0]}."
