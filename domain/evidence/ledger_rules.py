"""The rules about what the ledger holds: journal, change set, rows, signatures, verification and
history.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.counted import counted
from domain.digests import records_sha256
from domain.evidence.bundle import Bundle, Half
from domain.evidence.case import Absent, Case, Fault, registered, require
from domain.ledger.signed import ChangeSetRecord, HistoryRow, broken_link, rows_sha256
from domain.phases import PRINCIPAL_OF, Kind, Phase, Principal
from domain.runs.run_plan import actions_of, blocks_of, gaps_of, kind_of, manifest_of

_LEDGER_STEPS: Final = (
    (None, "marked", Principal.EXEC),
    ("marked", "reviewed", Principal.EXEC),
    ("reviewed", "cut_applied", Principal.EXEC),
    ("cut_applied", "verified_complete", Principal.VERIFY),
    ("verified_complete", "enacted", Principal.EXEC),
)
"""The steps of an entry, and whose each is (docs/architecture.md, Database contract)."""
_LIFECYCLE_OF: Final = {
    Kind.CUT: "enacted",
    Kind.REVISION: "enacted",
    Kind.REVERT: "withdrawn",
}
"""Where a finished run has left its units."""
_LEG_A_COUNTS: Final = {
    Kind.CUT: "created",
    Kind.REVISION: "written",
    Kind.REVERT: "withdrawn",
}
"""How leg A's answer names the number of its units."""


def journal(case: Case) -> str:
    """Phases in order, complete for a finished run, each recorded by its principal."""
    rows = case.bundle.results
    phases = [row.phase for row in rows]
    require(
        phases == [phase.value for phase in Phase][: len(phases)],
        "the journal's phases are not in their order",
    )
    times = [row.recorded_at for row in rows]
    require(times == sorted(times), "the journal's times do not ascend")
    for row in rows:
        require(
            row.principal == PRINCIPAL_OF[Phase(row.phase)],
            f"{row.phase} was recorded by {row.principal}",
        )
    missing = [phase.value for phase in Phase][len(phases) :]
    require(
        not (missing and case.bundle.finished),
        f"the change set is enacted, and the journal lacks {', '.join(missing)}",
    )
    if missing:
        raise Absent(f"{len(phases)} of {len(Phase)} phases are on record; {missing[0]} comes next")
    return f"all {len(phases)} phases, in order, each by its principal"


def record(case: Case) -> str:
    """The change set on record is the run's own."""
    bundle, record = case.bundle, _recorded(case.bundle)
    run = bundle.run
    pairs: dict[str, tuple[object, object]] = {
        "change set": (record.change_set_id, run.change_set_id),
        "document": (record.document_code, run.document_code),
        "plan digest": (record.plan_digest, bundle.plan.plan_digest),
        "target": (record.target, run.target),
        "attempt": (record.attempt, run.attempt),
        "number of units": (record.unit_count, len(blocks_of(bundle.plan))),
        "entry": (record.entry_id, bundle.change_set.entry_id if bundle.change_set else None),
        "actor": (record.actor, _actor(bundle, Phase.LEG_B_RECORD)),
    }
    for name, (recorded, expected) in pairs.items():
        require(
            recorded == expected,
            f"the change set is on record with another {name}: {recorded}, not {expected}",
        )
    return f"{counted(record.unit_count, 'unit')} for {record.target}"


def _recorded(bundle: Bundle) -> ChangeSetRecord:
    if bundle.change_set is None or bundle.change_set.record is None:
        require(not bundle.finished, "the run is finished, and no change set is on record")
        raise Absent("no change set is on record yet")
    return bundle.change_set.record


def _actor(bundle: Bundle, phase: Phase) -> str | None:
    return next((row.actor for row in bundle.results if row.phase == phase), None)


def rows(case: Case) -> str:
    """The rows on record are the plan's, and their digest is the one that was signed."""
    bundle, record = case.bundle, _recorded(case.bundle)
    planned = [
        (row.seq, row.canonical_address, row.title_sha256, row.body_sha256)
        for row in blocks_of(bundle.plan)
    ]
    found = [
        (row.seq, row.canonical_address, row.title_sha256, row.body_sha256) for row in bundle.rows
    ]
    if found != planned:
        at = next((p[1] for p, f in zip(planned, found, strict=False) if p != f), "the end")
        raise Fault(f"the rows on record are not the plan's, at {at}")
    for row, wanted in zip(bundle.rows, actions_of(bundle.plan), strict=True):
        require(row.action == wanted, f"{row.canonical_address} was {row.action}, not {wanted}")
    digest = rows_sha256(row.affected for row in bundle.rows)
    require(
        digest == record.rows_sha256,
        f"the rows' digest is {digest[:16]}, and the change set names another",
    )
    require(bundle.digests.rows == digest, "digests.json names another digest of the rows")
    return f"{digest} over {counted(len(found), 'row')}"


def executor_half(case: Case) -> str:
    """The executor's signature covers the record, rebuilt."""
    half = _half(case.bundle, "executor")
    _check_half(case, half, Principal.EXEC, _recorded(case.bundle).canonical_bytes())
    return f"key {half.key_id}"


def verifier_half(case: Case) -> str:
    """The verifier's signature covers the record, the executor's signature and the source text,
    with another key.
    """
    half, executor = _half(case.bundle, "verifier"), _half(case.bundle, "executor")
    if case.bundle.verification is None:
        raise Fault("the verifier has signed, and no verification is on record")
    source = case.bundle.verification.source_sha256
    payload = _recorded(case.bundle).verification_bytes(source, executor.signature)
    _check_half(case, half, Principal.VERIFY, payload)
    require(half.key_id != executor.key_id, "both halves were signed with one key")
    return f"key {half.key_id}"


def _half(bundle: Bundle, name: str) -> Half:
    half = bundle.half(name)
    if half is None:
        require(not bundle.finished, f"the run is finished, and the {name} has not signed")
        raise Absent(f"the {name} has not signed yet")
    require(
        sum(other.half == name for other in bundle.halves) == 1,
        f"the {name} has signed more than once",
    )
    return half


def _check_half(case: Case, half: Half, principal: Principal, payload: bytes) -> None:
    require(half.principal == principal, f"the {half.half}'s half is {half.principal}'s")
    require(
        registered(case.bundle.keys, half),
        f"the key of the {half.half}'s half is not registered for {principal}",
    )
    require(
        half.payload == payload, f"the {half.half} has signed other bytes than the record makes"
    )
    require(
        half.payload_sha256 == hashlib.sha256(payload).hexdigest(),
        "the hash of what was signed is another",
    )
    require(
        case.signature_is_valid(half.public_key, payload, half.signature),
        f"the {half.half}'s signature does not cover the record",
    )


def verification(case: Case) -> str:
    """The verifier has found every unit and rebuilt the source text."""
    bundle, found = case.bundle, case.bundle.verification
    if found is None:
        require(not bundle.finished, "the run is finished, and no verification is on record")
        raise Absent("not verified yet")
    units = len(blocks_of(bundle.plan))
    require(found.verdict == "verified", f"the verifier's verdict is {found.verdict}")
    require(
        found.expected_units == found.found_units == units,
        f"the verifier has not found {units:,} units",
    )
    require(
        found.source_sha256 == bundle.plan.text_sha256,
        "the verifier has rebuilt another source text",
    )
    require(found.verified_by == Principal.VERIFY, f"it was verified by {found.verified_by}")
    return f"{counted(found.found_units, 'unit')}, source text rebuilt, by {found.verified_by}"


def results(case: Case) -> str:
    """The journal keeps what each phase answered; the ledger keeps what it did.

    Both have to tell the same.
    """
    bundle = case.bundle
    kind, units, named = _kind_and_units(bundle)
    expected: dict[Phase, Mapping[str, object]] = {
        Phase.MARK: {"entry_id": str(bundle.change_set.entry_id), "units": named}
        if bundle.change_set
        else {},
        Phase.REVIEW: {"unit_blocks": named, "gap_blocks": len(gaps_of(bundle.plan))},
        Phase.LIFECYCLE_ENACT: {"enacted": units, "lifecycle": _LIFECYCLE_OF[kind]},
    }
    if bundle.change_set and (record := bundle.change_set.record):
        expected[Phase.CUT_LEG_A] = {
            _LEG_A_COUNTS[kind]: len(bundle.rows),
            **_written(bundle, kind),
        }
        expected[Phase.REVIEW] = {
            **expected[Phase.REVIEW],
            "envelope_id": str(record.envelope_id),
            "decision_id": str(record.decision_id),
        }
    for half, phase, field in (
        ("executor", Phase.LEG_B_RECORD, "executor_signature"),
        ("verifier", Phase.WRITE_VERIFY, "verifier_signature"),
    ):
        if found := bundle.half(half):
            expected[phase] = {field: base64.b64encode(found.signature).decode()}
    compared = sum(_compare(bundle, phase, facts) for phase, facts in expected.items())
    if not compared:
        raise Absent("no phase has left a result yet")
    return f"the answers of {compared} phases are what the ledger holds"


def _kind_and_units(bundle: Bundle) -> tuple[Kind, int, int]:
    """The plan's kind, how many units it writes or withdraws, and how many its manifest names."""
    plan = bundle.plan
    return kind_of(plan), len(blocks_of(plan)), len(manifest_of(plan))


def _written(bundle: Bundle, kind: Kind) -> dict[str, object]:
    """What leg A has answered besides the number: a cut or revision the digest of what it wrote, a
    revert whose it is.
    """
    if kind is Kind.REVERT:
        return {"change_set_id": str(bundle.run.change_set_id)}
    return {
        "units_sha256": records_sha256(
            (r.canonical_address, str(r.unit_id), str(r.version_id)) for r in bundle.rows
        )
    }


def _compare(bundle: Bundle, phase: Phase, expected: Mapping[str, object]) -> bool:
    result: Any = bundle.result_of(phase)
    if result is None:
        return False
    for name, value in expected.items():
        require(
            result.get(name) == value,
            f"{phase} has answered {name} {result.get(name)}, and the ledger has {value}",
        )
    return True


def history(case: Case) -> str:
    """Every link of the document's chain holds, and the change set's own steps are in order and
    about its content.
    """
    bundle = case.bundle
    if not bundle.history:
        require(
            not bundle.results or bundle.change_set is None,
            "the change set is on record, and its history is not",
        )
        raise Absent("the document has no history yet")
    if broken := broken_link(bundle.history):
        raise Fault(f"the chain is broken at step {broken.chain_no}")
    foreign = any(row.document_code != bundle.run.document_code for row in bundle.history)
    require(not foreign, "the history is of another document")
    own = [
        row
        for row in bundle.history
        if bundle.change_set and row.entry_id == bundle.change_set.entry_id
    ]
    require(
        bool(own) == (bundle.change_set is not None),
        "the history does not name the change set's entry",
    )
    _own_steps(bundle, own)
    links = counted(len(bundle.history), "link holds", "links hold")
    return f"{links}, {len(own)} of them this change set's"


def _own_steps(bundle: Bundle, own: Sequence[HistoryRow]) -> None:
    ended_early = bool(own) and own[-1].to_status in (
        "superseded",
        "reverted",
    )  # from wherever it stood
    expected = list(_LEDGER_STEPS)[: len(own) - ended_early]
    steps = [(row.from_status, row.to_status, row.principal) for row in own][
        : len(own) - ended_early
    ]
    wanted_steps = [(old, new, who.value) for old, new, who in expected]
    require(steps == wanted_steps, "its steps are not in their order, by their principals")
    if bundle.change_set and own:
        require(
            own[-1].to_status == bundle.change_set.status,
            "its last step is not where the entry stands",
        )
    about = _step_payloads(bundle)
    for row in own:
        wanted = about.get(row.to_status)
        require(
            wanted in (None, row.payload_sha256),
            f"the step to {row.to_status} is about something else",
        )


def _step_payloads(bundle: Bundle) -> dict[str, str]:
    """What each step of the entry is about, as far as it is known (adapters write the same)."""
    digest = bundle.plan.plan_digest
    about = {"marked": digest, "reviewed": digest, "enacted": digest}
    if bundle.change_set and bundle.change_set.record:
        about["cut_applied"] = hashlib.sha256(
            bundle.change_set.record.canonical_bytes()
        ).hexdigest()
    if bundle.verification:
        about["verified_complete"] = bundle.verification.source_sha256
    return about


def chain_head(case: Case) -> str:
    """The head that was kept is the chain's last link.

    It may have been read in another database than the run's, since a database that came back from a
    backup is another one. The record, the permit and the plan name the run's own.
    """
    bundle, head = case.bundle, case.bundle.chain_head
    if head is None:
        require(not bundle.history, "the history has rows, and no head of it was kept")
        raise Absent("no head of the history was kept")
    last = bundle.history[-1] if bundle.history else None
    expected = (bundle.run.document_code, last and last.chain_no, last and last.row_sha256)
    require(
        (head.document_code, head.chain_no, head.row_sha256) == expected,
        "it is not the history's last link",
    )
    elsewhere = (
        ""
        if head.target == bundle.run.target
        else f"; read in {head.target}, which is not the run's database: brought back, or a copy"
    )
    return f"step {head.chain_no}, {head.row_sha256}{elsewhere}"
