"""Arabic text in which the letters of signs for two are turned, as some programs extract it."""

from __future__ import annotations

import pytest

from tests.unit.readers.helpers import codes, marked, numbers

_GOOD = (
    "يجب على مالك السفينة أن يمسك سجلا بكل ما يتعلق بها، وتطبق عليه الأحكام التي في هذا القانون."
)
_TURNED = (
    "يجب على مالك السفينة أن ميسك سجلا بكل ما يتعلق بها، وتطبق عليه األحكام التي في هذا القانون."
)


@pytest.mark.parametrize(
    "heading", ["املادة ({})", "املادة {}", "املادة ({}):", "املادة {} -", "## املادة ({})"]
)
def test_articles_are_found_and_the_letters_are_doubted(heading: str) -> None:
    found = marked("".join(f"{heading.format(n)}\n{_TURNED}\n\n" for n in range(1, 8)))
    assert numbers(found) == list("1234567")
    assert ("legacy-letters", 2) in [(doubt.code, doubt.line) for doubt in found.doubts]


def test_letters_in_their_order_are_not_doubted() -> None:
    found = marked("".join(f"المادة ({n})\n{_GOOD}\n\n" for n in range(1, 8)))
    assert numbers(found) == list("1234567")
    assert not codes(found)
    assert not found.doubts
