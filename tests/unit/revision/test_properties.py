"""What holds of any two versions."""

from __future__ import annotations

import random
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.likeness import RapidLikeness
from domain.revision.compare import compare
from domain.revision.editorial import TextDifference, text_difference
from domain.revision.units import Version
from domain.revision.verdicts import Change
from domain.revision.words import shortened, word_difference
from tests.support.amended import TRUTH, amended, made_law, scores
from tests.unit.revision.versions import versions

LIKENESS = RapidLikeness()
MIRRORED = {
    Change.ADDED: Change.REPEALED,
    Change.REPEALED: Change.ADDED,
    Change.SPLIT: Change.MERGED,
    Change.MERGED: Change.SPLIT,
}


@given(versions())
def test_a_version_and_itself_are_the_same(version: Version) -> None:
    comparison = compare(version, version, LIKENESS)
    assert all(verdict.change is Change.SAME for verdict in comparison.verdicts)
    assert not list(comparison.doubtful)


@given(versions(), versions())
def test_every_unit_is_in_exactly_one_verdict(old: Version, new: Version) -> None:
    comparison = compare(old, new, LIKENESS)
    before = [unit for verdict in comparison.verdicts for unit in verdict.old]
    after = [unit for verdict in comparison.verdicts for unit in verdict.new]
    assert sorted(before) == sorted(old.units)
    assert sorted(after) == sorted(new.units)
    assert sum(count for count, _ in comparison.counts.values()) == len(old.units)
    assert sum(count for _, count in comparison.counts.values()) == len(new.units)


@given(versions(), versions())
def test_what_is_added_one_way_is_repealed_the_other(old: Version, new: Version) -> None:
    there, back = compare(old, new, LIKENESS), compare(new, old, LIKENESS)
    for change, (before, after) in there.counts.items():
        assert back.counts[MIRRORED.get(change, change)] == (after, before)


@given(versions(), versions())
def test_the_same_is_always_said_of_the_same(old: Version, new: Version) -> None:
    one, two = compare(old, new, LIKENESS), compare(old, new, LIKENESS)
    assert one.verdicts == two.verdicts
    assert one.digest == two.digest


_TEXT = st.text(st.sampled_from("ab ,.-\n\t1第五\u0301*#")) | st.text()


@given(_TEXT, _TEXT)
def test_the_stretches_are_both_texts(old: str, new: str) -> None:
    stretches = word_difference(old, new, LIKENESS)
    assert "".join(one.old for one in stretches) == old
    assert "".join(one.new for one in stretches) == new
    for one in stretches:
        if one.equal:
            assert "".join(one.old.split()) == "".join(one.new.split())
    kept = [one for one in stretches if not one.equal]
    assert [one for one in shortened(stretches, 8) if not one.equal] == kept


@given(_TEXT)
def test_a_text_has_no_difference_to_itself(text: str) -> None:
    assert text_difference(text, text) is TextDifference.NONE
    assert all(one.equal for one in word_difference(text, text, LIKENESS))


@given(_TEXT, _TEXT)
def test_a_difference_is_the_same_from_both_sides(old: str, new: str) -> None:
    assert text_difference(old, new) is text_difference(new, old)


_WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


@given(_WORDS, _WORDS)
def test_edits_lead_from_one_to_the_other(old: list[str], new: list[str]) -> None:
    made: list[str] = []
    at = 0
    for edit in LIKENESS.edits(old, new):
        assert old[at : edit.old_start] == new[len(made) : edit.new_start]
        made += old[at : edit.old_start] + new[edit.new_start : edit.new_end]
        at = edit.old_end
    assert made + old[at:] == new


@given(st.text("abcd ", max_size=30), st.text("abcd ", max_size=30))
def test_likeness_is_what_both_have_in_common(old: str, new: str) -> None:
    ratio = LIKENESS.ratio(old, new, at_least=0)
    assert ratio == pytest.approx(LIKENESS.ratio(new, old, at_least=0))
    assert ratio >= 100 * SequenceMatcher(None, old, new, autojunk=False).ratio() - 1e-6
    assert LIKENESS.ratio(old, new, at_least=min(100, ratio + 1)) in (0, 100)


@pytest.mark.parametrize("seed", range(4))
def test_amendments_are_told_apart(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # repeatable, no secret
    made = amended(made_law(dice), dice)
    assert {change for change, _ in TRUTH} <= {*made.truth.values(), Change.REPEALED}
    found = scores(made, compare(made.old, made.new, LIKENESS))
    assert min(found.values()) >= 0.995, found
