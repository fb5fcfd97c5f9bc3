"""Sets a comparison of two versions on a page: counts, doubts, then each change word by word.

The page is of the same manner as the review page: one HTML file without script, nothing from
outside, every character of the documents as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from adapters.review_page.page import content_security_policy, environment, style
from adapters.review_page.visible import text_marks
from domain.revision.agreement import Agreement, Disagreement
from domain.revision.editorial import TextDifference
from domain.revision.likeness import Likeness
from domain.revision.pairing import bare
from domain.revision.units import VersionUnit
from domain.revision.verdicts import MOST_TO_SEE_FIRST, Change, Comparison, Verdict
from domain.revision.words import word_difference


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """A verdict with its place on the page; `text` is the difference, "" where there is none."""

    place: str
    verdict: Verdict
    old: str
    new: str
    parents: tuple[str, str]
    text: Markup

    @property
    def addresses(self) -> str:
        """Old and new addresses; one where they are the same."""
        both = self.old and self.new and self.old != self.new
        return f"{self.old} → {self.new}" if both else self.new or self.old


def render_comparison(
    comparison: Comparison,
    likeness: Likeness,
    made_at: datetime,
    *,
    agreement: Agreement | None = None,
    everything: bool = False,
) -> str:
    """The page. Units that are unchanged, or laid out anew, are counted, and listed with
    `everything`. `made_at` is UTC.
    """
    shown = shown_verdicts(comparison, likeness, everything=everything)
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            code=comparison.new.document_code,
            policy=content_security_policy(),
            style=Markup(style()),  # noqa: S704 -- our own file
            sections=list(sections(shown, everything=everything)),
            doubtful=[one for one in shown if one.verdict.doubts],
            doubts=sum(len(one.doubts) for one in comparison.verdicts),
            layout=layout_only(shown),
            unchanged=sum(one.change is Change.SAME for one in comparison.verdicts),
            outside=outside_units(comparison, likeness),
            agreement=agreement,
            disagreements=disagreements(agreement, shown),
            made_at=made_at,
        )
    )


def disagreements(
    agreement: Agreement | None, shown: Sequence[ShownVerdict]
) -> list[tuple[Disagreement, ShownVerdict | None]]:
    """Each disagreement with what the page shows of its unit, if it shows it."""
    by_verdict = {id(one.verdict): one for one in shown if one.verdict.change is not Change.SAME}
    return [
        (one, by_verdict.get(id(one.verdict)))
        for one in (agreement.disagreements if agreement else ())
    ]


def shown_verdicts(
    comparison: Comparison, likeness: Likeness, *, everything: bool = False
) -> list[ShownVerdict]:
    """The verdicts that a page shows, in order: without `everything` none on what is unchanged."""
    return [
        _shown(n, verdict, likeness)
        for n, verdict in enumerate(comparison.verdicts, 1)
        if verdict.change is not Change.SAME or verdict.doubts or everything
    ]


def layout_only(shown: Sequence[ShownVerdict]) -> list[ShownVerdict]:
    """Those that differ in nothing but layout."""
    return [one for one in shown if one.verdict.folded and one.verdict.editorial]


def sections(
    shown: Sequence[ShownVerdict], *, everything: bool = False
) -> Iterator[tuple[str, list[ShownVerdict]]]:
    """The others by what became of them, under its word."""
    for change in MOST_TO_SEE_FIRST:
        of_it = [
            one
            for one in shown
            if one.verdict.change is change
            and (not one.verdict.folded or not one.verdict.editorial)
        ]
        if of_it and (change is not Change.SAME or everything):
            yield change.value, of_it


def _shown(n: int, verdict: Verdict, likeness: Likeness) -> ShownVerdict:
    moved = "parent" in verdict.what
    return ShownVerdict(
        f"v{n}",
        verdict,
        _addresses(verdict.old),
        _addresses(verdict.new),
        (_parent(verdict.old), _parent(verdict.new)) if moved else ("", ""),
        _difference(verdict, likeness) if _has_text(verdict) else Markup(""),
    )


def _has_text(verdict: Verdict) -> bool:
    return not (verdict.old and verdict.new) or "text" in verdict.what


def _difference(verdict: Verdict, likeness: Likeness) -> Markup:
    """Both texts in one: what is gone in `<del>`, what has come in `<ins>`.

    Without `<ins>` it is the old text, and without `<del>` the new one, but for white space.
    """
    return _words(_text(verdict.old), _text(verdict.new), likeness)


def outside_units(comparison: Comparison, likeness: Likeness) -> Markup:
    """The difference of the text that belongs to no unit; "" where its words are the same."""
    if comparison.outside in (TextDifference.NONE, TextDifference.LAYOUT):
        return Markup("")
    return _words("".join(comparison.old.gaps), "".join(comparison.new.gaps), likeness)


def _words(old: str, new: str, likeness: Likeness) -> Markup:
    pieces: list[Markup] = []
    for one in word_difference(old, new, likeness):
        if one.equal:
            pieces.append(text_marks(one.new))
            continue
        if one.old:
            pieces.append(Markup("<del>%s</del>") % text_marks(one.old))
        if one.new:
            pieces.append(Markup("<ins>%s</ins>") % text_marks(one.new))
    return Markup("").join(pieces)


def _text(units: Sequence[VersionUnit]) -> str:
    return "\n".join(unit.body for unit in units)


def _addresses(units: Sequence[VersionUnit]) -> str:
    return ", ".join(bare(unit.address).removeprefix("~") for unit in units)


def _parent(units: Sequence[VersionUnit]) -> str:
    parent = units[0].parent
    return bare(parent).removeprefix("~") if parent else "the document itself"
