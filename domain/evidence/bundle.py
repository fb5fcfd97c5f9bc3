"""What a run leaves as evidence, and what verifying it answers.

The rules that are checked stand in `domain.evidence.rules`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BeforeValidator, PlainSerializer

from domain.approval import dsse
from domain.approval.approvals import ApproverKey, Gate
from domain.ledger.signed import AffectedRow, ChangeSetRecord, HistoryRow
from domain.phases import Kind, Phase
from domain.plan.revert import REVERTED
from domain.runs.run_plan import RunPlan

FORMAT: Final = "iu-cutter evidence 1"
PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.evidence+json"
FINISHED_STATUS: Final = "enacted"


def _bytes_from(value: object) -> object:
    return dsse.one_base64(value) if isinstance(value, str) else value


Base64 = Annotated[
    bytes, BeforeValidator(_bytes_from), PlainSerializer(lambda raw: base64.b64encode(raw).decode())
]
"""Bytes that are written as Base64, in its one spelling."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Which run this is, and how it ended.

    `stopped` is the error's own sentence, or None for a run that went through.
    """

    change_set_id: UUID
    kind: Kind
    mode: str
    document_code: str
    plan_digest: str
    target: str
    attempt: int
    actor: str
    run: int
    database_asked: bool
    stopped: str | None
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of a run, side by side. None where the run did not come that far."""

    plan: str
    source_text: str
    rows: str | None
    effect_planned: str
    effect_approved: str | None
    effect_enacted: str | None


@dataclass(frozen=True, slots=True)
class PhaseOnRecord:
    """One row of the phase journal. `result` is JSON: what the phase answered."""

    phase: str
    plan_digest: str
    result: Any
    actor: str
    principal: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeSetOnRecord:
    """The backlog entry of a change set and, from leg B on, the change set itself."""

    entry_id: UUID
    status: str
    record: ChangeSetRecord | None


@dataclass(frozen=True, slots=True)
class RowOnRecord:
    """A unit that the change set touched. Hashes are of the title and body as they are stored."""

    seq: int
    canonical_address: str
    unit_id: UUID
    version_id: UUID
    title_sha256: str
    body_sha256: str
    action: str

    @property
    def affected(self) -> AffectedRow:
        """The row as it enters what is signed."""
        return AffectedRow(
            self.seq,
            self.canonical_address,
            str(self.unit_id),
            str(self.version_id),
            self.title_sha256,
            self.body_sha256,
        )


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the signature pair: the key, the exact bytes that were signed, and the
    signature.
    """

    half: str
    principal: str
    key_id: str
    public_key: Base64
    payload: Base64
    payload_sha256: str
    signature: Base64
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Verification:
    """What the verifier has recorded."""

    verdict: str
    expected_units: int
    found_units: int
    source_sha256: str
    verified_by: str
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class KeyOnRecord:
    """A principal's registered key."""

    key_id: str
    principal: str
    public_key: Base64
    registered_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalOnRecord:
    """A signed approval: its DSSE envelope, and the approver's key as it is registered."""

    envelope: str
    person: str
    key_id: str
    public_key: Base64
    gates: tuple[Gate, ...]
    valid_from: datetime
    valid_until: datetime
    retired_at: datetime | None

    @property
    def key(self) -> ApproverKey:
        """The approver's key."""
        return ApproverKey(
            self.key_id,
            self.person,
            self.public_key,
            frozenset(self.gates),
            self.valid_from,
            self.valid_until,
            self.retired_at,
        )


@dataclass(frozen=True, slots=True)
class ReleaseOnRecord:
    """The place of a release at which a permit was opened, with the proof; `opened_at` is when the
    approvals of the release were accepted.
    """

    release_id: UUID
    root: str
    documents: int
    opened_at: datetime
    place: int
    leaf: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PermitOnRecord:
    """A permit of the change set, and the approvals that opened it: its own, or those of the
    release that it was opened by.

    A run that was torn may have had more than one.
    """

    permit_id: UUID
    kind: Kind
    submitter: str
    effect_digest: str
    opened_at: datetime
    execute_by: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    approvals: tuple[ApprovalOnRecord, ...]
    release: ReleaseOnRecord | None = None
    policy: ApprovalOnRecord | None = None
    """The policy that was in force when it was opened, and the key of who has signed it."""


@dataclass(frozen=True, slots=True)
class ChainHeadOnRecord:
    """The last row of the document's chain at that moment; `state/chain-heads.jsonl` has lines of
    the same form.
    """

    target: str
    document_code: str
    chain_no: int
    row_sha256: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a run's log. `facts` holds numbers and short words only."""

    at: datetime
    level: str
    source: str
    message: str
    facts: dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything on record about one change set at one moment; by default nothing is."""

    permits: tuple[PermitOnRecord, ...] = ()
    results: tuple[PhaseOnRecord, ...] = ()
    change_set: ChangeSetOnRecord | None = None
    rows: tuple[RowOnRecord, ...] = ()
    halves: tuple[Half, ...] = ()
    verification: Verification | None = None
    keys: tuple[KeyOnRecord, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    chain_head: ChainHeadOnRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Records):
    """Everything that a bundle holds, read and typed: the run, and what is on record about its
    change set.
    """

    run: RunFacts
    versions: dict[str, str]
    plan: RunPlan
    digests: Digests
    log: tuple[LogLine, ...]

    def result_of(self, phase: Phase) -> Any | None:
        """What a phase answered, as JSON, or None if it is not on record."""
        return next((row.result for row in self.results if row.phase == phase), None)

    def half(self, name: str) -> Half | None:
        """One half of the signature pair."""
        return next((half for half in self.halves if half.half == name), None)

    @property
    def stands(self) -> bool:
        """True if the run went all the way and nothing has taken it back."""
        return self.change_set is not None and self.change_set.status == FINISHED_STATUS

    @property
    def taken_back(self) -> HistoryRow | None:
        """The step by which a revert took back a run that had gone all the way, or None."""
        entry = self.change_set.entry_id if self.change_set else None
        last = next((row for row in reversed(self.history) if row.entry_id == entry), None)
        if last and (last.from_status, last.to_status) == (FINISHED_STATUS, REVERTED):
            return last
        return None

    @property
    def finished(self) -> bool:
        """True if the run went all the way, whatever has become of its units since."""
        return self.stands or self.taken_back is not None


class Outcome(StrEnum):
    """What one check found."""

    HOLDS = "holds"
    FAILS = "FAILS"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a bundle. `evidence` says what was compared, or what is wrong."""

    name: str
    outcome: Outcome
    evidence: str


class Verdict(StrEnum):
    """What a bundle is worth."""

    PROVED = "proved"
    UNFINISHED = "unfinished"
    BROKEN = "broken"

    @property
    def exit_status(self) -> int:
        """0 only for a bundle that proves a finished run; 1 for one that does not hold, 4 for an
        unfinished run.
        """
        return {Verdict.PROVED: 0, Verdict.UNFINISHED: 4, Verdict.BROKEN: 1}[self]


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """What verifying a bundle answers.

    `unpinned` are the keys that were taken from the bundle itself.
    """

    bundle: str
    change_set_id: str
    checks: tuple[Check, ...]
    unpinned: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """One failure breaks it; without one, anything absent leaves it unfinished.

        >>> EvidenceReport("", "", (), ()).verdict.value
        'broken'
        """
        outcomes = {check.outcome for check in self.checks}
        if not outcomes or Outcome.FAILS in outcomes:
            return Verdict.BROKEN
        return Verdict.UNFINISHED if Outcome.ABSENT in outcomes else Verdict.PROVED
