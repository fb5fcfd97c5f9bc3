"""The plan of a revision: what is written, what is signed, and from when it is in force."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from adapters.likeness import RapidLikeness
from domain.digests import text_sha256
from domain.errors import BadInput, PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow, TargetDocument
from domain.revision.compare import compare
from domain.revision.dates import Dates, UnitDate, parse_dates, parse_day
from domain.revision.plan import Act, RevisionPlan, require_base
from domain.revision.settled import parse_settled
from domain.revision.units import Version, VersionUnit, version_of
from tests.support.amended import amended, made_law
from tests.unit.revision.versions import TEXTS, law

SIX = {str(number): text for number, text in TEXTS.items()}
FRESH = "A buoy that has drifted is towed back at the cost of whoever moored it there."


def plan_of(version: Version) -> CutPlan:
    """The cut plan of a version, with full addresses."""
    rows: list[CutplanRow] = []
    at = 0
    for unit in standing(version).units:
        end = at + len(unit.body)
        rows.append(
            CutplanRow(
                len(rows) + 1, unit.address, unit.title, unit.body, unit.unit_kind, "body", "law",
                "registry", unit.parent, unit.label, "basic", at, end,
            )
        )  # fmt: skip
        at = end
    whole = "".join(row.body for row in rows)
    return CutPlan(
        TargetDocument("xx.1"),
        "new.md",
        "made",
        "en",
        "basic",
        text_sha256(whole),
        at,
        tuple(rows),
        (),
    )


def standing(version: Version, version_no: int = 0) -> Version:
    """A version as the knowledge base has it."""
    units = (
        unit._replace(
            address=f"xx.1{unit.address}",
            parent=f"xx.1{unit.parent}" if unit.parent else None,
            version_no=version_no,
        )
        for unit in version.units
    )
    return Version("xx.1", "what stands", tuple(units))


def revision(old: Version, new: Version, *matches: str, dates: Dates | None = None) -> RevisionPlan:
    plan = plan_of(new)
    settled = [parse_settled(one) for one in matches]
    found = compare(standing(old, 1), version_of(plan), RapidLikeness(), settled)
    return RevisionPlan(plan, found, dates or Dates())


def acts(made: RevisionPlan) -> dict[str, str]:
    return {step.address.partition("~")[2]: step.act.value for step in made.steps}


def test_only_what_differs_is_written() -> None:
    new = {n: text for n, text in SIX.items() if n != "4"} | {
        "2": SIX["2"].replace("quay", "pier"),
        "7": FRESH,
    }
    made = revision(law(SIX), law(new))
    assert acts(made) == {"art_2": "revise", "art_7": "create", "art_4": "repeal"}
    assert made.counts == {Act.CREATE: 1, Act.REVISE: 1, Act.REPEAL: 1}
    assert made.untouched == 4
    assert all(step.derived_from == () for step in made.steps)


def test_a_unit_is_an_address_for_ever_and_lineage_says_where_its_text_came_from() -> None:
    texts = [*list(SIX.values())[:2], FRESH, *list(SIX.values())[2:5]]
    made = revision(law(SIX), law({str(n): text for n, text in enumerate(texts, 1)}))
    steps = {step.address.partition("~")[2]: step for step in made.steps}
    assert acts(made) == dict.fromkeys(("art_3", "art_4", "art_5", "art_6"), "revise")
    assert steps["art_3"].derived_from == ()
    assert steps["art_4"].derived_from == ("xx.1~art_3",)
    merged = revision(
        law(SIX),
        law({n: text for n, text in SIX.items() if n != "6"}),
        "art_5=art_5",
        "art_6=art_5",
    )
    (revised, gone) = merged.steps
    assert revised.derived_from == ("xx.1~art_5", "xx.1~art_6")
    assert (gone.act, gone.became) == (Act.REPEAL, ("xx.1~art_5",))


@pytest.mark.parametrize("seed", range(3))
def test_the_steps_lead_from_what_stands_to_the_new_text(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # repeatable, no secret
    made = amended(made_law(dice), dice)
    found = revision(made.old, made.new)
    after = {u.address: (u.title, u.body, u.parent) for u in found.comparison.old.units}
    for step in found.steps:
        if step.row is None:
            del after[step.address]
            continue
        new = (step.row.title, step.row.body, step.row.parent_ref)
        assert (step.address in after) == (step.act is Act.REVISE)
        assert after.get(step.address) != new, "what stands already is not written"
        after[step.address] = new
    rows = found.plan.rows
    assert after == {r.canonical_address: (r.title, r.body, r.parent_ref) for r in rows}
    assert found.untouched + sum(step.row is not None for step in found.steps) == len(rows)


def test_a_base_that_has_moved_is_refused() -> None:
    new = law(SIX | {"2": SIX["2"].replace("quay", "pier")})
    made = revision(law(SIX), new)
    require_base(made, standing(law(SIX), 1).base_digest)
    with pytest.raises(PlanRefused, match="has changed since this revision was planned"):
        require_base(made, standing(law(SIX), 2).base_digest)


FORGED: list[Callable[[VersionUnit], VersionUnit]] = [
    lambda unit: unit._replace(body=f"{unit.body} "),
    lambda unit: unit._replace(title=f"{unit.title}."),
    lambda unit: unit._replace(address=f"{unit.address}a"),
    lambda unit: unit._replace(parent="xx.1~chp_9"),
    lambda unit: unit._replace(unit_kind="section"),
    lambda unit: unit._replace(version_no=unit.version_no + 1),
]


@pytest.mark.parametrize("forge", FORGED)
def test_no_forged_base_is_accepted(forge: Callable[[VersionUnit], VersionUnit]) -> None:
    made = revision(law(SIX), law(SIX))
    base = made.comparison.old
    for place, unit in enumerate(base.units):
        units = [*base.units[:place], forge(unit), *base.units[place + 1 :]]
        with pytest.raises(PlanRefused):
            require_base(made, replace(base, units=tuple(units)).base_digest)
        without = base.units[:place] + base.units[place + 1 :]
        with pytest.raises(PlanRefused):
            require_base(made, replace(base, units=without).base_digest)
    with pytest.raises(PlanRefused):
        require_base(made, replace(base, units=base.units[::-1]).base_digest)


def test_what_is_signed_pins_base_text_difference_and_dates() -> None:
    gone = {n: text for n, text in SIX.items() if n != "6"}
    old, new = law(SIX), law(gone | {"7": SIX["6"]})
    made = revision(old, new)
    others = [
        revision(law(SIX | {"1": f"{SIX['1']} "}), new),
        revision(old, law(gone | {"7": f"{SIX['6']} "})),
        revision(old, new, "art_6=", "=art_7"),
        revision(old, new, dates=Dates(date(2027, 1, 1))),
    ]
    digests = {one.revision_digest for one in (made, *others)}
    assert len(digests) == 5
    assert revision(old, new).revision_digest == made.revision_digest


def test_parts_of_different_texts_are_refused() -> None:
    made = revision(law(SIX), law(SIX))
    other = plan_of(law(SIX | {"1": FRESH}))
    with pytest.raises(PlanRefused, match="compare again"):
        RevisionPlan(other, made.comparison)
    with pytest.raises(PlanRefused, match="compare again"):
        RevisionPlan(replace(made.plan, document=TargetDocument("yy.1")), made.comparison)


DATES = """\ufeff# address, date, source
art_2, 2027-01-01, Gazette 12 of 2026, page 3

xx.1~art_4\tunknown\tleft to an order
"""


def test_single_units_have_dates_of_their_own() -> None:
    new = {n: text for n, text in SIX.items() if n != "4"} | {"2": FRESH, "5": f"{SIX['5']} Ever."}
    plain = revision(law(SIX), law(new))
    single = parse_dates(DATES, "dates.csv", [step.address for step in plain.steps])
    assert single["xx.1~art_2"] == UnitDate(date(2027, 1, 1), "Gazette 12 of 2026, page 3")
    made = revision(law(SIX), law(new), dates=Dates(date(2026, 7, 1), single))
    assert {step.address: step.in_force_from for step in made.steps} == {
        "xx.1~art_2": date(2027, 1, 1),
        "xx.1~art_5": date(2026, 7, 1),
        "xx.1~art_4": None,
    }
    with pytest.raises(BadInput, match="art_1, and nothing happens to it"):
        revision(law(SIX), law(new), dates=Dates(single={"xx.1~art_1": UnitDate(None)}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("art_2, 2027-01-01", "d.csv, line 1: write address, date and source"),
        ("\n\nart_2, , nobody", "d.csv, line 3: write address, date and source"),
        ("art_9, 2027-01-01, nobody", "line 1: nothing happens to art_9"),
        ("art_2, 2027-01-01, a\nart_2, 2027-01-02, b", "line 2: art_2 has a date already"),
        ("art_2, 2027-02-30, a", "'2027-02-30' is no date"),
        ("art_2, tomorrow, a", "'tomorrow' is no date"),
    ],
)
def test_a_file_of_dates_is_refused_by_line(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_dates(text, "d.csv", ["xx.1~art_2"])


@pytest.mark.parametrize("said", ["2027-1-1", "20270101", "2027-01-01T00:00", "", "-2027-01-01"])
def test_a_day_is_written_in_one_way(said: str) -> None:
    with pytest.raises(BadInput, match="is no date"):
        parse_day(said)


def test_the_dates_digest_pins_days_and_sources() -> None:
    day, other = date(2027, 1, 1), date(2027, 1, 2)
    every = [
        Dates(),
        Dates(day),
        Dates(single={"a": UnitDate(day, "x")}),
        Dates(single={"a": UnitDate(day, "y")}),
        Dates(single={"a": UnitDate(other, "x")}),
        Dates(single={"b": UnitDate(day, "x")}),
        Dates(single={"a": UnitDate(None, "x")}),
    ]
    assert len({dates.digest for dates in every}) == len(every)


def test_the_manifest_names_every_unit_of_the_new_text_with_its_own_hashes() -> None:
    old = law(SIX)
    made = revision(old, law({**SIX, "3": FRESH}))
    assert made.steps
    assert len(made.steps) < len(made.rows)
    assert list(made.blocks) == [
        (
            *(row.seq, row.canonical_address, row.start, row.end),
            *(text_sha256(row.title), text_sha256(row.body)),
        )
        for row in made.rows
    ]
