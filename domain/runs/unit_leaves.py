"""The leaves of the tree over the units that a run writes, of whatever kind it is, and its root.

A cut writes every row. A revision writes its steps alone: what it leaves as it stands is proved by
the change set that wrote it. A revert writes no text.
"""

from __future__ import annotations

from domain.digests import text_sha256
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import RevertPlan
from domain.plan.unit_tree import UnitLeaf, leaves_of, root_of_leaves, units_root
from domain.revision.plan import RevisionPlan, RevisionStep
from domain.runs.run_plan import RunPlan


def run_leaves(plan: RunPlan) -> tuple[UnitLeaf, ...]:
    """The leaves, in the order of what the ledger's rows say; none for a revert."""
    if isinstance(plan, RevertPlan):
        return ()
    if isinstance(plan, CutPlan):
        return leaves_of(plan)
    old = plan.comparison.old
    stood = {unit.address: unit.version_no for unit in old.units} | dict(old.taken)
    return tuple(_leaf(step, stood.get(step.address, 0)) for step in plan.steps)


def root_of(plan: RunPlan) -> str:
    """The root of the tree, hexadecimal; "" for a run that writes no text."""
    if isinstance(plan, CutPlan):
        return units_root(plan)
    return root_of_leaves(run_leaves(plan)) if isinstance(plan, RevisionPlan) else ""


def _leaf(step: RevisionStep, follows: int) -> UnitLeaf:
    """The leaf of one step; a repeal says nothing of kind and place, which stay what they are."""
    row = step.row
    return UnitLeaf(
        step.seq,
        step.act.value,
        step.address,
        row.unit_kind if row else "",
        row.section_type if row else "",
        row.publication_type if row else "",
        text_sha256(row.owner_ref) if row else "",
        (row.parent_ref or "") if row else "",
        step.title_sha256,
        step.body_sha256,
        follows,
        step.in_force_from.isoformat() if step.in_force_from else "",
    )
