"""Changes outside to units that were there before cutter was, and which of them somebody accepts.

Pure. An acceptance names each unit with a digest of how it stands, so it covers that one state: a
later change is noticed as the first was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.approval.approvals import ApproverKey, SignatureCheck, said_by_sg_3
from domain.approval.dsse import Envelope

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.adopted-changes-accepted+json;version=1"
AGAIN: Final = "was changed again, since somebody accepted how it stood"


@dataclass(frozen=True, slots=True)
class AdoptedUnit:
    """A unit that was there before: what is different from then, if anything, and a digest of how
    it stands now.
    """

    unit_id: UUID
    canonical_address: str
    fault: str | None
    now_sha256: str


@dataclass(frozen=True, slots=True)
class AcceptedState:
    """How a unit stood when somebody accepted it, who, and when."""

    now_sha256: str
    person: str
    at: datetime


def not_accepted(
    units: Iterable[AdoptedUnit], accepted: Mapping[UUID, AcceptedState]
) -> list[AdoptedUnit]:
    """The units that are neither as they were nor as somebody has accepted them.

    >>> unit = AdoptedUnit(UUID(int=1), "a~1", "has another body", "aa")
    >>> not_accepted([unit], {unit.unit_id: AcceptedState("aa", "Ann", datetime(2026, 1, 1))})
    []
    >>> known = {unit.unit_id: AcceptedState("bb", "Ann", datetime(2026, 1, 1))}
    >>> not_accepted([unit], known)[0].fault == AGAIN
    True
    """
    found = []
    for unit in units:
        known = accepted.get(unit.unit_id)
        if known is not None and known.now_sha256 != unit.now_sha256:
            found.append(AdoptedUnit(unit.unit_id, unit.canonical_address, AGAIN, unit.now_sha256))
        elif known is None and unit.fault is not None:
            found.append(unit)
    return found


def acceptance(
    target: str, person: str, reason: str, at: datetime, units: Sequence[AdoptedUnit]
) -> dict[str, object]:
    """The statement that is signed."""
    return {
        "target": target,
        "accepted_by": person,
        "reason": reason,
        "accepted_at": at.isoformat(),
        "units": {str(unit.unit_id): unit.now_sha256 for unit in units},
        "changes": [f"{unit.canonical_address} {unit.fault}" for unit in units],
    }


def accepted_states(
    envelopes: Iterable[Envelope],
    target: str,
    keys: Mapping[str, ApproverKey],
    is_valid: SignatureCheck,
) -> dict[UUID, AcceptedState]:
    """How each unit of this database was last accepted, by the statements that count: signed with a
    registered key that could sign for SG_3 at the time.

    A statement that does not count is passed over, so what it would cover is found as a change.
    """
    found: dict[UUID, AcceptedState] = {}
    for envelope in envelopes:
        said = said_by_sg_3(envelope, PAYLOAD_TYPE, "accepted_at", keys, is_valid)
        if said is None or said.fields["target"] != target:
            continue
        for unit, now in said.fields["units"].items():
            before = found.get(UUID(unit))
            if before is None or before.at < said.at:
                found[UUID(unit)] = AcceptedState(now, said.person, said.at)
    return found
