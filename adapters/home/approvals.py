"""Approvals on disk: `state/approvals/CHANGE_SET/GATE.json`, where `cutter approve` puts them and a
live run looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from adapters.files import keep_bytes
from domain.approval.approvals import Gate, SignedApproval, parse_envelope
from domain.approval.declines import SignedDecline, parse_decline
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


def keep_decline(state: Path, decline: SignedDecline) -> Path:
    """Keep a signed decline beside the approvals, one for each key; the file's path.

    Raises `BadInput`.
    """
    path = _declined(state, decline.statement.change_set_id, decline.key_id)
    keep_bytes(path, (decline.envelope() + "\n").encode())
    return path


def kept_declines(state: Path, change_set_id: UUID) -> list[SignedDecline]:
    """The declines that are kept for a change set and not taken back.

    Raises `ApprovalRefused` for one that can not be read.
    """
    found = sorted(_folder(state, change_set_id).glob("declined-*.json"))
    return [parse_decline(path.read_bytes().decode(errors="replace")) for path in found]


def take_back_decline(state: Path, change_set_id: UUID, key_id: str) -> bool:
    """Let a decline count no more, because who signed it approves now; True if there was one.

    It stays on file under another name.
    """
    path = _declined(state, change_set_id, key_id)
    if not path.exists():
        return False
    path.replace(path.with_suffix(".taken-back"))
    return True


def _declined(state: Path, change_set_id: UUID, key_id: str) -> Path:
    return _folder(state, change_set_id) / f"declined-{key_id[:16]}.json"


def _folder(state: Path, change_set_id: UUID) -> Path:
    return state / "approvals" / str(change_set_id)
