"""What of a comparison nobody has settled, as doubts of the plan that rests on it.

They are accepted and signed as the doubts about how the new text was cut are: by their codes, with
the digest of their places. What a person has settled with `--match` leaves none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from domain.plan.cut_plan import CutPlan
from domain.reading.doubts import Doubt
from domain.revision.agreement import Agreement
from domain.revision.editorial import TextDifference
from domain.revision.pairing import bare
from domain.revision.units import VersionUnit
from domain.revision.verdicts import Comparison, Verdict, Why

CODES: Final = {
    Why.LIKELY: "likely-match",
    Why.RIVAL: "rival-match",
    Why.REPLACED: "replaced-text",
    Why.PARTS: "split-or-merged",
    Why.COUNTED: "counted-anew",
    Why.PUNCTUATION: "signs-differ",
    Why.CASE: "letters-differ",
}
"""The code of each doubt of a comparison, of `domain.reading.doubts.DOUBTS`."""

OUTSIDE: Final = "outside-differs"
DISAGREES: Final = "act-disagrees"


def doubts_of_revision(
    plan: CutPlan, comparison: Comparison, agreement: Agreement | None
) -> Iterator[Doubt]:
    """The doubts, in the order of the comparison; lines are those of the new text, and 1 for what
    is not in it.
    """
    lines = _Lines(plan)
    for verdict in comparison.verdicts:
        for doubt in verdict.doubts:
            yield Doubt(CODES[doubt.why], lines.of(verdict), f"{_named(verdict)}: {doubt.reason}")
    if comparison.outside not in (TextDifference.NONE, TextDifference.LAYOUT):
        yield Doubt(OUTSIDE, 1, "The text that belongs to no unit differs, and no unit shows it.")
    for one in agreement.disagreements if agreement else ():
        where = f"{_named(one.verdict)}: " if one.verdict else ""
        line = lines.of(one.verdict) if one.verdict else 1
        yield Doubt(DISAGREES, line, f"{where}{one.reason}")


class _Lines:
    """Where units of the new text begin, in lines from 1."""

    def __init__(self, plan: CutPlan) -> None:
        parts = sorted(
            [(row.start, row.body) for row in plan.rows]
            + [(gap.start, gap.text) for gap in plan.gaps]
        )
        self._starts = [start for start, _ in parts]
        breaks = accumulate((text.count("\n") for _, text in parts), initial=0)
        self._lines = [1 + broken for broken in breaks]
        self._start_of = {row.canonical_address: row.start for row in plan.rows}

    def of(self, verdict: Verdict) -> int:
        """The line of the first unit that a verdict has in the new text."""
        start = next((self._start_of[unit.address] for unit in verdict.new), None)
        if start is None:
            return 1
        return self._lines[bisect_right(self._starts, start) - 1]


def _named(verdict: Verdict) -> str:
    old, new = _addresses(verdict.old), _addresses(verdict.new)
    return f"{old} to {new}" if old and new and old != new else new or old


def _addresses(units: tuple[VersionUnit, ...]) -> str:
    return ", ".join(bare(unit.address).removeprefix("~") for unit in units)
