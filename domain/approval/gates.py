"""Which gate is left for the holder of a key to sign for, and which approvals on file count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Protocol, TypeVar

from domain.approval.approvals import ApproverKey, Gate
from domain.approval.policy import Policy
from domain.approval.stated import Stated
from domain.errors import ApprovalRefused, BadInput
from domain.phases import Kind


class _Kept(Protocol):
    @property
    def key_id(self) -> str: ...
    @property
    def statement(self) -> Stated: ...


Kept = TypeVar("Kept", bound=_Kept)


def those_that_count(
    approvals: Iterable[Kept], keys: Mapping[str, ApproverKey], now: datetime
) -> list[Kept]:
    """Approvals on file without those that have run out, or whose key counts no more: where more
    than two stand side by side, nobody replaces them, and they may not hold the others up.
    """
    return [
        one
        for one in approvals
        if one.statement.approve_by > now
        and (key := keys.get(one.key_id)) is not None
        and key.counts_at(now)
    ]


def gate_left(
    key: ApproverKey,
    needed: Set[Gate],
    standing: Iterable[Stated],
    policy: Policy | None,
    runs: Iterable[tuple[Kind, str]],
) -> Gate:
    """The one gate of those needed that a key may sign for and that nobody else has signed; where
    all are signed and the policy still asks for this person, the first that the key may sign for.

    `standing` are the approvals that count already, `runs` the kinds of run and publication types
    that are approved together. Raises `ApprovalRefused` if nothing is left, and `BadInput` if more
    than one gate is.
    """
    others = [one for one in standing if one.key_id != key.key_id]
    may = key.gates & needed
    signed = {Gate(one.gate) for one in others}
    left = sorted(may - signed)
    if len(left) > 1:
        raise BadInput(f"Name the gate with --gate: the key may sign for {', '.join(left)}.")
    if left:
        return left[0]
    people = [one.approver for one in others]
    if (
        may
        and policy is not None
        and any(policy.counts_for(kind, name, people, key.person) for kind, name in runs)
    ):
        return min(may)
    raise ApprovalRefused(
        f"Nothing is left for the key {key.key_id[:12]} to sign: it may sign for "
        f"{', '.join(sorted(key.gates))}, and what is signed already is "
        f"{', '.join(sorted(signed)) or 'nothing'}."
    )
