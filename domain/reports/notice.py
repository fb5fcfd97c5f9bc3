"""What people are told of proposals without asking: one waits, was declined, is about to expire, or
is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.counted import counted
from domain.reports.proposal import ProposalStanding, Stage

EXPIRES_SOON: Final = timedelta(minutes=30)
"""Twice as long as the watch that looks for it waits (`prefect.yaml`)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell, once. `key` is the same whenever the same thing is found again."""

    key: str
    subject: str
    body: str


def notices(standings: Iterable[ProposalStanding], now: datetime) -> list[Notice]:
    """Everything there is to tell of these proposals."""
    return [notice for one in standings for notice in _of(one, now)]


def _of(one: ProposalStanding, now: datetime) -> Iterator[Notice]:
    proposal, what = one.proposal, one.stage.value
    detail = ""
    if one.stage is Stage.WAITING:
        detail = ",".join(one.missing)
    elif one.stage is Stage.DECLINED:
        detail = one.declined or ""
    if one.stage in (Stage.WAITING, Stage.DECLINED, Stage.DONE):
        yield Notice(
            f"{proposal.change_set_id} {what} {detail}",
            f"cutter: {proposal.code} {_SAID[one.stage]}",
            f"{proposal.title}, {counted(proposal.units, 'unit')}, proposed by "
            f"{proposal.proposed_by}. {one.next_step}",
        )
    for given in one.given:
        if given.approve_by - now <= EXPIRES_SOON:
            yield Notice(
                f"{proposal.change_set_id} expiring {given.gate} {given.approve_by.isoformat()}",
                f"cutter: an approval of {proposal.code} is about to expire",
                f"{given.gate} by {given.approver} counts until {given.approve_by:%H:%M:%S} UTC. "
                f"{one.next_step}",
            )


_SAID: Final = {
    Stage.WAITING: "waits for approval",
    Stage.DECLINED: "was declined",
    Stage.DONE: "is done",
}
