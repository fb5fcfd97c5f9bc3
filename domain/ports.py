"""The ports: what the phases need from the outside world, and the errors that world may answer
with.

Whatever goes wrong behind a port arrives as an error of `domain.errors`.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from pydantic import SecretStr

from domain.change_set import CutContext
from domain.phases import Phase, Principal
from domain.results import (
    BackupResult,
    EnactBatchResult,
    IUCreateResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    VerifyResult,
    WithdrawBatchResult,
)
from domain.switch import SwitchReading

P = TypeVar("P")
P_contra = TypeVar("P_contra", contravariant=True)

EMBEDDED_MAJORS: Final = (16, 18)
"""The major versions of PostgreSQL that come along; production is 16."""


class KillSwitch(Protocol):
    """Where the kill-switch stands. Reading never raises: what can not be read reads as OFF."""

    def read(self) -> SwitchReading:
        """The switch as it stands now, read afresh."""
        ...


class PhaseExecutor(Protocol[P_contra]):
    """The phases of a change set, one method each, of the phase's own name.

    The simulator and the live adapters fulfil this contract, tested by one suite. Every method
    raises `PhaseStop` (or a child) if the phase ended without effect, and is idempotent for one
    change set: called again with the same plan it answers with the recorded result.
    """

    @property
    def replayed(self) -> frozenset[Phase]:
        """Phases that this executor answered from its record instead of running them."""
        ...

    def pre_write_backup(self, ctx: CutContext) -> BackupResult:
        """Back up the knowledge base, encrypted.

        Raises `BackupFailed`; nothing is written without a backup.
        """
        ...

    def mark(self, ctx: CutContext, plan: P_contra) -> MarkResult:
        """Open the backlog entry of this change set."""
        ...

    def review(self, ctx: CutContext, plan: P_contra) -> ReviewResult:
        """Record the manifest (every unit and every gap, in order) and the decision on it."""
        ...

    def cut_leg_a(
        self, ctx: CutContext, plan: P_contra
    ) -> Sequence[IUCreateResult] | WithdrawBatchResult:
        """Create or withdraw every unit, all or nothing, in plan order.

        One status other than success undoes all.
        """
        ...

    def leg_b_record(self, ctx: CutContext, plan: P_contra) -> LegBResult:
        """Record the change set, its affected rows and the executor's signature in the ledger."""
        ...

    def verify_result_count_for(self, change_set_id: uuid.UUID) -> int:
        """How many verify results the ledger holds for a change set: 0 or 1."""
        ...

    def write_verify(self, ctx: CutContext, plan: P_contra) -> VerifyResult:
        """As the second principal: recompute from the stored bodies, compare, sign.

        Raises `StopInvariantFailed`.
        """
        ...

    def lifecycle_enact(self, ctx: CutContext, plan: P_contra) -> EnactBatchResult:
        """Move every unit of a verified change set to where it belongs, all or nothing."""
        ...


class LiveExecutionAdapter(ABC, Generic[P]):
    """The real thing, for change sets whose plan is a `P`.

    Only what inherits from this may run LIVE; the simulator does not, so LIVE can not reach it.
    Construction never connects. Each method checks the kill-switch before it connects (lock 3).
    """

    @property
    @abstractmethod
    def replayed(self) -> frozenset[Phase]:
        """See `PhaseExecutor.replayed`."""

    @abstractmethod
    def pre_write_backup(self, ctx: CutContext) -> BackupResult:
        """See `PhaseExecutor.pre_write_backup`."""

    @abstractmethod
    def cut_leg_a(self, ctx: CutContext, plan: P) -> Sequence[IUCreateResult] | WithdrawBatchResult:
        """See `PhaseExecutor.cut_leg_a`."""

    @abstractmethod
    def leg_b_record(self, ctx: CutContext, plan: P) -> LegBResult:
        """See `PhaseExecutor.leg_b_record`."""

    @abstractmethod
    def verify_result_count_for(self, change_set_id: uuid.UUID) -> int:
        """See `PhaseExecutor.verify_result_count_for`."""

    @abstractmethod
    def write_verify(self, ctx: CutContext, plan: P) -> VerifyResult:
        """See `PhaseExecutor.write_verify`."""

    @abstractmethod
    def lifecycle_enact(self, ctx: CutContext, plan: P) -> EnactBatchResult:
        """See `PhaseExecutor.lifecycle_enact`."""


class GovernedRecord(ABC, Generic[P]):
    """The ledger's first two steps, which put on record what is about to be done and who decided
    it.
    """

    @abstractmethod
    def mark(self, ctx: CutContext, plan: P) -> MarkResult:
        """See `PhaseExecutor.mark`."""

    @abstractmethod
    def review(self, ctx: CutContext, plan: P) -> ReviewResult:
        """See `PhaseExecutor.review`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the knowledge base is reached, and how TLS is spoken with it, in libpq's words.

    `host` is a name, an address, or the folder of a socket; `connect_timeout` is in seconds;
    `sslcerts` is a folder with `USER.crt` and `USER.key` for each login that has a certificate.
    """

    host: str
    port: int
    database: str
    sslmode: str = "prefer"
    connect_timeout: int = 10
    sslrootcert: str | None = None
    sslcerts: str | None = None
    sslnegotiation: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login. The password never leaves its wrapper except into the driver's keyword."""

    user: str
    password: SecretStr


class CredentialsSource(Protocol):
    """Loads a principal's login as late as possible, in the process that connects."""

    def __call__(self, principal: Principal) -> Credentials:
        """The login of a principal. Raises `ConfigMissing` naming what is not there."""
        ...


class BackupRunner(Protocol):
    """Makes the encrypted backup that must exist before anything is written."""

    def run(self, ctx: CutContext) -> BackupResult:
        """Dump, compress, encrypt, check and rename into place.

        Raises `BackupFailed`, `ToolMissing` or `ConfigMissing`.
        """
        ...


class Signer(Protocol):
    """An Ed25519 key of one principal, for its half of the change set's signature pair."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw public key, hexadecimal: what the database registers the key under."""
        ...

    def sign(self, payload: bytes) -> bytes:
        """The 64-byte Ed25519 signature of a payload."""
        ...
