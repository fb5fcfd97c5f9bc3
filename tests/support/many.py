"""A release on a live bench: its plans, its approvals, and the permits by its places."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.keys.approvers import new_nonce
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.permits.releases import ReleasePermit, open_release
from domain.approval.approvals import Gate
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.phases import Mode, Principal
from domain.plan.cut_plan import CutPlan
from domain.release.approval import (
    AtPlace,
    Place,
    ReleaseRoot,
    SignedRelease,
    release_statement,
)
from domain.release.manifest import Release, release_of
from tests.support.approvers import Approvers
from tests.support.live import LiveBench
from tests.support.plans import context, made_plan


@dataclass(frozen=True)
class Many:
    """A release of made-up documents on a bench."""

    bench: LiveBench
    plans: Sequence[CutPlan]
    release: Release

    @classmethod
    def of(cls, bench: LiveBench, count: int, units: int = 2) -> Many:
        """One of so many documents, each of so many basic units."""
        digits = max(3, len(str(count - 1)))  # in the order of their codes, which is a release's
        plans = [made_plan(units, code=f"law.{number:0{digits}}") for number in range(count)]
        contexts = [context(plan, Mode.LIVE, bench.target) for plan in plans]
        effects = [cut_effect(ctx, plan) for ctx, plan in zip(contexts, plans, strict=True)]
        return cls(bench, plans, release_of(effects))

    @property
    def root(self) -> ReleaseRoot:
        """What is signed of it."""
        return ReleaseRoot.of(self.release)

    def ctx(self, place: int) -> CutContext:
        """The context of the run at a place, with the switch armed for it."""
        ctx = context(self.plans[place], Mode.LIVE, self.bench.target)
        self.bench.switch.change_set_id = ctx.change_set_id
        return ctx

    def place(self, place: int) -> Place:
        """A place with its proof."""
        return Place(self.root, place, self.release.path_of(place))

    def sign(self, now: datetime, *, submitter: str = "operator") -> list[SignedRelease]:
        """Both approvals of it."""
        return sign_release(self.bench.approvers, self.root, now, submitter=submitter)

    def approve(self) -> ReleasePermit:
        """Put both approvals on record, as the executor."""
        with closing(self.bench.connections.connect(Principal.EXEC)) as conn:
            now = clock(conn)
            return open_release(conn, self.sign(now), self.root, "operator", registry(conn), now)

    def at(self, permit: ReleasePermit, place: int) -> AtPlace:
        """What opens the permit at a place."""
        return AtPlace(permit.release_permit_id, self.place(place))


def sign_release(
    approvers: Approvers, root: ReleaseRoot, now: datetime, *, submitter: str = "operator"
) -> list[SignedRelease]:
    """Both approvals of a release, valid for an hour."""
    return [
        sign_gate(approvers, root, gate, now, submitter=submitter)
        for gate in (Gate.SG_1, Gate.SG_2)
    ]


def sign_gate(
    approvers: Approvers,
    root: ReleaseRoot,
    gate: Gate,
    now: datetime,
    *,
    submitter: str = "operator",
) -> SignedRelease:
    """One of them."""
    signer, hour = approvers.keys[gate], timedelta(hours=1)
    return signer.sign_release(
        release_statement(
            root,
            gate,
            submitter=submitter,
            approver=approvers.people[gate],
            key_id=signer.key_id,
            nonce=new_nonce(),
            backup_key="F" * 40,
            now=now,
            approve_within=hour,
            execute_within=hour,
        )
    )
