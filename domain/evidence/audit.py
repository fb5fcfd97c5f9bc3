"""What an audit finds: whether the knowledge base still is what its ledger says, and the ledger
what was signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from domain.approval.approvals import Effect, SignatureCheck
from domain.errors import ApprovalRefused
from domain.evidence.bundle import (
    ChangeSetOnRecord,
    Half,
    KeyOnRecord,
    PermitOnRecord,
    RowOnRecord,
    Verification,
)
from domain.evidence.case import names_itself, registered
from domain.evidence.permits import judge_permit, signed_besides
from domain.ledger.signed import ChangeSetRecord, rows_sha256
from domain.phases import Phase, Principal
from domain.plan.revert import REVERTED

WRITTEN: Final = frozenset({"cut_applied", "verified_complete", "enacted"})
VERIFIED: Final = frozenset({"verified_complete", "enacted"})
FINISHED: Final = frozenset({"enacted"})
HALVES: Final[Mapping[str, Principal]] = {"executor": Principal.EXEC, "verifier": Principal.VERIFY}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    `rule` names what was compared, `subject` a document, change set or unit.
    """

    rule: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """One audit: what was looked at, the principals' keys in force by their ids, and what was
    found.
    """

    target: str
    chains: int
    links: int
    heads_on_file: int
    change_sets: int
    units: int
    keys: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]

    @property
    def exit_status(self) -> int:
        """0 if nothing was found, else 4.

        >>> AuditReport("", 0, 0, 0, 0, 0, {}, ()).exit_status
        0
        """
        return 4 if self.findings else 0


@dataclass(frozen=True, slots=True)
class RevertFound:
    """An enacted revert of a change set.

    `units_sha256` is of what it withdrew, in the form that a cut's leg A answers with.
    """

    change_set_id: UUID
    units_sha256: str


@dataclass(frozen=True, slots=True)
class AuditedChangeSet:
    """Everything that the database holds about one change set, and what it computes anew.

    `stood` is its status, or of what is reverted the one that it had before: it is audited as that.
    `units_written` is the digest that leg A of a cut has left in the journal.
    """

    change_set_id: UUID
    document_code: str
    plan_digest: str
    attempt: int
    found: ChangeSetOnRecord
    last_step: str | None
    stood: str
    rows: tuple[RowOnRecord, ...]
    halves: tuple[Half, ...]
    verification: Verification | None
    permits: tuple[PermitOnRecord, ...]
    phases: frozenset[str]
    effect_recorded: str | None
    effect_now: str | None
    units_written: str | None
    reverts: tuple[RevertFound, ...]
    computed_id: UUID | None
    """The id that the record's own target, document, plan and attempt make; None without a record.
    """
    cleared: bool = False
    """An administrator ended it and took its drafts away: nothing that it wrote is, or was, law."""

    def finding(self, rule: str, message: str) -> Finding:
        """A finding about this change set."""
        return Finding(
            rule,
            str(self.change_set_id),
            f"Change set {self.change_set_id} of {self.document_code} {message}.",
        )


def audit_change_set(
    one: AuditedChangeSet, keys: tuple[KeyOnRecord, ...], signature_is_valid: SignatureCheck
) -> Iterator[Finding]:
    """Everything that is wrong with one change set, as far as its own rows tell."""
    status, record = one.stood, one.found.record
    if one.last_step != one.found.status:
        yield one.finding(
            "status", f"stands at {one.found.status}, and its history ends at {one.last_step}"
        )
    if one.cleared:
        return
    yield from _reverted(one)
    yield from _journal(one)
    if record is None:
        if status in WRITTEN:
            yield one.finding(
                "record", f"stands at {status}, and the change set itself is not on record"
            )
        return
    yield from _record(one, record)
    yield from _signatures(one, keys, signature_is_valid)
    if status in VERIFIED:
        yield from _verification(one, record)
    if status in FINISHED:
        yield from _effect(one)
        yield from _approvals(one, record, signature_is_valid)


def _reverted(one: AuditedChangeSet) -> Iterator[Finding]:
    """What is reverted was withdrawn by exactly one enacted revert, unit for unit; what is not, by
    none.
    """
    if one.found.status != REVERTED:
        if one.reverts:
            yield one.finding(
                "revert",
                f"stands at {one.found.status}, and {one.reverts[0].change_set_id} has reverted it",
            )
        return
    if len(one.reverts) != 1:
        yield one.finding(
            "revert", f"is reverted, and {len(one.reverts)} enacted reverts rest on it"
        )
    elif one.reverts[0].units_sha256 != one.units_written:
        yield one.finding(
            "revert",
            f"has written other units than its revert {one.reverts[0].change_set_id} has withdrawn",
        )


def _journal(one: AuditedChangeSet) -> Iterator[Finding]:
    missing = [phase.value for phase in Phase if phase.value not in one.phases]
    if one.stood in FINISHED and missing:
        yield one.finding("journal", f"is enacted, and {', '.join(missing)} is not in its journal")


def _record(one: AuditedChangeSet, record: ChangeSetRecord) -> Iterator[Finding]:
    said = (record.entry_id, record.document_code, record.plan_digest, record.attempt)
    if said != (one.found.entry_id, one.document_code, one.plan_digest, one.attempt):
        yield one.finding(
            "record", "is on record for another entry, document, plan or attempt than its entry's"
        )
    if one.computed_id != one.change_set_id:
        yield one.finding(
            "record",
            f"has an id that its target, document, plan and attempt do not make: {one.computed_id}",
        )
    digest = rows_sha256(row.affected for row in one.rows)
    if digest != record.rows_sha256 or len(one.rows) != record.unit_count:
        yield one.finding(
            "rows",
            f"has {len(one.rows)} rows that are not the {record.unit_count} that were signed",
        )


def _signatures(
    one: AuditedChangeSet, keys: tuple[KeyOnRecord, ...], signature_is_valid: SignatureCheck
) -> Iterator[Finding]:
    halves = {half.half: half for half in one.halves}
    for name, principal in HALVES.items():
        half = halves.get(name)
        if half is None:
            if name == "executor" or one.stood in VERIFIED:
                yield one.finding("signature", f"is not signed by the {name}")
            continue
        if half.principal != principal or not registered(keys, half):
            yield one.finding(
                "signature", f"has a {name}'s half by a key that was not registered for {principal}"
            )
        if half.payload_sha256 != hashlib.sha256(
            half.payload
        ).hexdigest() or not signature_is_valid(half.public_key, half.payload, half.signature):
            yield one.finding(
                "signature",
                f"has a signature of the {name} that does not cover the record as it stands",
            )
    if len({half.key_id for half in one.halves}) != len(one.halves):
        yield one.finding("signature", "has both halves signed with one key")


def _verification(one: AuditedChangeSet, record: ChangeSetRecord) -> Iterator[Finding]:
    found = one.verification
    if found is None:
        yield one.finding(
            "verification", f"stands at {one.found.status}, and no verification is on record"
        )
    elif (found.verdict, found.expected_units, found.found_units, found.verified_by) != (
        *("verified", record.unit_count, record.unit_count),
        Principal.VERIFY,
    ):
        yield one.finding(
            "verification",
            "has a verification on record that is not of all its units by the verifier",
        )


def _effect(one: AuditedChangeSet) -> Iterator[Finding]:
    if one.effect_now is not None and one.effect_now != one.effect_recorded:
        yield one.finding(
            "effect", "has left another effect in the tables than the one that was enacted"
        )


def _approvals(
    one: AuditedChangeSet, record: ChangeSetRecord, signature_is_valid: SignatureCheck
) -> Iterator[Finding]:
    used = [
        permit for permit in one.permits if permit.used_at is not None and permit.revoked_at is None
    ]
    if len(used) != 1:
        yield one.finding("approvals", "is enacted, and no permit was used for it")
        return
    fault = _approval_fault(used[0], record, signature_is_valid)
    if fault is None and used[0].effect_digest != one.effect_recorded:
        fault = "the approved effect is not the one that was enacted"
    if fault:
        yield one.finding("approvals", f"was not approved as it stands: {fault}")


def _approval_fault(
    permit: PermitOnRecord, record: ChangeSetRecord, signature_is_valid: SignatureCheck
) -> str | None:
    signed = (*permit.approvals, *([permit.policy] if permit.policy else []))
    keys = [approval.key for approval in signed]
    if not all(names_itself(key.key_id, key.public_key) for key in keys):
        return "an approver's key is not the one that its id names"
    try:
        # The plan is not in the database, so both have to name the same doubts, root, base and
        # dates; which ones those are is judged from the bundle.
        besides: dict[str, Any] = signed_besides(permit)
        wanted = Effect(
            permit.kind,
            record.change_set_id,
            record.document_code,
            record.plan_digest,
            permit.effect_digest,
            record.target,
            record.attempt,
            record.unit_count,
            **besides,
        )
        judge_permit(permit, wanted, signature_is_valid)
    except ApprovalRefused as refused:
        return _without_frame(refused)
    return None


def _without_frame(refused: ApprovalRefused) -> str:
    return str(refused).removeprefix("Not approved: ").removesuffix(". Nothing was written.")
