"""Audit a knowledge base: chains, records, signatures, approvals and every unit, recomputed in one
read-only snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from adapters.home.chain_heads import ChainHead, read
from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_value, read_values
from adapters.postgres.connection.session import snapshot
from adapters.postgres.ledger.effect import effect_digest
from adapters.postgres.record.bundle_records import (
    read_change_set,
    read_halves,
    read_keys,
    read_permits,
    read_results,
    read_rows,
    read_verification,
)
from adapters.postgres.record.chain_heads import compare_heads
from domain.approval.adopted import AcceptedState, AdoptedUnit, not_accepted
from domain.change_set import TargetFingerprint, change_set_id, fingerprint_from
from domain.evidence.audit import (
    FINISHED,
    AuditedChangeSet,
    AuditReport,
    Finding,
    RevertFound,
    audit_change_set,
)
from domain.evidence.bundle import KeyOnRecord
from domain.ledger.signed import ChangeSetRecord
from domain.phases import Phase, Principal

NOTHING_ACCEPTED: Final[Mapping[UUID, AcceptedState]] = {}
NAMED: Final = 100
"""Findings of one kind that are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Entry:
    change_set_id: UUID
    entry_id: UUID
    document_code: str
    plan_digest: str
    attempt: int
    status: str
    last_step: str | None
    stood: str
    cleared: bool


@dataclass(frozen=True, slots=True)
class _UnitFault:
    canonical_address: str
    fault: str


@dataclass(frozen=True, slots=True)
class _Version:
    canonical_address: str
    version_no: int


@dataclass(frozen=True, slots=True)
class _Stray:
    """A row of the ledger that belongs to no entry."""

    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class _Chains:
    chains: int
    links: int


@translated("Auditing the knowledge base")
def audit_database(
    conn: Connection,
    target: TargetFingerprint,
    heads: Path,
    sealed: Sequence[ChainHead] = (),
    accepted: Mapping[UUID, AcceptedState] = NOTHING_ACCEPTED,
) -> AuditReport:
    """Everything that is wrong, in one snapshot. `conn` is in autocommit and idle.

    `heads` is the file outside, `sealed` are heads from elsewhere, such as from sealed bundles: a
    run's end may have reached either. `accepted` is how units that were there before may stand,
    because somebody has accepted a change outside. Raises `ConfigMismatch` if the file can not be
    read.
    """
    on_file = read(heads) if heads.exists() else []
    known = {head for head in (*on_file, *sealed) if head.target == str(target)}
    with snapshot(conn):
        findings = list(_chains(conn, heads, sealed, {head.document_code for head in known}))
        entries = _entries(conn)
        keys = read_keys(conn)
        for entry in entries:
            findings += audit_change_set(_audited(conn, entry), keys, signature_is_valid)
            key = {"change_set_id": entry.change_set_id}
            findings += _named(read_all(conn, _UnitFault, "audit_units", key))
        findings += _strays(conn, accepted)
        history = read_one(conn, _Chains, "audit_chains") or _Chains(0, 0)
        units = read_value(conn, int, "audit_unit_count") or 0
    return AuditReport(
        str(target),
        history.chains,
        history.links,
        len(known),
        len(entries),
        units,
        _in_force(keys),
        tuple(findings),
    )


def _in_force(keys: Sequence[KeyOnRecord]) -> dict[str, tuple[str, ...]]:
    return {
        who.value: tuple(k.key_id for k in keys if k.principal == who and k.retired_at is None)
        for who in Principal
    }


def _chains(
    conn: Connection, heads: Path, sealed: Sequence[ChainHead], on_file: set[str]
) -> Iterator[Finding]:
    for fault in compare_heads(conn, heads, sealed):
        yield Finding("history", fault.document_code, fault.message)
    for document in read_values(conn, str, "audit_finished_documents"):
        if document not in on_file:
            yield Finding(
                "head",
                document,
                f"No head of the history of {document} is on file in {heads} or in a sealed "
                f"bundle, so nobody could tell if it "
                "was rewritten; bring the file back, or let the next live run keep one if you "
                "trust the database as it is.",
            )


def _entries(conn: Connection) -> list[_Entry]:
    return read_all(conn, _Entry, "audit_entries")


def _audited(conn: Connection, entry: _Entry) -> AuditedChangeSet:
    key = entry.change_set_id
    found = read_change_set(conn, key)
    assert found is not None  # noqa: S101  # the entry was read in the same snapshot
    verification = read_verification(conn, key)
    results = {row.phase: row.result for row in read_results(conn, key)}
    return AuditedChangeSet(
        change_set_id=key,
        document_code=entry.document_code,
        plan_digest=entry.plan_digest,
        attempt=entry.attempt,
        found=found,
        last_step=entry.last_step,
        stood=entry.stood,
        units_written=_units_of(results.get(Phase.CUT_LEG_A)),
        reverts=_reverts(conn, key),
        rows=read_rows(conn, key),
        halves=read_halves(conn, key, found.record, verification),
        verification=verification,
        permits=read_permits(conn, key),
        phases=frozenset(results),
        effect_recorded=_effect_of(results.get(Phase.LIFECYCLE_ENACT)),
        effect_now=_effect_now(conn, key) if entry.status in FINISHED else None,
        computed_id=_computed_id(found.record),
        cleared=entry.cleared,
    )


def _units_of(result: object) -> str | None:
    return (
        str(result["units_sha256"])
        if isinstance(result, dict) and "units_sha256" in result
        else None
    )


def _reverts(conn: Connection, key: UUID) -> tuple[RevertFound, ...]:
    return tuple(read_all(conn, RevertFound, "audit_reverts", {"change_set_id": key}))


def _effect_of(result: object) -> str | None:
    return (
        str(result["effect_digest"])
        if isinstance(result, dict) and "effect_digest" in result
        else None
    )


def _effect_now(conn: Connection, key: UUID) -> str | None:
    """The effect that the tables hold now, or None if a revert has withdrawn the units, whose own
    effect then covers them.
    """
    if read_value(conn, bool, "audit_withdrawn", {"change_set_id": key}):
        return None
    return effect_digest(conn, key)


def _computed_id(record: ChangeSetRecord | None) -> UUID | None:
    if record is None:
        return None
    try:
        target = fingerprint_from(record.target)
    except ValueError:
        return None
    return change_set_id(target, record.document_code, record.plan_digest, record.attempt)


def _strays(conn: Connection, accepted: Mapping[UUID, AcceptedState]) -> Iterator[Finding]:
    for stray in read_all(conn, _Stray, "audit_strays"):
        message = f"The {stray.kind} of {stray.subject} tells of a backlog entry that is not there."
        yield Finding("stray", stray.subject, message)
    yield from _named(
        [
            _UnitFault(address, "is accounted for by no change set")
            for address in read_values(conn, str, "audit_unledgered")
        ]
    )
    changed = not_accepted(_adopted(conn, accepted), accepted)
    yield from _named([_UnitFault(one.canonical_address, one.fault or "") for one in changed])
    yield from _named(
        [
            _UnitFault(
                found.canonical_address,
                f"has a version {found.version_no} that no change set accounts for",
            )
            for found in read_all(conn, _Version, "audit_versions")
        ]
    )


@translated("Looking for changes outside")
def adopted_changes(
    conn: Connection, accepted: Mapping[UUID, AcceptedState] = NOTHING_ACCEPTED
) -> list[AdoptedUnit]:
    """The units that were there before cutter was, and are neither as they were then nor as
    somebody has accepted them.
    """
    return not_accepted(_adopted(conn, accepted), accepted)


def _adopted(conn: Connection, accepted: Mapping[UUID, AcceptedState]) -> list[AdoptedUnit]:
    return read_all(conn, AdoptedUnit, "audit_adopted", {"accepted": list(accepted)})


def _named(faults: Sequence[_UnitFault]) -> Iterator[Finding]:
    for unit in faults[:NAMED]:
        message = f"Unit {unit.canonical_address} {unit.fault}."
        yield Finding("unit", unit.canonical_address, message)
    if len(faults) > NAMED:
        yield Finding("unit", "", f"And {len(faults) - NAMED:,} more units like these.")
