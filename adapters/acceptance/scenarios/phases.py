"""S4 to S7: the phases of one cut, each looked at from outside by the administrator."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from adapters.acceptance.fixture import ACTOR, Fixture, ScenarioFailed, expect
from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.statements import statement
from domain.errors import Lock, ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.ledger.signed import ChangeSetRecord, HistoryRow, broken_link
from domain.phases import Phase, Principal

PLANNED: Final = (
    *(
        "canonical_address",
        "title",
        "body",
        "unit_kind",
        "section_type",
        "publication_type",
        "owner_ref",
        "parent_ref",
    ),
)
"""What the plan says of a unit, by the names of the columns that hold it."""


def s4_mark(fixture: Fixture) -> str:
    """S4: refused without approval; then, after the backup, MARK writes entry, dependency, sweep
    log and first history link.
    """
    _require_refused_without_permit(fixture)
    fixture.approve(fixture.ctx, fixture.plan)
    with fixture.changes() as grown:
        backup = fixture.run_phase(Phase.PRE_WRITE_BACKUP)
    expect(grown == {"cutter.cut_phase_journal": 1}, f"the backup changed {dict(grown)}")
    with fixture.changes() as grown:
        fixture.run_phase(Phase.MARK)
    wanted = (
        "cutter.decision_backlog_entry",
        "cutter.decision_backlog_history",
        "cutter.decision_backlog_dependency",
        "cutter.sweep_log",
        "cutter.cut_phase_journal",
    )
    expect(grown == dict.fromkeys(wanted, 1), f"MARK added {dict(grown)}")
    state, plan = fixture.state(), fixture.plan
    expect(
        (state["status"], state["steps"]) == ("marked", ["marked"]),
        f"the entry stands at {state['status']}",
    )
    expect(
        (state["opened_by"], state["plan_digest"]) == (ACTOR, plan.plan_digest),
        "the entry is not of this actor and plan",
    )
    expect(
        state["depends"] == [f"source_text:{plan.text_sha256}"],
        f"the entry rests on {state['depends']}",
    )
    expect(
        (state["swept_sha256"], state["swept_units"]) == (plan.text_sha256, len(plan.rows)),
        "the sweep log is of another text",
    )
    return (
        f"refused before two people had approved; then entry marked for {len(plan.rows)} units "
        f"after an encrypted backup of "
        f"{backup.size:,} bytes; 1 row in each of 5 tables"
    )


def s5_review(fixture: Fixture) -> str:
    """S5: REVIEW writes envelope, blocks and decision, and the entry's step has its link in the
    history.
    """
    plan = fixture.plan
    with fixture.changes() as grown:
        fixture.run_phase(Phase.REVIEW)
    blocks = len(plan.rows) + len(plan.gaps)
    ones = (
        "cutter.manifest_envelope",
        "cutter.review_decision",
        "cutter.decision_backlog_history",
        "cutter.cut_phase_journal",
    )
    expect(
        grown == {**dict.fromkeys(ones, 1), "cutter.manifest_unit_block": blocks},
        f"REVIEW added {dict(grown)}",
    )
    state = fixture.state()
    expect(
        (state["status"], state["steps"][-1:]) == ("reviewed", ["reviewed"]),
        f"the entry stands at {state['status']}",
    )
    expect(
        (state["unit_blocks"], state["gap_blocks"]) == (len(plan.rows), len(plan.gaps)),
        "the envelope counts other blocks",
    )
    expect(
        (state["verdict"], state["decided_by"]) == ("approved", ACTOR),
        "the decision is not the actor's approval",
    )
    expect(state["sealed_plan"] == plan.plan_digest, "the envelope is of another plan")
    stored = [
        tuple(row.values())
        for row in fixture.rows("acceptance_manifest", change_set_id=fixture.ctx.change_set_id)
    ]
    expect(stored == _planned_blocks(fixture), "the manifest does not hold the plan's blocks")
    return (
        f"{len(plan.rows)} units by hash and {len(plan.gaps)} gap by text, decision approved, "
        f"entry reviewed"
    )


def s6_cut(fixture: Fixture) -> str:
    """S6: leg A writes exactly the plan's units as drafts; leg B records and signs them, the
    verifier's half still open.
    """
    plan = fixture.plan
    units = len(plan.rows)
    with fixture.changes() as written:
        fixture.run_phase(Phase.CUT_LEG_A)
    with fixture.changes() as recorded:
        fixture.run_phase(Phase.LEG_B_RECORD)
    expect(
        written
        == {
            "public.information_unit": units,
            "public.unit_version": units,
            "cutter.cut_phase_journal": 1,
        },
        f"leg A added {dict(written)}",
    )
    authors = {
        author
        for unit in _require_stored_units(fixture, "draft")
        for author in (unit["created_by"], unit["actor"])
    }
    expect(authors == {ACTOR}, f"the units are in the name of {sorted(authors)}")
    ones = (
        "cutter.cut_change_set",
        "cutter.dot_pair_signature",
        "cutter.decision_backlog_history",
        "cutter.cut_phase_journal",
    )
    expect(
        recorded == {**dict.fromkeys(ones, 1), "cutter.cut_change_set_affected_row": units},
        f"leg B added {dict(recorded)}",
    )
    state = fixture.state()
    expect(
        (state["status"], state["change_set_status"]) == ("cut_applied", "cut_applied"),
        f"it stands at {state['status']}",
    )
    expect(
        state["verifier_signature_id"] is None, "the verifier's half is there before the verifier"
    )
    _require_signature(fixture, "executor", Principal.EXEC, _change_set(fixture).canonical_bytes())
    return (
        f"{units} units equal to the plan, byte for byte; change set signed by cutter_exec "
        f"(Ed25519), verifier's half NULL"
    )


def s7_verify(fixture: Fixture) -> str:
    """S7: a forged body is found, nothing is enacted before VERIFY, and VERIFY completes pair and
    ledger as cutter_verify.
    """
    found = _refuses(fixture, Phase.LIFECYCLE_ENACT), _finds_forgery(fixture)
    with fixture.changes() as grown:
        verified = fixture.run_phase(Phase.WRITE_VERIFY)
    with fixture.changes() as enacted:
        fixture.run_phase(Phase.LIFECYCLE_ENACT)
    expect(found[0], "units were enacted that nobody had verified")
    expect(found[1], "a forged body was verified")
    ones = (
        "cutter.dot_pair_signature",
        "cutter.verify_result",
        "cutter.decision_backlog_history",
        "cutter.cut_phase_journal",
    )
    expect(grown == dict.fromkeys(ones, 1), f"VERIFY added {dict(grown)}")
    expect(enacted == dict.fromkeys(ones[2:], 1), f"the enactment added {dict(enacted)}")
    state, plan = fixture.state(), fixture.plan
    expect(
        (state["change_set_status"], state["verified_by"])
        == ("verified_complete", Principal.VERIFY),
        "the pair is not complete",
    )
    expect(
        verified.source_sha256 == state["source_sha256"] == plan.text_sha256,
        "another text was rebuilt than was cut",
    )
    executor = _signature_of(fixture, "executor")
    signed = _change_set(fixture).verification_bytes(plan.text_sha256, executor["signature"])
    _require_signature(fixture, "verifier", Principal.VERIFY, signed)
    expect(
        state["steps"][-2:] == ["verified_complete", "enacted"],
        f"the history ends with {state['steps'][-2:]}",
    )
    chain = [
        HistoryRow(**row)
        for row in fixture.rows("history_of_document", document_code=plan.document_code)
    ]
    expect(broken_link(chain) is None, "the history's chain is broken")
    _require_stored_units(fixture, "enacted")
    return (
        f"forged body found; text rebuilt to its SHA-256; both halves valid; {len(chain)} "
        f"links of history hold; all enacted"
    )


def _require_refused_without_permit(fixture: Fixture) -> None:
    with fixture.changes() as grown:
        try:
            fixture.run_phase(Phase.PRE_WRITE_BACKUP)
        except ProductionExecutionNotAuthorized as refusal:
            expect(
                refusal.lock is Lock.PERMIT,
                f"the run was refused at the {refusal.lock} lock, not for want of a permit",
            )
        else:
            raise ScenarioFailed("the run began although nobody had approved it")
    expect(not grown, f"the refused run changed {dict(grown)}")


def _planned_blocks(fixture: Fixture) -> list[tuple[Any, ...]]:
    units = [
        (r.start, r.end, r.canonical_address, r.seq, r.title_sha256, r.body_sha256, None)
        for r in fixture.plan.rows
    ]
    gaps = [(gap.start, gap.end, None, None, None, None, gap.text) for gap in fixture.plan.gaps]
    return sorted([*units, *gaps], key=lambda block: block[0])


def _require_stored_units(fixture: Fixture, lifecycle: str) -> list[dict[str, Any]]:
    """The document's units as they are stored, which have to be those of the plan, byte for
    byte.
    """
    stored = fixture.rows("acceptance_units", document_code=fixture.plan.document_code)
    by_address = {row["canonical_address"]: row for row in stored}
    expect(
        len(stored) == len(by_address) == len(fixture.plan.rows), f"{len(stored)} units are stored"
    )
    for row in fixture.plan.rows:
        found = by_address.get(row.canonical_address, {})
        planned = {name: getattr(row, name) for name in PLANNED}
        stands = found.get("lifecycle") == lifecycle and found.get("hashed") is True
        expect(
            stands and planned.items() <= found.items(),
            f"{row.canonical_address} is not stored as planned",
        )
    return stored


def _change_set(fixture: Fixture) -> ChangeSetRecord:
    found = fixture.rows("acceptance_change_set", change_set_id=fixture.ctx.change_set_id)
    expect(len(found) == 1, f"{len(found)} change sets are on record")
    return ChangeSetRecord(**found[0])


def _signature_of(fixture: Fixture, half: str) -> dict[str, Any]:
    found = {
        row["half"]: row
        for row in fixture.rows("acceptance_signatures", change_set_id=fixture.ctx.change_set_id)
    }
    expect(half in found, f"the {half}'s half of the signature pair is not there")
    return found[half]


def _require_signature(fixture: Fixture, half: str, principal: Principal, payload: bytes) -> None:
    """The half is a valid signature of what the ledger holds, by a key that is registered for the
    principal.
    """
    row = _signature_of(fixture, half)
    expect(
        row["principal"] == principal,
        f"the {half}'s half is signed with a key of {row['principal']}",
    )
    expect(
        row["payload_sha256"] == hashlib.sha256(payload).hexdigest(),
        f"the {half}'s half names another payload",
    )
    expect(
        signature_is_valid(row["public_key"], payload, row["signature"]),
        f"the {half}'s signature does not hold",
    )


def _refuses(fixture: Fixture, phase: Phase) -> bool:
    before = fixture.row_hashes()
    try:
        fixture.call(fixture.adapter, phase, fixture.ctx, fixture.plan)
    except StopInvariantFailed:
        return before == fixture.row_hashes()
    return False


def _finds_forgery(fixture: Fixture) -> bool:
    """Change one body as an administrator could, let the verifier look, and put the body back."""
    address = fixture.plan.rows[-1].canonical_address
    genuine = _forge(fixture, address, fixture.plan.rows[-1].body.replace("Duty", "Right"))
    try:
        return _refuses(fixture, Phase.WRITE_VERIFY)
    finally:
        _forge(fixture, address, genuine)


def _forge(fixture: Fixture, address: str, body: str) -> str:
    with fixture.admin.transaction():
        fixture.admin.execute(statement("acceptance_pose_as_writer"))
        forged = {"canonical_address": address, "body": body}
        genuine = read_value(fixture.admin, str, "acceptance_forge_body", forged)
    if genuine is None:
        raise ScenarioFailed(f"{address} is not stored, so it can not be forged")
    return genuine
