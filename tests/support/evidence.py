"""A bundle of a finished run, made here without a database: every digest, signature and link of it
is real.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.evidence.collect import versions
from adapters.evidence.files import encode
from adapters.evidence.seal import seal
from adapters.keys.signing import Ed25519Signer, new_private_key
from domain.approval import dsse
from domain.approval.approvals import PAYLOAD_TYPE, ApprovalStatement, Gate, parse_envelope
from domain.change_set import CutContext, TargetFingerprint
from domain.digests import records_sha256
from domain.evidence.bundle import (
    ApprovalOnRecord,
    Bundle,
    ChainHeadOnRecord,
    ChangeSetOnRecord,
    Digests,
    Half,
    KeyOnRecord,
    LogLine,
    PermitOnRecord,
    PhaseOnRecord,
    ReleaseOnRecord,
    RowOnRecord,
    RunFacts,
    Verification,
)
from domain.ledger.signed import FIRST_LINK, ChangeSetRecord, HistoryRow, rows_sha256
from domain.phases import PRINCIPAL_OF, Kind, Mode, Phase
from domain.plan.cut_plan import CutPlan
from domain.plan.effect import planned_effect
from domain.plan.unit_tree import units_root
from domain.release.approval import PAYLOAD_TYPE as RELEASE_PAYLOAD_TYPE
from domain.release.approval import ReleaseRoot, release_statement
from domain.release.manifest import leaf_fields, release_of
from domain.runs.run_plan import publication_type_of
from tests.support.plans import context, made_plan

TARGET = TargetFingerprint("knowledge", 16400, 7123456789)
BEGIN = datetime(2024, 5, 17, 8, 30, tzinfo=UTC)
ACTOR = "operator"
STEPS = (
    (None, "marked", "cutter_exec"),
    ("marked", "reviewed", "cutter_exec"),
    ("reviewed", "cut_applied", "cutter_exec"),
    ("cut_applied", "verified_complete", "cutter_verify"),
    ("verified_complete", "enacted", "cutter_exec"),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Everybody's keys."""

    executor: Ed25519Signer
    verifier: Ed25519Signer
    authoriser: Ed25519Signer
    releaser: Ed25519Signer


def new_keys() -> Keys:
    """Fresh keys for everybody."""
    return Keys(*(Ed25519Signer(new_private_key()) for _ in range(4)))


def sealed(bundle: Bundle, keys: Keys) -> dict[str, bytes]:
    """The files of a bundle, sealed with the executor's key: what a forger does who has that
    key.
    """
    contents = encode(bundle)
    return contents | seal(contents, str(bundle.run.change_set_id), bundle.stands, keys.executor)


def made_bundle(keys: Keys, units: int = 3) -> Bundle:
    """A finished run of a small plan, as `collect` would find it."""
    plan = made_plan(units)
    ctx = context(plan, Mode.LIVE, TARGET)
    entry_id = _id("entry")
    rows = tuple(
        RowOnRecord(
            r.seq,
            r.canonical_address,
            _id(f"u{r.seq}"),
            _id(f"v{r.seq}"),
            r.title_sha256,
            r.body_sha256,
            "created",
        )
        for r in plan.rows
    )
    record = ChangeSetRecord(
        change_set_id=ctx.change_set_id,
        entry_id=entry_id,
        envelope_id=_id("envelope"),
        decision_id=_id("decision"),
        document_code=ctx.document_code,
        plan_digest=ctx.plan_digest,
        target=str(TARGET),
        attempt=1,
        unit_count=len(rows),
        rows_sha256=rows_sha256(row.affected for row in rows),
        actor=ACTOR,
    )
    halves = signed_halves(record, plan.text_sha256, keys)
    history = made_history(record, plan)
    return Bundle(
        run=RunFacts(
            ctx.change_set_id,
            Kind.CUT,
            "LIVE",
            ctx.document_code,
            ctx.plan_digest,
            str(TARGET),
            1,
            ACTOR,
            1,
            True,
            None,
            BEGIN + timedelta(seconds=60),
        ),
        versions=versions("16.14"),
        plan=plan,
        digests=Digests(
            plan.plan_digest,
            plan.text_sha256,
            record.rows_sha256,
            planned_effect(plan),
            planned_effect(plan),
            planned_effect(plan),
        ),
        permits=(made_permit(ctx, plan, keys),),
        results=made_results(ctx, plan, rows, record, halves),
        change_set=ChangeSetOnRecord(entry_id, "enacted", record),
        rows=rows,
        halves=halves,
        verification=Verification(
            "verified", len(rows), len(rows), plan.text_sha256, "cutter_verify", BEGIN
        ),
        keys=tuple(
            KeyOnRecord(
                signer.key_id, principal, signer.public_key, BEGIN - timedelta(days=1), None
            )
            for signer, principal in (
                (keys.executor, "cutter_exec"),
                (keys.verifier, "cutter_verify"),
            )
        ),
        history=history,
        chain_head=ChainHeadOnRecord(
            str(TARGET), ctx.document_code, history[-1].chain_no, history[-1].row_sha256
        ),
        log=(
            LogLine(
                BEGIN,
                "INFO",
                "run",
                "a phase has ended",
                {"phase": "mark", "seconds": 0.25, "replayed": False},
            ),
        ),
    )


def signed_halves(record: ChangeSetRecord, source_sha256: str, keys: Keys) -> tuple[Half, ...]:
    """Both halves over a record."""
    payload = record.canonical_bytes()
    signature = keys.executor.sign(payload)
    verified = record.verification_bytes(source_sha256, signature)
    return (
        _half("executor", "cutter_exec", keys.executor, payload, signature),
        _half("verifier", "cutter_verify", keys.verifier, verified, keys.verifier.sign(verified)),
    )


def _half(
    half: str, principal: str, signer: Ed25519Signer, payload: bytes, signature: bytes
) -> Half:
    digest = hashlib.sha256(payload).hexdigest()
    return Half(
        half, principal, signer.key_id, signer.public_key, payload, digest, signature, BEGIN
    )


def made_history(record: ChangeSetRecord, plan: CutPlan) -> tuple[HistoryRow, ...]:
    """The five steps of the entry, chained."""
    about = {
        "cut_applied": hashlib.sha256(record.canonical_bytes()).hexdigest(),
        "verified_complete": plan.text_sha256,
    }
    rows = [
        HistoryRow(
            record.document_code,
            number,
            record.entry_id,
            old,
            new,
            ACTOR,
            principal,
            about.get(new, record.plan_digest),
            BEGIN + timedelta(seconds=number),
            "",
            "",
        )
        for number, (old, new, principal) in enumerate(STEPS, start=1)
    ]
    return rechained(rows)


def rechained(rows: list[HistoryRow]) -> tuple[HistoryRow, ...]:
    """The rows with every link made anew: what a thorough forger does."""
    made: list[HistoryRow] = []
    for row in rows:
        linked = dataclasses.replace(
            row, previous_sha256=made[-1].row_sha256 if made else FIRST_LINK
        )
        made.append(dataclasses.replace(linked, row_sha256=linked.computed_sha256()))
    return tuple(made)


def made_results(
    ctx: CutContext,
    plan: CutPlan,
    rows: tuple[RowOnRecord, ...],
    record: ChangeSetRecord,
    halves: tuple[Half, ...],
) -> tuple[PhaseOnRecord, ...]:
    """The journal of the run."""
    units = records_sha256((r.canonical_address, str(r.unit_id), str(r.version_id)) for r in rows)
    answers: dict[Phase, dict[str, Any]] = {
        Phase.PRE_WRITE_BACKUP: {"path": "backup", "size": 6, "key_fingerprint": "F" * 40},
        Phase.MARK: {"entry_id": str(record.entry_id), "units": len(rows)},
        Phase.REVIEW: {
            "envelope_id": str(record.envelope_id),
            "decision_id": str(record.decision_id),
            "unit_blocks": len(plan.rows),
            "gap_blocks": len(plan.gaps),
        },
        Phase.CUT_LEG_A: {"created": len(rows), "units_sha256": units},
        Phase.LEG_B_RECORD: {"executor_signature": base64.b64encode(halves[0].signature).decode()},
        Phase.WRITE_VERIFY: {"verifier_signature": base64.b64encode(halves[1].signature).decode()},
        Phase.LIFECYCLE_ENACT: {
            "enacted": len(rows),
            "lifecycle": "enacted",
            "effect_digest": planned_effect(plan),
        },
    }
    return tuple(
        PhaseOnRecord(
            phase.value,
            ctx.plan_digest,
            answers[phase],
            ACTOR,
            PRINCIPAL_OF[phase].value,
            BEGIN + timedelta(seconds=number),
        )
        for number, phase in enumerate(Phase)
    )


def made_permit(ctx: CutContext, plan: CutPlan, keys: Keys, **changed: Any) -> PermitOnRecord:
    """A permit that two people have opened; `changed` are fields of both statements."""
    opened = BEGIN - timedelta(minutes=1)
    signers = ((Gate.SG_1, "Ann Lee", keys.authoriser), (Gate.SG_2, "Ben Oak", keys.releaser))
    approvals = tuple(signed_approval(ctx, plan, *signer, **changed) for signer in signers)
    return PermitOnRecord(
        _id("permit"),
        Kind.CUT,
        ACTOR,
        planned_effect(plan),
        opened,
        BEGIN + timedelta(hours=1),
        BEGIN + timedelta(seconds=9),
        None,
        approvals,
    )


def in_release(
    bundle: Bundle,
    keys: Keys,
    before: int = 3,
    after: int = 1,
    told: Callable[[ReleaseRoot], ReleaseRoot] = lambda root: root,
) -> Bundle:
    """The bundle as it is if its run was approved as one of a release, with others before and after
    it. The approvers sign what `told` makes of its root.
    """
    (permit,) = bundle.permits
    own = parse_envelope(permit.approvals[0].envelope).statement.effect
    own = dataclasses.replace(own, publication_type=publication_type_of(bundle.plan))
    codes = [f"a.{n}" for n in range(before)] + [f"z.{n}" for n in range(after)]
    others = [dataclasses.replace(own, document_code=code) for code in codes]
    release = release_of([own, *others])
    place = release.effects.index(own)
    signers = ((Gate.SG_1, "Ann Lee", keys.authoriser), (Gate.SG_2, "Ben Oak", keys.releaser))
    record = ReleaseOnRecord(
        release.release_id,
        release.root,
        release.count,
        permit.opened_at,
        place,
        leaf_fields(own),
        release.path_of(place),
    )
    root = told(ReleaseRoot.of(release))
    approvals = tuple(_signed_release(root, *signer) for signer in signers)
    return dataclasses.replace(
        bundle, permits=(dataclasses.replace(permit, approvals=approvals, release=record),)
    )


def _signed_release(
    root: ReleaseRoot, gate: Gate, person: str, signer: Ed25519Signer
) -> ApprovalOnRecord:
    payload = release_statement(
        root,
        gate,
        submitter=ACTOR,
        approver=person,
        key_id=signer.key_id,
        nonce=hashlib.sha256(person.encode()).hexdigest()[:32],
        backup_key="F" * 40,
        now=BEGIN - timedelta(minutes=2),
        approve_within=timedelta(minutes=30),
        execute_within=timedelta(minutes=62),
    ).canonical_bytes()
    signature = signer.sign(dsse.signed_bytes(RELEASE_PAYLOAD_TYPE, payload))
    return _on_record(
        dsse.Envelope(RELEASE_PAYLOAD_TYPE, payload, signer.key_id, signature), gate, person, signer
    )


def signed_approval(
    ctx: CutContext, plan: CutPlan, gate: Gate, person: str, signer: Ed25519Signer, **changed: Any
) -> ApprovalOnRecord:
    """One person's approval of a run."""
    facts: dict[str, Any] = {
        "gate": gate,
        "kind": Kind.CUT,
        "change_set_id": ctx.change_set_id,
        "document_code": ctx.document_code,
        "plan_digest": ctx.plan_digest,
        "effect_digest": planned_effect(plan),
        "target": str(ctx.target),
        "attempt": ctx.attempt,
        "units": len(plan.rows),
        "units_root": units_root(plan),
        "backup_key": "F" * 40,
        "submitter": ACTOR,
        "approver": person,
        "key_id": signer.key_id,
        "nonce": hashlib.sha256(person.encode()).hexdigest()[:32],
        "approve_by": BEGIN + timedelta(minutes=30),
        "execute_by": BEGIN + timedelta(hours=1),
    }
    payload = ApprovalStatement(**(facts | changed)).canonical_bytes()
    signature = signer.sign(dsse.signed_bytes(PAYLOAD_TYPE, payload))
    return _on_record(
        dsse.Envelope(PAYLOAD_TYPE, payload, signer.key_id, signature), gate, person, signer
    )


def _on_record(
    envelope: dsse.Envelope, gate: Gate, person: str, signer: Ed25519Signer
) -> ApprovalOnRecord:
    return ApprovalOnRecord(
        envelope=envelope.text(),
        person=person,
        key_id=signer.key_id,
        public_key=signer.public_key,
        gates=(gate,),
        valid_from=BEGIN - timedelta(days=1),
        valid_until=BEGIN + timedelta(days=300),
        retired_at=None,
    )


def _id(name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, name)
