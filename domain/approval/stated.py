"""What all statements that approvers sign have in common, of one change set or of a release."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NoReturn, Protocol

from domain.errors import ApprovalRefused

SHA256: Final = re.compile(r"[0-9a-f]{64}")
NONCE: Final = re.compile(r"[0-9a-f]{32}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def refuse(why: str) -> NoReturn:
    """Raises `ApprovalRefused` with the reason in a sentence."""
    raise ApprovalRefused(f"Not approved: {why}. Nothing was written.") from None


def time_text(moment: datetime) -> str:
    """A time as it is signed: UTC, to the second."""
    return moment.astimezone(UTC).strftime(_TIME)


def time_from(text: str) -> datetime:
    """The time that was signed. Raises ValueError or TypeError for anything else."""
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


class Stated(Protocol):
    """What every statement of an approver says, whatever it is about."""

    @property
    def gate(self) -> StrEnum:
        """The gate that it is signed for."""
        ...

    @property
    def submitter(self) -> str:
        """Who starts the run."""
        ...

    @property
    def approver(self) -> str:
        """Who approves it."""
        ...

    @property
    def key_id(self) -> str:
        """The key that signs."""
        ...

    @property
    def nonce(self) -> str:
        """A number used once."""
        ...

    @property
    def approve_by(self) -> datetime:
        """Until when it may open a permit."""
        ...

    @property
    def execute_by(self) -> datetime:
        """Until when the run may commit."""
        ...


class Signed(Protocol):
    """A signed statement as it travels."""

    @property
    def key_id(self) -> str:
        """The key that has signed."""
        ...

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        ...

    @property
    def signature(self) -> bytes:
        """The signature."""
        ...
