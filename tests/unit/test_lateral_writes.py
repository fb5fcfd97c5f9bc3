"""A statement that calls a function which writes settles first for which rows: a planner is free to
join later, and would then call it for rows that are no part of the answer.
"""

from __future__ import annotations

import re

import pytest

from adapters.postgres.connection import statements

WRITES = re.compile(r"LATERAL cutter\.fn_iu_(?!at|document_at|history|lineage)\w+")
INNER_JOIN = re.compile(r"(?<!LEFT )(?<!CROSS )\bJOIN\b")
NAMED = statements._statements()
WRITING = sorted(name for name, text in NAMED.items() if WRITES.search(text))


def outside_of_brackets(text: str) -> str:
    """The text without what stands in round brackets."""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def test_there_are_such_statements() -> None:
    assert {"units_enact", "revise_enact", "revise_restate"} <= set(WRITING)


@pytest.mark.parametrize("name", WRITING)
def test_the_rows_for_which_a_function_writes_are_settled_before_it_is_called(name: str) -> None:
    before, _ = WRITES.split(NAMED[name], maxsplit=1)
    assert not INNER_JOIN.search(outside_of_brackets(before)), "put it in a subquery with OFFSET 0"
