"""Approvals on disk: `state/approvals/CHANGE_SET/GATE.json`, where `cutter approve` puts them and a
live run looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from adapters.files import keep_bytes
from domain.approval.approvals import Gate, SignedApproval, parse_envelope
from domain.errors import BadInput


def keep_approval(state: Path, approval: SignedApproval) -> Path:
    """Keep a signed approval, replacing an older one for the same gate; the file's path.

    Raises `BadInput`.
    """
    statement = approval.statement
    path = _folder(state, statement.change_set_id) / f"{statement.gate}.json"
    keep_bytes(path, (approval.envelope() + "\n").encode())
    return path


def kept_approvals(state: Path, change_set_id: UUID) -> list[SignedApproval]:
    """The approvals that are kept for a change set, in the order of their gates.

    Raises what reading them raises.
    """
    paths = (_folder(state, change_set_id) / f"{gate}.json" for gate in Gate)
    return read_approvals([path for path in paths if path.exists()])


def read_approvals(paths: Sequence[Path]) -> list[SignedApproval]:
    """The approvals in files. Raises `BadInput` or `ApprovalRefused`."""
    found = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise BadInput(
                f"The approval {path} can not be read; sign it again with `cutter approve`."
            ) from None
        found.append(parse_envelope(text))
    return found


def _folder(state: Path, change_set_id: UUID) -> Path:
    return state / "approvals" / str(change_set_id)
