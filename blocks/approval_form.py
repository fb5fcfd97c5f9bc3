"""The approval of a live run, cut or revert, as a person gives it in a form or on a command
line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.approval.approvals import Gate, SignedApproval, parse_envelope
from domain.errors import ApprovalRefused

WHERE: Final = (
    "Leave it empty where the approval is kept in this home: `cutter approve` and the approvers' "
    "pages keep it there. Else paste the whole line that was signed elsewhere: it begins with "
    '{"payloadType" and ends with a brace.'
)


def _for_gate(gate: Gate, text: str) -> str:
    """The text, if it is an approval for this gate; empty if nothing was pasted.

    Raises ValueError, which the form shows beside the field.
    """
    if not text.strip():
        return ""
    try:
        found = parse_envelope(text).statement.gate
    except ApprovalRefused as refusal:
        raise ValueError(str(refusal)) from None
    if found is not gate:
        raise ValueError(f"This is an approval for {found}, and {gate} is asked for here.")
    return text


def _words_for(gate: Gate, what: str) -> Any:
    """Label and help of a form's field for one signed approval."""
    return Field(title=f"{gate}: the approval that {what}", description=WHERE)


_Sg1 = Annotated[
    str, AfterValidator(partial(_for_gate, Gate.SG_1)), _words_for(Gate.SG_1, "authorises the plan")
]
_Sg2 = Annotated[
    str,
    AfterValidator(partial(_for_gate, Gate.SG_2)),
    _words_for(Gate.SG_2, "releases it for this run, by another person"),
]
_Sg3 = Annotated[
    str,
    AfterValidator(partial(_for_gate, Gate.SG_3)),
    _words_for(Gate.SG_3, "authorises the revert"),
]


class TwoApprovals(BaseModel):
    """Signed approvals by two people, as far as they were pasted; the others are looked for in the
    home. Each field has the name of its gate.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def signed(self) -> list[SignedApproval]:
        """What was pasted, as it is judged."""
        pasted = (getattr(self, name) for name in type(self).model_fields)
        return [parse_envelope(text) for text in pasted if text]


class Approval(TwoApprovals):
    """Two signed approvals by two people, for exactly this document, plan, effect and database."""

    sg_1: _Sg1 = ""
    sg_2: _Sg2 = ""


class RevertApproval(TwoApprovals):
    """Two signed approvals by two people, for exactly this revert, its effect and its database."""

    sg_3: _Sg3 = ""
    sg_2: _Sg2 = ""


_FOR_A_CUT: Final[dict[str, Any]] = {
    "title": "Approval",
    "description": (
        "Two people's, for one change set and one run only. What is on record is found by itself."
    ),
}
_FOR_A_REVERT: Final = _FOR_A_CUT | {
    "description": "For LIVE: two people's. What is on record is found by itself."
}

ApprovalField = Annotated[Approval, Field(json_schema_extra=_FOR_A_CUT)]
"""An approval in a form, with a label and help."""
RevertApprovalField = Annotated[RevertApproval, Field(json_schema_extra=_FOR_A_REVERT)]
ON_RECORD: Final = Approval()
"""Nothing pasted: the approvals are those that the home keeps."""
REVERT_ON_RECORD: Final = RevertApproval()

Form = TypeVar("Form", bound=TwoApprovals)


def submitter_of(approvals: Sequence[SignedApproval]) -> str | None:
    """Who the approvers were asked by, or None without approvals."""
    return approvals[0].statement.submitter if approvals else None
