"""The approval of a live run, as a person gives it in a form or on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from adapters.approval_store import kept_approvals, read_approvals
from blocks.settings import load_settings
from domain.approvals import ApprovalRefused, Gate, SignedApproval, parse_envelope
from domain.errors import BadInput
from domain.phases import CutContext

WHERE: Final = 'Paste the whole line that `cutter approve` printed: it begins with {"payloadType" and ends with a brace.'


def _for_gate(gate: Gate, text: str) -> str:
    """The text, if it is an approval for this gate. Raises ValueError, which the form shows beside the field."""
    try:
        found = parse_envelope(text).statement.gate
    except ApprovalRefused as refusal:
        raise ValueError(str(refusal)) from None
    if found is not gate:
        raise ValueError(f"This is an approval for {found}, and {gate} is asked for here.")
    return text


class Approval(BaseModel):
    """Two signed approvals by two people, for exactly this document, plan, effect and database."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sg_1: Annotated[str, AfterValidator(lambda text: _for_gate(Gate.SG_1, text))] = Field(
        title="SG_1: the approval that authorises the plan", description=WHERE
    )
    sg_2: Annotated[str, AfterValidator(lambda text: _for_gate(Gate.SG_2, text))] = Field(
        title="SG_2: the approval that releases it for this run, by another person", description=WHERE
    )

    def signed(self) -> list[SignedApproval]:
        """Both, as they are judged."""
        return [parse_envelope(self.sg_1), parse_envelope(self.sg_2)]


_WORDS: Final[dict[str, Any]] = {
    "title": "Approval",
    "description": "What `cutter approve` printed for two people. It is for one change set and one run only.",
}

ApprovalField = Annotated[Approval, Field(json_schema_extra=_WORDS)]
"""An approval in a form, with a label and help."""
OptionalApprovalField = Annotated[Approval | None, Field(json_schema_extra=_WORDS)]
"""The same where a dry run needs none."""


def approval_from(paths: Sequence[Path]) -> Approval | None:
    """The approval in files, one for each gate; None without files. Raises `ApprovalRefused` or `BadInput`."""
    if not paths:
        return None
    found = {approval.statement.gate: approval.envelope() for approval in read_approvals(paths)}
    if set(found) != {Gate.SG_1, Gate.SG_2}:
        raise BadInput(f"Give one approval for SG_1 and one for SG_2; these are for {', '.join(sorted(found))}.")
    return Approval(sg_1=found[Gate.SG_1], sg_2=found[Gate.SG_2])


def submitter_of(approvals: Sequence[SignedApproval]) -> str | None:
    """Who the approvers were asked by, or None without approvals."""
    return approvals[0].statement.submitter if approvals else None


def approvals_for(ctx: CutContext, given: Sequence[SignedApproval]) -> list[SignedApproval]:
    """What was given with the run, else what `cutter approve` has kept in this home for the change set."""
    return list(given) or kept_approvals(load_settings().state, ctx.change_set_id)
