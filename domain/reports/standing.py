"""Where a change set stands, and what to do next."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.phases import EntryStatus, is_torn, missing_phases
from domain.plan.revert import escalation

_SUPERSEDED: Final = (
    "Nothing: another plan of this document took its place before anything was written, or an "
    "administrator ended it (`cutter db clear`)."
)


_DONE: Final[Mapping[tuple[str, bool], str]] = {
    (EntryStatus.ENACTED, False): "Done: verified and enacted.",
    (EntryStatus.ENACTED, True): "Done: verified, and the units of what it reverts are withdrawn.",
    (EntryStatus.SUPERSEDED, False): _SUPERSEDED,
    (EntryStatus.SUPERSEDED, True): _SUPERSEDED,
    (
        EntryStatus.REVERTED,
        False,
    ): "Reverted: its units are withdrawn. The same plan can be cut again with --attempt {next}.",
}
"""What to do about a change set that is at its end, by its status and whether it is a revert."""


@dataclass(frozen=True, slots=True)
class ChangeSetStatus:
    """One change set: what the ledger says, the phases on record, and what to do next."""

    change_set_id: uuid.UUID
    document_code: str
    status: str
    attempt: int
    plan_digest: str
    opened_by: str
    opened_at: datetime
    units: int | None
    reverts: uuid.UUID | None = None
    """What a revert reverts; None for a cut."""
    phases: tuple[str, ...] = ()

    @property
    def torn(self) -> bool:
        """True if units are written, or withdrawn, and the change set is not finished."""
        return is_torn(self.phases) and self.status not in (
            EntryStatus.REVERTED,
            EntryStatus.SUPERSEDED,
        )

    @property
    def ended(self) -> bool:
        """True if no run of this change set has anything left to do."""
        return (self.status, self.reverts is not None) in _DONE

    @property
    def next_step(self) -> str:
        """What to do, in one sentence."""
        done = _DONE.get((self.status, self.reverts is not None))
        if done is not None:
            return done.format(next=self.attempt + 1)
        missing = missing_phases(self.phases)[0]
        if self.reverts:
            begun = (
                f"Torn: its units are withdrawn and {missing} is missing"
                if self.torn
                else f"Unfinished: {missing} comes next"
            )
            return (
                f"{begun}. Finish it, approved by SG_3 and SG_2: `cutter revert {self.reverts} "
                f"--live`."
            )
        if self.torn:
            return (
                f"Torn: its units are written and {missing} is missing. "
                f"{escalation(self.change_set_id)}"
            )
        return f"Unfinished: {missing} comes next. Run the same cut again."
