"""A citation that proves itself: one unit's text, and why it is what two people approved and two
principals signed.

It is made from a sealed bundle that holds, and says no more than the bundle shows: the unit as it
was written (a leaf), the hashes that lead from it to the root that both approvers signed, their
statements, and both halves of the ledger's signature pair over the same change set. Where they
signed a release, one more step leads there: from that root, which is in the change set's leaf, to
the root of the release. So it is verified without cutter, database and network
(`docs/verify_citation.py`). Whose the keys are, the reader has to know from elsewhere.

It proves that the unit was written and verified, and not that it still stands: that only the
knowledge base says.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from domain.approval.approvals import parse_envelope
from domain.errors import BadInput, DatabaseUnsuitable
from domain.evidence.bundle import ApprovalOnRecord, Bundle, PermitOnRecord
from domain.plan.unit_tree import path_of
from domain.release.approval import parse_release_envelope
from domain.release.manifest import FORMAT as RELEASE_FORMAT
from domain.release.manifest import effect_from
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import blocks_of
from domain.runs.unit_leaves import root_of, run_leaves

FORMAT: Final = "iu-cutter citation 1"
FORMAT_IN_RELEASE: Final = "iu-cutter citation 2"
"""Of a unit whose change set was approved as one of a release. Proofs of the first format are made
as they were, so that a program of any age verifies them.
"""


def citation_of(bundle: Bundle, address: str) -> dict[str, Any]:
    """The proof of one unit that a finished run has written, as JSON values.

    Raises `BadInput` if the run is not finished, was reverted or did not write it, and
    `DatabaseUnsuitable` if it was approved before statements named a root.
    """
    permit = _used(bundle)
    record = bundle.change_set.record if bundle.change_set else None
    executor, verifier = bundle.half("executor"), bundle.half("verifier")
    if bundle.taken_back:
        raise BadInput(f"Change set {bundle.run.change_set_id} was reverted: nothing of it stands.")
    if not bundle.stands or permit is None or not (record and executor and verifier):
        raise BadInput(
            f"The run of change set {bundle.run.change_set_id} is not finished and proves nothing."
        )
    leaves = run_leaves(bundle.plan)
    place = next((n for n, one in enumerate(leaves) if one.canonical_address == address), None)
    if place is None:
        raise BadInput(f"Change set {bundle.run.change_set_id} has not written {address[:80]}.")
    release = _release_of(bundle, permit)
    title, body = _text_at(bundle, place)
    two = _one_for_each_gate(permit)
    return {
        "format": FORMAT_IN_RELEASE if release else FORMAT,
        "address": address,
        "title": title,
        "body": body,
        "change_set": str(record.change_set_id),
        "target": record.target,
        "leaf": leaves[place].fields,
        "path": list(path_of(leaves, place)),
        "approvals": [approval.envelope for approval in two],
        "approvers": [_base64(approval.public_key) for approval in two],
        "record": list(record.fields),
        "source": bundle.verification.source_sha256 if bundle.verification else "",
        "executor": [_base64(executor.public_key), _base64(executor.signature)],
        "verifier": [_base64(verifier.public_key), _base64(verifier.signature)],
        **release,
    }


def proof_text(proof: Mapping[str, Any]) -> str:
    """A proof as it is printed: one line of ASCII, in its one spelling."""
    return json.dumps(proof, sort_keys=True, separators=(",", ":")) + "\n"


def _used(bundle: Bundle) -> PermitOnRecord | None:
    return next(
        (one for one in bundle.permits if one.used_at is not None and one.revoked_at is None), None
    )


def _one_for_each_gate(permit: PermitOnRecord) -> list[ApprovalOnRecord]:
    """Two of the approvals, by two people: a policy may have asked for more."""
    of: dict[str, ApprovalOnRecord] = {}
    for one in permit.approvals:
        signed = parse_release_envelope if permit.release else parse_envelope
        of.setdefault(signed(one.envelope).statement.gate, one)
    return list(of.values())


def _release_of(bundle: Bundle, permit: PermitOnRecord) -> dict[str, Any]:
    """What leads from the units' root to that of a release, if one was approved: which of its
    change sets this is, from 1, its leaf, and the path.

    Raises `DatabaseUnsuitable` unless what was approved names the root of the plan's units.
    """
    release = permit.release
    if release is None:
        found = {parse_envelope(one.envelope).statement.units_root for one in permit.approvals}
    else:
        found = {effect_from(release.leaf).units_root}
    if found != {root_of(bundle.plan)}:
        raise DatabaseUnsuitable(
            f"Change set {bundle.run.change_set_id} was approved before statements named the "
            f"root of its units, so none of them can be proved alone; its whole bundle proves "
            f"them: `cutter evidence verify`."
        )
    if release is None:
        return {}
    leaf = [RELEASE_FORMAT, str(release.documents), *release.leaf]
    return {"release": [str(release.place + 1), leaf, list(release.path)]}


def _text_at(bundle: Bundle, place: int) -> tuple[str, str]:
    """Title and body of the unit at a place."""
    plan = bundle.plan
    if isinstance(plan, RevisionPlan):
        return plan.steps[place].title, plan.steps[place].body
    row: Any = blocks_of(plan)[place]
    return row.title, row.body


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
