"""The tree over what a revision writes: its steps, each with what it follows and from when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.keys.signing import signature_is_valid
from adapters.likeness import RapidLikeness
from domain.approval.approvals import judge
from domain.approval.request import document_effect
from domain.errors import ApprovalRefused
from domain.phases import Mode
from domain.revision.compare import compare
from domain.revision.dates import Dates
from domain.revision.plan import RevisionPlan
from domain.revision.units import version_of
from domain.runs.unit_leaves import root_of, run_leaves
from tests.support.approvers import Approvers
from tests.support.plans import context
from tests.support.revisions import CODE, OLD, harbour_plan, made_revision, standing

REVISION = made_revision()
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def repealing(version_no: int = 1) -> RevisionPlan:
    """A revision that leaves out the last article."""
    plan = harbour_plan(sorted(OLD.items())[:-1])
    old = standing(harbour_plan(sorted(OLD.items())), version_no)
    return RevisionPlan(plan, compare(old, version_of(plan), RapidLikeness()))


def test_each_step_has_a_leaf_and_what_stands_has_none() -> None:
    leaves = run_leaves(REVISION)
    assert [leaf.canonical_address for leaf in leaves] == [s.address for s in REVISION.steps]
    assert [(leaf.seq, leaf.act, leaf.follows) for leaf in leaves] == [
        (number, "revise", 1) for number in range(1, 5)
    ]
    assert sorted(leaf.in_force_from for leaf in leaves) == [
        "", "2027-01-01", "2027-01-01", "2027-07-01"
    ]  # fmt: skip


def test_a_repeal_has_a_leaf_of_its_own() -> None:
    [leaf] = run_leaves(repealing())
    assert (leaf.act, leaf.canonical_address, leaf.unit_kind) == ("repeal", f"{CODE}~art_6", "")
    assert root_of(repealing()) != root_of(REVISION)


def test_dates_and_what_is_followed_are_in_the_root() -> None:
    assert root_of(replace(REVISION, dates=Dates())) != root_of(REVISION)
    assert root_of(repealing(2)) != root_of(repealing(1))


def test_what_is_signed_of_a_revision_names_its_root() -> None:
    wanted = document_effect(context(REVISION, Mode.LIVE), REVISION)
    assert wanted.units_root == root_of(REVISION)
    approvers = Approvers()
    registry = approvers.registry(NOW)
    judge(approvers.sign(wanted, NOW), wanted, registry, "operator", NOW, signature_is_valid)
    other = approvers.sign(replace(wanted, units_root="0" * 64), NOW)
    with pytest.raises(ApprovalRefused, match="approves another units root"):
        judge(other, wanted, registry, "operator", NOW, signature_is_valid)
