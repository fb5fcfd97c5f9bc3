"""The approvals that a command was given in files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.home.approvals import read_approvals
from blocks.approval_form import Form
from domain.errors import BadInput


def approval_from(paths: Sequence[Path], form: type[Form]) -> Form | None:
    """The approval in files, one for each gate of a form; None without files.

    Raises `ApprovalRefused` or `BadInput`.
    """
    if not paths:
        return None
    found = {
        approval.statement.gate.lower(): approval.envelope() for approval in read_approvals(paths)
    }
    if set(found) != set(form.model_fields):
        wanted = " and one for ".join(name.upper() for name in form.model_fields)
        raise BadInput(
            f"Give one approval for {wanted}; these are for {', '.join(sorted(found)).upper()}."
        )
    return form(**found)
