"""Numbers that run from 1 again without a heading: units with a doubt, or lists, and never the rest
of another run.
"""

from __future__ import annotations

import pytest

from tests.unit.readers.helpers import marked, numbers

_BODY = "The board shall see that the rules are kept by every member of the club\nat all times.\n"
_TITLES = ("Name", "Scope", "Fees", "Members", "Guests", "Keys", "Records", "Money", "Closing")
_ITEM = "The members bring what they were asked to bring by the board, as case %s\nhas it here.\n"


def _sections(*wanted: int | float, title: int = 0) -> str:
    return "".join(
        f"{n}. {_TITLES[(i + title) % len(_TITLES)]}\n{_BODY}" for i, n in enumerate(wanted)
    )


def _listed(last: int) -> str:
    return "".join(f"{n}. {_ITEM % n}" for n in range(1, last + 1))


_MAIN = _sections(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(_MAIN + _sections(1, 2, 3) + _sections(1, 2), "1234 123 12", id="twice"),
        pytest.param(_MAIN + _sections(*range(1, 10)), "1234 123456789", id="a longer one"),
        pytest.param(
            _MAIN + _sections(1, 2) + f"Do so:\n{_listed(4)}" + _sections(3),
            "1234 123",
            id="with a list in it",
        ),
        pytest.param(
            _MAIN + _sections(1, 2) + f"This is done.\n{_listed(4)}" + _sections(3),
            "1234 123",
            id="with a list that no colon announces",
        ),
        pytest.param(
            _MAIN + _sections(1, 2, 3) + f"Do so:\n{_listed(4)}", "1234 123", id="a list at the end"
        ),
        pytest.param(
            _MAIN + _sections(1) + f"Do so:\n{_listed(4)}" + _sections(2) + f"So:\n{_listed(4)}",
            "1234 12",
            id="a list in each",
        ),
    ],
)
def test_a_run_that_begins_again_is_one_of_its_own(text: str, wanted: str) -> None:
    found = marked(text)
    assert numbers(found) == list(wanted.replace(" ", ""))
    restarts = [doubt for doubt in found.doubts if doubt.code == "number-restarts"]
    assert len(restarts) == wanted.count(" ")


def test_a_run_with_parts_begins_again_among_lists() -> None:
    run = _sections(1, 2, 2.1, 2.2) + f"Do so:\n{_listed(3)}" + _sections(3)
    found = marked(_sections(1, 2, 2.1, 2.2, 3) + run)
    assert numbers(found) == ["1", "2", "2.1", "2.2", "3"] * 2
    assert [doubt.code for doubt in found.doubts] == ["number-restarts"]


@pytest.mark.parametrize("lead", ["Bring these:\n", "These are brought.\n"])
def test_lists_in_the_last_unit_are_no_runs(lead: str) -> None:
    found = marked(_MAIN + 2 * f"{lead}{_listed(4)}")
    assert (numbers(found), found.doubts) == (["1", "2", "3", "4"], ())


def test_a_list_as_long_as_the_sequence_before_it_is_none_of_it() -> None:
    text = _MAIN + f"Bring these:\n{_listed(4)}" + _sections(5, 6, title=4)
    assert [mark.title for mark in marked(text).marks] == list(_TITLES[:6])
