"""How a comparison is shown to a person on a terminal: counts, doubts, then each change.

What was taken out stands as `[-words-]`, what was put in as `{+words+}`; on a terminal they have
colours besides. No character of a document can act on the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from adapters.likeness import RapidLikeness
from domain.counted import counted
from domain.reading.hidden_characters import plain
from domain.revision.agreement import Agreement
from domain.revision.editorial import TextDifference
from domain.revision.pairing import bare
from domain.revision.units import VersionUnit
from domain.revision.verdicts import MOST_TO_SEE_FIRST, Change, Comparison, Verdict
from domain.revision.words import Stretch, shortened, word_difference

AROUND: Final = 70
"""Characters of unchanged text on either side of a difference."""

LONGEST: Final = 600
"""Characters of one stretch that are shown; the HTML page has all."""


def show_comparison(
    console: Console, comparison: Comparison, agreement: Agreement | None, *, everything: bool
) -> None:
    """The whole comparison. Unchanged units and those whose layout alone differs are counted, and
    listed with `everything`.
    """
    _show_counts(console, comparison)
    _show_doubts(console, comparison)
    _show_agreement(console, agreement)
    for change in MOST_TO_SEE_FIRST:
        verdicts = [one for one in comparison.of(change) if everything or not one.folded]
        if not verdicts:
            continue
        console.print()
        console.print(Text(change.value.capitalize(), style="bold"))
        for verdict in verdicts:
            _show_verdict(console, verdict)
    folded = sum(one.folded for one in comparison.verdicts)
    if folded and not everything:
        console.print()
        _say(
            console,
            f"{counted(folded, 'unit is', 'units are')} not shown: nothing but layout "
            f"differs in them, if anything. --all shows them.",
        )


def show_summary(
    console: Console, comparison: Comparison, agreement: Agreement | None, page: Path
) -> None:
    """Counts and doubts, and where the page with every change is."""
    _show_counts(console, comparison)
    _show_doubts(console, comparison)
    _show_agreement(console, agreement)
    console.print()
    _say(console, f"Every change is on the page {page}.")


def _show_counts(console: Console, comparison: Comparison) -> None:
    for name, version in (("old", comparison.old), ("new", comparison.new)):
        _say(console, f"{name:12} {version.name}, {counted(len(version.units), 'unit')}")
    _say(console, f"comparison   {comparison.digest}")
    console.print()
    _say(console, f"{'':12} {'old':>7} {'new':>7}")
    for change, (old, new) in comparison.counts.items():
        if old or new:
            _say(console, f"{change.value:12} {old or '':>7} {new or '':>7}")
    total = (len(comparison.old.units), len(comparison.new.units))
    _say(console, f"{'together':12} {total[0]:>7} {total[1]:>7}")
    if comparison.editorial:
        _say(
            console,
            f"{'editorial':12} {'':>7} {comparison.editorial:>7}  of these, words unchanged",
        )


def _show_doubts(console: Console, comparison: Comparison) -> None:
    doubtful = list(comparison.doubtful)
    console.print()
    _show_outside(console, comparison)
    if not doubtful:
        _say(console, "No doubts.")
        return
    count = sum(len(verdict.doubts) for verdict in doubtful)
    console.print(Text(f"{counted(count, 'doubt')}, to look at first:", style="yellow"))
    for verdict in doubtful:
        for doubt in verdict.doubts:
            _say(console, f"  {verdict.change.value:10} {_addresses(verdict)}: {doubt.reason}")
            if doubt.settle:
                _say(console, f"  {'':10} if they are the same: {doubt.settle}")


def _show_outside(console: Console, comparison: Comparison) -> None:
    """What differs in text that belongs to no unit, if more than its layout does."""
    if comparison.outside in (TextDifference.NONE, TextDifference.LAYOUT):
        return
    console.print(Text("The text that belongs to no unit differs:", style="yellow"))
    console.print(_words("".join(comparison.old.gaps), "".join(comparison.new.gaps)))


def _show_agreement(console: Console, agreement: Agreement | None) -> None:
    if agreement is None:
        return
    console.print()
    claims = len(agreement.claims)
    _say(
        console,
        f"The amending act {agreement.act} says {claims:,} things of units; {agreement.agree:,} "
        f"agree with the comparison.",
    )
    for one in agreement.disagreements:
        unit = f"{_addresses(one.verdict)}: " if one.verdict else ""
        _say(console, f"  {unit}{one.reason}")
        if one.claim:
            _say(console, f"      line {one.claim.line}: {one.claim.quote}")


def _show_verdict(console: Console, verdict: Verdict) -> None:
    title = verdict.units[0].title
    note = " (editorial)" if verdict.editorial else ""
    console.print(
        Text(f"  {plain(_addresses(verdict))}", style="cyan")
        + Text(f"  {plain(title)}{note}", style="default")
    )
    if verdict.change is Change.SAME:
        return
    if "parent" in verdict.what:
        was, now = verdict.old[0].parent, verdict.new[0].parent
        _say(
            console,
            f"    under {bare(now) if now else 'nothing'}, before under "
            f"{bare(was) if was else 'nothing'}",
        )
    for what, before, now in verdict.otherwise:
        _say(console, f"    {what} {now}, before {before}")
    if verdict.change in (Change.ADDED, Change.REPEALED) or "text" in verdict.what:
        console.print(_difference(verdict))


def _difference(verdict: Verdict) -> Text:
    return _words(_text(verdict.old), _text(verdict.new))


def _words(old: str, new: str) -> Text:
    stretches = word_difference(old, new, RapidLikeness())
    text = Text("    ", style="default")
    for one in shortened(stretches, AROUND):
        for piece, style in _marked(one):
            text.append(piece.replace("\n", "\n    "), style=style)
    return text


def _marked(one: Stretch) -> Iterator[tuple[str, str]]:
    if one.equal:
        yield plain(one.new), "dim"
        return
    if one.old:
        yield f"[-{_limited(one.old)}-]", "red"
    if one.new:
        yield f"{{+{_limited(one.new)}+}}", "green"


def _limited(text: str) -> str:
    if len(text) > LONGEST:
        rest = len(text) - LONGEST
        return f"{plain(text[:LONGEST])} ... and {rest:,} more characters"
    return plain(text)


def _text(units: tuple[VersionUnit, ...]) -> str:
    return "\n".join(unit.body.strip() for unit in units)


def _addresses(verdict: Verdict) -> str:
    """Old and new addresses, without the document's code; one where they are the same."""
    old = ", ".join(bare(unit.address).removeprefix("~") for unit in verdict.old)
    new = ", ".join(bare(unit.address).removeprefix("~") for unit in verdict.new)
    return f"{old} -> {new}" if old and new and old != new else new or old


def _say(console: Console, line: str) -> None:
    console.print(plain(line), highlight=False, markup=False)
