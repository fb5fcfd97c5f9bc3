"""What planning found of each document of a corpus: which are in the release, and why others are
not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from domain.approval.approvals import Effect
from domain.reading.doubts import codes_of
from domain.runs.run_plan import DocumentPlan, blocks_of, cut_plan_of, kind_of


class Found(StrEnum):
    """What becomes of a document: it is in the release, or it is left out."""

    READY = "ready"
    STANDS = "stands"
    BEGUN = "begun"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    SAME_CODE = "same code"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    LOST = "lost"


FINE: Final = frozenset({Found.READY, Found.STANDS, Found.BEGUN})
"""Nobody has to do anything about these."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a document was cut, in the figures that show a wrong cut first.

    `largest` is the address of the unit with the longest text of its own. Shares are of the text.
    """

    code: str
    title: str
    publication_type: str
    kind: str
    units: int
    kinds: tuple[tuple[str, int], ...]
    doubts: tuple[str, ...]
    warnings: int
    largest: str
    largest_share: float
    gap_share: float


@dataclass(frozen=True, slots=True)
class Looked:
    """A document that was looked at. `page` is its own review page, "" where there is none."""

    source: str
    found: Found
    why: str = ""
    shape: Shape | None = None
    effect: Effect | None = None
    page: str = ""

    @property
    def code(self) -> str:
        """The document's code; "" for one that could not be read."""
        return self.shape.code if self.shape else ""


def shape_of(plan: DocumentPlan) -> Shape:
    """The figures of a plan."""
    cut = cut_plan_of(plan)
    largest = max(cut.rows, key=lambda row: len(row.body))
    chars = max(cut.text_chars, 1)
    return Shape(
        code=cut.document_code,
        title=cut.document.title,
        publication_type=cut.document.publication_type,
        kind=kind_of(plan).value,
        units=len(blocks_of(plan)),
        kinds=tuple(Counter(row.unit_kind for row in cut.rows).items()),
        doubts=tuple(codes_of(plan.doubts)),
        warnings=len(cut.warnings),
        largest=largest.canonical_address,
        largest_share=len(largest.body) / chars,
        gap_share=sum(len(gap.text) for gap in cut.gaps) / chars,
    )


def without_the_same_code(looked: Sequence[Looked]) -> list[Looked]:
    """The same, but documents that claim one code are all left out: nobody can say which is meant.

    >>> shape = Shape("x", "", "law", "cut", 1, (), (), 0, "x~art_1", 1.0, 0.0)
    >>> two = [Looked(name, Found.READY, shape=shape) for name in ("a", "b")]
    >>> [one.why for one in without_the_same_code(two)][0]
    'b has the code x too; give one of them another with a list (FILE, a tab, CODE).'
    """
    sources: dict[str, list[str]] = {}
    for one in looked:
        if one.code:
            sources.setdefault(one.code, []).append(one.source)
    return [_apart(one, sources[one.code]) if one.code else one for one in looked]


def _apart(one: Looked, sources: Sequence[str]) -> Looked:
    others = [source for source in sources if source != one.source]
    if not others:
        return one
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    why = (
        f"{others[0]}{more} has the code {one.code} too; give one of them another with a list "
        f"(FILE, a tab, CODE)."
    )
    return replace(one, found=Found.SAME_CODE, why=why, effect=None)


def of_the_release(looked: Iterable[Looked]) -> list[Effect]:
    """The change sets of those that are ready."""
    return [one.effect for one in looked if one.found is Found.READY and one.effect]
