"""Forms and annexes without a heading that lie in the last article."""

from __future__ import annotations

import pytest

from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.doubts import Doubt
from domain.reading.marks import Granularity
from tests.unit.readers.helpers import numbers, read

_TEXT = (
    "The clerk of the town shall keep the records of the council, and any of them is open to the "
    "members that ask for it; it shall not be lent to others by the clerk or in his name."
)
_ITEM = "The name of the applicant, the place in which he lives, and the day on which he asks."


def _doubts(tail: str) -> list[Doubt]:
    text = "".join(f"Article {n}\n{_TEXT}\n\n" for n in range(1, 11)) + tail
    found = read(text)
    assert numbers(found) == [str(n) for n in range(1, 11)]
    plan = build_plan(
        found, TargetDocument("xx.1"), source_name="rules.txt", granularity=Granularity.BASIC
    )
    return [doubt for doubt in plan.doubts if doubt.code == "oversized-unit"]


def _list(count: int, sign: str) -> str:
    return "".join(f"{n}{sign} {_ITEM}\n" for n in range(1, count + 1))


@pytest.mark.parametrize("sign", [".", ")", "．", "、"])
def test_lists_that_begin_again_in_a_long_last_article_are_doubted(sign: str) -> None:
    tail = f"{_list(18, sign)}\nSigned by the applicant\n\n{_list(20, sign)}\n"
    (doubt,) = _doubts(tail)
    assert doubt.line == 28
    assert "Article 10, the last unit" in doubt.reason


@pytest.mark.parametrize(
    "tail",
    [_list(38, "."), f"{_list(5, '.')}\n{_list(5, '.')}", f"{_TEXT}\n\n" * 20, ""],
    ids=["one list", "short", "no list", "nothing"],
)
def test_a_long_article_or_a_short_one_with_lists_is_no_doubt(tail: str) -> None:
    assert not [doubt for doubt in _doubts(tail) if "the last unit" in doubt.reason]
