"""What somebody proposes to cut: a document with the options it is read with, under its code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import BadInput
from domain.phases import Kind
from domain.reading.options import ReadingOptions

SHORTEST_ID: Final = 8
"""As many characters of a change set's id name it; fewer could be the beginning of a code."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One cut of one document that people are asked to approve.

    Everything after the reading options was computed from them when it was proposed. A run computes
    it anew, so nothing here is relied on but what says which run is meant.
    """

    code: str
    title: str
    document: str
    reading: ReadingOptions
    attempt: int
    change_set_id: UUID
    plan_digest: str
    target: str
    units: int
    warnings: int
    proposed_by: str
    proposed_at: datetime
    accepted: tuple[str, ...] = ()  # codes of the plan's doubts
    withdrawn: str | None = None
    """Why it was taken back, and by whom; None while it stands."""
    kind: Kind = Kind.CUT
    changes: tuple[str, ...] = ()
    """What a revision does, each with how many addresses it concerns: `3 changed`."""
    publication_type: str = ""


class Stage(StrEnum):
    """How far a proposal is."""

    WAITING = "waiting"
    APPROVED = "approved"
    BEGUN = "begun"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


OPEN: Final = (Stage.WAITING, Stage.APPROVED, Stage.DECLINED, Stage.BEGUN)
"""What an inbox lists."""


@dataclass(frozen=True, slots=True)
class Given:
    """An approval on file: the gate, who gave it, and until when the run may begin."""

    gate: str
    approver: str
    approve_by: datetime


@dataclass(frozen=True, slots=True)
class ProposalStanding:
    """A proposal, the approvals on file that have not expired, and how far it is."""

    proposal: Proposal
    stage: Stage
    given: tuple[Given, ...] = ()
    missing: tuple[str, ...] = ()
    declined: str | None = None
    """Who has declined it and why; None if nobody has."""

    @property
    def next_step(self) -> str:
        """What comes next, in one sentence."""
        code = self.proposal.code
        match self.stage:
            case Stage.WAITING:
                return waits_for(self.missing, f"cutter approve {code} --key KEY")
            case Stage.APPROVED:
                return may_begin(self.given, f"cutter go {code}")
            case Stage.BEGUN:
                return f"Begun: `cutter go {code}` finishes it; `cutter status {code}` says more."
            case Stage.DONE:
                return f"Done. To take it back: `cutter revert {code}`."
            case Stage.DECLINED:
                return (
                    f"Declined by {self.declined}. Who declined can still approve, or the "
                    f"submitter withdraws it: `cutter withdraw {code} --reason WHY`."
                )
            case Stage.WITHDRAWN:
                return f"Withdrawn: {self.proposal.withdrawn}."


def waits_for(missing: Sequence[str], command: str) -> str:
    """What a run that lacks approvals waits for, and the command by which they are given."""
    return f"Waits for {' and '.join(missing)}: `{command}`."


def may_begin(given: Sequence[Given], command: str) -> str:
    """The command of an approved run, and until when it may begin."""
    return f"Approved: `{command}` until {first_end(given):%Y-%m-%d %H:%M} UTC."


def first_end(given: Iterable[Given]) -> datetime:
    """When the first of some approvals ends."""
    return min(one.approve_by for one in given)


def meant_by(name: str, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals that a person can mean by a document's code, a part of one, or the beginning of
    a change set's id.

    A whole code or a whole id means that one alone.
    """
    whole = [one for one in proposals if name in (one.code, str(one.change_set_id))]
    if whole:
        return whole
    by_id = len(name) >= SHORTEST_ID
    return [
        one
        for one in proposals
        if name in one.code or (by_id and str(one.change_set_id).startswith(name))
    ]


def require_one(name: str, proposals: Sequence[Proposal]) -> Proposal:
    """The one proposal that is meant.

    Raises `BadInput` if there is none, or more than one: it lists what the name could mean.
    """
    found = meant_by(name, proposals)
    if not found:
        raise BadInput(
            f"Nothing is proposed as {name}; `cutter propose FILE` proposes, and `cutter inbox` "
            f"lists."
        )
    if len(found) > 1:
        could_be = ", ".join(one.code for one in found)
        raise BadInput(f"{name} could mean {could_be}; name one of them whole.")
    return found[0]
