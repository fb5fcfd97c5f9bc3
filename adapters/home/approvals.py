"""Approvals on disk: `state/approvals/CHANGE_SET/GATE.json`, where `cutter approve` puts them and a
live run looks; where a policy asks for more than one for a gate, `GATE-KEY.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from adapters.files import keep_bytes
from domain.approval.approvals import Gate, SignedApproval, parse_envelope
from domain.approval.declines import SignedDecline, parse_decline
from domain.errors import ApprovalRefused, BadInput


def keep_approval(state: Path, approval: SignedApproval, *, beside: bool = False) -> Path:
    """Keep a signed approval; the file's path. It replaces an older one for the same gate, or
    stands `beside` those of other keys, where a policy asks for more.

    Raises `BadInput`.
    """
    statement = approval.statement
    name = f"{statement.gate}-{approval.key_id[:16]}" if beside else f"{statement.gate}"
    path = _folder(state, statement.change_set_id) / f"{name}.json"
    keep_bytes(path, (approval.envelope() + "\n").encode())
    if beside:  # of each key the last one counts, for whichever gate
        for other in _of_key(state, statement.change_set_id, approval.key_id):
            if other != path:
                other.unlink()
    return path


def kept_approvals(state: Path, change_set_id: UUID) -> list[SignedApproval]:
    """The approvals that are kept for a change set, in the order of their gates.

    Raises what reading them raises.
    """
    return read_approvals(_paths(state, change_set_id))


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

    What the same key has approved of the change set is withdrawn with it: it stays on file, and
    does not count again when the decline is taken back. Raises `BadInput`.
    """
    change_set_id = decline.statement.change_set_id
    path = _declined(state, change_set_id, decline.key_id)
    keep_bytes(path, (decline.envelope() + "\n").encode())
    for kept in _of_key(state, change_set_id, decline.key_id):
        (approval,) = read_approvals([kept])
        kept.replace(_withdrawn(state, approval))
    return path


def require_standing(state: Path, approvals: Sequence[SignedApproval]) -> None:
    """Raises `ApprovalRefused` if who signed one of these approvals has withdrawn it since."""
    for approval in approvals:
        if _withdrawn(state, approval).exists():
            said = approval.statement
            raise ApprovalRefused(
                f"Not approved: {said.approver} has withdrawn this approval for {said.gate}; "
                f"{said.approver} has to sign anew. Nothing was written."
            )


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


def _paths(state: Path, change_set_id: UUID) -> list[Path]:
    folder = _folder(state, change_set_id)
    return [path for gate in Gate for path in sorted(folder.glob(f"{gate}*.json"))]


def _of_key(state: Path, change_set_id: UUID, key_id: str) -> list[Path]:
    """What a key has approved. What can not be read counts for nothing."""
    found = []
    for path in _paths(state, change_set_id):
        with suppress(BadInput, ApprovalRefused):
            (approval,) = read_approvals([path])
            if approval.key_id == key_id:
                found.append(path)
    return found


def _withdrawn(state: Path, approval: SignedApproval) -> Path:
    said = approval.statement
    return _folder(state, said.change_set_id) / f"withdrawn-{said.nonce}.json"


def _folder(state: Path, change_set_id: UUID) -> Path:
    return state / "approvals" / str(change_set_id)
