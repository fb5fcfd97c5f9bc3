"""The approval of a live revert, as a person gives it in a form or on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from adapters.approval_store import read_approvals
from domain.approvals import Gate, SignedApproval, parse_envelope
from domain.errors import BadInput
from flows.approval import WHERE


class RevertApproval(BaseModel):
    """Two signed approvals by two people, for exactly this revert, its effect and its database."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sg_3: str = Field(title="SG_3: the approval that authorises the revert", description=WHERE)
    sg_2: str = Field(title="SG_2: the approval that releases it for this run, by another person", description=WHERE)

    def signed(self) -> list[SignedApproval]:
        """Both, as they are judged. Raises `ApprovalRefused` for a text that is no approval."""
        return [parse_envelope(self.sg_3), parse_envelope(self.sg_2)]


def revert_approval_from(paths: Sequence[Path]) -> RevertApproval | None:
    """The approval in files, one for each gate; None without files. Raises `ApprovalRefused` or `BadInput`."""
    if not paths:
        return None
    found = {approval.statement.gate: approval.envelope() for approval in read_approvals(paths)}
    if set(found) != {Gate.SG_2, Gate.SG_3}:
        raise BadInput(f"Give one approval for SG_3 and one for SG_2; these are for {', '.join(sorted(found))}.")
    return RevertApproval(sg_3=found[Gate.SG_3], sg_2=found[Gate.SG_2])
