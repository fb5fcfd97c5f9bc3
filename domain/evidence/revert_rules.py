"""The rules about a revert alone: the form of its plan, the rows that it withdrew, and what became
of what it reverts.
"""

from __future__ import annotations

from domain.counted import counted
from domain.evidence.bundle import Bundle
from domain.evidence.case import Absent, Case, require
from domain.phases import PRINCIPAL_OF, Kind, Phase
from domain.plan.revert import REVERTED, WITHDRAWN, RevertPlan


def plan_of(bundle: Bundle) -> RevertPlan:
    """The revert's plan. Raises `Fault` if the run is no revert or its plan is none."""
    require(
        bundle.run.kind is Kind.REVERT,
        f"the run is a {bundle.run.kind}, and its plan is a revert's",
    )
    assert isinstance(bundle.plan, RevertPlan)  # noqa: S101  # the caller has chosen by it
    return bundle.plan


def withdrawals(case: Case) -> str:
    """The plan withdraws each unit once, children before their parents, all from where its change
    set left them.

    A revert's bundle has no text, so the source text is not rebuilt here: the verifier has, and
    signed its hash.
    """
    bundle = case.bundle
    plan = plan_of(bundle)
    require(bool(plan.units or plan.stands), "the plan withdraws nothing")
    require(
        [unit.seq for unit in plan.units] == list(range(1, len(plan.units) + 1)),
        "the units are not numbered from 1",
    )
    for name, keys in (
        ("unit", [unit.unit_id for unit in plan.units]),
        ("version", [unit.version_id for unit in plan.units]),
        ("address", [unit.canonical_address for unit in plan.units]),
    ):
        require(len(set(keys)) == len(keys), f"the plan names one {name} twice")
    left_as = "enacted" if plan.status == "enacted" else "draft"
    gone: set[str] = set()
    for unit in plan.units:
        require(
            unit.lifecycle == left_as,
            f"{unit.canonical_address} is {unit.lifecycle} in the plan, and was left {left_as}",
        )
        if unit.action != WITHDRAWN:
            continue
        require(
            unit.parent_ref not in gone, f"{unit.canonical_address} is withdrawn after its parent"
        )
        gone.add(unit.canonical_address)
    require(
        bundle.digests.source_text == plan.text_sha256,
        "digests.json names another source text than the plan",
    )
    return (
        f"{counted(len(plan.units), 'unit')}, children first; source text {plan.text_sha256} is "
        f"named and not rebuilt: no text is here"
    )


def unit_ids(case: Case) -> str:
    """The rows on record are the plan's units at the plan's versions: nothing else was
    withdrawn.
    """
    bundle, plan = case.bundle, plan_of(case.bundle)
    if plan.units and not bundle.rows:
        require(not bundle.finished, "the run is finished, and no withdrawn row is on record")
        raise Absent("no withdrawn row is on record yet")
    planned = [(unit.unit_id, unit.version_id) for unit in plan.units]
    require(
        [(row.unit_id, row.version_id) for row in bundle.rows] == planned,
        "other units or versions than the plan's",
    )
    return f"{counted(len(planned), 'unit')}, each at the version that was to be withdrawn"


def reverted(case: Case) -> str:
    """The history tells that what is reverted stood where the plan says, and that this plan moved
    it to `reverted`.
    """
    bundle, plan = case.bundle, plan_of(case.bundle)
    steps = [row for row in bundle.history if row.entry_id == plan.entry_id]
    if not bundle.finished:
        raise Absent(f"change set {plan.reverts} is not reverted by this run")
    require(
        bool(steps) and steps[-1].to_status == REVERTED,
        f"change set {plan.reverts} does not end as reverted",
    )
    last = steps[-1]
    found = (last.from_status, last.payload_sha256, last.principal)
    wanted = (plan.status, plan.plan_digest, PRINCIPAL_OF[Phase.LIFECYCLE_ENACT].value)
    require(
        found == wanted,
        f"change set {plan.reverts} was not reverted from {plan.status} by this plan",
    )
    return f"change set {plan.reverts}, from {plan.status}"
