"""What each phase answers: frozen, the same types from the simulator and from the live adapter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.phases import Lifecycle


@dataclass(frozen=True, slots=True)
class BackupResult:
    """An encrypted dump on disk.

    Sizes in bytes. `made` is False for the simulator, which makes none.

    `manifest_sha256` pins the manifest beside it: on record in the journal, neither can be swapped.
    """

    path: str
    size: int
    sha256: str
    key_fingerprint: str
    finished_at: datetime
    server_version: str
    made: bool = True
    manifest_sha256: str = ""

    @property
    def count(self) -> int:
        """Bytes."""
        return self.size


@dataclass(frozen=True, slots=True)
class MarkResult:
    """The backlog entry that MARK opened for the change set."""

    entry_id: uuid.UUID
    units: int
    warnings: int

    @property
    def count(self) -> int:
        """Units."""
        return self.units


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """The manifest that REVIEW recorded, and the decision on it."""

    entry_id: uuid.UUID
    envelope_id: uuid.UUID
    decision_id: uuid.UUID
    unit_blocks: int
    gap_blocks: int

    @property
    def count(self) -> int:
        """Blocks, of units and of gaps."""
        return self.unit_blocks + self.gap_blocks


class IUCreateResult(NamedTuple):
    """One answer of `fn_iu_create`; only the status `created` is success.

    A tuple, because there may be a hundred thousand.
    """

    canonical_address: str
    status: str
    unit_id: uuid.UUID
    version_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class LegBResult:
    """The change set as the ledger now holds it.

    `executor_signature` is base64 Ed25519 over the canonical bytes.
    """

    change_set_id: uuid.UUID
    entry_id: uuid.UUID
    affected_rows: int
    payload_sha256: str
    executor_signature: str
    status: str

    @property
    def count(self) -> int:
        """Rows of the change set."""
        return self.affected_rows


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What the verifier found by itself, from the database alone."""

    change_set_id: uuid.UUID
    expected_units: int
    found_units: int
    source_sha256: str
    verifier_signature: str
    status: str

    @property
    def count(self) -> int:
        """Units that were found equal."""
        return self.found_units


@dataclass(frozen=True, slots=True)
class EnactBatchResult:
    """How many units moved from draft to enacted, and the digest over all that the tables then held
    (`domain.plan.effect`).
    """

    change_set_id: uuid.UUID
    enacted: int
    lifecycle: str
    effect_digest: str = ""

    @property
    def count(self) -> int:
        """Units."""
        return self.enacted

    @property
    def done(self) -> str:
        """What was done to them."""
        return self.lifecycle


@dataclass(frozen=True, slots=True)
class WithdrawBatchResult:
    """How many units a revert has withdrawn."""

    change_set_id: uuid.UUID
    withdrawn: int

    @property
    def count(self) -> int:
        """Units."""
        return self.withdrawn

    @property
    def done(self) -> str:
        """What was done to them."""
        return Lifecycle.WITHDRAWN.value


@dataclass(frozen=True, slots=True)
class UnitsCreated:
    """Leg A's answer in short: a hundred thousand rows need not travel through the orchestrator."""

    units: int
    done: str = "created"
    """What was done to them."""

    @property
    def count(self) -> int:
        """Units."""
        return self.units


PhaseAnswer = (
    BackupResult
    | MarkResult
    | ReviewResult
    | UnitsCreated
    | LegBResult
    | VerifyResult
    | EnactBatchResult
    | WithdrawBatchResult
)
"""What a phase answers, without its rows. Each counts something; `PhaseSpec.counted` says what."""
