"""What somebody with SG_3 has signed for this home, one statement a file: accepted changes outside
(`state/adopted`), and documents that may be cut from Prefect's UI (`state/targets`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes
from adapters.keys.approvers import ApproverSigner
from domain.approval.adopted import PAYLOAD_TYPE
from domain.approval.dsse import Envelope, parse_envelope
from domain.errors import ConfigMismatch

FOLDER: Final = "adopted"
TARGETS: Final = "targets"


def keep_changes(
    state: Path, signer: ApproverSigner, statement: dict[str, object], at: datetime
) -> Path:
    """Sign an acceptance of changes and keep it; its file.

    Raises `BadInput` if it can not be written.
    """
    return keep_signed(state / FOLDER, signer.envelope(PAYLOAD_TYPE, statement), at)


def kept_changes(state: Path) -> list[Envelope]:
    """Every acceptance of changes that was kept, oldest first.

    Raises `ConfigMismatch` naming a file that is none.
    """
    return kept_signed(state / FOLDER)


def keep_signed(folder: Path, envelope: Envelope, at: datetime) -> Path:
    """Keep a signed statement; its file. Raises `BadInput` if it can not be written."""
    kept = folder / f"{at:%Y%m%dT%H%M%S%f}.json"
    keep_bytes(kept, f"{envelope.text()}\n".encode())
    return kept


def kept_signed(folder: Path) -> list[Envelope]:
    """Every signed statement of a folder, oldest first.

    Raises `ConfigMismatch` naming a file that is none.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(parse_envelope(path.read_text(encoding="utf-8").strip()))
        except (OSError, ValueError):
            raise ConfigMismatch(
                f"{path} can not be read as a signed statement; bring it back from a copy."
            ) from None
    return found
