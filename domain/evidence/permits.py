"""The judgement of a permit that is on record: by approvals of its own, or by its place in a
release. Judged as when they were accepted, by the rules of a run.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.approval.approvals import (
    LATER,
    ApproverKey,
    Effect,
    SignatureCheck,
    judge,
    parse_envelope,
)
from domain.approval.signed_policy import policy_from_envelope
from domain.approval.stated import Stated
from domain.errors import ApprovalRefused
from domain.evidence.bundle import PermitOnRecord, ReleaseOnRecord
from domain.release.approval import (
    Place,
    ReleaseRoot,
    judge_release,
    parse_release_envelope,
    require_place,
)
from domain.release.manifest import effect_from


def judge_permit(
    permit: PermitOnRecord, wanted: Effect, signature_is_valid: SignatureCheck
) -> Sequence[Stated]:
    """What was signed, if it authorised exactly this effect. Raises `ApprovalRefused`."""
    keys: dict[str, ApproverKey] = {one.key_id: one.key for one in permit.approvals}
    policy = None
    if permit.policy is not None:
        signer = {permit.policy.key_id: permit.policy.key}
        signed = policy_from_envelope(permit.policy.envelope)
        policy = signed.judge(wanted.target, signer, signature_is_valid)
    if permit.release is None:
        return judge(
            [parse_envelope(one.envelope) for one in permit.approvals],
            wanted,
            keys,
            permit.submitter,
            permit.opened_at,
            signature_is_valid,
            policy,
        )
    place = _place(permit.release, wanted.target)
    require_place(wanted, place)
    return judge_release(
        [parse_release_envelope(one.envelope) for one in permit.approvals],
        place.release,
        keys,
        permit.submitter,
        permit.release.opened_at,
        signature_is_valid,
        policy,
        [(wanted.kind, wanted.publication_type)],
    )


def signed_besides(permit: PermitOnRecord) -> dict[str, object]:
    """What the approvals name that only the plan could tell: doubts, root, base, changes, dates.

    Raises `ApprovalRefused` if they can not be read.
    """
    if permit.release is not None:
        try:
            signed = effect_from(permit.release.leaf)
        except ValueError:
            raise ApprovalRefused("Not approved: its leaf can not be read.") from None
    elif permit.approvals:
        signed = parse_envelope(permit.approvals[0].envelope).statement.effect
    else:
        return {}
    return {name: getattr(signed, name) for name in LATER}


def _place(release: ReleaseOnRecord, target: str) -> Place:
    root = ReleaseRoot(release.release_id, release.root, release.documents, target)
    return Place(root, release.place, release.path)
