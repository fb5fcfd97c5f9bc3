"""What a revision says of the document itself."""

from __future__ import annotations

from dataclasses import replace

from adapters.likeness import RapidLikeness
from domain.plan.cut_plan import CutPlan
from domain.revision.compare import compare
from domain.revision.plan import RevisionPlan
from domain.revision.units import Version, version_of
from domain.revision.verdicts import Change
from domain.runs.run_plan import changes_of
from tests.support.revisions import FIRST, about, harbour_plan, standing


def stood(
    owners: tuple[str, ...] = ("harbour office",), title: str = "Rules of the harbour"
) -> Version:
    version = standing(harbour_plan(FIRST))
    units = tuple(
        unit._replace(publication_type="policy", owner_ref=owners[n % len(owners)])
        for n, unit in enumerate(version.units)
    )
    return replace(version, units=units, title=title)


def revision(old: Version, new: CutPlan) -> RevisionPlan:
    return RevisionPlan(new, compare(old, version_of(new), RapidLikeness()))


def test_another_owner_is_said_once_and_revises_every_unit() -> None:
    plan = revision(stood(), about(harbour_plan(FIRST), "port authority"))
    assert changes_of(plan) == ("owner changed from harbour office to port authority",)
    assert plan.comparison.counts[Change.SAME] == (6, 6)
    assert (len(plan.steps), plan.untouched, plan.restates) == (6, 0, True)


def test_only_the_units_that_stand_with_another_owner_are_revised() -> None:
    plan = revision(stood(("harbour office", "mayor")), harbour_plan(FIRST))
    assert changes_of(plan) == ("owner changed from mayor to harbour office",)
    assert [step.row.seq for step in plan.steps if step.row] == [2, 4, 6]


def test_another_title_touches_no_unit_and_is_another_plan_with_another_effect() -> None:
    renamed = revision(stood(), about(harbour_plan(FIRST), title="Port rules"))
    same = revision(stood(title="Port rules"), about(harbour_plan(FIRST), title="Port rules"))
    assert changes_of(renamed) == ("title changed from Rules of the harbour to Port rules",)
    assert (renamed.steps, renamed.changes_text, same.changes_text) == ((), True, False)
    assert renamed.plan_digest != same.plan_digest
    other = revision(stood(), about(harbour_plan(FIRST), title="Quay rules"))
    assert other.plan_digest != renamed.plan_digest


def test_spacing_makes_no_other_title_and_one_that_was_never_on_record_is_none() -> None:
    for title in ("Rules  of the\nharbour", ""):
        assert revision(stood(title=title), harbour_plan(FIRST)).about == ()


def test_another_section_type_is_a_change_of_the_unit() -> None:
    new = harbour_plan(FIRST)
    *rows, last = new.rows
    plan = revision(stood(), replace(new, rows=(*rows, last._replace(section_type="annex"))))
    (verdict,) = plan.comparison.of(Change.CHANGED)
    assert verdict.otherwise == (("section type", "body", "annex"),)
    assert not verdict.folded
    assert len(plan.steps) == 1


def test_what_is_not_known_of_what_stands_is_no_difference() -> None:
    old = stood()
    units = tuple(u._replace(publication_type="", owner_ref="", section_type="") for u in old.units)
    plan = revision(replace(old, units=units), harbour_plan(FIRST))
    assert (plan.steps, plan.about, plan.changes_text) == ((), (), False)
