"""What a new version of a document would do, by address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.plan.diff import Change, UnitOnRecord, diff_plan
from domain.reading.marks import Granularity, Level, Mark, ReadDocument


def plan(*units: tuple[str, str, str, str]) -> CutPlan:
    """A plan of (kind, number, title, body); a chapter holds the articles after it."""
    marks: list[Mark] = []
    text = ""
    parent = None
    for kind, number, title, body in units:
        level = Level.CONTAINER if kind == "chapter" else Level.BASIC
        marks.append(
            Mark(
                len(text),
                len(text) + len(body),
                level,
                kind,
                f"{kind} {number}",
                number,
                title,
                parent,
            )
        )
        parent = len(marks) - 1 if kind == "chapter" else parent
        if kind == "chapter":
            marks[-1] = Mark(
                len(text), len(text) + len(body), level, kind, f"{kind} {number}", number, title
            )
        text += body
    read = ReadDocument(text, tuple(marks), "test", "xx")
    return build_plan(read, TargetDocument("xx.1"), source_name="x", granularity=Granularity.BASIC)


def record(of: CutPlan) -> list[UnitOnRecord]:
    return [
        UnitOnRecord(r.canonical_address, r.title_sha256, r.body_sha256, r.parent_ref)
        for r in of.rows
    ]


OLD = plan(
    ("chapter", "I", "General", "I\n"),
    ("article", "1", "Scope", "one\n"),
    ("article", "2", "Terms", "two\n"),
    ("chapter", "II", "Final", "II\n"),
    ("article", "3", "Force", "three\n"),
)


def test_the_same_version_changes_nothing() -> None:
    diff = diff_plan(record(OLD), OLD)
    assert diff.counts == {
        Change.ADD: 0,
        Change.CHANGE: 0,
        Change.MOVE: 0,
        Change.REPEAL: 0,
        Change.KEEP: 5,
    }


def test_every_sort_of_change_is_told_by_address() -> None:
    new = plan(
        ("chapter", "I", "General", "I\n"),
        ("article", "1", "Scope", "one, amended\n"),
        ("article", "1a", "Purpose", "one a\n"),
        ("article", "3", "Force", "three\n"),
        ("chapter", "II", "Final", "II\n"),
    )
    diff = diff_plan(record(OLD), new)
    told = {
        line.canonical_address.removeprefix("xx.1~"): (line.change, line.what, line.was)
        for line in diff.changes
    }
    assert told == {
        "chp_I": (Change.KEEP, "", ""),
        "art_1": (Change.CHANGE, "body", ""),
        "art_1a": (Change.ADD, "", ""),
        "art_3": (Change.MOVE, "parent", "xx.1~chp_II"),
        "chp_II": (Change.KEEP, "", ""),
        "art_2": (Change.REPEAL, "", ""),
    }
    assert [line.canonical_address for line in diff.of(Change.REPEAL)] == ["xx.1~art_2"]


def test_the_same_text_under_a_new_address_is_a_move() -> None:
    new = plan(("article", "1", "Scope", "one\n"), ("article", "20", "Terms", "two\n"))
    old = plan(("article", "1", "Scope", "one\n"), ("article", "2", "Terms", "two\n"))
    moved = diff_plan(record(old), new).of(Change.MOVE)
    assert [(m.canonical_address, m.was, m.what) for m in moved] == [
        ("xx.1~art_20", "xx.1~art_2", "address")
    ]
    assert not diff_plan(record(old), new).of(Change.REPEAL)


def test_the_same_text_twice_is_no_proof_of_a_move() -> None:
    old = plan(("article", "1", "Repealed", "-\n"), ("article", "2", "Repealed", "-\n"))
    diff = diff_plan(record(old), plan(("article", "7", "Repealed", "-\n")))
    assert diff.counts[Change.MOVE] == 0
    assert (diff.counts[Change.ADD], diff.counts[Change.REPEAL]) == (1, 2)


def test_a_new_title_and_parent_are_named() -> None:
    new = plan(("article", "1", "Scope and aim", "one\n"))
    line = diff_plan(record(OLD), new).changes[0]
    assert (line.change, line.what, line.was) == (Change.CHANGE, "title, parent", "xx.1~chp_I")


def test_nothing_on_record_adds_everything() -> None:
    assert diff_plan([], OLD).counts[Change.ADD] == len(OLD.rows)


def test_a_record_with_an_address_twice_is_refused() -> None:
    with pytest.raises(BadInput, match=r"hold the address xx\.1~chp_I twice"):
        diff_plan(record(OLD) + record(OLD)[:1], OLD)


ARTICLES = st.dictionaries(st.integers(1, 12), st.sampled_from(["a\n", "b\n", "c\n"]), min_size=1)


@settings(max_examples=150, deadline=None)
@given(ARTICLES, ARTICLES)
def test_every_unit_is_accounted_for_once(before: dict[int, str], after: dict[int, str]) -> None:
    old = plan(*(("article", str(n), f"t{n}", body) for n, body in sorted(before.items())))
    new = plan(*(("article", str(n), f"t{n}", body) for n, body in sorted(after.items())))
    diff = diff_plan(record(old), new)
    assert len(diff.of(Change.KEEP)) == sum(after.get(n) == body for n, body in before.items())
    readdressed = [line.was for line in diff.of(Change.MOVE)]
    old_ones = [
        line.canonical_address
        for c in (Change.KEEP, Change.CHANGE, Change.REPEAL)
        for line in diff.of(c)
    ]
    assert sorted(old_ones + readdressed) == sorted(row.canonical_address for row in old.rows)
    new_ones = [line.canonical_address for line in diff.changes if line.change is not Change.REPEAL]
    assert new_ones == [row.canonical_address for row in new.rows]
