"""What every profile promises to the engine."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.readers.profiles.base import HeadingWord, NumberPlace
from adapters.readers.profiles.registry import PROFILES

_BEFORE = [
    pytest.param(word, id=f"{profile.name}-{word.forms[0]}")
    for profile in PROFILES.values()
    for word in profile.words
    if word.initials
]


@pytest.mark.one_quick
@pytest.mark.parametrize("word", _BEFORE)
@settings(deadline=None)  # the first draw builds the strategy, which a loaded machine is slow at
@given(data=st.data())
def test_initials_hold_every_number_that_a_line_may_start_with(
    word: HeadingWord, data: st.DataObject
) -> None:
    number = data.draw(
        st.sampled_from(word.numbers).flatmap(
            lambda pattern: st.from_regex(pattern, fullmatch=True)
        )
    )
    assert re.match(f"[{word.initials}]", number)


def _comes_first(word: HeadingWord) -> bool:
    within = word.place is NumberPlace.WITHIN and not word.opening
    return within or word.place is NumberPlace.BEFORE


def test_only_words_after_their_number_need_initials() -> None:
    assert all(
        bool(word.initials) == _comes_first(word) for p in PROFILES.values() for word in p.words
    )
