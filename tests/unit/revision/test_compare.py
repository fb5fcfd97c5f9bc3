"""What became of each unit, case by case."""

from __future__ import annotations

import pytest

from adapters.likeness import RapidLikeness
from domain.errors import BadInput
from domain.revision.compare import compare
from domain.revision.settled import parse_settled
from domain.revision.units import Version, VersionUnit
from domain.revision.verdicts import Change, Comparison, Why
from tests.unit.revision.versions import TEXTS, law

SIX = {str(number): text for number, text in TEXTS.items()}


def judged(old: Version, new: Version, *matches: str) -> Comparison:
    return compare(old, new, RapidLikeness(), [parse_settled(one) for one in matches])


def said(comparison: Comparison) -> dict[str, str]:
    """The change of every unit that is not the same, by the step of its address."""
    return {
        " ".join(unit.step for unit in verdict.units): verdict.change.value
        for verdict in comparison.verdicts
        if verdict.change is not Change.SAME
    }


def whys(comparison: Comparison) -> list[Why]:
    return [doubt.why for verdict in comparison.verdicts for doubt in verdict.doubts]


def test_a_text_and_itself_are_the_same() -> None:
    comparison = judged(law(SIX), law(SIX))
    assert said(comparison) == {}
    assert comparison.counts[Change.SAME] == (6, 6)
    assert whys(comparison) == []


def test_a_word_is_a_change_and_a_line_break_an_editorial_one() -> None:
    new = SIX | {"2": SIX["2"].replace("quay", "pier"), "3": SIX["3"].replace(" of ", "\n  of ")}
    comparison = judged(law(SIX), law(new))
    assert said(comparison) == {"art_2": "changed", "art_3": "changed"}
    assert [one.editorial for one in comparison.of(Change.CHANGED)] == [False, True]
    assert [one.folded for one in comparison.of(Change.CHANGED)] == [False, True]


def test_a_comma_is_editorial_and_never_folded() -> None:
    comparison = judged(law(SIX), law(SIX | {"2": SIX["2"].replace("fish", "fish,")}))
    (verdict,) = comparison.of(Change.CHANGED)
    assert verdict.editorial
    assert not verdict.folded
    assert whys(comparison) == [Why.PUNCTUATION]


def test_an_insertion_renumbers_what_follows() -> None:
    texts = list(SIX.values())
    texts[2:2] = ["A buoy that has drifted is towed back at the cost of whoever moored it there."]
    new = {str(n): text for n, text in enumerate(texts, 1)}
    comparison = judged(law(SIX), law(new))
    renumbered = {f"art_{n}": "renumbered" for n in range(4, 8)}
    assert said(comparison) == {"art_3": "added", **renumbered}
    assert [(v.old[0].step, v.new[0].step) for v in comparison.of(Change.RENUMBERED)] == [
        (f"art_{n}", f"art_{n + 1}") for n in range(3, 7)
    ]
    assert whys(comparison) == []


def test_another_number_and_another_text_is_likely_the_same_and_a_doubt() -> None:
    old = {"1": SIX["1"], "2": SIX["2"]}
    changed = SIX["2"].replace(
        "weighs it on the quay before it is", "has it weighed by the board and"
    )
    comparison = judged(law(old), law({"1": SIX["1"], "9": changed}))
    assert said(comparison) == {"art_9": "renumbered"}
    assert whys(comparison) == [Why.LIKELY]
    (verdict,) = comparison.doubtful
    assert verdict.doubts[0].settle == "--match 'art_2=art_9'"


def test_what_is_settled_is_no_doubt_and_another_digest() -> None:
    changed = SIX["2"].replace(
        "weighs it on the quay before it is", "has it weighed by the board and"
    )
    old, new = law({"1": SIX["1"], "2": SIX["2"]}), law({"1": SIX["1"], "9": changed})
    open_ = judged(old, new)
    same, other = judged(old, new, "art_2=art_9"), judged(old, new, "art_2=")
    assert said(same) == said(open_)
    assert whys(same) == []
    assert said(other) == {"art_9": "added", "art_2": "repealed"}
    assert len({one.digest for one in (open_, same, other)}) == 3


def test_a_text_that_was_replaced_at_its_address_is_a_doubt() -> None:
    comparison = judged(law(SIX), law(SIX | {"4": "Nets are dried on poles away from the road."}))
    assert said(comparison) == {"art_4": "changed"}
    assert whys(comparison) == [Why.REPLACED]


def test_a_short_text_says_nothing_about_where_a_unit_came_from() -> None:
    old = SIX | {"5": "(repealed)"}
    new = {n: text for n, text in SIX.items() if n != "5"} | {"2": "(repealed)"}
    assert said(judged(law(old), law(new))) == {"art_2": "changed", "art_5": "repealed"}


def test_a_unit_is_moved_where_its_parent_is_another_one() -> None:
    parents = dict.fromkeys("1234", "1") | dict.fromkeys("56", "2")
    moved = judged(law(SIX, parents=parents), law(SIX, parents=parents | {"4": "2"}))
    assert said(moved) == {"art_4": "moved"}
    (verdict,) = moved.of(Change.MOVED)
    assert verdict.what == ("parent",)


def test_units_below_a_parent_with_a_new_number_are_not_moved() -> None:
    parents = dict.fromkeys("1234", "1") | dict.fromkeys("56", "2")
    new = law(SIX, parents=parents | dict.fromkeys("56", "3"))
    assert said(judged(law(SIX, parents=parents), new)) == {"chp_3": "renumbered"}


def test_a_split_and_a_merger() -> None:
    whole = f"{SIX['2']} {SIX['3']}"
    apart, together = {"1": SIX["1"], "2": SIX["2"], "2a": SIX["3"]}, {"1": SIX["1"], "2": whole}
    split = judged(law(together), law(apart))
    assert said(split) == {"art_2 art_2a": "split"}
    assert whys(split) == [Why.PARTS]
    assert split.counts[Change.SPLIT] == (1, 2)
    merged = judged(law(apart), law(together))
    assert said(merged) == {"art_2": "merged"}
    assert merged.counts[Change.MERGED] == (2, 1)
    kept = judged(law(together), law(apart), "art_2=art_2", "=art_2a")
    assert said(kept) == {"art_2": "changed", "art_2a": "added"}


def test_two_that_are_nearly_as_like_are_a_doubt() -> None:
    rate = "Ice from the public store at the {} quay is paid for at the posted rate of the board."
    old = law({"1": rate.format("north"), "2": SIX["2"]})
    new = law({"7": rate.format("west"), "8": rate.format("east"), "2": SIX["2"]})
    assert Why.RIVAL in whys(judged(old, new))


@pytest.mark.parametrize(
    ("matches", "says"),
    [
        (("art_77=art_1",), "old version has no unit"),
        (("art_1=art_77",), "new version has no unit"),
        (("art_1=art_1", "art_1="), "contradicts"),
        (("art_1=art_1", "art_1=art_2", "art_2=art_2"), "contradicts"),
    ],
)
def test_what_is_settled_has_to_make_sense(matches: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        judged(law(SIX), law(SIX), *matches)


@pytest.mark.parametrize("said_so", ["art_1", "=", "a=b=c", ""])
def test_a_match_that_names_nothing_is_refused(said_so: str) -> None:
    with pytest.raises(BadInput, match="matches nothing"):
        parse_settled(said_so)


def test_an_address_twice_is_refused() -> None:
    unit = VersionUnit("~art_1", "One", "One", "article")
    with pytest.raises(BadInput, match="~art_1 twice"):
        Version("xx.1", "made", (unit, unit))


def test_two_files_may_name_the_document_differently() -> None:
    named = Version(
        "yy.2", "n", tuple(u._replace(address=f"yy.2{u.address}") for u in law(SIX).units)
    )
    assert said(judged(law(SIX), named)) == {}


def test_a_number_that_is_printed_twice_counts_as_itself() -> None:
    old = law({"1": "(repealed)", "1.2": SIX["1"]})
    second = old.units[1]._replace(label="Article 1.", body=f"Article 1. {SIX['1']}\n")
    comparison = judged(
        Version("xx.1", "old", (old.units[0], second)),
        Version("xx.1", "new", (second._replace(address="~art_1"),)),
    )
    assert said(comparison) == {"art_1": "repealed"}
    assert whys(comparison) == [Why.COUNTED]
