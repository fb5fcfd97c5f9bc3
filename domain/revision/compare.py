"""Compare two versions of a document: what became of each unit.

Units are matched in steps, the surest first: what a person has settled; the same own text; parts of
a text that was split or merged; nearly the same text; the same address. What is left was added or
repealed. Every unit of both versions is in exactly one verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from domain.revision.alike import ALIKE, join_alike, join_same_addresses
from domain.revision.editorial import TextDifference, text_difference
from domain.revision.likeness import Likeness
from domain.revision.pairing import How, Join, Pairing, bare
from domain.revision.parts import join_parts
from domain.revision.same_text import join_same_texts, telling
from domain.revision.settled import Settled, join_settled, settle
from domain.revision.units import Version, VersionUnit
from domain.revision.verdicts import Change, Comparison, Doubt, Verdict, Why

SURE: Final = 85.0
"""Units with another number and another text are one, without a doubt, if they are this alike."""


def compare(
    old: Version, new: Version, likeness: Likeness, settled: Sequence[Settled] = ()
) -> Comparison:
    """Compare. Raises `BadInput` where what is settled names no unit or contradicts itself."""
    pairing = Pairing(old, new)
    said = join_settled(pairing, settled)
    join_same_texts(pairing)
    join_parts(pairing, likeness)
    join_alike(pairing, likeness)
    join_same_addresses(pairing, likeness)
    return Comparison(old, new, tuple(_in_order(pairing, _Judge(old, new, pairing))), said)


def _in_order(pairing: Pairing, judge: _Judge) -> Iterator[Verdict]:
    """The verdicts in the order of the new text; what was repealed comes where it stood."""
    gone = iter(i for i in range(len(pairing.old)) if i not in pairing.of_old)
    upcoming = next(gone, None)
    for j in range(len(pairing.new)):
        join = pairing.of_new.get(j)
        if join is not None and join.new[0] == j:
            while upcoming is not None and upcoming < join.old[0]:
                yield judge.repealed(upcoming)
                upcoming = next(gone, None)
            yield judge.judged(join)
        elif join is None:
            yield judge.added(j)
    while upcoming is not None:
        yield judge.repealed(upcoming)
        upcoming = next(gone, None)


class _Judge:
    """Says what became of joined units."""

    def __init__(self, old: Version, new: Version, pairing: Pairing) -> None:
        self._old = old
        self._new = new
        self._pairing = pairing

    def repealed(self, i: int) -> Verdict:
        """Nothing came of it."""
        return Verdict(Change.REPEALED, (self._old.units[i],), (), likeness=0.0)

    def added(self, j: int) -> Verdict:
        """Nothing was before it."""
        return Verdict(Change.ADDED, (), (self._new.units[j],), likeness=0.0)

    def judged(self, join: Join) -> Verdict:
        """One with one, or a split, or a merger."""
        if len(join.old) == len(join.new) == 1:
            return self._one(join, join.old[0], join.new[0])
        old = tuple(self._old.units[i] for i in join.old)
        new = tuple(self._new.units[j] for j in join.new)
        change = Change.SPLIT if len(new) > 1 else Change.MERGED
        doubts = () if join.how is How.SETTLED else (self._about_parts(join),)
        return Verdict(
            change, old, new, TextDifference.WORDS, ("text",), join.how, join.likeness, doubts
        )

    def _one(self, join: Join, i: int, j: int) -> Verdict:
        old, new = self._old.units[i], self._new.units[j]
        moved = self._moved(old.parent, new.parent)
        readdressed = bare(old.address) != bare(new.address)
        renumbered = readdressed and (
            not _same_number(old, new) or (not moved and self._pairing.same_address(i) == j)
        )
        difference = (
            text_difference(old.without_number, new.without_number)
            if renumbered
            else text_difference(old.body, new.body)
        )
        what = tuple(_what(old, new, difference, readdressed=readdressed, moved=moved))
        change = _change(difference, what, renumbered=renumbered)
        doubts = () if join.how is How.SETTLED else self._about_one(join, change, difference, what)
        return Verdict(change, (old,), (new,), difference, what, join.how, join.likeness, doubts)

    def _moved(self, before: str | None, after: str | None) -> bool:
        """Whether a unit is below another parent, and not only below one that was renumbered."""
        if before is None or after is None:
            return before is not after
        join = self._pairing.of_old.get(self._old.places[before])
        return join is None or self._new.places[after] not in join.new

    def _about_one(
        self, join: Join, change: Change, difference: TextDifference, what: Sequence[str]
    ) -> tuple[Doubt, ...]:
        found = (
            self._about_rival(join),
            self._about_likeness(join, change),
            self._about_replaced(join),
            _about_signs(difference),
            _about_address(what) if change is not Change.RENUMBERED else None,
        )
        return tuple(doubt for doubt in found if doubt)

    def _about_rival(self, join: Join) -> Doubt | None:
        if join.rival is None:
            return None
        i, j = join.rival
        old, new = self._old.units[i], self._new.units[j]
        return Doubt(
            Why.RIVAL,
            f"{bare(old.address)} and {bare(new.address)} are nearly as like as these two.",
            self._settle(join),
        )

    def _about_likeness(self, join: Join, change: Change) -> Doubt | None:
        if join.how is not How.LIKENESS or change is not Change.RENUMBERED:
            return None
        if join.likeness >= SURE and telling(self._pairing.old_own[join.old[0]]):
            return None
        return Doubt(
            Why.LIKELY,
            f"Number and text differ; {join.likeness:.0f} of 100 of the text is the same.",
            self._settle(join),
        )

    def _about_replaced(self, join: Join) -> Doubt | None:
        texts = (self._pairing.old_own[join.old[0]], self._pairing.new_own[join.new[0]])
        if join.how is not How.ADDRESS or join.likeness >= ALIKE or not all(map(telling, texts)):
            return None
        return Doubt(
            Why.REPLACED,
            f"The address is the same, and {join.likeness:.0f} of 100 of the text: changed, or "
            f"repealed and another added?",
            self._settle(join),
        )

    def _about_parts(self, join: Join) -> Doubt:
        return Doubt(
            Why.PARTS,
            f"Told by the text alone: {join.likeness:.0f} of 100 of it stands on the other side.",
            " ".join(settle(self._old, self._new, i, j) for i in join.old for j in join.new),
        )

    def _settle(self, join: Join) -> str:
        return settle(self._old, self._new, join.old[0], join.new[0])


def _same_number(old: VersionUnit, new: VersionUnit) -> bool:
    """Whether two units have one number: duplicates of it are only counted differently."""
    return old.step == new.step or (bool(old.label) and old.label == new.label)


def _what(
    old: VersionUnit,
    new: VersionUnit,
    difference: TextDifference,
    *,
    readdressed: bool,
    moved: bool,
) -> Iterator[str]:
    """What differs, in words."""
    differs = {
        "text": difference is not TextDifference.NONE,
        "title": old.title != new.title,
        "kind": old.unit_kind != new.unit_kind,
        "section": "" != old.section_type != new.section_type != "",
        "parent": moved,
        "address": readdressed,
    }
    return (word for word, different in differs.items() if different)


def _change(difference: TextDifference, what: Sequence[str], *, renumbered: bool) -> Change:
    if renumbered:
        return Change.RENUMBERED
    if difference is not TextDifference.NONE or {"title", "kind", "section"} & set(what):
        return Change.CHANGED
    return Change.MOVED if "parent" in what else Change.SAME


def _about_signs(difference: TextDifference) -> Doubt | None:
    if not difference.needs_a_look:
        return None
    if difference is TextDifference.PUNCTUATION:
        return Doubt(Why.PUNCTUATION, "The words are the same; signs between them differ.")
    return Doubt(Why.CASE, "The words are the same; small and capital letters differ.")


def _about_address(what: Sequence[str]) -> Doubt | None:
    if "address" not in what or "parent" in what:
        return None
    return Doubt(
        Why.COUNTED,
        "The printed number is the same, and the address is not: one version prints it twice.",
    )
